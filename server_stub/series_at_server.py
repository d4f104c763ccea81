"""A kiosk's series as the server knows it: which sequences came, and when their parties arrived.

Parties of one kiosk are called in its order, so a check-in that comes late is put between its
neighbours.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, exists, func, select, update

from server_stub import tables
from server_stub.direct_sql import DirectStatement, OneOf

WIDEST_GAP = 256
"""Sequences further apart are looked up apart, so that what lies between is not read."""


class SeriesAtServer:
    """One enrolment's sequences around some that have just come.

    Args:
        site: The site's id.
        enrolment: Of the kiosk.
        highest: The highest sequence seen.
        complete_to: All up to here are in the ledger.
        arrivals: Sequence to arrival: those around the new ones.

    Attributes:
        highest: As above, with what was taken since.

    """

    def __init__(
        self,
        site: str,
        enrolment: UUID,
        *,
        highest: int,
        complete_to: int,
        arrivals: dict[int, datetime],
    ) -> None:
        self._key = {"of_site": site, "of_enrolment": enrolment}
        self.highest = highest
        self._complete_to = complete_to
        self._arrivals = arrivals
        self._order = sorted(arrivals)
        self._fills_a_gap = False

    def neighbours(self, sequence: int) -> tuple[datetime | None, datetime | None]:
        """Return when the parties before and after this sequence arrived; None where none is."""
        index = bisect_left(self._order, sequence)
        holds = index < len(self._order) and self._order[index] == sequence
        later = index + holds
        before = self._arrivals[self._order[index - 1]] if index else None
        after = self._arrivals[self._order[later]] if later < len(self._order) else None
        return before, after

    def take(self, sequence: int, arrived: datetime) -> bool:
        """Note that a sequence came; False where another check-in holds it already."""
        self.highest = max(self.highest, sequence)
        if sequence == self._complete_to + 1:
            self._complete_to = sequence
            self._fills_a_gap = sequence < self.highest
        if sequence in self._arrivals:
            return False
        self._arrivals[sequence] = arrived
        insort(self._order, sequence)
        return True

    @property
    def far(self) -> dict[str, object]:
        """How far the series is, as it is written down."""
        return self._key | {"highest_sequence": self.highest, "complete_to": self._complete_to}

    @property
    def gap_filled(self) -> dict[str, object] | None:
        """Which series it is, where the last that came may have closed a gap; else None."""
        return self._key if self._fills_a_gap else None


def ask_for_series(
    connection: Connection, site: str, *, sequences: Mapping[UUID, AbstractSet[int]]
) -> Callable[[], dict[UUID, SeriesAtServer]]:
    """Ask for the series of enrolled kiosks; return who tells what is known around these sequences.

    Kiosks mostly deliver in order, and then one statement tells all that is needed of all of
    them; only around a sequence that comes late is the ledger asked once more.
    """
    asked = KIOSKS.ask(connection, {"of_site": site, "of_enrolments": list(sequences)})
    return lambda: _series_of(asked.rows(), connection, site, sequences=sequences)


def _series_of(
    kiosks: Iterable[tuple[Any, ...]],
    connection: Connection,
    site: str,
    *,
    sequences: Mapping[UUID, AbstractSet[int]],
) -> dict[UUID, SeriesAtServer]:
    series = {}
    for enrolment, highest, complete_to, arrived_at in kiosks:
        of_kiosk = sequences[enrolment]
        if min(of_kiosk) > highest and (not highest or arrived_at is not None):  # in order
            arrivals = {highest: arrived_at} if highest else {}
        else:
            arrivals = _around(connection, site, enrolment, sequences=of_kiosk)
        series[enrolment] = SeriesAtServer(
            site, enrolment, highest=highest, complete_to=complete_to, arrivals=arrivals
        )
    return series


def store_series(connection: Connection, series: Iterable[SeriesAtServer]) -> None:
    """Write down how far each series is, once what has come is in the ledger."""
    series = list(series)
    UPDATE_KIOSK.run_for_each(connection, [one.far for one in series])
    # What came before the last one that was missing is here too. A kiosk in use would have that
    # found with its next report; one that is retired makes none.
    for one in series:
        if one.gap_filled:
            connection.execute(GO_ON_TO_NEXT_GAP, one.gap_filled)


def _around(
    connection: Connection, site: str, enrolment: UUID, *, sequences: AbstractSet[int]
) -> dict[int, datetime]:
    key = {"of_site": site, "of_enrolment": enrolment}
    arrivals: dict[int, datetime] = {}
    for lowest, highest in _runs(sorted(sequences)):
        around = connection.execute(AROUND, key | {"lowest": lowest, "highest": highest})
        arrivals.update({row.sequence: row.arrived_at for row in around})
    return arrivals


def _runs(sequences: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of sequences that lie close together."""
    first = last = sequences[0]
    for sequence in sequences[1:]:
        if sequence - last > WIDEST_GAP:
            yield first, last
            first = sequence
        last = sequence
    yield first, last


_kiosk, _ledger = tables.kiosk.c, tables.ledger.c
_of_kiosk = (
    _ledger.site == bindparam("of_site"),
    _ledger.enrolment == bindparam("of_enrolment"),
)
_next_below = select(func.max(_ledger.sequence)).where(
    *_of_kiosk, _ledger.sequence < bindparam("lowest", type_=_ledger.sequence.type)
)
_next_above = select(func.min(_ledger.sequence)).where(
    *_of_kiosk, _ledger.sequence > bindparam("highest", type_=_ledger.sequence.type)
)
# Built once: to build a statement takes SQLAlchemy longer than SQLite takes to run it.
KIOSKS = DirectStatement(
    select(_kiosk.enrolment, _kiosk.highest_sequence, _kiosk.complete_to, _ledger.arrived_at)
    .outerjoin_from(
        tables.kiosk,
        tables.ledger,
        and_(
            _ledger.site == _kiosk.site,
            _ledger.enrolment == _kiosk.enrolment,
            _ledger.sequence == _kiosk.highest_sequence,
        ),
    )
    .where(
        _kiosk.site == bindparam("of_site"),
        OneOf(_kiosk.enrolment, "of_enrolments"),
    )
)
AROUND = select(_ledger.sequence, _ledger.arrived_at).where(
    *_of_kiosk,
    _ledger.sequence
    >= func.coalesce(
        _next_below.scalar_subquery(), bindparam("lowest", type_=_ledger.sequence.type)
    ),
    _ledger.sequence
    <= func.coalesce(
        _next_above.scalar_subquery(), bindparam("highest", type_=_ledger.sequence.type)
    ),
)
UPDATE_KIOSK = DirectStatement(
    update(tables.kiosk)
    .where(_kiosk.site == bindparam("of_site"), _kiosk.enrolment == bindparam("of_enrolment"))
    .values(highest_sequence=bindparam("highest_sequence"), complete_to=bindparam("complete_to"))
)
_here, _next = tables.ledger.alias(), tables.ledger.alias()
_of_this = (_here.c.site == _kiosk.site, _here.c.enrolment == _kiosk.enrolment)
_followed = exists().where(
    _next.c.site == _here.c.site,
    _next.c.enrolment == _here.c.enrolment,
    _next.c.sequence == _here.c.sequence + 1,
)
_last_before_gap = (
    select(_here.c.sequence)
    .where(*_of_this, _here.c.sequence >= _kiosk.complete_to, ~_followed)
    .order_by(_here.c.sequence)
    .limit(1)
    .scalar_subquery()
)
GO_ON_TO_NEXT_GAP = (
    update(tables.kiosk)
    .where(_kiosk.site == bindparam("of_site"), _kiosk.enrolment == bindparam("of_enrolment"))
    .values(complete_to=func.coalesce(_last_before_gap, _kiosk.complete_to))
)
