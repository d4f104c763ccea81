"""The signs of life that the screen gives to systemd: without them it is started again.

They come from the loop that takes touches and draws: the program's other threads may well live
on behind a screen that nobody can use.
"""

from kivy.clock import Clock, ClockEvent

from kiosk.contract.supervisor import ALIVE, READY, Supervisor


def give_signs_of_life(supervisor: Supervisor) -> ClockEvent | None:
    """Tell it that the screen is there, and from then on, as often as it asks, that it lives.

    Returns:
        What tells it, to be cancelled; it needs no keeping. None where nobody watches.

    """
    supervisor.tell(READY)
    if supervisor.sign_seconds is None:
        return None
    # A function and no method: Kivy's clock forgets a method whose object nobody keeps.
    return Clock.schedule_interval(lambda _: supervisor.tell(ALIVE), supervisor.sign_seconds)
