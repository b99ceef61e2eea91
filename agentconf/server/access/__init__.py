"""Who may do what: tokens and their scopes, tickets for browsers, and what a route requires."""
