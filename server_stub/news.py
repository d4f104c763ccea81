"""The news: wakes the live pages of this process when another one has changed the store.

PostgreSQL tells it of every commit. Where it cannot be heard, the pages look once a second.
"""

import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from server_stub import postgresql

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0


@contextmanager
def news_of_others(
    url: str | None,
    *,
    wake: Callable[[], None],
    look_at_site: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Call `wake` whenever another process may have committed; never, where there is no URL.

    Args:
        url: Of the PostgreSQL; None where the database is this process's alone.
        wake: Called in another thread; must not wait.
        look_at_site: Called there before it, whenever another process may have put another site
            file in force; may read, and raise.

    """
    if url is None:
        yield
        return
    news = News(url, wake=wake, look_at_site=look_at_site)
    news.start()
    try:
        yield
    finally:
        news.close()


class News:
    """Listens to the other processes in a thread and over a connection of its own.

    Pages are woken once a second also when nothing is heard: a line that has gone without a word
    is silent too, and to look costs less than to find out.

    Args:
        url: Of the PostgreSQL.
        wake: Called in the thread; must not wait.
        look_at_site: Called in the thread when a new site file is told of, and once a second.

    Attributes:
        listening: Set while the line stands.

    """

    def __init__(
        self,
        url: str,
        *,
        wake: Callable[[], None],
        look_at_site: Callable[[], None] = lambda: None,
    ) -> None:
        self.listening = threading.Event()
        self._door = postgresql.Door(url, patient=False)
        self._wake = wake
        self._look_at_site = look_at_site
        self._looked_at = -SECONDS_BETWEEN_LOOKS
        self._missing = False
        self._closing, self._closed = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="news")

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening, at once."""
        self._closing.close()
        self._thread.join()
        self._closed.close()

    def _run(self) -> None:
        line = None
        closing = False
        while not closing:
            try:
                line = line or self._open()
                told = {news.payload for news in line.notifies(timeout=0)}
                self._look(at_once=postgresql.NEW_SITE_FILE in told)
            except Exception as error:  # noqa: BLE001  # whatever it is, the next try may succeed
                self._miss(error)
                _close(line)
                line = None
            self._wake()
            closing = self._waits_in_vain(line)
        _close(line)

    def _look(self, *, at_once: bool) -> None:
        """Look which site file is in force: at each commit would be too often."""
        now = time.monotonic()
        if at_once or now - self._looked_at >= SECONDS_BETWEEN_LOOKS:
            self._looked_at = now
            self._look_at_site()

    def _open(self) -> Any:  # noqa: ANN401  # the driver may not be installed
        line = self._door.connect(autocommit=True)
        line.execute(f"LISTEN {postgresql.CHANNEL}")
        self.listening.set()
        self._missing = False
        return line

    def _miss(self, error: Exception) -> None:
        self.listening.clear()
        if not self._missing:
            # Not its words: libpq's are many lines.
            log.warning("news not heard reason=%s", type(error).__name__)
        self._missing = True

    def _waits_in_vain(self, line: Any) -> bool:  # noqa: ANN401  # as above
        """Wait for a word on the line, a second at most; return whether all this is to end."""
        # Not select(): it knows no file above 1023, and hundreds of pages hold one each.
        with selectors.DefaultSelector() as heard:
            heard.register(self._closed, selectors.EVENT_READ)
            if line is not None:
                heard.register(line, selectors.EVENT_READ)
            ready = heard.select(SECONDS_BETWEEN_LOOKS)
        return any(key.fileobj is self._closed for key, _ in ready)


def _close(line: Any) -> None:  # noqa: ANN401  # as above
    if line is not None:
        line.close()
