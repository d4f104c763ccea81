"""The issuing screen: a moment, while the number is written down where nothing can lose it."""

from kiosk.screens.kiosk_screen import KioskScreen


class IssuingScreen(KioskScreen):
    """Asks to wait."""
