"""What a kiosk's process has loaded before it is forked; only the fork server loads this module."""

import requests

from kiosk import assembly, deadline, settings
from printer import virtual_printer
from tests.chaos import kiosk_process, printer_process

__all__ = [
    "assembly",
    "deadline",
    "kiosk_process",
    "printer_process",
    "requests",
    "settings",
    "virtual_printer",
]
