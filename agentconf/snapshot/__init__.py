"""What is served: immutable, explained, with a digest."""
