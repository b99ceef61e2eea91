"""YAML text to values, with the exact place of every key and value."""
