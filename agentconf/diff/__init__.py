"""What differs between two trees, for each resolved agent, and what that means."""
