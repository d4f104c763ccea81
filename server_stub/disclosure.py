"""The disclosure: what is told of counts that could reveal someone. Pure.

Suppressing each table by itself would not do: the table of a week less that of its first six days
is the table of the seventh. So such counts are published by calendar month only, each month once
and for itself, and a longer period is added up from what its months tell. Nothing can then be
worked out from several periods that cannot be worked out from the months.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from server_stub.figures import PeriodFigures, added
from server_stub.suppression import suppressed

STEP = 5
"""Per cent. Shares are told in such steps."""

FEWEST_FOR_SHARES = 100
"""Of fewer, a step would be less than five, and could reveal someone after all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One count, as far as it may be told.

    Attributes:
        count: The sum of the months that tell it: at least so many. None where none does.
        withheld_in: In how many months it is withheld.

    """

    count: int | None
    withheld_in: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What is told of one kind of count in a period.

    Attributes:
        months: The whole months of the period that are over, as (year, month).
        total: Of all cells in these months, withheld ones included.
        cells: By name; empty where there is no such month.
        shares: Where there is no such month, about how many of a hundred in the period, by
            name, in steps of five; smaller ones are left out, and all where they are few.

    """

    months: tuple[tuple[int, int], ...]
    total: int
    cells: Mapping[str, Cell]
    shares: Mapping[str, int]


def disclosed(period: PeriodFigures, kind: str, *, today: date) -> Disclosure:
    """Return what is told of a kind of count.

    Args:
        period: The figures.
        kind: Which of its `Breakdowns`: "languages", "priority" or "help_calls".
        today: The present day; its month is not over.

    """
    by_month = {month: getattr(parts, kind) for month, parts in period.months.items()}
    whole = {m: table for m, table in by_month.items() if is_whole(m, period, today=today)}
    if not whole:
        return Disclosure((), 0, {}, shares(added(list(by_month.values()))))
    total = sum(sum(table.values()) for table in whole.values())
    # Each month by itself, and nothing of the period: else two periods would tell more.
    told = [suppressed(table) for table in whole.values()]
    names = sorted({name for table in told for name in table})
    cells = {name: _cell([table[name] for table in told if name in table]) for name in names}
    return Disclosure(tuple(whole), total, cells, {})


def is_whole(month: tuple[int, int], period: PeriodFigures, *, today: date) -> bool:
    """Tell whether a month lies in the period from its first day to its last, and is over."""
    first = date(*month, 1)
    last = date(*month, monthrange(*month)[1])
    return period.first <= first and last <= period.last and last < today


def shares(counts: Mapping[str, int]) -> dict[str, int]:
    """Return of each about how many of a hundred it is, in steps of five, none below that."""
    total = sum(counts.values())
    if total < FEWEST_FOR_SHARES:
        return {}
    rounded = {
        name: round(Fraction(count * 100, total * STEP)) * STEP for name, count in counts.items()
    }
    return {name: share for name, share in rounded.items() if share}


def _cell(counts: Sequence[int | None]) -> Cell:
    told = [count for count in counts if count is not None]
    return Cell(sum(told) if told else None, len(counts) - len(told))
