"""The notice: what the kiosk asks and what becomes of it, in four short sentences."""

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty

from kiosk.contract.signs import Text
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.pages import Things
from kiosk.screens.widgets import Row


class Sentence(Row):
    """One sentence of the notice, as the site file has it.

    Attributes:
        room: Above and below it at least, in pixels.
        line: True where a line parts it from the one above.
        content: The sentence.

    """

    room = NumericProperty(0)
    line = BooleanProperty(defaultvalue=False)

    content: Text = ObjectProperty("")

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        words, dot = self.ids.words, self.ids.dot
        need: float | None = words.need(width - dot.width - self.spacing)
        return None if need is None else need + 2 * self.room


class NoticeScreen(KioskScreen):
    """Shows the notice. The way on is "Next": nothing is accepted here."""

    def on_kv_post(self, *_args: object) -> None:
        """Begin without a sentence."""
        self._sentences: list[Sentence] = []

    def tell(self, sentences: tuple[Text, ...]) -> None:
        """Show these sentences of the site file."""
        pages = self.ids.card
        pages.turn(-pages.page)
        if tuple(shown.content for shown in self._sentences) == sentences:
            return
        self._sentences = [
            Sentence(content=sentence, line=index > 0) for index, sentence in enumerate(sentences)
        ]
        pages.fill(Things(self._sentences, even=False))
