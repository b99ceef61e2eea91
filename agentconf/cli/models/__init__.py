"""`agentconf models`: one command a file."""
