"""Help calls as pages show them, each with what staff call its kiosk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, and_, bindparam, select, union

from kiosk.contract.messages import HelpState
from server_stub import tables

_OF_SITE = bindparam("of_site", type_=tables.help_call.c.site.type)


@dataclass(frozen=True, slots=True)
class HelpCallRow:
    """A help call as pages show it.

    Attributes:
        kiosk: By its name.
        label: What staff call that kiosk; None where its name will do, or it is not asked for.

    """

    id: UUID
    kiosk: str
    kind: str
    language: str | None
    state: HelpState
    called_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    label: str | None = None

    @property
    def place(self) -> str:
        """Where to go."""
        return self.label or self.kiosk


def read_help_call(connection: Connection, site: str, *, help_call: UUID) -> HelpCallRow | None:
    """Return one help call, or None."""
    t = tables.help_call.c
    one = _select_help_calls().where(t.site == site, t.id == help_call)
    row = connection.execute(one).one_or_none()
    return help_call_row(row) if row else None


def read_help_calls(
    connection: Connection, site: str, *, since: datetime
) -> tuple[HelpCallRow, ...]:
    """Return the help calls since a moment, and older ones that are open; newest first."""
    rows = connection.execute(HELP_CALLS, {"of_site": site, "since": since})
    return tuple(help_call_row(row) for row in rows)


def _select_help_calls() -> Select[Any]:
    """Return the query of help calls, each with what staff call its kiosk."""
    t, kiosk = tables.help_call.c, tables.kiosk.c
    in_use = and_(kiosk.site == t.site, kiosk.name == t.kiosk, kiosk.retired_at.is_(None))
    return select(*t, kiosk.label).outerjoin_from(tables.help_call, tables.kiosk, in_use)


def _select_shown_help_calls() -> Select[Any]:
    t = tables.help_call.c
    here = select(t.id).where(t.site == _OF_SITE)
    today = here.where(t.called_at >= bindparam("since"))
    return (
        _select_help_calls()
        .where(t.site == _OF_SITE, t.id.in_(union(today, here.where(tables.help_call_is_open))))
        .order_by(t.called_at.desc(), t.id.desc())
    )


HELP_CALLS = _select_shown_help_calls()


def help_call_row(row: Row[*tuple[Any, ...]]) -> HelpCallRow:
    """Return the help call of a row that has its columns, and `label`."""
    return HelpCallRow(
        id=row.id,
        kiosk=row.kiosk,
        kind=row.kind,
        language=row.language,
        state=HelpState(row.state),
        called_at=row.called_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        label=row.label,
    )
