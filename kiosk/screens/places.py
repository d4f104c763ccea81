"""The places screen: where to find what needs no number."""

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty

from kiosk.contract.questions import Option
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.widgets import Row

ONE_ROW = 2
"""More places than this take a second row in landscape, so that words stay large."""


class WhereItIs(Row):
    """One place: what is there, its landmark and the number on its door.

    Attributes:
        option: As the site file has it.

    """

    option: Option = ObjectProperty()


class PlacesScreen(KioskScreen):
    """Shows where the party finds what it wants, and gives it no number.

    Attributes:
        across: How many places stand beside each other.
        down: How many stand above each other.
        landscape: True where the screen is wider than high.

    """

    across = NumericProperty(1)
    down = NumericProperty(1)
    landscape = BooleanProperty(defaultvalue=False)

    def show(self, places: tuple[Option, ...]) -> None:
        """Show these places, in the order of the site file."""
        grid = self.ids.grid
        grid.clear_widgets()
        self.across = 2 if len(places) > ONE_ROW else max(len(places), 1)
        if not self.landscape:
            self.across = 1
        self.down = max(-(-len(places) // self.across), 1)
        for option in places:
            grid.add_widget(WhereItIs(option=option))

    def forget(self) -> None:
        """Show no place."""
        self.show(())
