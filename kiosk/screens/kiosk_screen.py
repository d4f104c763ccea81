"""What every screen is: a title, something to read or touch, and perhaps a way on."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout


class KioskScreen(BoxLayout):
    """One screen. It has properties in and events out, and calls nobody.

    Attributes:
        title: On top, large.
        hint: Below it, small.
        picture: Beside the title, or "".
        primary: What the large tile at the bottom is, "next" or "done"; "" where there is none.
        primary_ready: True when it may be touched.
        margin: The room left and right of it, in pixels.

    """

    title = StringProperty()
    hint = StringProperty()
    picture = StringProperty()
    primary = StringProperty()
    primary_ready = BooleanProperty(defaultvalue=True)
    margin = NumericProperty("56dp")

    __events__: tuple[str, ...] = ("on_go_on",)

    def on_go_on(self) -> None:
        """Tell that the large tile was touched."""

    def key_at(self, _x: float, _y: float) -> str:
        """Return the key of a keyboard at a place on the screen; "" where there is none."""
        return ""

    def forget(self) -> None:
        """Lose everything that was entered or shown to one party."""
