"""The frame round every screen: title and progress, the way back and on, and two calls for help."""

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.contract.messages import HelpKind
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.touch_guard import TouchGuard
from kiosk.screens.widgets import PictureTile, Row, Tile

TOOLS = ("ear", "large", "contrast", "low", "softer", "louder")
"""The tiles that need no reading, in their one order: what they change, each party may need."""


PASSING = ("body", "nav")
"""The parts that another screen changes; the head and the bar of help stay as they are."""

WIDEST_CALL = 6.8
"""The longest word of the two calls in any language, in sizes of its letters."""


class HelpBar(BoxLayout):
    """The two calls for help and the tools: below the screen, or beside one that lies.

    Attributes:
        sides: The room left and right of them.
        ends: The room above and below them.

    """

    sides = NumericProperty(0)
    ends = NumericProperty(0)


class NavTile(PictureTile):
    """A tile that leads back or ends the dialogue.

    Attributes:
        word: What it says, where there is room.
        tight: True where there is none.

    """

    word = StringProperty()
    tight = BooleanProperty(defaultvalue=False)


class Body(BoxLayout):
    """Where the screen lies; in low reach, below what is too high to touch.

    Attributes:
        sides: The room left and right of it.
        ends: The room above and below it.

    """

    sides = NumericProperty(0)
    ends = NumericProperty(0)


class CallTile(Tile):
    """A call for help.

    Attributes:
        name: Its picture.
        text: Its word, or "".
        beside: True where the word stands beside the picture.

    """

    name = StringProperty()
    text = StringProperty()
    beside = BooleanProperty(defaultvalue=False)


class Segment(Widget):
    """One step of the way, done or to come."""

    done = BooleanProperty(defaultvalue=False)


class Progress(Row):
    """How far the party is: a segment for each step."""

    steps = NumericProperty(0)
    step = NumericProperty(0)

    def on_steps(self, *_: object) -> None:
        """Draw as many segments as there are steps."""
        self.clear_widgets()
        for _index in range(int(self.steps)):
            self.add_widget(Segment())
        self.on_step()

    def on_step(self, *_: object) -> None:
        """Colour the steps that are done."""
        for index, segment in enumerate(reversed(self.children)):
            segment.done = index < self.step


class StillThere(BoxLayout):
    """Asks whether anyone is still there; any touch says yes."""

    seconds_left = NumericProperty(0)

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401  # Kivy's
        """Let no touch through to what is below."""
        super().on_touch_down(touch)
        return True


class Frame(FloatLayout):
    """The frame, and the one screen in it.

    Attributes:
        screen: The screen that is shown.
        primary: What the large tile at the bottom is; one screen may change it.
        step: How many steps are done, of `steps`; no step shows no progress.
        can_go_back: True where there is a tile for it.
        can_cancel: True where there is a tile for it.
        has_language: False on the first screen, where the two calls are pictures alone.
        has_sound: False where there is no tile to read aloud.
        speaks: True while screens are read aloud; then there are tiles for how loud.
        can_lower: True where there is a tile for low reach.

    """

    screen: KioskScreen = ObjectProperty(None, allownone=True, rebind=True)
    primary = StringProperty()
    step = NumericProperty(0)
    steps = NumericProperty(0)
    can_go_back = BooleanProperty(defaultvalue=False)
    can_cancel = BooleanProperty(defaultvalue=False)
    has_language = BooleanProperty(defaultvalue=False)
    has_sound = BooleanProperty(defaultvalue=False)
    speaks = BooleanProperty(defaultvalue=False)
    can_lower = BooleanProperty(defaultvalue=False)
    site_name = StringProperty()

    __events__ = (
        *("on_back", "on_cancel", "on_help", "on_sign_of_life"),
        *("on_ear", "on_softer", "on_louder", "on_head_touched"),
    )

    def __init__(self, *, monotonic: Callable[[], float], **kwargs: Any) -> None:  # noqa: ANN401
        self._tools: list[Tile] = []  # the rule of the frame is applied before they are known
        super().__init__(**kwargs)
        self.guard = TouchGuard(monotonic)
        self._still_there = StillThere()
        self._fingers: list[Any] = []  # that lie on the screen, or on a way from it
        self._ways = [self.ids[name].__self__ for name in ("back", "cancel", "space", "primary")]
        self._tools = [self.ids[name].__self__ for name in TOOLS]
        self._lay_tools()

    def on_screen(self, *_: object) -> None:
        """Put the screen into its place."""
        body = self.ids.body
        body.clear_widgets()
        if self.screen is not None:
            body.add_widget(self.screen)
        self._lay_ways()

    def on_primary(self, *_: object) -> None:
        """Show or hide the large tile."""
        self._lay_ways()

    def on_can_go_back(self, *_: object) -> None:
        """Show or hide the tile."""
        self._lay_ways()

    def on_can_cancel(self, *_: object) -> None:
        """Show or hide the tile."""
        self._lay_ways()

    def on_has_sound(self, *_: object) -> None:
        """Show or hide the tile that reads aloud."""
        self._lay_tools()

    def on_speaks(self, *_: object) -> None:
        """Show or hide the tiles for how loud."""
        self._lay_tools()

    def on_can_lower(self, *_: object) -> None:
        """Show or hide the tile for low reach."""
        self._lay_tools()

    def ask_still_there(self, seconds_left: int) -> None:
        """Ask whether anyone is still there, above everything else."""
        self._still_there.seconds_left = seconds_left
        if self._still_there.parent is None:
            self.add_widget(self._still_there)

    def let_go(self) -> None:
        """Have fingers that lie on the screen, or on a way from it, do nothing when they lift.

        Another screen comes: what they touched there is no answer here.
        """
        for finger in self._fingers:
            for tile in [held() for held in finger.grab_list]:
                if tile is not None:
                    finger.ungrab(tile)
                    tile.state = "normal"
        self._fingers.clear()

    def stop_asking(self) -> None:
        """Show the screen again as it was."""
        self.remove_widget(self._still_there)

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401  # Kivy's
        """Pass on a touch that counts."""
        above = next((child for child in self.children if isinstance(child, KioskScreen)), None)
        screen = above or self.screen
        key = screen.key_at(*touch.pos) if screen and not self._still_there.parent else ""
        if not self.guard.lets_through(key):
            return True
        touch.ud["counts"] = True
        is_covered = above or self._still_there.parent
        if not is_covered and any(self.ids[name].collide_point(*touch.pos) for name in PASSING):
            self._fingers.append(touch)
        if self.ids.head.collide_point(*touch.pos) and not self._still_there.parent:
            self.dispatch("on_head_touched")
        handled = bool(super().on_touch_down(touch))
        self.dispatch("on_sign_of_life")
        return handled

    def on_touch_up(self, touch: Any) -> bool:  # noqa: ANN401  # Kivy's
        """Be deaf for a moment after a touch that counted."""
        if touch.ud.get("counts"):
            self.guard.touched()
        self._fingers = [finger for finger in self._fingers if finger is not touch]
        return bool(super().on_touch_up(touch))

    def on_back(self) -> None:
        """Tell that the party wants the screen before."""

    def on_cancel(self) -> None:
        """Tell that the party wants to stop."""

    def on_help(self, kind: HelpKind) -> None:
        """Tell that someone is wanted."""

    def on_sign_of_life(self) -> None:
        """Tell that someone touched the screen, wherever."""

    def on_ear(self) -> None:
        """Tell that the party wants to be read to."""

    def on_softer(self) -> None:
        """Tell that it is too loud."""

    def on_louder(self) -> None:
        """Tell that it is too soft."""

    def on_head_touched(self) -> None:
        """Tell that the head was touched, where nothing is offered."""

    def _lay_tools(self) -> None:
        """Put the tools that there are into their place, always in one order."""
        loud = self.has_sound and self.speaks
        wanted = (self.has_sound, True, True, self.can_lower, loud, loud)
        tools = [tool for tool, is_wanted in zip(self._tools, wanted, strict=False) if is_wanted]
        if tools and tools != self.ids.tools.children[::-1]:
            self.ids.tools.clear_widgets()
            for tool in tools:
                self.ids.tools.add_widget(tool)

    def _lay_ways(self) -> None:
        """Put the tiles that lead somewhere from here into their row, always in one order."""
        wanted = (self.can_go_back, self.can_cancel, not self.primary, bool(self.primary))
        self.ids.nav.clear_widgets()
        if any((self.can_go_back, self.can_cancel, self.primary)):
            for tile, is_wanted in zip(self._ways, wanted, strict=True):
                if is_wanted:
                    self.ids.nav.add_widget(tile)
