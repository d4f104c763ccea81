"""The notice: what the kiosk asks and what becomes of it, in four short sentences."""

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.contract.signs import Text
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.pages import Things
from kiosk.screens.widgets import Row


class Sentence(Row):
    """One sentence of the notice, as the site file has it.

    Attributes:
        room: Above and below it at least, in pixels.
        line: True where a line parts it from the one above.
        has_code: True where the screen shows a QR code too.
        narrow: True where that stands beside it.
        content: The sentence.

    """

    room = NumericProperty(0)
    line = BooleanProperty(defaultvalue=False)
    has_code = BooleanProperty(defaultvalue=False)
    narrow = BooleanProperty(defaultvalue=False)

    content: Text = ObjectProperty("")

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        words, dot = self.ids.words, self.ids.dot
        need: float | None = words.need(width - dot.width - self.spacing)
        return None if need is None else need + 2 * self.room


class AboutData(Row):
    """Where a phone reads all about the data: a QR code and what it is for.

    Attributes:
        url: What the code holds; "" is none.
        room: Above and below it at least, in pixels.
        line: True where a line parts it from what is above.
        side: How large the code may be, in pixels.
        beside: What of the width is not for words, in pixels.
        stacked: True where the words stand below the code.

    """

    url = StringProperty()
    room = NumericProperty(0)
    line = BooleanProperty(defaultvalue=False)
    side = NumericProperty(0)
    beside = NumericProperty(0)
    stacked = BooleanProperty(defaultvalue=False)

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        words = self.ids.words
        need: float | None = words.need(width if self.stacked else width - self.beside)
        if need is None:
            return None
        code = float(self.side)
        high = code + 2 * self.spacing + need if self.stacked else max(code, need)
        return float(high + 2 * self.room)


class NoticeScreen(KioskScreen):
    """Shows the notice. The way on is "Next": nothing is accepted here."""

    def on_kv_post(self, *_args: object) -> None:
        """Begin without a sentence."""
        self._sentences: list[Sentence] = []
        self._about = AboutData()

    def tell(self, sentences: tuple[Text, ...], *, about: str | None = None) -> None:
        """Show these sentences of the site file, and where a phone reads more (`about`)."""
        pages = self.ids.card
        pages.turn(-pages.page)
        told = tuple(shown.content for shown in self._sentences)
        if (told, self._about.url) == (sentences, about or ""):
            return
        self._about.url = about or ""
        self._sentences = [
            Sentence(content=sentence, line=index > 0, has_code=bool(about))
            for index, sentence in enumerate(sentences)
        ]
        code = [self._about] if about else []
        pages.fill(
            Things(self._sentences, even=False),
            Things(code, grows=lambda _: float(self._about.stacked), column=1, share=0.26),
        )
