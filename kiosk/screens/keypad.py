"""The keypad at work: a focus that arrows move from tile to tile, and a middle key that touches.

The focus comes with the first key and goes with a touch. Whatever else a keyboard sends is taken
here and does nothing, so that no key and no combination of keys leads out of the program.
"""

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window

from kiosk.keypad import Command
from kiosk.screens.focus_ring import FocusRing
from kiosk.screens.frame import Frame, StillThere
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.targets import ARROWS, Target, first, nearest, ways
from kiosk.screens.theme import Theme

CHORDS = {"alt", "ctrl", "meta"}
"""Held with a key, these make a combination: of no keypad, and meant for other programs."""

STUCK_SECONDS = 2.0
"""A key that has told nothing for so long is not held: its release was lost with the window."""

SETTLING_FRAMES = 2
"""A screen that has just come lies where it belongs after so many frames."""

TILES = {
    Command.BACK: "back",
    Command.HEAR: "tool:ear",
    Command.SOFTER: "tool:softer",
    Command.LOUDER: "tool:louder",
}
"""Keys that do what a tile does, wherever the focus is, while that tile is on the screen."""


class Keypad:
    """The keys of a kiosk.

    Args:
        frame: Where the screens are shown.
        theme: How they look.
        settings: Which key does what.
        is_mirrored: Returns True where people read from the right now.
        monotonic: Seconds that never jump.
        on_focus: Told the tile that the focus has come to, (`by_key`) whether a key brought it
            there, and (`is_first`) whether that was the first one.

    Attributes:
        tile: The tile that has the focus; None while none is shown.

    """

    def __init__(
        self,
        frame: Frame,
        theme: Theme,
        *,
        settings: ScreenSettings,
        is_mirrored: Callable[[], bool],
        monotonic: Callable[[], float],
        on_focus: Callable[..., None] = lambda *_, **__: None,
    ) -> None:
        self._frame = frame
        self._commands = settings.keys
        self._double_strike = settings.double_strike_seconds
        self._is_mirrored = is_mirrored
        self._monotonic = monotonic
        self._on_focus = on_focus
        self.tile: Any = None
        self._is_shown = False
        self._settling = 0
        self._place: Target | None = None
        self._place_below: Target | None = None
        self._screen: tuple[object, ...] = ()
        self._held: dict[int, float] = {}
        self._last_arrow: tuple[Command, float] | None = None
        self._ring = FocusRing(frame, theme)
        self._each_frame = Clock.create_trigger(lambda _: self._follow(), 0, interval=True)

    def open(self) -> None:
        """Listen to the keyboard from now on."""
        Window.bind(on_key_down=self._key_down, on_key_up=self._key_up, on_touch_down=self._touched)

    def close(self) -> None:
        """Listen no more."""
        Window.unbind(
            on_key_down=self._key_down, on_key_up=self._key_up, on_touch_down=self._touched
        )
        self.hide()

    def hide(self) -> None:
        """Show no focus until a key is pressed."""
        self._each_frame.cancel()
        self._ring.hide()
        self._is_shown, self.tile = False, None
        self._place = self._place_below = None

    # What the window tells

    def _key_down(
        self,
        _window: object,
        _key: int,
        usage: int,
        _letter: str | None = None,
        held_with: list[str] | None = None,
    ) -> bool:
        command = self._commands.get(usage)
        if command and self._is_new(usage) and not CHORDS & set(held_with or ()):
            self._do(command)
        return True

    def _key_up(self, _window: object, _key: int, usage: int) -> None:
        self._held.pop(usage, None)

    def _touched(self, *_: object) -> None:
        self.hide()

    def _is_new(self, usage: int) -> bool:
        """Return whether a key was struck, and not only held until the keyboard repeats it."""
        now, told = self._monotonic(), self._held.get(usage)
        self._held[usage] = now
        return told is None or now - told >= STUCK_SECONDS

    # What a key does

    def _do(self, command: Command) -> None:
        """Do what a key asks for. While the kiosk asks whether anyone is there, any says yes."""
        was_asked, was_shown = isinstance(self._scope(), StillThere), self._is_shown
        self._frame.dispatch("on_sign_of_life")
        self._show()
        if was_asked:
            return
        if command is Command.HELP:
            self._focus(self._shown_tile("help:person"))
        elif command in TILES:
            self._touch(self._shown_tile(TILES[command]))
        elif was_shown:
            self._go(command)

    def _go(self, command: Command) -> None:
        """Move the focus, or touch where it is."""
        if command in ARROWS and not self._is_meant(command):
            return
        self._settle()
        if command is Command.ENTER:
            self._touch(self.tile)
        elif self.tile is not None:
            tiles = self._places(self._scope())
            table = ways(tuple(tiles), from_right=self._is_mirrored())
            self._focus(tiles[table[self.tile.tile, command]])

    def _is_meant(self, arrow: Command) -> bool:
        """Return False for an arrow that a trembling hand has struck twice."""
        now, last = self._monotonic(), self._last_arrow
        self._last_arrow = (arrow, now)
        return last is None or last[0] is not arrow or now - last[1] >= self._double_strike

    def _touch(self, tile: Any) -> None:  # noqa: ANN401  # a Tile; Kivy has no types
        """Touch a tile: what follows another touch too soon does not count."""
        if tile is None or not tile.offered:
            return
        over = [child for child in self._frame.children if isinstance(child, KioskScreen)]
        screen = over[0] if over else self._frame.screen
        key = screen.key_at(*tile.center) if screen else ""
        if self._frame.guard.lets_through(key):
            tile.trigger_action(0)

    # Where the focus is

    def _show(self) -> None:
        """Show the focus from now on, with the first key."""
        if not self._is_shown:
            self._begin(by_key=True)
            self._is_shown = True
            self._each_frame()

    def _follow(self) -> None:
        """Keep the focus on something that is shown, and the ring round it."""
        if self._screen != self._screen_now():
            self._change_screen()
            self._lose()
        elif self.tile is not None and not self._is_good(self.tile):
            self._lose()
        self._settling = max(0, self._settling - 1)
        if not self._settling:
            self._settle()

    def _change_screen(self) -> None:
        """Forget where the focus was; but when an overlay goes, it returns to what was below."""
        below, now = self._screen[1:], self._screen_now()
        self._screen = now
        if now[1:] != below:
            self._place = self._place_below = None
        else:
            self._place, self._place_below = self._place_below, self._place

    def _settle(self) -> None:
        """Find a tile for the focus where it has none."""
        if self.tile is None or not self._is_good(self.tile):
            self._begin(by_key=False)
        self._ring.surround(self.tile)

    def _lose(self) -> None:
        self._ring.hide()
        self.tile, self._settling = None, SETTLING_FRAMES

    def _begin(self, *, by_key: bool) -> None:
        """Put the focus where it was, or near it, or where reading begins."""
        if self._screen != self._screen_now():
            self._change_screen()
        self._settling = 0
        self._focus(self._again() or self._beginning(), by_key=by_key)

    def _again(self) -> Any:  # noqa: ANN401  # a Tile or None
        """Return what stands for a tile that has gone: of its name, or near it of its kind."""
        if self._place is None:
            return None
        tiles = self._places(self._scope())
        for place, tile in tiles.items():
            if place.name == self._place.name:
                return tile
        kind, colon, _ = self._place.name.partition(":")
        if not colon or kind == "page":  # after the last page, on to its tiles
            return None
        near = nearest([one for one in tiles if one.name.startswith(f"{kind}:")], self._place)
        return tiles[near] if near else None

    def _beginning(self) -> Any:  # noqa: ANN401  # a Tile or None
        """Return where reading begins, on the screen itself rather than on what surrounds it."""
        scope, ids = self._scope(), self._frame.ids
        has_overlay = scope is not self._frame.children[-1]
        for part in (scope,) if has_overlay else (ids.body, ids.primary, ids.nav, scope):
            tiles = self._places(part)
            place = first(tiles, from_right=self._is_mirrored())
            if place:
                return tiles[place]
        return None

    def _focus(self, tile: Any, *, by_key: bool = True) -> None:  # noqa: ANN401  # a Tile or None
        if tile is None:
            return
        has_moved, self.tile = tile is not self.tile, tile
        self._place = _place_of(tile)
        self._ring.surround(tile)
        if has_moved:
            self._on_focus(tile, by_key=by_key, is_first=not self._is_shown)

    # What is on the screen

    def _scope(self) -> Any:  # noqa: ANN401  # a widget
        """Return what takes touches now: what lies on top of everything else."""
        return self._frame.children[0]

    def _screen_now(self) -> tuple[object, ...]:
        """Return what makes this screen another one than the last."""
        screen = self._frame.screen
        return (self._scope(), screen, getattr(screen, "question", None))

    def _shown_tile(self, name: str) -> Any:  # noqa: ANN401  # a Tile or None
        tiles = self._places(self._scope()).items()
        return next((tile for place, tile in tiles if place.name == name), None)

    def _places(self, part: Any) -> dict[Target, Any]:  # noqa: ANN401  # a widget
        """Return the tiles of a part that can be touched now, by the places where they lie."""
        tiles = [tile for tile in part.walk(restrict=True) if getattr(tile, "tile", "")]
        return {_place_of(tile): tile for tile in tiles if self._is_good(tile)}

    def _is_good(self, tile: Any) -> bool:  # noqa: ANN401  # a Tile
        """Return whether a tile is shown, on top, and offers something."""
        if not tile.offered or tile.width <= 0 or tile.height <= 0:
            return False
        scope, widget = self._scope(), tile
        while widget is not scope:
            if widget is None or widget is Window or widget.opacity == 0:
                return False
            widget = widget.parent
        return True


def _place_of(tile: Any) -> Target:  # noqa: ANN401  # a Tile
    x, y = tile.to_window(*tile.pos)
    return Target(tile.tile, x, y, tile.width, tile.height)
