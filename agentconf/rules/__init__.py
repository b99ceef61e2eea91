"""Sense: one rule a file, and the file is its manual."""
