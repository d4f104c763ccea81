"""The signs of life that the screen gives to systemd: without them it is started again.

They come from the loop that takes touches and draws: the program's other threads may well live
on behind a screen that nobody can use.
"""

from kivy.clock import Clock

from kiosk.contract.supervisor import ALIVE, READY, Supervisor


class LifeSigns:
    """Tells a supervisor that Kivy's loop turns, as often as it asks."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._pause = supervisor.sign_seconds

    def start(self) -> None:
        """Tell it that the screen is there, and go on telling it."""
        self._supervisor.tell(READY)
        if self._pause is not None:
            Clock.schedule_interval(self._tell, self._pause)

    def stop(self) -> None:
        """Tell it nothing more."""
        Clock.unschedule(self._tell)

    def _tell(self, _: float) -> None:
        self._supervisor.tell(ALIVE)
