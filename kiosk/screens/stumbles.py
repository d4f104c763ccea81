"""Stumbles: what becomes of the kiosk when its own screens raise what nobody expected."""

import logging
from collections import deque
from collections.abc import Callable

from kivy.base import ExceptionHandler, ExceptionManager

from kiosk.trouble import trouble

log = logging.getLogger(__name__)

MOST, WITHIN_SECONDS = 5, 60.0
"""So many stumbles within so many seconds, and the program is better started anew."""


class Stumbles(ExceptionHandler):
    """Forgets the party and goes on; ends the program when that does not help.

    The log is told kind and place, and never the words: they may quote what was entered.

    Args:
        recover: Shows a calm screen and nothing of the party.
        monotonic: Seconds that never jump.

    """

    def __init__(self, recover: Callable[[], None], *, monotonic: Callable[[], float]) -> None:
        self._recover = recover
        self._monotonic = monotonic
        self._times: deque[float] = deque(maxlen=MOST)
        self._raised: Exception | None = None

    def handle_exception(self, inst: BaseException) -> int:
        """Return whether Kivy goes on, or raises what it caught."""
        if not isinstance(inst, Exception) or inst is self._raised:
            return int(ExceptionManager.RAISE)
        log.error("screens stumbled error=%r", trouble(inst))
        self._times.append(self._monotonic())
        if len(self._times) == MOST and self._times[-1] - self._times[0] < WITHIN_SECONDS:
            self._raised = inst  # Kivy's clock raises it, and its loop asks again
            return int(ExceptionManager.RAISE)
        try:
            self._recover()
        except Exception as error:  # noqa: BLE001  # there is nothing left to show
            log.critical("no calm screen error=%r", trouble(error))
            return int(ExceptionManager.RAISE)
        return int(ExceptionManager.PASS)
