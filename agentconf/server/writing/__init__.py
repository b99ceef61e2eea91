"""Writing back: from a request to an edit in place, validated, and then a commit."""
