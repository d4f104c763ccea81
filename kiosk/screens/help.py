"""The help screen: who was called, and only what is true of it."""

from kivy.properties import ListProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.contract.messages import HelpKind
from kiosk.help_line import HelpProgress
from kiosk.language import LANGUAGES, Catalogue
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.marking import _
from kiosk.screens.widgets import Words

NEWS = {
    HelpProgress.CALLING: _("We are calling someone."),
    HelpProgress.CALLED: _("We have called someone."),
    HelpProgress.SOMEONE_COMING: _("Someone is coming."),
    HelpProgress.NOT_REACHED: _("Please go to the staffed desk."),
}
"""What is true at each point of a call, in English; translated when it is shown."""

FEW = 3
"""Up to so many languages say it one below the other, in large letters."""


class NewsLine(Words):
    """The news of a call in one language; smaller where many say it."""

    languages = NumericProperty(1)


class HelpScreen(KioskScreen):
    """Tells how far a call for help is.

    Attributes:
        kind: What was called for.
        progress: How far the call is.
        number: The party's number when it has one already, or "".
        site_name: As it is, in every language.
        catalogues: The languages that say it: the party's own, or all of the site's before
            one was chosen.
        languages: How many say it.

    """

    kind: HelpKind | None = ObjectProperty(HelpKind.PERSON, allownone=True)
    progress: HelpProgress = ObjectProperty(HelpProgress.CALLING)
    number = StringProperty()
    site_name = StringProperty()
    catalogues: list[Catalogue] = ListProperty()
    languages = NumericProperty()

    def on_catalogues(self, *_args: object) -> None:
        """Give each language a line."""
        news = self.ids.news
        news.clear_widgets()
        for catalogue in self.catalogues:
            language = LANGUAGES[catalogue.language]
            direction = "rtl" if language.right_to_left else "ltr"
            news.add_widget(NewsLine(direction=direction, languages=len(self.catalogues)))
        self.on_progress()

    def on_progress(self, *_args: object) -> None:
        """Say it in each language."""
        lines = reversed(self.ids.news.children)
        for catalogue, line in zip(self.catalogues, lines, strict=True):
            line.text = catalogue.text(NEWS[self.progress])

    def forget(self) -> None:
        """Show no call."""
        self.number = ""
        self.catalogues = []
        self.progress = HelpProgress.CALLING
