"""The enrolled kiosks as pages show them, each with its last report."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, bindparam, select

from server_stub import tables
from server_stub.direct_sql import DirectStatement


@dataclass(frozen=True, slots=True)
class KioskRow:
    """An enrolled kiosk and its last report; what it reports is None before the first.

    Attributes:
        label: What staff call it; None where its name will do.
        troubles: Names of what staff should look at there, a space between.

    """

    enrolment: UUID
    name: str
    label: str | None
    letter: str
    highest_sequence: int
    reported_at: datetime | None
    printer: str | None
    clock_trusted: bool | None
    outbox_depth: int | None
    program_version: str | None
    sound: str | None
    troubles: str | None

    @property
    def called(self) -> str:
        """What staff call it."""
        return self.label or self.name


def read_kiosks(connection: Connection, site: str) -> tuple[KioskRow, ...]:
    """Return the enrolled kiosks by name, with what they reported last."""
    rows = (KioskRow(*row) for row in KIOSKS.ask(connection, {"of_site": site}).rows())
    return tuple(sorted(rows, key=attrgetter("name")))


def _select_kiosks() -> Select[*tuple[Any, ...]]:
    t, report = tables.kiosk.c, tables.kiosk_report.c
    with_report = tables.kiosk.outerjoin(
        tables.kiosk_report, and_(report.site == t.site, report.enrolment == t.enrolment)
    )
    return (
        select(  # in the order of the fields of `KioskRow`
            t.enrolment,
            t.name,
            t.label,
            t.letter,
            t.highest_sequence,
            report.at,
            report.printer,
            report.clock_trusted,
            report.outbox_depth,
            report.program_version,
            report.sound,
            report.troubles,
        )
        .select_from(with_report)
        .where(t.site == bindparam("of_site"), t.retired_at.is_(None), t.kind == "kiosk")
    )


KIOSKS = DirectStatement(_select_kiosks(), gathered=True)
