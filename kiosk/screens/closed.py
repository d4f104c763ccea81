"""The closed screen: when the site opens, and what to do until then."""

from typing import Any

from kivy.metrics import dp
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from kiosk.contract.hours import Elsewhere
from kiosk.contract.messages import SlipState
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.marking import _
from kiosk.screens.pages import Things
from kiosk.screens.widgets import Row, Words

NEWS = {
    SlipState.WAITING: _("Your directions are printing."),
    SlipState.SENDING: _("Your directions are printing."),
    SlipState.PRINTED: _("Please take your slip."),
    SlipState.FAILED: _("Printing is not possible now. Please read it here."),
    SlipState.UNCONFIRMED: _("If no slip comes out, please read it here."),
}
"""What to say of each state of the slip, in English; translated where it is shown."""


class UntilThen(Words):
    """The heading of what to do."""


class AdviceRow(Row):
    """One thing to do: its pictogram, what it is, the address as it is, and perhaps the door.

    Attributes:
        advice: As the site file has it.

    """

    advice: Elsewhere = ObjectProperty()

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        ids = self.ids
        taken = ids.icon.width + ids.place.width + 2 * self.spacing
        within = width - 2 * self.padding[0] - taken
        words = [ids.what.need(within), ids.detail.need(within)]
        if None in words:
            return None
        return float(max(ids.icon.height, sum(words) + dp(2)) + 2 * self.padding[1])


class ClosedScreen(KioskScreen):
    """Tells when the site opens and what to do until then; prints it once.

    Attributes:
        opens: When it opens, in the party's language; "" where that is not known.
        slip: What became of the slip, a `SlipState`; None before it was asked for.
        news: What to say of it, in English; "" before it was asked for.
        landscape: True where the screen is wider than high.
        large: True while letters are large.

    """

    opens = StringProperty()
    slip: SlipState | None = ObjectProperty(None, allownone=True)
    news = StringProperty()
    landscape = BooleanProperty(defaultvalue=False)
    large = BooleanProperty(defaultvalue=False)

    __events__ = ("on_print",)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # Kivy's
        self._advice: tuple[Elsewhere, ...] = ()
        self._rows: list[AdviceRow] = []
        super().__init__(**kwargs)

    def on_kv_post(self, *_args: object) -> None:
        """Keep the tile and the news, of which one is shown."""
        self._tile, self._news = self.ids.tile.__self__, self.ids.news.__self__
        self.on_slip()

    def show(self, advice: tuple[Elsewhere, ...]) -> None:
        """Show what to do, in the order of the site file."""
        if self._advice != advice:
            self._advice = advice
            self._rows = [AdviceRow(advice=line) for line in advice]
            self._fill()

    def on_large(self, *_args: object) -> None:
        """Lay it out anew: large letters need the whole width."""
        self._fill()

    def _fill(self) -> None:
        if "pages" not in self.ids:
            return  # the rule is being applied
        columns = (2, 1) if self.landscape and not self.large else (1,)
        things = Things(
            self._rows, columns=columns, heading=UntilThen(), even=False, highest=dp(230)
        )
        self.ids.pages.fill(things)

    def on_slip(self, *_args: object) -> None:
        """Say what became of the slip, in the place of the tile that asked for it."""
        self.news = NEWS[self.slip] if self.slip else ""
        foot = self.ids.foot
        foot.clear_widgets()
        foot.add_widget(self._news if self.slip else self._tile)

    def on_print(self) -> None:
        """Tell that the party wants it on paper."""

    def forget(self) -> None:
        """Show nothing as printed."""
        self.slip = None
        self.opens = ""
