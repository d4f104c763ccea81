"""The line of doors that are closed now: their signs, and when they open."""

from kivy.properties import ListProperty, NumericProperty, StringProperty

from kiosk.contract.site import Stage
from kiosk.screens.widgets import Number, Picture, Row


class DoorSign(Picture):
    """A landmark, small."""


class DoorNumber(Number):
    """What stands on the door, beside its landmark."""


class DoorOpens(Row):
    """Doors that open at the same time.

    Attributes:
        stages: Behind these doors.
        text: When they open, in the party's language.
        side: How high a sign is, in pixels.

    """

    stages: list[Stage] = ListProperty()
    text = StringProperty()
    side = NumericProperty(0)

    def on_kv_post(self, *_args: object) -> None:
        """Put the signs before the words."""
        for stage in self.stages:
            self.ids.signs.add_widget(DoorSign(name=f"landmark-{stage.landmark}"))
            self.ids.signs.add_widget(DoorNumber(text=stage.door))

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        words: float | None = self.ids.words.need(width - self.ids.signs.width - self.spacing)
        return None if words is None else max(self.side, words)
