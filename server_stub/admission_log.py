"""The log of admissions: one line for all check-ins that the event loop answers in one turn.

A line for each would take a tenth of the time that a check-in takes.
"""

import asyncio
import logging
from uuid import UUID

log = logging.getLogger(__name__)


class AdmissionLog:
    """Collects what is told of check-ins until the event loop has answered all that are ready."""

    def __init__(self) -> None:
        self._noted: dict[bool, dict[str, list[str]]] = {}

    def note(self, check_in: UUID, *, kiosk: str, first: bool) -> None:
        """Have a check-in logged that is stored: for the first time, or once more."""
        if not self._noted:
            asyncio.get_running_loop().call_soon(self._write)
        self._noted.setdefault(first, {}).setdefault(kiosk, []).append(str(check_in))

    def _write(self) -> None:
        noted, self._noted = self._noted, {}
        for first, by_kiosk in noted.items():
            told = " ".join(f"kiosk={kiosk} id={','.join(ids)}" for kiosk, ids in by_kiosk.items())
            log.info("check-in %s %s", "admitted" if first else "repeated", told)
