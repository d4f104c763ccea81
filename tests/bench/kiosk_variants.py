"""The kiosk's program with one thing done otherwise, to measure what that thing is worth.

python -m tests.bench.kiosk_variants imports-first run --settings kiosk.toml
"""

import importlib
import logging
import sys

from kiosk.__main__ import main
from kiosk.screens import window

PUT_OFF = ("escpos.printer", "requests")
"""What the kiosk imports once its first picture is shown."""

ALWAYS = 60
"""Turns per second."""


def imports_first() -> None:
    """Import everything before the first picture."""
    for name in PUT_OFF:
        importlib.import_module(name)
    logging.getLogger().handlers.clear()  # one of them sets up logging, and the kiosk would not


def always_quick() -> None:
    """Turn the loop quickly, also while nobody is there."""
    prepare = window.prepare

    def prepare_and_set(settings: window.ScreenSettings) -> None:
        prepare(settings)
        from kiosk.screens import pace

        pace.IDLE_TURNS = ALWAYS

    window.prepare = prepare_and_set


VARIANTS = {"imports-first": imports_first, "always-quick": always_quick}

if __name__ == "__main__":
    VARIANTS[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
