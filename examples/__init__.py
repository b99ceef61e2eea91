"""Programs around agentconf that are read, run and tested; none of them is part of the package."""
