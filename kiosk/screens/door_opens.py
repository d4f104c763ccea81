"""The line of doors that are closed now: their signs, and when they open."""

from kivy.properties import ListProperty, NumericProperty, StringProperty

from kiosk.contract.site import Stage
from kiosk.screens.widgets import Number, Picture, Row, ems


def number_width(door: str, letters: float) -> float:
    """Return the room for what stands on a door, in pixels."""
    return ems(door) * letters


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
        letters: The size of the numbers' letters, in pixels.

    """

    stages: list[Stage] = ListProperty()
    text = StringProperty()
    side = NumericProperty(0)
    letters = NumericProperty(0)

    def on_kv_post(self, *_args: object) -> None:
        """Put the signs before the words."""
        for stage in self.stages:
            self.ids.signs.add_widget(DoorSign(name=f"landmark-{stage.landmark}"))
            number = DoorNumber(text=stage.door)
            self.bind(letters=number.setter("largest"))
            number.largest = self.letters
            self.ids.signs.add_widget(number)

    def width_of_signs(self, side: float, letters: float, gap: float) -> float:
        """Return how wide all signs are, in pixels."""
        numbers = sum(number_width(stage.door, letters) for stage in self.stages)
        return len(self.stages) * (side + 2 * gap) + numbers

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        signs = self.width_of_signs(self.side, self.letters, self.ids.signs.spacing)
        words: float | None = self.ids.words.need(width - signs - self.spacing)
        return None if words is None else max(self.side, words)
