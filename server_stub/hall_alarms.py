"""The alarms of the hall: what is wrong with a kiosk, and how soon to go there. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server_stub.hall_rules import Level

SILENT_AFTER = timedelta(seconds=90)
"""A kiosk reports every 15 seconds; after six reports that did not come something is wrong."""

LEAST_DISK_BYTES = 500_000_000
"""Below that a disk is soon full."""

FULL_OUTBOX = 10
"""So many check-ins that were not sent, from a kiosk that reports, do not go away by themselves."""

SECOND_PRINTER = "; second: "
"""Stands between the states of two printers."""

PRINTS = frozenset({"ready", "blind"})
"""States of a printer that nobody need look at; a blind one prints without answering."""

PRINTS_A_WHILE = frozenset({*PRINTS, "paper-low"})

NO_NUMBERS = frozenset(
    {
        *("disk-full", "disk-read-only", "disk-stuck", "journal-damaged", "journal", "stopped"),
        *("texts", "font"),
    }
)
"""Troubles of a kiosk that gives out no numbers."""


@dataclass(frozen=True, slots=True)
class Report:
    """A kiosk, and what it told of itself last.

    Attributes:
        name: Of the kiosk.
        letter: Of its numbers.
        at: When it reported; None where it never has. All below is then as it is made here.
        printer: States of its printers, as in contract v1.
        clock_trusted: Its clock is right.
        disk_free_bytes: What its disk has left.
        outbox_depth: Check-ins that the server has not confirmed.
        program_version: Of the kiosk's program.
        site_version: Of the site file that it goes by.
        sound: "none" where nobody would hear it.
        troubles: Names of what is wrong, as in contract v1.
        clashes: How many of its check-ins of this service day bore a number of another one.

    """

    name: str
    letter: str
    at: datetime | None
    printer: str = "ready"
    clock_trusted: bool = True
    disk_free_bytes: int = LEAST_DISK_BYTES
    outbox_depth: int = 0
    program_version: str = ""
    site_version: str = ""
    sound: str | None = None
    troubles: tuple[str, ...] = ()
    clashes: int = 0


class AlarmKind(StrEnum):
    """What is wrong."""

    CLASH = "clash"  # two kiosks with one series, or one that was copied
    SILENT = "silent"
    NOT_HEARD = "not-heard"
    TROUBLE = "trouble"
    PRINTER = "printer"
    CLOCK = "clock"
    DISK = "disk"
    OUTBOX = "outbox"
    SOUND = "sound"
    OLD_PROGRAM = "old-program"
    OLD_SITE = "old-site"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong.

    Attributes:
        kind: What it is.
        level: How soon somebody should go there.
        about: Which trouble, or the state of the printer.

    """

    kind: AlarmKind
    level: Level
    about: str = ""


def alarms(report: Report, *, at: datetime, site_version: str, program: str) -> tuple[Alarm, ...]:
    """Return what is wrong with a kiosk, the most urgent first.

    Args:
        report: Of the kiosk.
        at: The present moment.
        site_version: Of the site file in force.
        program: The version that most kiosks run.

    """
    found = _found(report, at=at, site_version=site_version, program=program)
    return tuple(sorted(found, key=lambda alarm: URGENCY[alarm.level]))


URGENCY = {known: place for place, known in enumerate(Level)}
"""The places of the levels, the most urgent first."""


def worst(found: tuple[Alarm, ...]) -> Level:
    """Return how soon somebody should go to a kiosk with these alarms, the most urgent first."""
    return found[0].level if found else Level.FINE


def _found(report: Report, *, at: datetime, site_version: str, program: str) -> Iterator[Alarm]:
    if report.clashes:
        yield Alarm(AlarmKind.CLASH, Level.URGENT, str(report.clashes))
    if report.at is None:
        yield Alarm(AlarmKind.NOT_HEARD, Level.SOON)
        return
    if at - report.at > SILENT_AFTER:
        yield Alarm(AlarmKind.SILENT, Level.URGENT)
    for name in report.troubles:
        yield Alarm(AlarmKind.TROUBLE, _level_of_trouble(name), name)
    yield from _of_printers(report.printer)
    if report.outbox_depth:
        full = report.outbox_depth >= FULL_OUTBOX
        yield Alarm(AlarmKind.OUTBOX, Level.SOON if full else Level.CALM, str(report.outbox_depth))
    for kind, level, holds in (
        (AlarmKind.CLOCK, Level.SOON, not report.clock_trusted),
        (AlarmKind.DISK, Level.SOON, report.disk_free_bytes < LEAST_DISK_BYTES),
        (AlarmKind.SOUND, Level.SOON, report.sound == "none"),
        (AlarmKind.OLD_PROGRAM, Level.CALM, report.program_version != program),
        (AlarmKind.OLD_SITE, Level.CALM, report.site_version != site_version),
    ):
        if holds:
            yield Alarm(kind, level)


def _level_of_trouble(name: str) -> Level:
    if name in NO_NUMBERS:
        return Level.URGENT
    return Level.CALM if name == "taken-out" else Level.SOON


def _of_printers(told: str) -> Iterator[Alarm]:
    """Yield an alarm for each printer that does not print; with another that does, it has time."""
    states = told.split(SECOND_PRINTER)
    still_prints = any(state in PRINTS_A_WHILE for state in states)
    for state in states:
        if state not in PRINTS:
            yield Alarm(AlarmKind.PRINTER, Level.SOON if still_prints else Level.URGENT, state)
