"""What went wrong and where, for the log: never the words of an exception.

A message of an exception may quote what it stumbled over, and that may be what a visitor entered.
"""

import traceback

FRAMES = 3
"""How many places are named, the innermost first."""


def trouble(error: BaseException) -> str:
    """Return kind and places of an exception: ``"KeyError at spool.py:120 < spool.py:80"``."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-FRAMES:])
    places = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {places or 'an unknown place'}"
