"""Outcomes of earlier runs, found again by the content of everything they depend on."""
