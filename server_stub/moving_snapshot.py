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
from server_stub.event_log import EventRow
from server_stub.snapshot import Snapshot, read_kiosks, read_snapshot, read_snapshot_after

MOST_EVENTS = 500
"""After more of them, to read everything is no slower."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A snapshot that was read, and what tells whether it can be gone on from.

    Attributes:
        snapshot: What was read.
        service_day: Of which it is.
        last: The event whose number it has: another one there means another history.

    """

    snapshot: Snapshot
    service_day: date
    last: EventRow | None


class MovingSnapshot:
    """Reads a site's snapshots, each from the one before. Any thread may ask.

    Args:
        site: The site's name.

    """

    def __init__(self, site: str) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._read: _Read | None = None

    def read(self, connection: Connection, *, service_day: date, day_began: datetime) -> Snapshot:
        """Return what `read_snapshot` returns, and read little where little has changed."""
        with self._lock:
            before = self._read
        events = self._events_since(connection, before) if before else None
        if before is None or events is None or before.service_day != service_day:
            now = read_snapshot(
                connection, self._site, service_day=service_day, day_began=day_began
            )
        elif not events:
            return self._heard_again(connection, before.snapshot)
        else:
            now = read_snapshot_after(
                connection,
                self._site,
                before.snapshot,
                touched=frozenset(event.about for event in events if event.about is not None),
                service_day=service_day,
                day_began=day_began,
            )
        last = self._event(connection, now.event_number)
        with self._lock:
            self._read = _Read(now, service_day, last)
        return now

    def _heard_again(self, connection: Connection, before: Snapshot) -> Snapshot:
        """Return the snapshot with when kiosks were heard last: a report without news is no event.

        Else a page that is loaded in a quiet hour would take all of them for silent.
        """
        kiosks = read_kiosks(connection, self._site)
        return before if kiosks == before.kiosks else replace(before, kiosks=kiosks)

    def _events_since(self, connection: Connection, before: _Read) -> Sequence[EventRow] | None:
        """Return what happened since; None where that is unknown, or too much."""
        if before.last is None:
            return None
        number = before.last.number
        events = event_log.events_after(connection, self._site, number - 1, limit=MOST_EVENTS + 2)
        if not events or events[0] != before.last or len(events) > MOST_EVENTS + 1:
            return None
        return events[1:]

    def _event(self, connection: Connection, number: int) -> EventRow | None:
        found = event_log.events_after(connection, self._site, number - 1, limit=1)
        return found[0] if found else None
