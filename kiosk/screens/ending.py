"""The kind end of a program with a window: SIGTERM and Ctrl-C stop it, Alt-F4 does not."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kivy.clock import Clock


def refuse(*_args: object, **_kwargs: object) -> bool:
    """Say to Kivy that its window is not to be closed."""
    return True


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` from Kivy's clock on SIGTERM and SIGINT, inside the block."""

    def handle(_signal: int, _frame: object) -> None:
        Clock.schedule_once(lambda _: stop())

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
