"""What an agent may spend and call: checked before a call, settled after it."""
