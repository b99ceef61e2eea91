"""Facts about models: the tree's own, those it has locked, and those of LiteLLM's file."""
