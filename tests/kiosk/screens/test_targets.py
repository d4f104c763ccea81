"""Arrows lead where they point, and everywhere: shown for grids of every shape."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.keypad import Command
from kiosk.screens.targets import ARROWS, Target, _neighbour, first, nearest, ways

GAP = 20.0


def names(targets: list[Target]) -> list[str]:
    return [target.name for target in targets]


def follow(targets: list[Target], start: str, *arrows: Command, from_right: bool = False) -> str:
    table, here = ways(tuple(targets), from_right=from_right), start
    for arrow in arrows:
        here = table[here, arrow].name
    return here


def reached(targets: list[Target], start: Target, *, from_right: bool) -> set[str]:
    table = ways(tuple(targets), from_right=from_right)
    seen, to_go = {start.name}, [start.name]
    while to_go:
        here = to_go.pop()
        there = {table[here, arrow].name for arrow in ARROWS} - seen
        seen |= there
        to_go += there
    return seen


def grid(columns: int, count: int, *, x: float = 0, top: float = 1000) -> list[Target]:
    return [
        Target(f"{n}", x + n % columns * 120, top - n // columns * 120 - 100, 100, 100)
        for n in range(count)
    ]


THREE = grid(3, 8)
"""0 1 2 / 3 4 5 / 6 7"""


@pytest.mark.parametrize(
    ("start", "way", "end"),
    [
        ("4", Command.UP, "1"),
        ("4", Command.DOWN, "7"),
        ("4", Command.LEFT, "3"),
        ("4", Command.RIGHT, "5"),
        ("5", Command.DOWN, "7"),  # nothing is right below: the nearest in the row below
        ("1", Command.UP, "7"),  # round, in the column
        ("2", Command.UP, "5"),
        ("7", Command.DOWN, "1"),
        ("2", Command.RIGHT, "3"),
        ("3", Command.LEFT, "2"),
        ("7", Command.RIGHT, "0"),
        ("0", Command.LEFT, "7"),
    ],
)
def test_an_arrow_leads_to_what_is_drawn_there(start: str, way: Command, end: str) -> None:
    assert follow(THREE, start, way) == end


@pytest.mark.parametrize(
    ("start", "way", "end"),
    [
        ("1", Command.LEFT, "0"),
        ("0", Command.RIGHT, "1"),
        ("0", Command.LEFT, "5"),
        ("5", Command.RIGHT, "0"),
        ("2", Command.RIGHT, "6"),
    ],
)
def test_where_people_read_from_the_right_left_is_still_left(
    start: str, way: Command, end: str
) -> None:
    assert follow(THREE, start, way, from_right=True) == end


def test_a_column_beside_the_grid_is_entered_where_it_stands_nearest() -> None:
    beside = [Target("doctor", 400, 680, 100, 320), Target("person", 400, 340, 100, 320)]
    targets = [*THREE, *beside]

    assert follow(targets, "5", Command.RIGHT) == "doctor"
    assert follow(targets, "doctor", Command.DOWN) == "person"
    assert follow(targets, "doctor", Command.LEFT) == "5"


def test_reading_begins_where_people_begin_to_read() -> None:
    assert [first(THREE, from_right=side) for side in (False, True)] == [THREE[0], THREE[2]]
    assert first([], from_right=False) is None


def test_the_nearest_to_a_place_is_found() -> None:
    gone = Target("gone", 125, 885, 90, 90)

    assert nearest(THREE, gone) == THREE[1]
    assert nearest([], gone) is None


def test_whoever_is_alone_stays() -> None:
    assert {follow(THREE[:1], "0", way) for way in ARROWS} == {"0"}


@st.composite
def rows_of_tiles(draw: st.DrawFn, *, x: float, width: float) -> list[tuple[float, ...]]:
    """Draw rows below each other, each with as many tiles as it likes, some left out."""
    tiles, top = [], 2000.0
    for _row in range(draw(st.integers(1, 6))):
        height, columns = draw(st.integers(60, 400)), draw(st.integers(1, 5))
        side = (width - (columns - 1) * GAP) / columns
        kept = draw(st.sets(st.integers(0, columns - 1), min_size=1))
        tiles += [(x + n * (side + GAP), top - height, side, height) for n in sorted(kept)]
        top -= height + draw(st.sampled_from([GAP, 3 * GAP]))
    return tiles


@st.composite
def screens(draw: st.DrawFn) -> list[Target]:
    """Draw a screen: a body, and perhaps a column beside it with rows of its own."""
    tiles = draw(rows_of_tiles(x=0, width=1500))
    if draw(st.booleans()):
        tiles += draw(rows_of_tiles(x=1560, width=300))
    return [Target(f"{n}", *tile) for n, tile in enumerate(tiles)]


ODD = [
    *(Target(f"{n}", 0, y, 1500, height) for n, (y, height) in enumerate([(190, 60), (110, 60)])),
    *(Target(f"{n}", 0, y, 1500, h) for n, (y, h) in enumerate([(30, 60), (-211, 221)], 2)),
    Target("4", 0, -291, 1500, 60),
    *(Target(f"{n}", 1560, y, 300, 60) for n, y in enumerate([190, 110], 5)),
    *(Target(f"{n}", x, y, 140, 60) for n, (x, y) in enumerate([(1720, 30), (1560, -50)], 7)),
    Target("9", 1720, -130, 140, 60),
    Target("10", 1560, -210, 300, 60),
]
"""Steps beside a tall tile: one of them is nobody's neighbour."""


@settings(max_examples=60, deadline=None)
@example(targets=ODD, from_right=False)
@given(targets=screens(), from_right=st.booleans())
def test_every_target_is_reached_from_every_other(targets: list[Target], from_right: bool) -> None:  # noqa: FBT001
    everything = set(names(targets))

    assert all(reached(targets, here, from_right=from_right) == everything for here in targets)


@settings(max_examples=60, deadline=None)
@given(screens(), st.sampled_from(ARROWS), st.booleans())
def test_no_arrow_is_a_dead_end_and_none_leads_the_wrong_way(
    targets: list[Target],
    way: Command,
    from_right: bool,  # noqa: FBT001
) -> None:
    axis = 0 if way in {Command.LEFT, Command.RIGHT} else 1
    sign = 1 if way in {Command.RIGHT, Command.UP} else -1
    for here in targets:
        there = _neighbour(targets, here, way, from_right=from_right)
        assert there != here or len(targets) == 1
        ahead = [
            other
            for other in targets
            if sign * (other.center[axis] - here.center[axis]) > 0 and shares(other, here, axis)
        ]
        if ahead:
            assert sign * (there.center[axis] - here.center[axis]) > 0


def shares(one: Target, other: Target, axis: int) -> bool:
    """Return whether two targets stand squarely beside or above each other."""
    if axis == 0:
        spans = sorted([(one.y, one.top), (other.y, other.top)])
    else:
        spans = sorted([(one.x, one.right), (other.x, other.right)])
    return all(low_end > high_start for (_, low_end), (high_start, _) in pairwise(spans))
