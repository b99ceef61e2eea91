"""`agentconf token`: who may use the server."""
