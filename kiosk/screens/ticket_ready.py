"""The ticket screen: the number, the way, and what became of the slip."""

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.contract.messages import SlipState
from kiosk.contract.questions import Option
from kiosk.contract.signs import Place
from kiosk.contract.site import Stage
from kiosk.screens import bidi
from kiosk.screens.door_opens import DoorOpens
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.marking import _
from kiosk.screens.pages import Things
from kiosk.screens.widgets import Picture, Row, ems

WIDEST_WAY = 6
"""More places than this take a second line, and more than half of them in large letters."""

NEWS = {
    SlipState.WAITING: _("Your slip is printing."),
    SlipState.SENDING: _("Your slip is printing."),
    SlipState.PRINTED: _("Please take your slip."),
    SlipState.FAILED: _("Please remember your number."),
    SlipState.UNCONFIRMED: _("Did your slip come out?"),
}
"""What to say of each state of a slip, in English; translated where it is shown."""


class PlaceCard(BoxLayout):
    """One place of the way: its landmark and the number on its door.

    Attributes:
        stage: What has landmark and door; None draws neither.
        first: True where the way begins.
        door_height: The room for the number, in pixels.

    """

    stage: Stage | Place | None = ObjectProperty(None, allownone=True)
    first = BooleanProperty(defaultvalue=False)
    door_height = NumericProperty("66dp")


class PlaceChip(Row):
    """What needs no number, small: what it is, and where.

    Attributes:
        option: As the site file has it.
        smallest: The least size of the letters of its door, in pixels.
        high: How high it is, in pixels.

    """

    option: Option = ObjectProperty()
    smallest = NumericProperty(0)
    high = NumericProperty(0)

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where its door is too small."""
        pictures = self.high - 2 * self.padding[1]
        arrow, gaps = self.ids.arrow.width, 3 * self.spacing + 2 * self.padding[0]
        door = (width - arrow - gaps) / 3
        fits = min(door, pictures) > 0 and door >= ems(self.ids.door.text) * self.smallest
        return self.high if fits else None


class WayLine(Row):
    """Places that are passed one after the other.

    Attributes:
        least: How high it is at least, in pixels.

    """

    least = NumericProperty(0)

    def need(self, _width: float) -> float:
        """Return how high it must be, in pixels."""
        return float(self.least)


class NumberCard(BoxLayout):
    """The number, as large as it fits.

    Attributes:
        number: As printed and called.
        least: How high it is at least, in pixels.

    """

    number = StringProperty()
    least = NumericProperty(0)

    def need(self, _width: float) -> float:
        """Return how high it must be, in pixels."""
        return float(self.least)


class SlipNews(BoxLayout):
    """What became of the slip, and two answers while that is asked.

    Attributes:
        slip: What the printer did, a `SlipState`.
        news: What to say of it, in English.
        asks: True while the party is asked whether its slip came out.

    """

    slip: SlipState = ObjectProperty(SlipState.WAITING)
    news = StringProperty()
    asks = BooleanProperty(defaultvalue=False)

    __events__ = ("on_answer",)

    def on_kv_post(self, *_args: object) -> None:
        """Keep the two answers, which come and go."""
        self._answers = self.ids.answers.__self__
        self.on_asks()

    def on_asks(self, *_args: object) -> None:
        """Offer the two answers only while there is a question."""
        self.remove_widget(self._answers)
        if self.asks:
            self.add_widget(self._answers)

    def on_answer(self, came_out: bool) -> None:  # noqa: FBT001  # an event's argument
        """Tell what the party saw."""

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        row, picture = self.ids.row, self.ids.picture
        within = width - 2 * self.padding[0] - picture.width - row.spacing
        words = [self.ids[name].need(within) for name in ("said", "more")]
        if None in words:
            return None
        need = max(picture.height, sum(words) + self.ids.words.spacing) + 2 * self.padding[1]
        if self.asks:
            need += self.spacing + self._answers.height
        return float(need)


class TicketPage(Row):
    """The QR code of the ticket page."""

    url = StringProperty()
    least = NumericProperty(0)

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        taken = self.least + self.ids.phone.width + 2 * self.spacing
        words: float | None = self.ids.words.need(width - taken)
        return None if words is None else max(self.least, words)


class WayArrow(Picture):
    """From one place to the next."""


class TicketReadyScreen(KioskScreen):
    """Shows the number until the party goes.

    Attributes:
        number: As printed and called.
        url: The ticket page, or "".
        slip: What the printer did, a `SlipState`.
        news: What to say of it, in English.
        asks: True while the party is asked whether its slip came out.
        across: How many places of the way stand beside each other at most.
        landscape: True where the screen is wider than high.
        low: True while all that can be touched lies within low reach.

    """

    number = StringProperty()
    url = StringProperty()
    slip: SlipState = ObjectProperty(SlipState.WAITING)
    news = StringProperty(NEWS[SlipState.WAITING])
    asks = BooleanProperty(defaultvalue=False)
    across = NumericProperty(WIDEST_WAY)
    landscape = BooleanProperty(defaultvalue=False)
    low = BooleanProperty(defaultvalue=False)

    __events__ = ("on_slip_answer",)

    def on_kv_post(self, *_args: object) -> None:
        """Keep the parts, which stand on pages."""
        names = ("number", "news", "follow", "page")
        self._card, self._news, self._follow, self._page = (
            self.ids[name].__self__ for name in names
        )
        for part in (self._card, self._news, self._follow, self._page):
            self.remove_widget(part)
        self._news.bind(on_answer=lambda _, came_out: self.answer(came_out=came_out))
        self._stages: tuple[Stage, ...] = ()
        self._lines: list[WayLine] = []
        self._later: list[DoorOpens] = []
        self._chips: list[PlaceChip] = []
        self._refill = Clock.create_trigger(lambda _: self._fill(), -1)
        self.bind(url=self._refill, low=self._refill, asks=self._refill, news=self._refill)
        self.bind(across=lambda *_: self.show_way(self._stages))
        self._fill()

    def show_way(self, stages: tuple[Stage, ...]) -> None:
        """Show the places in the order they are passed."""
        self._stages = stages
        self._lines = []
        across = int(self.across)
        for start in range(0, len(stages), across):
            line = WayLine()
            for index, stage in enumerate(stages[start : start + across], start):
                if index:
                    line.add_widget(WayArrow())
                line.add_widget(PlaceCard(stage=stage, first=index == 0))
            self._lines.append(line)
        self._fill()

    def show_places(self, places: tuple[Option, ...]) -> None:
        """Show where the party finds what it wants beside its number."""
        self._chips = [PlaceChip(option=option) for option in places]
        self._fill()

    def show_later(self, doors: tuple[DoorOpens, ...]) -> None:
        """Show when doors of the way open that are closed now."""
        self._later = list(doors)
        self._fill()

    def _fill(self) -> None:
        """Lay all out anew, from the first page on: on it is what is asked."""
        first = [self._card, self._news]
        if self.low and self.asks:
            first.reverse()  # what is asked is within reach, on the first page
        still = dict.fromkeys([self._news], 0.0)
        self.ids.pages.fill(
            Things(first, even=False, grows=lambda index: still.get(first[index], 1.0)),
            Things(self._lines, heading=self._follow, column=1),
            Things(self._later, grows=lambda _: 0, column=1),
            Things(
                self._chips,
                columns=tuple(range(max(len(self._chips), 1), 0, -1)),
                grows=lambda _: 0,
                column=1,
            ),
            Things([self._page] if self.url else [], grows=lambda _: 0, column=1),
        )

    def on_slip(self, *_args: object) -> None:
        """Say what happened; ask when the printer cannot tell whether the slip came out."""
        self.news = NEWS[self.slip]
        self.asks = self.slip is SlipState.UNCONFIRMED

    def answer(self, *, came_out: bool) -> None:
        """Tell what the party saw, and ask no more until there is news."""
        self.asks = False
        self.news = NEWS[SlipState.PRINTED if came_out else SlipState.FAILED]
        self.dispatch("on_slip_answer", came_out)

    def on_slip_answer(self, came_out: bool) -> None:  # noqa: FBT001  # an event's argument
        """Tell whether the slip came out."""

    def forget(self) -> None:
        """Show no ticket, and do not remember how wide the number was."""
        had_number, self.number, self.url = bool(self.number), "", ""
        self.slip = SlipState.WAITING
        self.show_way(())
        self.show_later(())
        self.show_places(())
        if had_number:
            bidi.forget()
