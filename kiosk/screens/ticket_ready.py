"""The ticket screen: the number, the way, and what became of the slip."""

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.contract.messages import SlipState
from kiosk.contract.questions import Option
from kiosk.contract.signs import Place
from kiosk.contract.site import Stage
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.marking import _
from kiosk.screens.widgets import Picture, Row

WIDEST_WAY = 6
"""More places than this take a second line."""

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
    """What needs no number, small: what it is, and where."""

    option: Option = ObjectProperty()


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
        has_chips: True where the party also wants places without a number.
        is_squeezed: True where these would leave the number too little of the height.
        landscape: True where the screen is wider than high.

    """

    number = StringProperty()
    url = StringProperty()
    slip: SlipState = ObjectProperty(SlipState.WAITING)
    news = StringProperty(NEWS[SlipState.WAITING])
    asks = BooleanProperty(defaultvalue=False)
    places = NumericProperty(0)
    has_chips = BooleanProperty(defaultvalue=False)
    is_squeezed = BooleanProperty(defaultvalue=False)
    landscape = BooleanProperty(defaultvalue=False)

    __events__ = ("on_slip_answer",)

    def on_kv_post(self, *_args: object) -> None:
        """Keep what comes and goes: the two answers, and the places without a number."""
        self._answers = self.ids.answers.__self__
        self._chips = self.ids.chips.__self__
        self.show_places(())
        self.on_asks()

    def show_way(self, stages: tuple[Stage, ...]) -> None:
        """Show the places in the order they are passed."""
        self.ids.way.clear_widgets()
        self.places = len(stages)
        for start in range(0, len(stages), WIDEST_WAY):
            line = Row(spacing=self.ids.way.spacing)
            for index, stage in enumerate(stages[start : start + WIDEST_WAY], start):
                if index:
                    line.add_widget(WayArrow())
                line.add_widget(PlaceCard(stage=stage, first=index == 0))
            self.ids.way.add_widget(line)

    def show_places(self, places: tuple[Option, ...]) -> None:
        """Show where the party finds what it wants beside its number."""
        if self._chips.parent is not None:
            self._chips.parent.remove_widget(self._chips)
        self._chips.clear_widgets()
        for option in places:
            self._chips.add_widget(PlaceChip(option=option))
        self.has_chips = bool(places)
        if places:
            self.ids.right.add_widget(self._chips, index=1)  # above the QR code

    def on_slip(self, *_args: object) -> None:
        """Say what happened; ask when the printer cannot tell whether the slip came out."""
        self.news = NEWS[self.slip]
        self.asks = self.slip is SlipState.UNCONFIRMED

    def on_asks(self, *_args: object) -> None:
        """Offer the two answers only while there is a question."""
        self.ids.news.remove_widget(self._answers)
        if self.asks:
            self.ids.news.add_widget(self._answers)

    def answer(self, *, came_out: bool) -> None:
        """Tell what the party saw, and ask no more until there is news."""
        self.asks = False
        self.news = NEWS[SlipState.PRINTED if came_out else SlipState.FAILED]
        self.dispatch("on_slip_answer", came_out)

    def on_slip_answer(self, came_out: bool) -> None:  # noqa: FBT001  # an event's argument
        """Tell whether the slip came out."""

    def forget(self) -> None:
        """Show no ticket."""
        self.number = self.url = ""
        self.slip = SlipState.WAITING
        self.show_way(())
        self.show_places(())
