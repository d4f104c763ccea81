"""The outbox of an earlier enrolment: what a kiosk still owes from before it was enrolled anew.

An enrolment that was retired may deliver what it made and nothing else, so this sends no
heartbeats: each check-in and each slip's outcome goes out with the old enrolment's own key. So
nobody tells it what a restored server misses: where the server's store is another one than before,
all goes out again. What was confirmed is forgotten after its seven days, as ever.
"""

import logging
import threading
from collections.abc import Callable
from uuid import UUID

from kiosk.courier import Route, deliver_all, forget_confirmed, longer
from kiosk.journal import Journal, JournalError
from kiosk.last_store import LastStore
from kiosk.server_link import LinkError
from kiosk.trouble import trouble

log = logging.getLogger(__name__)

DELIVERED_SECONDS = 60 * 60.0
"""How often an outbox with nothing left is looked at, to forget what was confirmed long ago."""


class EarlierOutbox:
    """What one earlier enrolment left, and the thread that delivers it.

    Args:
        route: Its journal and its line to the server.
        letter: Of its series, for the log.
        last_store: Which of the server's stores has what it confirmed.
        close: Closes both.

    """

    def __init__(
        self, route: Route, *, letter: str, last_store: LastStore, close: Callable[[], None]
    ) -> None:
        self._route = route
        self._letter = letter
        self._last_store = last_store
        self._close = close
        self._store: UUID | None = None
        self._closing = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"earlier-outbox-{letter}", daemon=True
        )

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def close(self) -> None:
        """End after the attempt that is under way; what is not confirmed stays."""
        self._closing.set()
        self._woken.set()
        if self._thread.ident is not None:  # it was started
            self._thread.join()
        self._close()

    def hear_of_store(self, store: UUID) -> None:
        """Take in which store the server has now, as it tells the enrolment in use; any thread."""
        if store != self._store:
            self._store = store
            self._woken.set()

    def deliver(self) -> None:
        """Deliver all that gets through now.

        Raises:
            LinkError: Nothing more gets through now; the message says why.
            JournalError: What was delivered could not be noted: it is sent again. Or what was
                confirmed seven days ago could not be forgotten.

        """
        try:
            self._send_again_to_another_store()
            deliver_all(self._route, closing=self._closing)
        finally:
            forget_confirmed(self._route)

    def left(self) -> int:
        """Return how many check-ins and slips' outcomes still wait to be delivered."""
        return self._route.journal(Journal.undelivered)

    def refused(self) -> int:
        """Return how many check-ins the server will never take."""
        return self._route.journal(Journal.refused)

    def _run(self) -> None:
        pause = 0.0
        while True:
            self._woken.wait(pause)
            self._woken.clear()
            if self._closing.is_set():
                break
            pause = longer(pause) if self._round() else DELIVERED_SECONDS

    def _send_again_to_another_store(self) -> None:
        """Let what another store confirmed wait again: this one may be older, and not have it."""
        store = self._store
        if store is None or self._last_store.has_all(store):
            return
        again = self._route.journal(lambda journal: journal.send_again(journal.confirmed()))
        if again:
            log.warning("another store, sending again letter=%s count=%s", self._letter, again)
        self._last_store.keep(store)  # after it: cut off in between, it is done once more

    def _round(self) -> bool:
        """Deliver what gets through; return whether anything was left over."""
        try:
            self.deliver()
            left = self.left()
        except (LinkError, JournalError) as error:
            log.warning("earlier outbox waits letter=%s reason=%r", self._letter, f"{error}")
            return True
        except Exception as error:  # noqa: BLE001  # the thread must outlive every entry
            log.error("earlier outbox stumbled error=%r", trouble(error))  # noqa: TRY400
            return True
        if not left:
            log.info("earlier outbox is delivered letter=%s", self._letter)
        return left > 0
