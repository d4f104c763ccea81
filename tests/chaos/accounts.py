"""The accounts at the end of a run: what was given out, what is on paper, what the server has.

They are read from the files of kiosk and server, once nothing is on the way any more.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from math import ceil

from PIL.Image import Image

from kiosk.contract.series import FIRST, LAST, Series
from printer.artwork import default_artwork
from printer.profile import load_profile
from printer.raster import measure
from printer.slip import Slip
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip

UNDER_WAY = {"waiting", "sending"}


@dataclass(frozen=True, slots=True)
class Given:
    """A number that the desk gave out, and the address that its slip carries."""

    id: str
    number: str
    url: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A piece of paper that came out.

    Attributes:
        url: What a phone reads from it; "" where there is no whole code on it.
        dots: The fingerprint of its dots.

    """

    url: str
    dots: str


def fingerprint(picture: Image) -> str:
    """Return what two pieces of paper have in common only if they are the same, dot for dot."""
    return sha256(picture.tobytes()).hexdigest()


def drawn(slip: Slip) -> str:
    """Return the fingerprint that a slip has on 80 mm paper, all of it sent as pictures."""
    artwork, dots = default_artwork(), load_profile("generic-80").paper_dots
    return fingerprint(draw_slip(lay_out(slip, dots, partial(measure, artwork)), artwork))


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
        copies: The fingerprint that second copies should have, by the address on them.
        stored: Id and number of each visit at the server.
        bodies: How many sealed check-ins lie there.
        help_calls: How many calls for help the server has heard of.
        touched_help: How many touches could have called.
        series: How numbers are made.
        cut_off: Parties that got no answer because the kiosk died: of each one a number may be
            written down that nobody was given.
        unnoted: Slips that may have gone to paper without a note, because the disk took none.
        truthful: Whether the journal's "printed" is the printer's word alone, and no party's.

    """

    given: Sequence[Given]
    journal: Sequence[Entry]
    sheets: Sequence[Sheet] = ()
    copies: dict[str, str] = field(default_factory=dict)
    stored: Sequence[tuple[str, str]] = ()
    bodies: int = 0
    help_calls: int = 0
    touched_help: int = 0
    series: Series = field(default_factory=lambda: Series("D"))
    cut_off: int = 0
    unnoted: int = 0
    truthful: bool = False

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
        if lost := given - written:
            yield f"given out and not written down: {sorted(lost)}"
        if len(unheard := written - given) > self.cut_off:
            yield (
                f"written down and not given out, while {self.cut_off} parties were cut off: "
                f"{sorted(unheard)}"
            )
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
        out: dict[str, list[Sheet]] = {}
        for sheet in self.sheets:
            if sheet.url:
                out.setdefault(sheet.url, []).append(sheet)
        if nobodys := sorted(out.keys() - by_url.keys()):
            yield f"slips of nobody came out: {nobodys}"
        slips = {by_url[url].id: sheets for url, sheets in out.items() if url in by_url}
        yield from self._of_twins(slips)
        if too_many := [entry.number for entry in self.journal if entry.copies > 2]:
            yield f"sent more than twice: {too_many}"
        if self.truthful:
            printed = [entry for entry in self.journal if entry.slip == "printed"]
            if missing := [entry.number for entry in printed if entry.id not in slips]:
                yield f"printed, says the journal, and never came out: {missing}"

    def _of_twins(self, slips: dict[str, list[Sheet]]) -> Iterator[str]:
        entries = {entry.id: entry for entry in self.journal}
        unnoted = 0
        for one in self.given:
            sheets = slips.get(one.id, [])
            sent = entries[one.id].copies if one.id in entries else 0
            unnoted += max(0, len(sheets) - sent)
            if len(sheets) > sent and unnoted > self.unnoted:
                yield f"{one.number} was sent {sent} times and came out {len(sheets)} times"
            marked = [self._is_copy(sheet) for sheet in sheets]
            if marked.count(True) > 1 or marked.count(False) > 1:
                yield f"{one.number} came out twice without a 2 to tell them apart"

    def _is_copy(self, sheet: Sheet) -> bool:
        """Whether it is the second copy of its slip, dot for dot."""
        return sheet.dots == self.copies.get(sheet.url)

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
