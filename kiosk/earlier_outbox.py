"""The outbox of an earlier enrolment: what a kiosk still owes from before it was enrolled anew.

An enrolment that was retired may deliver what it made and nothing else, so this sends no
heartbeats: each check-in and each slip's outcome goes out with the old enrolment's own key. What
was confirmed is forgotten after its seven days, as ever.
"""

import logging
import threading
from collections.abc import Callable

from kiosk.courier import MOST_FAILED, Delivery, Route, deliver_next, longer
from kiosk.journal import Journal, JournalError
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
        close: Closes both.

    """

    def __init__(self, route: Route, *, letter: str, close: Callable[[], None]) -> None:
        self._route = route
        self._letter = letter
        self._close = close
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"earlier-outbox-{letter}", daemon=True
        )

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def close(self) -> None:
        """End after the attempt that is under way; what is not confirmed stays."""
        self._closing.set()
        if self._thread.ident is not None:  # it was started
            self._thread.join()
        self._close()

    def deliver(self) -> None:
        """Deliver all that gets through now.

        Raises:
            LinkError: Nothing more gets through now; the message says why.
            JournalError: What was delivered could not be noted: it is sent again.

        """
        failed = 0
        while failed < MOST_FAILED and not self._closing.is_set():
            delivery = deliver_next(self._route)
            if delivery is Delivery.NOTHING_WAITING:
                break
            failed = failed + 1 if delivery is Delivery.PUT_BACK else 0
        clock = self._route.clock
        if clock.trusted:
            self._route.journal(lambda journal: journal.forget_confirmed(now=clock.now()))

    def left(self) -> int:
        """Return how many check-ins and slips' outcomes still wait to be delivered."""
        return self._route.journal(Journal.undelivered)

    def refused(self) -> int:
        """Return how many check-ins the server will never take."""
        return self._route.journal(Journal.refused)

    def _run(self) -> None:
        pause = 0.0
        while not self._closing.wait(pause):
            pause = longer(pause) if self._round() else DELIVERED_SECONDS

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
