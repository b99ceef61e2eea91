"""Calls through LiteLLM: the one part of the package that imports it."""
