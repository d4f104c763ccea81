"""The last store: which of the server's stores is known to have what a kiosk has confirmed.

A server that was restored from a backup has a store of its own, without what came since. A kiosk
in use hears the lowest of what is missing there; an enrolment that reports no more can only tell
by the store.
"""

import logging
from pathlib import Path
from uuid import UUID

from kiosk.durable_file import write_durably

log = logging.getLogger(__name__)

FILE = "last-store"


class LastStore:
    """The note in one data folder.

    Args:
        data: The data folder.

    """

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._known = self._read()

    def has_all(self, store: UUID) -> bool:
        """Whether this store is known to have all that was confirmed."""
        return self._known == str(store)

    def keep(self, store: UUID) -> None:
        """Remember that this store has all that was confirmed so far.

        Where the disk takes no note, it is asked again after the next start: all is sent twice.
        """
        if self.has_all(store):
            return
        self._known = str(store)
        try:
            write_durably(self._path, f"{store}\n")
        except OSError as error:
            log.warning("last store not noted reason=%s", error.strerror)

    def _read(self) -> str:
        try:
            return self._path.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""
