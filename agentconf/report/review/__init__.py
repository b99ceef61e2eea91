"""A review to text, one format a file."""
