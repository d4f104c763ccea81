"""What a kiosk's process has loaded before it is forked; only the fork server loads this module."""

from kiosk import assembly, settings
from printer import virtual_printer
from tests.chaos import kiosk_process, printer_process

__all__ = ["assembly", "kiosk_process", "printer_process", "settings", "virtual_printer"]
