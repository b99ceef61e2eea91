"""The manual of what the line itself finds, from bytes to resolved agents: pages alone, no checks."""
