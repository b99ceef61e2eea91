"""From a folder to the configuration that a service holds: once, or as it changes."""
