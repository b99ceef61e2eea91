"""Findings to edits that mend them, where it is certain what to write; and what is written to the disk of it."""
