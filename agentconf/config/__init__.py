"""Documents to resolved agents: shape, layers, merge, provenance, and the typed `Agent`."""
