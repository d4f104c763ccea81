"""Help calls: from a touch to a member of staff, honest about whether anyone has answered."""

import logging
import threading
from collections.abc import Callable
from enum import Enum

from uuid_utils.compat import uuid7

from kiosk.contract.messages import HelpCall, HelpKind, HelpState
from kiosk.server_link import LinkError, ServerLink

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = 2.0
UNANSWERED_SECONDS = 30.0
GIVE_UP_SECONDS = 15 * 60.0


class HelpProgress(Enum):
    """What a party may be told. Each word is true when it is shown."""

    CALLING = "calling"
    CALLED = "called"
    SOMEONE_COMING = "someone coming"
    NOT_REACHED = "not reached"


class HelpWatch:
    """One help call, as the screen follows it."""

    def __init__(self, call: HelpCall, *, since: float) -> None:
        self.call = call
        self.since = since
        self.state = HelpProgress.CALLING
        self.ended = False

    def hear(self, state: HelpState | None, *, now: float) -> None:
        """Take in what the server said, or None when it could not be asked."""
        if state in {HelpState.ACKNOWLEDGED, HelpState.CLOSED}:
            self.state, self.ended = HelpProgress.SOMEONE_COMING, True
        elif now - self.since >= UNANSWERED_SECONDS:
            self.state = HelpProgress.NOT_REACHED
        elif state is HelpState.CALLED:
            self.state = HelpProgress.CALLED
        if now - self.since >= GIVE_UP_SECONDS:
            self.ended = True


class HelpLine:
    """Carries help calls to the server; repeats them until someone has answered.

    A call has a thread and a connection of its own, so that it never waits behind check-ins.
    While a call of a kind is open, touching the tile again joins it.

    Args:
        kiosk: This kiosk's name.
        open_link: Makes a line to the server.
        monotonic: Seconds that never jump.

    """

    def __init__(
        self, kiosk: str, *, open_link: Callable[[], ServerLink], monotonic: Callable[[], float]
    ) -> None:
        self._kiosk = kiosk
        self._open_link = open_link
        self._monotonic = monotonic
        self._open: dict[HelpKind, HelpWatch] = {}
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def call(self, kind: HelpKind, *, language: str | None) -> HelpWatch:
        """Call staff; returns at once. The watch tells how far the call is."""
        watch = self._open.get(kind)
        if watch and not watch.ended:
            return watch
        call = HelpCall(id=uuid7(), kiosk=self._kiosk, kind=kind, language=language)
        watch = self._open[kind] = HelpWatch(call, since=self._monotonic())
        thread = threading.Thread(
            target=self._carry, args=(watch,), name=f"help-{kind}", daemon=True
        )
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()
        return watch

    def close(self) -> None:
        """Stop repeating calls, and wait until the threads have ended."""
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _carry(self, watch: HelpWatch) -> None:
        link = self._open_link()
        try:
            while not watch.ended and not self._closing.is_set():
                state = None
                try:
                    state = link.put_help_call(watch.call).state
                except LinkError as error:
                    log.warning(
                        "help call not through kind=%s reason=%r", watch.call.kind, f"{error}"
                    )
                watch.hear(state, now=self._monotonic())
                self._closing.wait(0 if watch.ended else ASK_AGAIN_SECONDS)
        finally:
            link.close()
