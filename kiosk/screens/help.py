"""The help screen: who was called, and only what is true of it."""

from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)

from kiosk.contract.messages import HelpKind
from kiosk.contract.signs import Place
from kiosk.help_line import HelpProgress
from kiosk.language import LANGUAGES, Catalogue
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.marking import _
from kiosk.screens.pages import Things
from kiosk.screens.widgets import Words

NEWS = {
    HelpProgress.CALLING: _("We are calling someone."),
    HelpProgress.CALLED: _("We have called someone."),
    HelpProgress.SOMEONE_COMING: _("Someone is coming."),
    HelpProgress.NOT_REACHED: _("Nobody has answered yet."),
}
"""What is true at each point of a call, in English; translated when it is shown."""

GO_THERE = _("Please go there:")
GO_TO_DESK = _("Please go to the staffed desk.")
"""What to do when nobody answers, where the site names the desk's place and where it does not."""

FEW = 3
"""Up to so many languages say it one below the other, in large letters."""


class NewsLine(Words):
    """The news of a call in one language; smaller where many say it, or two sentences."""

    languages = NumericProperty(1)
    long = BooleanProperty(defaultvalue=False)


class HelpScreen(KioskScreen):
    """Tells how far a call for help is.

    Attributes:
        kind: What was called for.
        progress: How far the call is.
        desk: The staffed desk, where the site names one.
        way: The desk, while the way there is to be shown; else None.
        number: The party's number when it has one already, or "".
        site_name: As it is, in every language.
        catalogues: The languages that say it: the party's own, or all of the site's before
            one was chosen.
        languages: How many say it.
        landscape: True where the screen is wider than high.
        lies: True where the parts stand beside each other.

    """

    kind: HelpKind | None = ObjectProperty(HelpKind.PERSON, allownone=True)
    progress: HelpProgress = ObjectProperty(HelpProgress.CALLING)
    desk: Place | None = ObjectProperty(None, allownone=True)
    way: Place | None = ObjectProperty(None, allownone=True)
    number = StringProperty()
    site_name = StringProperty()
    catalogues: list[Catalogue] = ListProperty()
    languages = NumericProperty()
    landscape = BooleanProperty(defaultvalue=False)
    lies = BooleanProperty(defaultvalue=False)

    def on_kv_post(self, *_args: object) -> None:
        """Begin without a line."""
        self._lines: list[NewsLine] = []

    def on_catalogues(self, *_args: object) -> None:
        """Give each language a line."""
        count = len(self.catalogues)
        self._lines = [
            NewsLine(
                direction="rtl" if LANGUAGES[catalogue.language].right_to_left else "ltr",
                languages=count,
            )
            for catalogue in self.catalogues
        ]
        columns = (1,) if count <= FEW else (3, 2, 1) if self.landscape else (2, 1)
        self.ids.news.fill(Things(self._lines, columns=columns, even=False))
        self.on_progress()

    @property
    def news(self) -> tuple[str, ...]:
        """What is said now, in English: how far the call is, and what to do if nobody answers."""
        if self.progress is not HelpProgress.NOT_REACHED:
            return (NEWS[self.progress],)
        return (NEWS[self.progress], GO_THERE if self.desk else GO_TO_DESK)

    def on_progress(self, *_args: object) -> None:
        """Say it in each language."""
        self.way = self.desk if self.progress is HelpProgress.NOT_REACHED else None
        apart = "\n" if len(self.catalogues) <= FEW else " "
        for catalogue, line in zip(self.catalogues, self._lines, strict=True):
            line.long = len(self.news) > 1
            line.text = apart.join(catalogue.text(sentence) for sentence in self.news)
        self.ids.news.turn(-self.ids.news.page)
        self.ids.news.refresh()

    def on_desk(self, *_args: object) -> None:
        """Say where it is."""
        self.on_progress()

    def forget(self) -> None:
        """Show no call."""
        self.number = ""
        self.catalogues = []
        self.progress = HelpProgress.CALLING
