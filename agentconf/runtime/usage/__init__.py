"""What was used: each call as a record, kept in a database, and reported."""
