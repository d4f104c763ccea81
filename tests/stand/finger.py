"""One finger on the kiosk's window, as Kivy's input providers would report it.

Kivy ships the like in `kivy.tests.common`, but that imports pytest, and `make demo` has none.
"""

from kivy.base import EventLoop
from kivy.input.motionevent import MotionEvent


class Finger(MotionEvent):
    """A touch at a place of the window, in pixels from its lower left corner."""

    def __init__(self, x: float, y: float) -> None:
        window = EventLoop.window
        place = {"x": x / (window.width - 1.0), "y": y / (window.height - 1.0)}
        super().__init__("finger", 1, place, is_touch=True, type_id="touch")
        self.profile = ["pos"]

    def depack(self, args: dict[str, float]) -> None:
        """Take the place as shares of the window's width and height."""
        self.sx, self.sy = args["x"], args["y"]
        super().depack(args)

    def touch_down(self) -> None:
        """Touch."""
        EventLoop.post_dispatch_input("begin", self)

    def touch_up(self) -> None:
        """Lift."""
        EventLoop.post_dispatch_input("end", self)
