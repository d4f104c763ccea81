"""A hand at the real kiosk: touches tiles, waits frame by frame, takes pictures.

Kivy opens its window when it is imported, so this module imports it only when a driver starts:
`kiosk.screens.window.prepare` comes first.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LONGEST_WAIT_SECONDS = 10.0


class TouchError(AssertionError):
    """The screen did not show what the hand was looking for."""


class KioskDriver:
    """Drives a `KioskApp` without `run()`: every frame is drawn when the driver says so.

    Args:
        app: The real app, not yet started.
        pass_time: Called before a touch that the kiosk would take for a trembling hand; a test
            with a clock of its own moves it here. Without it, the driver waits as a hand would.
        draws: False lays every frame out and draws none, which is enough to measure it.

    Attributes:
        draws: The same; may be changed at any time.
        touched_at: When a finger was last lifted, in monotonic seconds.

    """

    def __init__(
        self, app: Any, *, pass_time: Callable[[], None] | None = None, draws: bool = True
    ) -> None:
        self.app = app
        self._pass_time = pass_time
        self.touched_at = 0.0
        self.draws = draws

    def start(self) -> "KioskDriver":
        """Open the app, also again after `stop`, and draw its first frames."""
        from kivy.app import App
        from kivy.base import EventLoop
        from kivy.core.window import Window

        EventLoop.ensure_window()
        settings = self.app.settings
        if Window.size != (settings.width, settings.height):
            Window.size = (settings.width, settings.height)
        if EventLoop.status != "started":
            EventLoop.start()
        App._running_app = self.app
        self.app._run_prepare()
        self.app.built = True  # Kivy would build it anew each time
        self.frames(3)
        return self

    def stop(self) -> None:
        """Close the app; its window stays, for the next one or for this one again."""
        from kivy.core.window import Window

        self.app.stop()
        for widget in Window.children[:]:
            Window.remove_widget(widget)
        _call_off()

    def frames(self, count: int = 1) -> None:
        """Draw so many frames, and none after the app has closed: Kivy's own loop ends there."""
        from kivy.base import EventLoop

        for _ in range(count):
            if EventLoop.status != "started":
                return
            if self.draws:
                EventLoop.idle()
            else:
                self._lay_out()

    def wait_until(
        self, condition: Callable[[], object], seconds: float = LONGEST_WAIT_SECONDS
    ) -> None:
        """Draw frames until the condition holds; TouchError when it does not in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TouchError(f"not within {seconds} s; on screen: {self.tiles()}")
            self.frames()
        self.frames()

    def widgets(self) -> Iterator[Any]:
        """Yield every widget on the screen."""
        yield from self.app.root.walk(restrict=True)

    def tiles(self) -> list[str]:
        """Return the ids of all tiles on the screen that offer something now."""
        return [w.tile for w in self.widgets() if getattr(w, "tile", "") and w.offered]

    def texts(self) -> list[str]:
        """Return every text on the screen."""
        return [widget.text for widget in self.widgets() if getattr(widget, "text", "")]

    def find(self, tile: str) -> Any:
        """Return the one tile of that id."""
        return self._the_one(tile, [w for w in self.widgets() if getattr(w, "tile", "") == tile])

    def tap_id(self, tile: str) -> None:
        """Touch the tile of that id: ``"language:uk"``, ``"need:sleep"``, ``"next"``."""
        self.tap(self.find(tile))

    def tap_text(self, text: str) -> None:
        """Touch the one widget that shows exactly this text."""
        shown = [w for w in self.widgets() if getattr(w, "text", "") == text]
        self.tap(self._the_one(text, [w for w in shown if not any(c in shown for c in w.children)]))

    def tap(self, widget: Any) -> None:
        """Touch a widget in its middle, and draw what comes of it."""
        if self._pass_time:
            self._pass_time()
        self.wait_until(lambda: self.app.frame.guard.is_open)
        self.touch(widget)
        self.frames(2)

    def touch(self, widget: Any) -> None:
        """Put a finger on a widget and lift it again, however soon after the last touch."""
        from tests.stand.finger import Finger

        finger = Finger(*widget.to_window(*widget.center))
        finger.touch_down()
        self.frames()
        self.touched_at = time.monotonic()
        finger.touch_up()

    def picture(self, path: Path) -> Path:
        """Write what is on the screen as PNG, and return the path."""
        from kiosk.screens.preview import picture_of_window

        self.frames(2)
        picture_of_window().save(path)
        return path

    def _lay_out(self) -> None:
        """Do what EventLoop.idle does, up to the drawing."""
        from kivy.base import EventLoop
        from kivy.clock import Clock
        from kivy.lang import Builder

        Clock.tick()
        EventLoop.dispatch_input()
        Builder.sync()
        Clock.tick_draw()
        Builder.sync()

    def _the_one(self, what: str, found: list[Any]) -> Any:
        if len(found) != 1:
            raise TouchError(f"{len(found)} of {what!r} on the screen; there are: {self.tiles()}")
        return found[0]


def _call_off() -> None:
    """Have Kivy's clock forget what widgets still wanted to do.

    A tile springs back 35 ms after the touch: its app is gone by then, or it is another one.
    """
    from kivy.clock import Clock
    from kivy.uix.widget import Widget

    for event in Clock.get_events():
        if isinstance(getattr(event.get_callback(), "__self__", None), Widget):
            event.cancel()
