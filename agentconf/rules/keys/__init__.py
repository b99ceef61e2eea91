"""Literal keys in a text: patterns that others keep well, those of LLM providers, and entropy."""
