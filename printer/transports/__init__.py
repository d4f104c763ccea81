"""Transports: write, read, close; each knows one cable and no ESC/POS."""
