"""The interpreter of a server: its threads take short turns, and what stays is not looked through.

Python runs one thread at a time. One that reads the database lets go of Python's lock with each
row, and to have it back it waits until a thread that reckons has had its turn.
"""

import gc
import sys

TURN_SECONDS = 0.0005
"""Python's own is 0.005, and a reader beside pages that are rendered waits that for many a row."""


def take_short_turns() -> None:
    """Let threads of this process wait a tenth as long for each other."""
    sys.setswitchinterval(TURN_SECONDS)


def leave_alone_what_stays() -> None:
    """Collect garbage, and never look again through what is there now.

    That is the program itself. To look through it stops every thread, each time for longer than
    to answer some presses takes.
    """
    gc.collect()
    gc.freeze()
