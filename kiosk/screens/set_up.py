"""The set-up screen: a machine becomes a kiosk by a code, a fingerprint and an administrator.

Its words are for technicians: English and German, one beside the other.
"""

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.contract.enrolling import ALPHABET
from kiosk.enrolment_progress import Hindrance, Progress, Step
from kiosk.screens.widgets import NumberTile, PictureTile, Tile

GROUP, LETTERS = 4, 8
"""A code has two groups of four."""

NOT_YET = "·"

WORDS = {
    Step.CODE: "Enter the code from the administrator's page of kiosks.\n"
    "Code von der Seite der Kioske eingeben.",
    Step.ASKING: "One moment …\nEinen Augenblick …",
    Step.COMPARE: "Ask an administrator to compare this, and to approve it.\n"
    "Diesen Fingerabdruck von der Administration vergleichen und freigeben lassen.",
    Step.DONE: "This machine is a kiosk now.\nDieses Gerät ist jetzt ein Kiosk.",
}
"""What is to be done, in both languages."""

HINDRANCES = {
    Hindrance.NO_CODE: "There is no such code: compare it letter by letter.\n"
    "Diesen Code gibt es nicht: Zeichen für Zeichen vergleichen.",
    Hindrance.LAPSED: "The code has lapsed: have a new one made.\n"
    "Der Code ist abgelaufen: einen neuen machen lassen.",
    Hindrance.USED: "This code was used already: have a new one made.\n"
    "Dieser Code ist schon benutzt: einen neuen machen lassen.",
    Hindrance.REFUSED: "An administrator has refused this machine.\n"
    "Die Administration hat dieses Gerät abgelehnt.",
    Hindrance.NO_ANSWER: "The server does not answer; it is asked again.\n"
    "Der Server antwortet nicht; er wird wieder gefragt.",
    Hindrance.NOT_TRUSTED: "The server's certificate is not trusted: see --ca, and the clock.\n"
    "Dem Zertifikat des Servers wird nicht vertraut: siehe --ca und die Uhr.",
    Hindrance.TOO_MANY: "Too many tries: wait some minutes.\n"
    "Zu viele Versuche: einige Minuten warten.",
    Hindrance.ELSE: "It did not work: the log says why.\nEs ging nicht: das Protokoll sagt, warum.",
}
"""Why it does not go on, in both languages."""


class CodePanel(BoxLayout):
    """The keys of a code, and what was entered.

    Attributes:
        shown: The code so far, with a dot for each letter that is still to come.
        landscape: True where the keys stand in fewer, longer rows.

    """

    shown = StringProperty()
    landscape = BooleanProperty(None, allownone=True)

    __events__ = ("on_code",)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # Kivy's
        self._letters: list[str] = []
        super().__init__(**kwargs)

    def on_landscape(self, *_: object) -> None:
        """Lay the keys."""
        grid = self.ids.grid
        grid.cols = 9 if self.landscape else 6
        grid.clear_widgets()
        for letter in ALPHABET:
            tile = NumberTile(tile=f"code:{letter}", text=letter)
            tile.bind(on_release=lambda _, letter=letter: self._enter(letter))
            grid.add_widget(tile)
        grid.add_widget(self._picture("back", "backspace", self._take_back))
        grid.add_widget(self._picture("take", "check", self._take))
        self._show()

    def on_code(self, code: str) -> None:
        """Tell that a whole code was entered."""

    def _picture(self, what: str, name: str, do: Callable[[], None]) -> Tile:
        tile = PictureTile(tile=f"code:{what}", name=name, direction="ltr")
        tile.bind(on_release=lambda _: do())
        return tile

    def _enter(self, letter: str) -> None:
        if len(self._letters) < LETTERS:
            self._letters.append(letter)
            self._show()

    def _take_back(self) -> None:
        del self._letters[-1:]
        self._show()

    def _take(self) -> None:
        self.dispatch("on_code", "".join(self._letters))

    def _show(self) -> None:
        letters = [*self._letters, *NOT_YET * (LETTERS - len(self._letters))]
        self.shown = f"{' '.join(letters[:GROUP])} - {' '.join(letters[GROUP:])}"
        for tile in self.ids.grid.children:
            if tile.tile == "code:take":
                tile.offered = len(self._letters) == LETTERS
                tile.tone = "brand" if tile.offered else "pale"


class ComparePanel(BoxLayout):
    """The fingerprint, as large as it gets, and a way to another code.

    Attributes:
        fingerprint: Four groups of four.
        lines: The same, in two lines.

    """

    fingerprint = StringProperty()
    lines: list[str] = ListProperty(["", ""])

    __events__ = ("on_other_code",)

    def on_fingerprint(self, *_: object) -> None:
        """Lay it in two lines."""
        groups = self.fingerprint.split()
        self.lines = ["  ".join(groups[:2]), "  ".join(groups[2:])]

    def on_other_code(self) -> None:
        """Tell that this code was the wrong one."""


class DonePanel(BoxLayout):
    """What the machine is now.

    Attributes:
        kiosk: Its name and the letter of its numbers.

    """

    kiosk = StringProperty()

    __events__ = ("on_done",)

    def on_done(self) -> None:
        """Tell that it was read."""


class SetUpScreen(BoxLayout):
    """Shows how far enrolling is, and takes a code.

    Attributes:
        server: The server's address.
        progress: How far it is.
        says: What is to be done now, or why it does not go on.
        hindered: True while it does not go on.

    """

    server = StringProperty()
    progress: Progress = ObjectProperty(Progress(Step.ASKING))
    says = StringProperty(WORDS[Step.ASKING])
    hindered = BooleanProperty(defaultvalue=False)

    __events__ = ("on_code", "on_done")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # Kivy's
        self._shown: tuple[Step, str] | None = None
        super().__init__(**kwargs)

    def on_progress(self, *_: object) -> None:
        """Show it; what is half entered stays."""
        progress = self.progress
        self.hindered = progress.hindrance is not None
        self.says = HINDRANCES[progress.hindrance] if progress.hindrance else WORDS[progress.step]
        wanted = (progress.step, progress.fingerprint)
        if wanted != self._shown:
            self._shown = wanted
            self.ids.body.clear_widgets()
            panel = self._panel()
            if panel is not None:
                self.ids.body.add_widget(panel)

    def on_code(self, code: str) -> None:
        """Tell that a code was entered."""

    def on_done(self) -> None:
        """Tell that nothing is left to do."""

    def _panel(self) -> BoxLayout | None:
        progress = self.progress
        if progress.step is Step.CODE:
            panel = CodePanel()
            panel.bind(on_code=lambda _, code: self.dispatch("on_code", code))
        elif progress.step is Step.COMPARE:
            panel = ComparePanel(fingerprint=progress.fingerprint)
            panel.bind(on_other_code=lambda _: self._ask_for_code())
        elif progress.step is Step.DONE:
            panel = DonePanel(kiosk=progress.kiosk)
            panel.bind(on_done=lambda _: self.dispatch("on_done"))
        else:
            return None
        return panel

    def _ask_for_code(self) -> None:
        self.progress = Progress(Step.CODE)
