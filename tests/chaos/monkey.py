"""A monkey at the whole kiosk: touches anywhere, and nothing that was promised may break.

``python -m tests.chaos.monkey --count 1000 --seed 7`` does again what that seed did before.
"""

import argparse
import signal
import sys
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from printer.virtual_printer import Fault
from tests.chaos import habits
from tests.chaos.accounts import Accounts
from tests.chaos.ending import settle
from tests.chaos.habits import Act, Mood
from tests.chaos.part import Bound, run_part
from tests.chaos.reception_point import ReceptionPoint
from tests.chaos.results import Promise, Result
from tests.stand.arrivals import ENDED

TOUCHES = 10_000

REMEMBERED = 25
"""Touches that are told when a promise is broken."""

TURN = 40
"""Touches after which server and printer may fare otherwise."""

DRAWN = 10
"""In each so many turns every frame is drawn, in the others it is only laid out: without a
graphics card drawing takes longer than everything else together."""

FAULTS = (None, None, None, None, Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.CABLE_CUT)
AWAY = 0.35
"""How often the server cannot be reached."""

KILLED = 0.1
"""How often it is killed at a turn, in a long run."""

CLOSED, IN_TROUBLE = 0.08, 0.08
"""How often the site is closed, or the kiosk out of service."""

KNOCKS = 5
LEFT_ALONE_SECONDS, LEFT_ALONE_TIMES = 30.0, 12
PATIENCE_SECONDS = 10.0
"""How long a person waits for the kiosk, in real time."""

WAITS_FOR_SLIP = 0.5
TOUCHES_A_TICKET = 200
"""At least so often must a monkey reach a ticket, or it has seen nothing."""

Place = tuple[int, int]
"""Whole pixels from the lower left corner, as a touchscreen has them."""


class Monkey:
    """Touches a kiosk and watches what comes of it.

    Args:
        point: What it is let loose on; entered.
        seed: Of its dice.
        kills: Whether the server is killed now and then, which takes seconds each time.

    Attributes:
        touched_help: How many touches could have called somebody.
        states: How many touches each state got.
        acts: How many there were of each kind.
        last: What was done last, in words.

    """

    def __init__(self, point: ReceptionPoint, *, seed: int, kills: bool = False) -> None:
        from tests.chaos.hands import Hands
        from tests.chaos.promises import Promises

        self.touched_help = 0
        self.states: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()
        self.last: deque[str] = deque(maxlen=REMEMBERED)
        self._point, self._seed, self._kills = point, seed, kills
        self._driver = point.driver
        self._app = point.driver.app
        self._hands = Hands(point.driver)
        self.promises = Promises(self._app, point.desk)

    def run(self, bound: Bound, progress: Callable[[int], None]) -> int:
        """Touch so often, then leave the kiosk alone; whatever breaks is raised.

        Returns how often it touched.
        """
        touches = 0
        with self.promises:
            for touch in bound.rounds():
                if touch % TURN == 0:
                    self._turn(habits.dice(self._seed, touch, "turn"))
                    self._driver.draws = touch // TURN % DRAWN == 0
                self._touch(touch)
                touches = touch + 1
                progress(touches)
            self._walk_away()
        self._hands.let_go()
        return touches

    def _touch(self, touch: int) -> None:
        mood, throw = habits.mood(self._seed, touch), habits.dice(self._seed, touch)
        act = habits.act(mood, throw)
        pause = throw.choice(habits.PAUSES[mood])
        self._point.clock.advance(pause)
        self._app._tick()
        state, help_before = self.promises.state, self.touched_help
        self.states[state] += 1
        self.acts[act.value] += 1
        self.last.append(f"{touch:6} {state:13} {mood.value:8} +{pause:<5} {act.value}")
        self._do(act, mood, throw)
        self._app._tick()
        if mood is Mood.PERSON:
            self._wait_like_a_person(throw)
        self.promises.check(touched_help=self.touched_help - help_before)

    def _do(self, act: Act, mood: Mood, throw: Random) -> None:
        do = {
            Act.TAP: lambda: self._tap(self._anywhere(throw)),
            Act.TAP_TILE: lambda: self._tap(self._on_a_tile(mood, throw)),
            Act.DOUBLE: lambda: self._tap_often(self._on_a_tile(mood, throw), 2, throw),
            Act.HAMMER: lambda: self._tap_often(self._anywhere(throw), 6, throw),
            Act.TWO_TILES: lambda: self._two(
                self._on_a_tile(mood, throw), self._on_a_tile(mood, throw), throw
            ),
            Act.TWO_PLACES: lambda: self._two(self._anywhere(throw), self._anywhere(throw), throw),
            Act.DRAG: lambda: self._drag(throw),
            Act.OTHER_BUTTON: lambda: self._tap(
                self._on_a_tile(mood, throw), button=throw.choice((2, 3))
            ),
            Act.HOLDING: lambda: self._tap_holding(throw),
            Act.KEY: lambda: self._key(throw),
            Act.KNOCK: lambda: self._knock(throw),
            Act.WALK_AWAY: self._walk_away,
        }
        do[act]()

    def _tap(self, place: Place, *, button: int = 1) -> None:
        self._note(place)
        self._hands.tap(place, button=button)

    def _tap_often(self, place: Place, count: int, throw: Random) -> None:
        for _ in range(count):
            self._tap(place)
            self._point.clock.advance(throw.choice((0.02, 0.1, 0.3)))

    def _two(self, one: Place, other: Place, throw: Random) -> None:
        self._note(one)
        self._note(other)
        apart = throw.choice((0.0, 0.1, 0.8))
        self._hands.two_fingers(one, other, between=lambda: self._point.clock.advance(apart))

    def _drag(self, throw: Random) -> None:
        places = [self._anywhere(throw) for _ in range(throw.randint(2, 5))]
        for place in (places[0], places[-1]):
            self._note(place)
        self._hands.drag(places)

    def _tap_holding(self, throw: Random) -> None:
        name = throw.choice([name for name in habits.HELD if name])
        place = self._on_a_tile(Mood.CURIOUS, throw)
        self._say(f"holding {name}")
        self._note(place)
        self._hands.tap_holding(place, habits.HELD[name])

    def _key(self, throw: Random) -> None:
        key = throw.choice(habits.KEYS)
        held = throw.choice(list(habits.HELD))
        self._say(f"{held} {key}".strip())
        self.touched_help += key in habits.CALLING_KEYS
        self._hands.key(key, held=habits.HELD[held])

    def _knock(self, throw: Random) -> None:
        """Make the hidden sign of staff, and try a code where one is asked for."""
        for _ in range(KNOCKS):
            self._tap(self._on_the_head(throw))
            self._point.clock.advance(0.6)
        for _ in range(throw.choice((0, 7, 30))):
            if self.promises.asks_for_code:
                self._tap(self._on_a_tile(Mood.CURIOUS, throw))
                self._point.clock.advance(0.6)

    def _walk_away(self) -> None:
        """Leave the kiosk to itself for minutes; it must be as at first, and call nobody."""
        for _ in range(LEFT_ALONE_TIMES):
            self._point.clock.advance(LEFT_ALONE_SECONDS)
            self._app._tick()
            self._hands.frames()
        self.promises.check_left_alone()

    def _wait_like_a_person(self, throw: Random) -> None:
        """Wait for the number, and mostly for the slip."""
        patient = throw.random() < WAITS_FOR_SLIP
        self._until(lambda: self.promises.state != "issuing")
        if patient and self.promises.state == "ticket ready":
            self._until(lambda: self._app.flow._presenter.screens.ticket_ready.slip in ENDED)

    def _until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.002)  # the other threads are at work
            self._app._tick()
            self._hands.frames()

    def _anywhere(self, throw: Random) -> Place:
        frame = self._app.frame
        return throw.randrange(int(frame.width)), throw.randrange(int(frame.height))

    def _on_the_head(self, throw: Random) -> Place:
        head = self._app.frame.ids.head
        x, y = head.to_window(head.center_x, head.center_y)
        return round(x + throw.uniform(-0.3, 0.3) * head.width), round(y)

    def _on_a_tile(self, mood: Mood, throw: Random) -> Place:
        """Return a place on a tile; two dice are thrown, whatever there is to touch."""
        tiles = {tile.tile: tile for tile in self._tiles()}
        which = Random(throw.random())  # noqa: S311  # to be thrown again
        names = sorted(tiles)
        name = habits.like_a_person(names, which) if mood is Mood.PERSON else which.choice(names)
        tile = tiles[name]
        across, up = which.uniform(0.1, 0.9), which.uniform(0.1, 0.9)
        x, y = tile.to_window(tile.x + across * tile.width, tile.y + up * tile.height)
        return round(x), round(y)

    def _tiles(self) -> list[Any]:
        """Return the tiles that offer something; only those on top where something lies on top."""
        for layer in self._app.frame.children:  # the uppermost first
            tiles = [widget for widget in layer.walk(restrict=True) if getattr(widget, "tile", "")]
            if tiles:
                return [tile for tile in tiles if tile.offered]
        return []

    def _note(self, place: Place) -> None:
        """Note what is touched, and whether that may call somebody."""
        touched = [tile.tile for tile in self._tiles() if tile.collide_point(*place)]
        if any(tile.startswith(habits.CALLING) for tile in touched):
            self.touched_help += 1
        elif self.promises.state == "party" and "next" in touched:
            party = self._app.flow._presenter.screens.party.party
            self.touched_help += bool(party and party.is_child_alone)
        x, y = place
        self._say(f"{x},{y} {' '.join(touched)}".rstrip())

    def _say(self, words: str) -> None:
        if self.last:
            self.last[-1] += f" [{words}]"

    def _turn(self, throw: Random) -> None:
        """Let server and printer fare well or badly for a while."""
        point = self._point
        away, fault = throw.random() < AWAY, throw.choice(FAULTS)
        killed, cut_after = throw.random() < KILLED, throw.randrange(200, 60_000)
        if point.server_runs and self._kills and killed:
            point.server.stop(how=signal.SIGKILL)
        elif not point.server_runs:
            point.server.start()
        if away:
            point.cable.pull()
        else:
            point.cable.plug_in()
        closed, in_trouble = throw.random() < CLOSED, throw.random() < IN_TROUBLE
        point.desk.is_closed = closed
        point.desk.is_in_trouble = in_trouble and not closed
        point.printer.cut_after = cut_after
        if point.printer.fault is not fault:
            point.printer.fault = fault
        server = "killed" if not point.server_runs else "away" if away else "there"
        site = "closed" if closed else "out of service" if in_trouble else "open"
        well = fault.value if fault else "well"
        self.last.append(f"       {site}, server {server}, printer {well}")


def promises_of(accounts: Accounts, *, touches: int) -> tuple[Promise, ...]:
    """Return what the accounts prove."""
    numbers, wanted = len(accounts.journal), touches // TOUCHES_A_TICKET
    wrong = accounts.disagreements()
    copies = sum(1 for entry in accounts.journal if entry.copies > 1)
    return (
        Promise("after every touch all is as it must be", f"{touches} touches", kept=True),
        Promise(f"it got to at least {wanted} tickets", f"{numbers}", kept=numbers >= wanted),
        Promise(
            "numbers, slips and check-ins agree",
            "; ".join(wrong)
            or f"{numbers} numbers, {accounts.printed} slips ({copies} asked for twice), "
            f"{len(accounts.stored)} at the server",
            kept=not wrong,
        ),
        Promise(
            "help calls only by touches on help",
            f"{accounts.help_calls} of {accounts.touched_help}",
            kept=accounts.help_calls <= accounts.touched_help,
        ),
    )


def let_loose(folder: Path, *, bound: Bound, seed: int, kills: bool) -> Result:
    """Let a monkey loose on a reception point of its own; return what it found."""
    began = time.monotonic()
    with ReceptionPoint(folder) as point:
        monkey = Monkey(point, seed=seed, kills=kills)

        def progress(touch: int) -> None:
            given, sheets = len(point.desk.given), len(point.sheets)
            bound.tell(touch, f"{given} numbers, {sheets} pieces of paper")

        try:
            touches = monkey.run(bound, progress)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told
            return _broken(error, monkey, touches=bound.count, seed=seed)
        accounts = settle(point, touched_help=monkey.touched_help)
    figures = {
        "touches": touches,
        "numbers": len(accounts.journal),
        "slips": accounts.printed,
        "states": dict(monkey.states.most_common()),
        "acts": dict(monkey.acts.most_common()),
        "seconds": round(time.monotonic() - began, 1),
    }
    return Result("monkey", seed, promises_of(accounts, touches=touches), figures)


def _broken(error: Exception, monkey: Monkey, *, touches: int, seed: int) -> Result:
    """Tell what broke, and what was done before."""
    done = monkey.acts.total()
    print(f"\nseed {seed}, touch {done} of {touches}: {error}\n", file=sys.stderr)
    if not isinstance(error, AssertionError):
        traceback.print_exception(error)
    print("the last touches:", *monkey.last, sep="\n", file=sys.stderr)
    again = f"python -m tests.chaos.monkey --seed {seed} --count {done}"
    print(f"\nonce more: {again}\n", file=sys.stderr)
    broken = Promise("after every touch all is as it must be", f"touch {done}: {error}", kept=False)
    return Result("monkey", seed, (broken,), {"last": list(monkey.last)})


def main() -> int:
    """Let a monkey loose; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.monkey", description=__doc__)
    parser.add_argument("--kills", action="store_true", help="kill the server now and then")

    def work(folder: Path, options: argparse.Namespace) -> Result:
        return let_loose(
            folder,
            bound=options.bound,
            seed=options.seed,
            kills=options.kills,
        )

    return run_part(parser, work, count=TOUCHES)


if __name__ == "__main__":
    sys.exit(main())
