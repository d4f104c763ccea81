"""The lines of the log: dated in UTC, for at night clocks are set back and an hour comes twice."""

import logging
import time


class UtcLines(logging.Formatter):
    """Formats lines as ``2026-11-23T11:00:00.250Z INFO kiosk.courier …``."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")


def log_to_standard_error() -> None:
    """Write what happens to standard error, from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter(UtcLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
