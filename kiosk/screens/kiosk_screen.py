"""What every screen is: a title, something to read or touch, and perhaps a way on."""

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout


class KioskScreen(BoxLayout):
    """One screen. It has properties in and events out, and calls nobody.

    Attributes:
        title: On top, large.
        hint: Below it, small.
        heading_direction: "ltr" or "rtl" where title and hint are in a language of their own; ""
            where they go with the screen.
        picture: Beside the title, or "".
        primary: What the large tile at the bottom is, "next" or "done"; "" where there is none.
        primary_ready: True when it may be touched.
        margin: The room left and right of it, in pixels.
        reads: True where nothing in it can be touched but what lies at its lower edge: in low
            reach it keeps its whole height.
        pages: What shows it in parts where it does not all fit, or None.
        further: True while there is a part after the one that is shown.

    """

    title = StringProperty()
    hint = StringProperty()
    heading_direction = StringProperty()
    picture = StringProperty()
    primary = StringProperty()
    primary_ready = BooleanProperty(defaultvalue=True)
    margin = NumericProperty("56dp")
    reads = BooleanProperty(defaultvalue=False)
    pages = ObjectProperty(None, allownone=True, rebind=True)
    further = BooleanProperty(defaultvalue=False)

    __events__: tuple[str, ...] = ("on_go_on",)

    def go_on(self) -> None:
        """Do what the large tile does: where it says "next", show the next part, and then go on."""
        if self.further and self.primary == "next":
            self.pages.turn(1)
        else:
            self.dispatch("on_go_on")

    def on_go_on(self) -> None:
        """Tell that the party has read or answered all, and wants to go on."""

    def key_at(self, _x: float, _y: float) -> str:
        """Return the key of a keyboard at a place on the screen; "" where there is none."""
        return ""

    def forget(self) -> None:
        """Lose everything that was entered or shown to one party."""
