"""Service: whether this kiosk can give out numbers now, and what else staff should look at.

A thread proves every minute that a number could be written down, and every ten seconds while it
could not: a full disk is known before a party has answered anything.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from pathlib import Path

from kiosk.contract.messages import Trouble
from kiosk.durable_file import remove_durably, write_durably
from kiosk.journal import Journal, JournalError
from kiosk.trouble import trouble

log = logging.getLogger(__name__)

LOOK_SECONDS, LOOK_AGAIN_SECONDS = 60.0, 10.0

PATIENCE_SECONDS = 20.0
"""A disk that takes longer to write a page is broken."""

LEAST_FREE_BYTES = 2 * 2**20
"""With less, numbers are no longer given out: enough for hundreds of them, and for the log."""

TAKEN_OUT = "taken-out"
"""The note in the data folder that staff took the kiosk out of service."""

STUMBLE_SECONDS = 60 * 60.0
"""For so long staff are told that the screens stumbled."""

STOPS_SERVICE = frozenset(set(Trouble) - {Trouble.PICTURES, Trouble.SCREENS})

Prove = Callable[[], Future[str]]
"""Proves in the journal's thread; its future raises JournalError, or says why it was stopped."""


def prove(journal: Journal) -> str:
    """Return why no numbers may be given out, or ""; raise JournalError where none can be."""
    journal.prove_writable()
    return journal.stopped


class Service:
    """Knows what is wrong with this kiosk, from all who find out.

    Args:
        data: The data folder.
        prove: See `Prove`.
        on_change: Called, from any thread, when a trouble came or went.
        monotonic: Seconds that never jump.
        check: Returns the troubles that are there from the start; called once, in the thread.
        enrolled: False where the server must be heard before the first number.

    """

    def __init__(
        self,
        data: Path,
        *,
        prove: Prove,
        on_change: Callable[[], None],
        monotonic: Callable[[], float],
        check: Callable[[], Iterable[str]] = tuple,
        enrolled: bool = True,
    ) -> None:
        self._check = check
        self._data = data
        self._prove = prove
        self._on_change = on_change
        self._monotonic = monotonic
        self._proving: Future[str] | None = None
        self._journal: Trouble | None = None
        self._told: set[str] = set()
        self._stumbled_at: float | None = None
        self._taken_out = (data / TAKEN_OUT).exists()
        self._enrolled = enrolled
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._look_now = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="service", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closing = True
        self._look_now.set()
        if self._thread.ident is not None:  # it was started
            self._thread.join()

    @property
    def trouble(self) -> str | None:
        """Why no numbers are given out now; None where they are."""
        return next((name for name in self.troubles if name in STOPS_SERVICE), None)

    @property
    def troubles(self) -> tuple[str, ...]:
        """All that staff should look at, what stops the service first."""
        with self._lock:
            names = set(self._told)
            if self._journal:
                names.add(self._journal)
            if self._taken_out:
                names.add(Trouble.TAKEN_OUT)
            if not self._enrolled:
                names.add(Trouble.NOT_ENROLLED)
            if self._has_stumbled():
                names.add(Trouble.SCREENS)
        return tuple(sorted(names, key=lambda name: (name not in STOPS_SERVICE, name)))

    @property
    def taken_out(self) -> bool:
        """Whether staff took the kiosk out of service."""
        return self._taken_out

    def take_out(self, *, out: bool) -> None:
        """Take the kiosk out of service or back, also for after a restart; raise OSError.

        It is so from now on even where the disk takes no note of it.
        """
        self._taken_out = out
        self._on_change()
        note = self._data / TAKEN_OUT
        if out:
            write_durably(note, "")
        else:
            remove_durably(note)

    def tell(self, name: str) -> None:
        """Take in a trouble that lasts until the program is started anew."""
        with self._lock:
            news = name not in self._told
            self._told.add(name)
        if news:
            log.error("trouble %s", name)
            self._on_change()

    def heard_of_enrolment(self, *, enrolled: bool) -> None:
        """Take in the server's own word whether this kiosk is one of its site's.

        One that was retired or revoked gives out no more numbers: nobody would ever call them.
        Where no server answers, nothing has changed. The journal remembers it over a restart.
        """
        news = enrolled != self._enrolled
        self._enrolled = enrolled
        if news:
            log.log(logging.INFO if enrolled else logging.ERROR, "enrolled %s", enrolled)
            self._on_change()

    def screens_stumbled(self) -> None:
        """Take in that the screens stumbled and went on; staff are told for an hour."""
        self._stumbled_at = self._monotonic()
        self._on_change()

    def not_issued(self, error: BaseException) -> None:
        """Take in that a party got no number; looks at once whether the next one could."""
        if isinstance(error, JournalError) and error.trouble is Trouble.JOURNAL_DAMAGED:
            self._take(Trouble.JOURNAL_DAMAGED)
        self._look_now.set()

    def look_soon(self) -> None:
        """Take in that the journal was stopped, or may have been."""
        if self._journal is not Trouble.STOPPED:
            self._look_now.set()

    def look(self) -> None:
        """Find out whether a number could be written down now, by a proof of its own.

        But one that is stuck is waited for again: else they would pile up behind it.
        """
        with self._looking:  # else it would go by a proof from before the call
            self._take(self._find())

    def _has_stumbled(self) -> bool:
        stumbled = self._stumbled_at
        return stumbled is not None and self._monotonic() - stumbled < STUMBLE_SECONDS

    def _take(self, found: Trouble | None) -> None:
        with self._lock:
            before = self._journal
            if before in {found, Trouble.JOURNAL_DAMAGED}:  # damage does not mend itself
                return
            self._journal = found
        if found:
            log.error("out of service reason=%s", found)
        else:
            log.info("in service again")
        self._on_change()

    def _find(self) -> Trouble | None:
        try:
            if shutil.disk_usage(self._data).free < LEAST_FREE_BYTES:
                return Trouble.DISK_FULL
            self._proving = self._proving or self._prove()
            stopped = self._proving.result(PATIENCE_SECONDS)
        except NotYetError:
            return Trouble.DISK_STUCK
        except JournalError as error:
            self._proving = None
            return error.trouble
        except OSError:
            self._proving = None
            return Trouble.JOURNAL
        self._proving = None
        return Trouble.STOPPED if stopped else None

    def _run(self) -> None:
        self._guarded(self._check_once)
        while not self._closing:
            self._guarded(self.look)
            self._look_now.wait(LOOK_AGAIN_SECONDS if self._journal else LOOK_SECONDS)
            self._look_now.clear()

    def _check_once(self) -> None:
        for name in self._check():
            self.tell(name)

    def _guarded(self, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception as error:  # noqa: BLE001  # the thread must outlive every disk
            log.error("service stumbled error=%r", trouble(error))  # noqa: TRY400
