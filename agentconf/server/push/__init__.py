"""What changed, told as it changes: one encoding for everybody, and for each client no more than its place."""
