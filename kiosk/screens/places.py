"""The places screen: where to find what needs no number."""

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty

from kiosk.contract.questions import Option
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.pages import Things
from kiosk.screens.widgets import Row, fitting, height_of, holds

ONE_ROW = 2
"""More places than this take a second row in landscape, so that words stay large."""


class WhereItIs(Row):
    """One place: what is there, its landmark and the number on its door.

    Attributes:
        option: As the site file has it.
        least: The height of its picture at least, in pixels.
        largest: The size of its letters where there is room enough, in pixels.
        smallest: The size of its letters where there is little room, in pixels.
        door: The width of the landmark and the number, in pixels.

    """

    option: Option = ObjectProperty()
    least = NumericProperty(0)
    largest = NumericProperty(0)
    smallest = NumericProperty(0)
    door = NumericProperty(0)

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        words = self.ids.words
        arrow, gaps = self.ids.arrow.width, 2 * self.padding[0] + 2 * self.spacing
        within = width - self.door - arrow - gaps
        if not holds(words.text, within, self.smallest):
            return None
        size = fitting(words.text, within, self.largest)
        height = height_of(words.text, size, within, bold=True, rtl=words.rtl)
        return float(self.least + height + 2 * self.padding[1] + self.ids.what.spacing)


class PlacesScreen(KioskScreen):
    """Shows where the party finds what it wants, and gives it no number.

    Attributes:
        landscape: True where the screen is wider than high.
        highest: No place is shown higher than this, in pixels.

    """

    landscape = BooleanProperty(defaultvalue=False)
    highest = NumericProperty("340dp")

    def show(self, places: tuple[Option, ...]) -> None:
        """Show these places, in the order of the site file."""
        across = 2 if len(places) > ONE_ROW else max(len(places), 1)
        self.ids.pages.fill(
            Things(
                [WhereItIs(option=option) for option in places],
                columns=(across, 1) if self.landscape else (1, 2),
                highest=self.highest,
            )
        )

    def forget(self) -> None:
        """Show no place."""
        self.show(())
