"""The error of a store that cannot be used."""


class StoreError(Exception):
    """The store cannot be used. The message says why, and what to do."""
