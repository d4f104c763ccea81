"""The staff API: what staff see and do, as JSON, for programs that are no browser."""
