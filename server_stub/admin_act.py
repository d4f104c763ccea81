"""An act of administration: who does it, when, in which transaction; each once, each written down.

The page and the command line change accounts, kiosks and displays through it. The press of a
button has an id, which becomes the id of the entry in the audit log: a press that comes twice
changes nothing the second time.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from server_stub import audit


class AdministrationError(Exception):
    """What was asked for cannot be done. The message says why, and what to do."""


class DoneBeforeError(AdministrationError):
    """This press came before. What was shown then is not shown again: it was never kept."""

    def __init__(self) -> None:
        super().__init__("this was done already: look at the list")


@dataclass(frozen=True, slots=True)
class AdminAct:
    """Something that is done to the site, in one transaction.

    Attributes:
        connection: In a transaction that writes.
        site: The site's id.
        by: Who does it; "" for the command line.
        now: When.
        press: The id of the button that was pressed; None for the command line.

    """

    connection: Connection
    site: str
    by: str
    now: datetime
    press: UUID | None = None

    @property
    def is_noted(self) -> bool:
        """Whether this press came before."""
        return self.press is not None and audit.is_noted(
            self.connection, self.site, entry=self.press
        )

    def require_new(self) -> None:
        """Raise DoneBeforeError where this press has done its work already."""
        if self.is_noted:
            raise DoneBeforeError

    def note(self, act: str, about: str, detail: str | None = None) -> None:
        """Write down what was done, and to whom or what."""
        audit.note(
            self.connection,
            self.site,
            staff=self.by,
            act=act,
            about=about,
            detail=detail,
            now=self.now,
            entry=self.press,
        )
