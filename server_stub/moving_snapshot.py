"""The moving snapshot: the last one that was read, brought up to date by what the log says changed.

To read thousands of waiting parties anew at every check-in would leave a server no time for
anything else. Every change that a page shows has an event that names what it is about, so only
that is read again.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from server_stub import event_log
from server_stub.event_log import EventKind, EventRow
from server_stub.kiosk_rows import read_kiosks
from server_stub.snapshot import Snapshot, read_snapshot, read_snapshot_after

MOST_EVENTS = 500
"""After more of them, to read everything is no slower."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A snapshot that was read, and what tells whether it can be gone on from.

    Attributes:
        snapshot: What was read.
        last: The event whose number it has: another one there means another history.

    """

    snapshot: Snapshot
    last: EventRow | None


class MovingSnapshot:
    """Reads a site's snapshots, each from the one before. Any thread may, in its turn.

    Args:
        site: The site's name.

    Attributes:
        turn: To be held by who reads, from before its transaction begins: what was read before
            is then never newer than what the transaction sees, and whoever had to wait finds the
            same snapshot, with all that was worked out of it.

    """

    def __init__(self, site: str) -> None:
        self.turn = threading.Lock()
        self._site = site
        self._read: _Read | None = None

    def read(self, connection: Connection, *, service_day: date, day_began: datetime) -> Snapshot:
        """Return what `read_snapshot` returns, and read little where little has changed."""
        before = self._read
        events = self._events_since(connection, before) if before else None
        if before is None or events is None or before.snapshot.service_day != service_day:
            now = read_snapshot(
                connection, self._site, service_day=service_day, day_began=day_began
            )
        elif events:
            now = read_snapshot_after(
                connection,
                self._site,
                before.snapshot,
                touched=frozenset(event.about for event in events if event.about is not None),
                day_began=day_began,
            )
        else:
            now = self._heard_again(connection, before.snapshot)
        if before is None or now is not before.snapshot:
            self._read = _Read(now, self._event(connection, now.event_number))
        return now

    def _heard_again(self, connection: Connection, before: Snapshot) -> Snapshot:
        """Return the snapshot with when kiosks were heard last: a report without news is no event.

        Else a page that is loaded in a quiet hour would take all of them for silent.
        """
        kiosks = read_kiosks(connection, self._site)
        return before if kiosks == before.kiosks else replace(before, kiosks=kiosks)

    def _events_since(self, connection: Connection, before: _Read) -> Sequence[EventRow] | None:
        """Return what happened since; None where that is unknown, too much, or not all of it.

        Who was erased is no more named by the parts of its party either: no event tells of those.
        """
        if before.last is None:
            return None
        number = before.last.number
        events = event_log.events_after(connection, self._site, number - 1, limit=MOST_EVENTS + 2)
        if not events or events[0] != before.last or len(events) > MOST_EVENTS + 1:
            return None
        since = events[1:]
        return None if any(event.kind is EventKind.ERASE for event in since) else since

    def _event(self, connection: Connection, number: int) -> EventRow | None:
        found = event_log.events_after(connection, self._site, number - 1, limit=1)
        return found[0] if found else None
