"""The same interface over a server: fetch, follow, cache."""
