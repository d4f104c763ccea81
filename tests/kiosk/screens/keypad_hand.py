"""A hand on a keypad: presses keys, and finds its way to a tile by arrows alone."""

from collections import deque
from typing import Any

from kiosk.keypad import USAGES, Command
from kiosk.screens.targets import ARROWS, ways
from tests.kiosk.screens.conftest import Stand


class KeypadHand:
    """Presses keys of a kiosk, and looks after each where the focus is."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.pressed = 0

    @property
    def focus(self) -> str:
        """The tile that has the focus, or ""."""
        tile = self.stand.driver.app.keypad.tile
        return tile.tile if tile else ""

    def press(self, *names: str, held_with: tuple[str, ...] = ()) -> None:
        """Press keys one after the other, no faster than a calm hand."""
        for name in names:
            self.stand.clock.advance()
            self.down(name, held_with=held_with)
            self.up(name)
            self.pressed += 1
            self.stand.driver.frames(4)
            self.look()

    def down(self, name: str, *, held_with: tuple[str, ...] = ()) -> bool:
        from kivy.core.window import Window

        return bool(Window.dispatch("on_key_down", 0, USAGES[name], "", list(held_with)))

    def up(self, name: str) -> None:
        from kivy.core.window import Window

        Window.dispatch("on_key_up", 0, USAGES[name])

    def look(self) -> None:
        """Fail where the focus is on something that is not shown, or cannot be seen itself."""
        keypad = self.stand.driver.app.keypad
        if keypad.tile is None:
            return
        tile = self.stand.driver.find(keypad.tile.tile)
        assert tile is keypad.tile, "the focus is on a tile that has gone"
        assert tile.offered
        assert surrounded(keypad._ring) == (*tile.to_window(*tile.pos), *tile.size)

    def go(self, tile: str) -> None:
        """Go to a tile by arrows, by the shortest way."""
        if not self.focus:
            self.press("right")
        for arrow in self.way_to(tile):
            self.press(arrow.value)
        assert self.focus == tile

    def choose(self, *tiles: str) -> None:
        """Go to each and press the middle key."""
        for tile in tiles:
            self.go(tile)
            self.press("enter")

    def way_to(self, tile: str) -> list[Command]:
        table = self.table()
        ways_there: dict[str, list[Command]] = {self.focus: []}
        to_go = deque([self.focus])
        while to_go and tile not in ways_there:
            here = to_go.popleft()
            for arrow in ARROWS:
                there = table[here, arrow].name
                if there not in ways_there:
                    ways_there[there] = [*ways_there[here], arrow]
                    to_go.append(there)
        assert tile in ways_there, f"no way to {tile}; there are: {sorted(ways_there)}"
        return ways_there[tile]

    def table(self) -> Any:
        keypad = self.stand.driver.app.keypad
        places = tuple(keypad._places(keypad._scope()))
        return ways(places, from_right=self.stand.driver.app.mirrored)


def surrounded(ring: Any) -> tuple[float, ...]:
    """Return the place that a ring is drawn round; () where none is."""
    place: tuple[float, ...] = ring._drawn[:4]
    return place
