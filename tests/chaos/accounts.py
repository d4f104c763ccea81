"""The accounts at the end of a run: what was given out, what is on paper, what the server has.

They are read from the files of kiosk and server, once nothing is on the way any more.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from pathlib import Path
from uuid import UUID

from kiosk.series import FIRST, LAST, Series
from printer.artwork import default_artwork
from printer.profile import load_profile
from printer.raster import measure
from printer.slip import Slip
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from tests.chaos.reception_point import Given, ReceptionPoint, Sheet

UNDER_WAY = {"waiting", "sending"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the kiosk's journal."""

    id: str
    number: str
    sequence: int
    delivery: str
    slip: str
    copies: int


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything that must agree.

    Attributes:
        given: What the desk gave out to parties, in the order of giving.
        journal: What the kiosk wrote down.
        sheets: What came out of the printer.
        copies: What second copies should say, by the address on them.
        stored: Id and number of each visit at the server.
        bodies: How many sealed check-ins lie there.
        help_calls: How many calls for help the server has heard of.
        touched_help: How many touches could have called.
        series: How numbers are made.

    """

    given: Sequence[Given]
    journal: Sequence[Entry]
    sheets: Sequence[Sheet] = ()
    copies: dict[str, Slip] = field(default_factory=dict)
    stored: Sequence[tuple[str, str]] = ()
    bodies: int = 0
    help_calls: int = 0
    touched_help: int = 0
    series: Series = field(default_factory=lambda: Series("D"))

    @property
    def printed(self) -> int:
        """How many whole slips came out."""
        return sum(1 for sheet in self.sheets if sheet.url)

    def disagreements(self) -> list[str]:
        """Return what does not agree, a sentence each."""
        return [*self._of_numbers(), *self._of_paper(), *self._of_server()]

    def _of_numbers(self) -> Iterator[str]:
        given = {(one.id, one.number) for one in self.given}
        written = {(entry.id, entry.number) for entry in self.journal}
        if given != written:
            yield f"given out and not written down, or the reverse: {sorted(given ^ written)}"
        if len(given) != len(self.given):
            yield "a number was given out twice"
        sequences = [entry.sequence for entry in self.journal]
        if sorted(sequences) != list(range(1, len(sequences) + 1)):
            yield "the sequence has gaps"
        rounds = ceil(len(sequences) / (LAST - FIRST + 1 - len(self.series.skip)))
        often = Counter(entry.number for entry in self.journal)
        if twice := [number for number, count in often.items() if count > rounds]:
            yield f"numbers twice in {rounds} rounds of the series: {twice}"
        if ended := [entry.number for entry in self.journal if entry.slip in UNDER_WAY]:
            yield f"slips that have not ended: {ended}"

    def _of_paper(self) -> Iterator[str]:
        by_url = {one.url: one for one in self.given}
        entries = {entry.id: entry for entry in self.journal}
        out: dict[str, list[Sheet]] = {}
        for sheet in self.sheets:
            if sheet.url:
                out.setdefault(sheet.url, []).append(sheet)
        for url, sheets in out.items():
            if url not in by_url:
                yield f"a slip of nobody came out: {url}"
                continue
            given = by_url[url]
            sent = entries[given.id].copies if given.id in entries else 0
            if len(sheets) > sent:
                yield f"{given.number} was sent {sent} times and came out {len(sheets)} times"
            marked = [self._is_copy(sheet) for sheet in sheets]
            if marked.count(True) > 1 or marked.count(False) > 1:
                yield f"{given.number} came out twice without a 2 to tell them apart"
        if too_many := [entry.number for entry in self.journal if entry.copies > 2]:
            yield f"sent more than twice: {too_many}"

    def _is_copy(self, sheet: Sheet) -> bool:
        """Whether it is the second copy of its slip, dot for dot."""
        slip = self.copies.get(sheet.url)
        if slip is None:
            return False
        artwork, dots = default_artwork(), load_profile("generic-80").paper_dots
        wanted = draw_slip(lay_out(slip, dots, partial(measure, artwork)), artwork)
        return sheet.picture().tobytes().startswith(wanted.tobytes())

    def _of_server(self) -> Iterator[str]:
        written = {(entry.id, entry.number) for entry in self.journal}
        stored = set(self.stored)
        if lost := written - stored:
            yield f"check-ins that the server does not have: {sorted(lost)}"
        if strange := stored - written:
            yield f"visits that no kiosk gave out: {sorted(strange)}"
        if len(stored) != len(self.stored) or self.bodies != len(stored):
            yield f"{len(self.stored)} visits and {self.bodies} bodies of {len(stored)} check-ins"
        if waiting := [entry.number for entry in self.journal if entry.delivery != "confirmed"]:
            yield f"not confirmed by the server: {waiting}"
        if self.help_calls > self.touched_help:
            yield f"{self.help_calls} help calls after {self.touched_help} touches on help"


def undelivered(journal: Path) -> int:
    """Return how much of a kiosk's journal the server has not heard."""
    with closing(_read_only(journal)) as db:
        (count,) = db.execute(
            "SELECT (SELECT count(*) FROM outbox WHERE state = 'waiting')"
            " + (SELECT count(*) FROM slip WHERE reported < revision)"
        ).fetchone()
        return int(count)


def unended(journal: Path) -> int:
    """Return how many slips of a kiosk's journal are on their way to paper."""
    with closing(_read_only(journal)) as db:
        (count,) = db.execute(
            "SELECT count(*) FROM slip WHERE state IN ('waiting', 'sending')"
        ).fetchone()
        return int(count)


def read_accounts(point: ReceptionPoint, *, touched_help: int) -> Accounts:
    """Return the accounts of a reception point."""
    with closing(_read_only(point.journal)) as db:
        rows = db.execute(
            "SELECT o.id, o.number, o.sequence, o.state, s.state, s.copies"
            " FROM outbox o JOIN slip s ON s.id = o.id ORDER BY o.sequence"
        )
        journal = [Entry(*row) for row in rows]
    with closing(_read_only(point.database)) as db:
        stored = [
            (str(UUID(i)), number) for i, number in db.execute("SELECT id, number FROM visit")
        ]
        (bodies,) = db.execute("SELECT count(*) FROM check_in_body").fetchone()
        (calls,) = db.execute("SELECT count(*) FROM help_call").fetchone()
    who = point.settings.kiosk
    return Accounts(
        given=point.desk.given,
        journal=journal,
        sheets=point.sheets,
        copies=point.copies,
        stored=stored,
        bodies=bodies,
        help_calls=calls,
        touched_help=touched_help,
        series=Series(who.letter, who.skip_numbers),
    )


def settle(point: ReceptionPoint, *, touched_help: int) -> Accounts:
    """Mend everything, let it come to an end, and return the accounts.

    Raises TimeoutError where slips do not end, or the server does not hear of everything.
    """
    point.printer.fault = None
    if not point.server_runs:
        point.server.start()
    point.cable.plug_in()
    point.wait_until(lambda: not unended(point.journal), seconds=90, what="slips have ended")
    point.restart_desk()  # or its courier might rest for half a minute
    point.wait_until(lambda: not undelivered(point.journal), seconds=90, what="all delivered")
    return read_accounts(point, touched_help=touched_help)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
