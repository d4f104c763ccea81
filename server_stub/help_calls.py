"""Help calls: a person is wanted at a kiosk, and whether anyone has answered."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, update

from kiosk.contract.messages import HelpCall, HelpState
from server_stub import event_log, tables
from server_stub.event_log import EventKind
from server_stub.help_call_rows import HelpCallRow, read_help_call


class UnknownHelpCallError(Exception):
    """There is no such help call."""


def put_help_call(
    connection: Connection, site: str, help_call: HelpCall, *, called_at: datetime, at: datetime
) -> tuple[HelpState, bool]:
    """Store a help call once; return how far it is, and whether it is new."""
    known = read_help_call(connection, site, help_call=help_call.id)
    if known:
        return known.state, False
    connection.execute(
        tables.help_call.insert().values(
            site=site,
            id=help_call.id,
            kiosk=help_call.kiosk,
            kind=help_call.kind.value,
            language=help_call.language,
            state=HelpState.CALLED.value,
            called_at=called_at,
        )
    )
    event_log.append(connection, site, kind=EventKind.HELP_CALL, about=help_call.id, at=at)
    return HelpState.CALLED, True


def acknowledge(
    connection: Connection, site: str, help_call: UUID, *, staff: str, at: datetime
) -> HelpCallRow:
    """Note who is going; where someone is going already, change nothing.

    Raises:
        UnknownHelpCallError: There is no such help call.

    """
    known = read_help_call(connection, site, help_call=help_call)
    if known is None:
        raise UnknownHelpCallError("there is no such help call: reload the page")
    if known.state is not HelpState.CALLED:
        return known
    t = tables.help_call.c
    connection.execute(
        update(tables.help_call)
        .where(t.site == site, t.id == help_call)
        .values(state=HelpState.ACKNOWLEDGED.value, acknowledged_by=staff, acknowledged_at=at)
    )
    event_log.append(connection, site, kind=EventKind.HELP_ACKNOWLEDGED, about=help_call, at=at)
    return replace(known, state=HelpState.ACKNOWLEDGED, acknowledged_by=staff, acknowledged_at=at)
