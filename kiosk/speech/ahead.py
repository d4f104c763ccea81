"""Rendering ahead: a thread that fills the cache while nobody needs the processor."""

import logging
import threading
from collections.abc import Callable

from kiosk.speech.cache import CacheFullError
from kiosk.speech.library import Library
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import VoiceError

log = logging.getLogger(__name__)


class Ahead:
    """Renders fixed sentences, and removes from the cache what is said no more.

    Args:
        library: Whose cache to fill.

    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._wanted: Callable[[], tuple[Utterance, ...]] | None = None
        self._idle = True
        self._thread = threading.Thread(target=self._run, name="speech-ahead", daemon=True)

    def open(self) -> None:
        """Start the thread."""
        self._thread.start()

    def prepare(self, utterances: Callable[[], tuple[Utterance, ...]]) -> None:
        """Render these, and none of what was asked for before; returns at once.

        They are asked for in the thread: to put a thousand sentences together takes a moment too.
        """
        with self._changed:
            self._wanted, self._idle = utterances, False
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all is rendered; return whether it is, after so many seconds at most."""
        with self._changed:
            return self._changed.wait_for(lambda: self._idle, timeout)

    def close(self) -> None:
        """Stop after the sentence at hand, and wait for it."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._idle = self._wanted is None
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closing.is_set() or self._wanted is not None)
                wanted, self._wanted = self._wanted, None
            if self._closing.is_set() or wanted is None:
                return  # with the cache as it is: nothing was asked to go
            self._render(wanted())

    def _render(self, wanted: tuple[Utterance, ...]) -> None:
        silent: dict[str, str] = {}
        try:
            self._library.keep_only(wanted)
            for utterance in wanted:
                if self._closing.is_set() or self._wanted is not None:
                    return
                try:
                    self._library.render_ahead(utterance)
                except VoiceError as error:
                    silent.setdefault(utterance.language, str(error))
        except (OSError, CacheFullError) as error:
            # What is missing is rendered when it is said: later by some hundredths of a second.
            log.warning("speech not rendered ahead reason=%r", f"{error}")
        for language, reason in silent.items():
            log.warning("speech not rendered ahead language=%s reason=%r", language, reason)
