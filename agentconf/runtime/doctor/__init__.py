"""Connections, keys and models tried for real: what `agentconf doctor` does."""
