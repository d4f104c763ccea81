"""Whether a kiosk's memory stays as it is: fifteen hundred parties, one after the other.

Each touches its way to a number as a person may, in any language, with the looks that it likes;
each slip is printed, each check-in delivered.
"""

import argparse
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import median

from tests.chaos import habits
from tests.chaos.ending import settle
from tests.chaos.part import Bound, run_part
from tests.chaos.reception_point import ReceptionPoint
from tests.chaos.results import Promise, Result
from tests.stand.arrivals import ENDED

PARTIES, SETTLED = 1500, 100
"""Parties in all, and those after which everything is loaded that is ever loaded; so often it
is measured from then on."""

GROWTH = 0.05
"""The later half of the measures may lie so much above the earlier half, by their medians. One
measure says little: what text and pictures leave free in the heap swings by a tenth."""

LOOKS = 0.05
"""How often a person touches one of the tools before anything else."""

DRAWN = 10
"""Each so many parties every frame is drawn, for the others it is only laid out: without a
graphics card drawing takes four times as long as everything else together."""

LONGEST = 80
"""Touches after which a party gives up."""


def resident_mb() -> float:
    """Return the memory that this process holds, in megabytes (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Parties:
    """People who come one after the other.

    Args:
        point: Where they come to; entered.
        seed: Of their dice.

    Attributes:
        touched_help: How many touches could have called somebody.
        languages: What they spoke.

    """

    def __init__(self, point: ReceptionPoint, *, seed: int) -> None:
        self.touched_help = 0
        self.languages: Counter[str] = Counter()
        self._driver = point.driver
        self._flow = point.driver.app.flow
        self._seed = seed

    def come(self, party: int) -> None:
        """Let one party come, touch, take its slip and go."""
        throw = habits.dice(self._seed, party, "party")
        for touch in range(LONGEST):
            state = self._flow.conversation.state.value
            if touch and state == "language":
                break
            if state == "issuing":
                self._wait(lambda: self._flow._issuing is None)
            elif state == "ticket ready":
                self._wait(self._slip_has_ended)
                self._touch("done")
            else:
                self._touch(self._next_tile(throw))
        else:
            self._flow.leave()

    def _wait(self, condition: Callable[[], object]) -> None:
        """Wait for the threads of the desk, which a hand that only draws would hold up."""
        while not condition():
            time.sleep(0.005)
            self._flow.tick()
            self._driver.frames()

    def _slip_has_ended(self) -> bool:
        return self._flow._presenter.screens.ticket_ready.slip in ENDED

    def _next_tile(self, throw: Random) -> str:
        tiles = sorted(set(self._driver.tiles()))
        tools = [tile for tile in tiles if tile.startswith(habits.TOOLS)]
        if tools and throw.random() < LOOKS:
            return throw.choice(tools)
        return habits.like_a_person(tiles, throw)

    def _touch(self, tile: str) -> None:
        if tile.startswith("language:"):
            self.languages[tile.removeprefix("language:")] += 1
        self.touched_help += tile.startswith(habits.CALLING) or (
            tile == "next" and self._flow.conversation.state.value == "party"
        )
        self._driver.tap_id(tile)


def halves(measures: Sequence[float]) -> tuple[float, float]:
    """Return the medians of the earlier and of the later half; the first measure warms up."""
    settled = measures[1:] or measures
    half = len(settled) // 2
    return median(settled[:half] or settled), median(settled[half:])


def measure(folder: Path, *, bound: Bound, seed: int) -> Result:
    """Let them come; return what they left in memory."""
    began = time.monotonic()
    held: dict[int, tuple[float, int]] = {}
    with ReceptionPoint(folder) as point:
        people = Parties(point, seed=seed)
        parties = 0
        for number in bound.rounds():
            parties = number + 1
            point.driver.draws = parties % DRAWN == 0
            people.come(parties)
            if parties % SETTLED == 0:
                megabytes, objects = held[parties] = _held(point)
                bound.tell(parties, f"{megabytes:.1f} MB, {objects} objects", now=True)
        if not held:  # it had too little time
            held[parties] = _held(point)
        accounts = settle(point, touched_help=people.touched_help)
    wrong = accounts.disagreements()
    earlier, later = halves([megabytes for megabytes, _ in held.values()])
    numbers = len(accounts.journal)
    return Result(
        "memory",
        seed,
        (
            Promise(
                f"memory is flat over {parties} parties",
                f"{earlier:.0f} MB in the earlier half, {later:.0f} MB in the later",
                kept=later <= earlier * (1 + GROWTH),
            ),
            Promise(
                "numbers, slips and check-ins agree",
                "; ".join(wrong) or f"{numbers} numbers, {accounts.printed} slips",
                kept=not wrong,
            ),
        ),
        {
            "parties": parties,
            "held_mb": {party: round(megabytes, 1) for party, (megabytes, _) in held.items()},
            "held_objects": {party: objects for party, (_, objects) in held.items()},
            "languages": dict(people.languages.most_common()),
            "seconds": round(time.monotonic() - began, 1),
        },
    )


def _held(point: ReceptionPoint) -> tuple[float, int]:
    """Return megabytes and objects that are left once what is free was given back."""
    from kiosk.screens.garbage import give_back  # Kivy comes after its window is prepared

    for _ in range(3):  # what frames let go of may hold more
        gc.collect()
        point.driver.frames(3)
    give_back()  # as the kiosk does in a pause
    return resident_mb(), len(gc.get_objects())


def main() -> int:
    """Let parties come; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.memory", description=__doc__)

    def work(folder: Path, options: argparse.Namespace) -> Result:
        return measure(folder, bound=options.bound, seed=options.seed)

    return run_part(parser, work, count=PARTIES)


if __name__ == "__main__":
    sys.exit(main())
