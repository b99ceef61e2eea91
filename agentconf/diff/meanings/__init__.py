"""What changes of an agent come to, one kind a file."""
