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


class OutOfServiceScreen(KioskScreen):
    """Sends everybody to a person, calmly; what went wrong is the concern of staff.

    Attributes:
        site_name: As it is, in every language.
        catalogues: The languages that say it.
        desk: The staffed desk, where the site names one.
        few: True where so few languages say it that letters can be large.

    """

    site_name = StringProperty()
    catalogues: list[Catalogue] = ListProperty()
    desk: Place | None = ObjectProperty(None, allownone=True)
    few = BooleanProperty(defaultvalue=False)

    def on_catalogues(self, *_args: object) -> None:
        """Give each language its line."""
        lines = self.ids.lines
        lines.clear_widgets()
        for catalogue in self.catalogues:
            right_to_left = LANGUAGES[catalogue.language].right_to_left
            lines.add_widget(
                OutOfServiceLine(
                    direction="rtl" if right_to_left else "ltr",
                    ask=catalogue.text(ASK),
                    why=catalogue.text(DOES_NOT_WORK),
                    languages=len(self.catalogues),
                )
            )
