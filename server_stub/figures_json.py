"""The figures of a day as JSON and back: what the store keeps for years. Pure.

Durations are written as hexadecimal numbers, eight digits a minute, the longest first: as lists
of counts they made up nearly all of the time that reading a year took.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from server_stub.durations import Durations
from server_stub.figures import (
    Breakdowns,
    Count,
    DayFigures,
    FiguresError,
    KioskCounts,
    StageFigures,
    Stock,
    Tally,
)

VERSION = 1
"""Grows when older JSON can no longer be read as it is."""

Json = dict[str, Any]


def to_json(figures: DayFigures) -> Json:
    """Return a day's figures as JSON; numbers of parties come before those of persons."""
    tally, breakdowns = figures.tally, figures.breakdowns
    return {
        "version": VERSION,
        "day": figures.day.isoformat(),
        "visits": _count(tally.visits),
        "adults": tally.adults,
        "size_unknown": tally.size_unknown,
        "by_hand": _count(tally.by_hand),
        "carried_over": _count(tally.carried_over),
        "finished": _count(tally.finished),
        "left": _count(tally.left),
        "arrivals": [_count(arrived) for arrived in tally.arrivals],
        "outcomes": dict(tally.outcomes),
        "sums": dict(tally.sums),
        "stocks": {name: [stock.counted, stock.since] for name, stock in tally.stocks.items()},
        "stages": {name: _stage(stage) for name, stage in tally.stages.items()},
        "kiosks": [tally.kiosks.check_ins, tally.kiosks.abandoned, tally.kiosks.help_calls],
        "help_calls": tally.help_calls,
        "breakdowns": {
            "languages": dict(breakdowns.languages),
            "priority": dict(breakdowns.priority),
            "help_calls": dict(breakdowns.help_calls),
        },
    }


def from_json(told: Mapping[str, Any]) -> DayFigures:
    """Return the figures that `to_json` made this of.

    Raises:
        FiguresError: A newer program made it.

    """
    if told["version"] != VERSION:
        raise FiguresError(
            f"figures of version {told['version']}, this program reads {VERSION}: "
            "take the program that made them, or a newer one"
        )
    tally = Tally(
        visits=Count(*told["visits"]),
        adults=told["adults"],
        size_unknown=told["size_unknown"],
        by_hand=Count(*told["by_hand"]),
        carried_over=Count(*told["carried_over"]),
        finished=Count(*told["finished"]),
        left=Count(*told["left"]),
        arrivals=tuple(Count(*arrived) for arrived in told["arrivals"]),
        outcomes=told["outcomes"],
        sums=told["sums"],
        stocks=stocks_from_json(told["stocks"]),
        stages={name: _stage_from(stage) for name, stage in told["stages"].items()},
        kiosks=KioskCounts(*told["kiosks"]),
        help_calls=told["help_calls"],
    )
    return DayFigures(date.fromisoformat(told["day"]), tally, Breakdowns(**told["breakdowns"]))


def stocks_from_json(told: Mapping[str, Any]) -> dict[str, Stock]:
    """Return the stocks of a day, of which "stocks" tells."""
    return {name: Stock(*stock) for name, stock in told.items()}


def _count(count: Count) -> list[int]:
    return [count.parties, count.persons]


def _stage(stage: StageFigures) -> Json:
    return {
        "served": _count(stage.served),
        "left": _count(stage.left),
        "no_shows": stage.no_shows,
        "waits": {str(hour): f"{waits.packed:x}" for hour, waits in stage.waits.items()},
        "overnight": stage.overnight,
        "services": f"{stage.services.packed:x}",
        "onward": {name: _count(count) for name, count in stage.onward.items()},
    }


def _stage_from(told: Mapping[str, Any]) -> StageFigures:
    return StageFigures(
        served=Count(*told["served"]),
        left=Count(*told["left"]),
        no_shows=told["no_shows"],
        waits={int(hour): Durations(int(packed, 16)) for hour, packed in told["waits"].items()},
        overnight=told["overnight"],
        services=Durations(int(told["services"], 16)),
        # Days that an older program has written down do not tell.
        onward={name: Count(*count) for name, count in told.get("onward", {}).items()},
    )
