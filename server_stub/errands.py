"""The errands: overdue visits end, days are rolled up, what is old goes, the queue is written."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, Engine

from kiosk.contract.site import Site
from server_stub import audit, carry_over, daily_figures, retention
from server_stub.arrival import service_day
from server_stub.clock_watch import ClockWatch
from server_stub.last_queue import read_last_queue
from server_stub.queue_sheet import write_sheets
from server_stub.rounds import Errand
from server_stub.settings import Settings
from server_stub.sqlite import empty_log, log_bytes
from server_stub.writer import Writer

MOST_LOG_BYTES = 64 << 20
"""Of SQLite's write-ahead log, before it is cut although somebody reads all the time."""

LOG_SECONDS = 1.0
"""For which writers may wait for that. Whoever reads longer is waited for in the next round."""

MOST_ENDED = 500
"""Visits that are ended by one command, so that nobody waits long for the writer."""


def errands(
    settings: Settings,
    site: Callable[[], Site],
    *,
    engine: Engine,
    writer: Writer,
    watch: ClockWatch,
) -> list[Errand]:
    """Return what the server does by itself, in the order of a round.

    All but the last change the store, through the writer; each looks first, beside it, whether
    there is anything to do. Each asks `site` for the site in force, and the `watch` whether ages
    can be believed.
    """
    house = _House(settings, site, engine=engine, writer=writer, watch=watch)
    return [
        Errand("ending overdue visits", house.end_overdue),
        Errand("rolling up figures", house.roll_up),
        Errand("deleting what is old", house.delete_old),
        Errand("cutting the log", house.cut_log),
        Errand("writing the last queue", house.write_last_queue, at_the_end=True),
    ]


class _House:
    """The store, and what of it is to be kept in order."""

    def __init__(
        self,
        settings: Settings,
        site: Callable[[], Site],
        *,
        engine: Engine,
        writer: Writer,
        watch: ClockWatch,
    ) -> None:
        self._settings = settings
        self._site = site
        self._engine = engine
        self._writer = writer
        self._watch = watch
        self._log_holds_deleted = True  # of a process before this one, perhaps
        self._erased = 0

    def end_overdue(self) -> None:
        """End the visits that were carried over and whose 48 hours are over."""
        site, at = self._site(), self._watch.now()
        if at is None:  # by a clock that was set, all could be over
            return
        with self._engine.connect() as connection:
            visits = carry_over.overdue(connection, site, at=at)
        for first in range(0, len(visits), MOST_ENDED):
            some = visits[first : first + MOST_ENDED]
            command = partial(carry_over.end_overdue, site=site, visits=some, at=at)
            self._writer.submit(command).result()

    def roll_up(self) -> None:
        """Write down the figures of one day, past or closed, that has none yet, or others.

        They are counted beside the writer: nobody waits for that.
        """
        site, at = self._site(), self._settings.clock()
        today = service_day(at, site.time_zone)
        with self._engine.connect() as connection:
            day = daily_figures.next_to_roll_up(connection, site, today=today)
            if day is None:
                return
            counted = daily_figures.count(connection, site, day)
        command = partial(daily_figures.write_down, site=site, day=day, counted=counted, at=at)
        self._writer.submit(command).result()

    def delete_old(self) -> None:
        """Delete what is older than its period, a bounded number of rows by each command.

        On SQLite also from the log of the last changes, as soon as nobody is at it; what parties
        had erased also while no age is believed.
        """
        site, now = self._site(), self._watch.now()
        with self._engine.connect() as connection:
            kinds = retention.what_may_be_due(connection, site, now=now) if now else []
            there = [due for due in kinds if due.is_there(connection)]
            erased = len(audit.erased_visits(connection, site.id))
        for due in there:
            while self._writer.submit(due.delete_some).result():
                self._log_holds_deleted = True
        if erased != self._erased:
            self._erased, self._log_holds_deleted = erased, True
        if self._log_holds_deleted and self._engine.dialect.name == "sqlite":
            self._log_holds_deleted = not empty_log(self._engine)

    def cut_log(self) -> None:
        """Cut SQLite's log where it has grown large; where it cannot be yet, the next round will.

        It grows for as long as there is no moment without a reader.
        """
        if self._engine.dialect.name != "sqlite" or log_bytes(self._engine) < MOST_LOG_BYTES:
            return
        if empty_log(self._engine, patience=LOG_SECONDS):
            self._log_holds_deleted = False

    def write_last_queue(self) -> None:
        """Write who waits now into the folder of the last queue."""
        site, at = self._site(), self._settings.clock()
        connection: Connection
        with self._engine.connect() as connection:
            queue = read_last_queue(connection, site, as_of=at)
        write_sheets(queue, self._settings.queue_folder)
