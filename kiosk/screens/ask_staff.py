"""The screen for when no number can be given out: people help instead."""

from kiosk.screens.kiosk_screen import KioskScreen


class AskStaffScreen(KioskScreen):
    """Sends the party to a person, calmly; what went wrong is not its concern."""
