"""The screen of a kiosk that cannot serve: in all languages at once, and where people are."""

from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout

from kiosk.contract.signs import Place
from kiosk.language import LANGUAGES, Catalogue
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.marking import _
from kiosk.screens.pages import Things

DOES_NOT_WORK = _("This device does not work now.")
ASK = _("Please ask a person")

FEW = 3
"""Up to so many languages say it one below the other, in large letters."""


class OutOfServiceLine(BoxLayout):
    """What is said, in one language.

    Attributes:
        direction: "ltr" or "rtl".
        ask: Whom to turn to.
        why: That this device is no help now.
        languages: How many say it; many say it in smaller letters.

    """

    direction = StringProperty("ltr")
    ask = StringProperty()
    why = StringProperty()
    languages = NumericProperty(1)

    def need(self, width: float) -> float | None:
        """Return how high it is at a width, in pixels; None where a word would break."""
        inside = width - self.padding[0] - self.padding[2]
        needs = [words.need(inside) for words in (self.ids.ask, self.ids.why)]
        return None if None in needs else sum(needs)


class OutOfServiceScreen(KioskScreen):
    """Sends everybody to a person, calmly; what went wrong is the concern of staff.

    Attributes:
        site_name: As it is, in every language.
        catalogues: The languages that say it.
        desk: The staffed desk, where the site names one.
        few: True where so few languages say it that letters can be large.
        landscape: True where the screen is wider than high.

    """

    site_name = StringProperty()
    catalogues: list[Catalogue] = ListProperty()
    desk: Place | None = ObjectProperty(None, allownone=True)
    few = BooleanProperty(defaultvalue=False)
    landscape = BooleanProperty(defaultvalue=False)

    def on_catalogues(self, *_args: object) -> None:
        """Give each language its line."""
        lines = [
            OutOfServiceLine(
                direction="rtl" if LANGUAGES[catalogue.language].right_to_left else "ltr",
                ask=catalogue.text(ASK),
                why=catalogue.text(DOES_NOT_WORK),
                languages=len(self.catalogues),
            )
            for catalogue in self.catalogues
        ]
        columns = (1,) if len(self.catalogues) <= FEW else (3, 2, 1) if self.landscape else (2, 1)
        self.ids.lines.fill(Things(lines, columns=columns, even=False))
