"""One file per revision of the tables, each naming the one before it."""
