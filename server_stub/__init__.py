"""The central server: the reference implementation of the kiosk's contract."""
