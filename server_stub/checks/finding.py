"""A finding: something in a database that is not as it must be, in words that lead on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Row, Select

from kiosk.contract.site import Site

Subject = TypeVar("Subject")

ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    Attributes:
        about: Which row, by what people know it by and by its key.
        wrong: What is wrong with it.
        do: What to do about it.
        grave: False where it may be so for a good reason: somebody should look.

    """

    about: str
    wrong: str
    do: str
    grave: bool = True

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.about}: {self.wrong}; {self.do}"


@dataclass(frozen=True, slots=True)
class Look:
    """What a check looks at: one site of a database, at one moment.

    Attributes:
        connection: In a transaction that sees one moment.
        site: The site in force.
        now: When it is, for what may be missing once it is old.

    """

    connection: Connection
    site: Site
    now: datetime


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """One fact that must hold of a subject: of a database (its connection), or of a `Look`.

    Attributes:
        name: By which it is named in a report, like ``event-numbers``.
        fact: What holds where nothing is found, as a sentence.
        find: Yields what is not so.

    """

    name: str
    fact: str
    find: Callable[[Subject], Iterable[Finding]]


def stream(look: Look, rows: Select[*tuple[Any, ...]]) -> Iterable[Row[*tuple[Any, ...]]]:
    """Yield the rows of a large table without holding all of them."""
    return look.connection.execute(rows, execution_options={"yield_per": ROWS_AT_ONCE})
