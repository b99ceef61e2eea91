"""`agentconf secret`: one command a file."""
