"""What agentconf costs, beside what its peers cost, measured side by side on one machine."""
