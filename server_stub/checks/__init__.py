"""What must hold of a database: one function for each fact, by what it is about."""
