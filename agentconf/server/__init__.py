"""The server: what is served, by HTTP, to those who cannot mount the folder."""
