"""The slip without a number on its way to paper, as the screen of its party follows it."""

from uuid import UUID

from uuid_utils.compat import uuid7

from kiosk.contract.messages import SlipState
from kiosk.spool import Spool
from printer.slip import Directions


class DirectionsPrint:
    """One slip without a number; no journal, outbox or sequence knows of it.

    Args:
        spool: What prints it when its turn comes.
        slip: What it says; None where it could not be made.

    """

    def __init__(self, spool: Spool, slip: Directions | None) -> None:
        self._spool = spool
        self._piece: UUID | None = None
        if slip is not None:
            self._piece = uuid7()
            spool.put_without_number(self._piece, slip)

    @property
    def state(self) -> SlipState:
        """How it is."""
        return SlipState.FAILED if self._piece is None else self._spool.state(self._piece)

    def party_left(self) -> None:
        """Forget what it says; when it was not begun, it is never printed for the next party."""
        if self._piece is not None:
            self._spool.party_left(self._piece)
