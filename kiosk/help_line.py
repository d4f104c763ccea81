"""Help calls: from a touch to a member of staff, honest about whether anyone has answered."""

import logging
import threading
from collections.abc import Callable
from enum import Enum

from uuid_utils.compat import uuid7

from kiosk.contract.messages import HelpCall, HelpKind, HelpState
from kiosk.server_link import LinkError, ServerLink
from kiosk.trouble import trouble

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
    """One help call, as the screen follows it.

    Args:
        call: What is asked for.
        monotonic: Seconds that never jump.

    """

    def __init__(self, call: HelpCall, *, monotonic: Callable[[], float]) -> None:
        self.call = call
        self._monotonic = monotonic
        self._since = self._wanted = monotonic()
        self._lock = threading.Lock()
        self._heard: HelpState | None = None
        self._missed = False

    @property
    def state(self) -> HelpProgress:
        """What may be said now; 30 seconds without anyone are known without being told."""
        if self._heard is HelpState.ACKNOWLEDGED:
            return HelpProgress.SOMEONE_COMING
        if self._heard is HelpState.CLOSED or self._age() >= UNANSWERED_SECONDS:
            return HelpProgress.NOT_REACHED
        if self._heard:
            return HelpProgress.CALLED
        return HelpProgress.NOT_REACHED if self._missed else HelpProgress.CALLING

    @property
    def ended(self) -> bool:
        """True where repeating the call would change nothing, or nobody has wanted it for long."""
        with self._lock:
            return self._has_ended()

    def join(self) -> bool:
        """Repeat the call for longer, for it is wanted again; False where it has ended."""
        with self._lock:  # or it could end in between, with nobody to repeat it
            if self._has_ended():
                return False
            self._wanted = self._monotonic()
            return True

    def hear(self, state: HelpState) -> None:
        """Take in what the server said."""
        self._heard = state

    def miss(self) -> None:
        """Take in that a try did not reach the server. It is tried again, but nobody knows yet."""
        self._missed = True

    def _has_ended(self) -> bool:
        answered = self._heard in {HelpState.ACKNOWLEDGED, HelpState.CLOSED}
        return answered or self._monotonic() - self._wanted >= GIVE_UP_SECONDS

    def _age(self) -> float:
        return self._monotonic() - self._since


class HelpLine:
    """Carries help calls to the server; repeats them until someone has answered.

    A call has a thread and a connection of its own, so that it never waits behind check-ins.
    While a call of a kind and language is open, touching the tile again joins it, and it is
    repeated for as long as a new one. Another language is somebody else, whom staff look for in
    another way.

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
        self._open: dict[tuple[HelpKind, str | None], HelpWatch] = {}
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def call(self, kind: HelpKind, *, language: str | None) -> HelpWatch:
        """Call staff; returns at once. The watch tells how far the call is."""
        watch = self._open.get((kind, language))
        if watch and watch.join():
            return watch
        call = HelpCall(id=uuid7(), kiosk=self._kiosk, kind=kind, language=language)
        watch = self._open[kind, language] = HelpWatch(call, monotonic=self._monotonic)
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
                self._ask(link, watch)
                self._closing.wait(0 if watch.ended else ASK_AGAIN_SECONDS)
        finally:
            link.close()

    def _ask(self, link: ServerLink, watch: HelpWatch) -> None:
        kind = watch.call.kind
        try:
            watch.hear(link.put_help_call(watch.call).state)
        except LinkError as error:
            watch.miss()
            log.warning("help call not through kind=%s reason=%r", kind, f"{error}")
        except Exception as error:  # noqa: BLE001  # it is tried again
            watch.miss()
            log.error("help call stumbled kind=%s error=%r", kind, trouble(error))  # noqa: TRY400
