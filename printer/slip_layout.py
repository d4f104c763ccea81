"""Where everything stands on a slip: a pure function from slip and paper to blocks."""

from collections.abc import Iterator
from dataclasses import replace

from printer.layout_directions import directions
from printer.layout_foot import foot
from printer.layout_grid import Grid, grid_for, inked_marks, middle_baseline
from printer.layout_head import header, heading, pair
from printer.layout_route import later, route
from printer.marks import (
    DOTS_PER_MM,
    Block,
    Box,
    Figure,
    Icon,
    Layout,
    Mark,
    Measure,
    Style,
    Text,
    mirrored,
)
from printer.plain_text import printable
from printer.slip import Advice, Bilingual, Directions, Later, Place, Printable, Slip

LONGEST = 110 * DOTS_PER_MM
"""No slip is longer than this many dots."""


def lay_out(slip: Printable, paper_dots: int, measure: Measure) -> Layout:
    """Return the slip as blocks for paper that is `paper_dots` wide.

    Everything is laid out for readers from the left and then mirrored as a whole for a
    language that runs from the right, so the two can never drift apart.
    """
    slip = _cleaned(slip)
    for said, ratio, tight in _shorter_and_shorter(slip):
        grid = grid_for(paper_dots, measure, right_to_left=slip.right_to_left, ratio=ratio)
        blocks = _blocks(said, grid, tight=tight)
        if sum(block.height for block in blocks) <= LONGEST:
            break
    if slip.right_to_left:
        blocks = tuple(_mirror(block, paper_dots) for block in blocks)
    return Layout(paper_dots, blocks)


_TIGHTER = (1.0, 0.9, 0.8, 0.7, 0.6)
"""Sizes to try, of texts and tiles, until the slip is short enough; the number keeps its own."""


def _shorter_and_shorter(slip: Printable) -> Iterator[tuple[Printable, float, bool]]:
    """Yield what to say, in which size, and whether tightly, until it is short enough.

    The number, the route, the QR code and the request to keep the slip are on each. When
    closed doors open is said in less and less room: tightly, then for fewer of the doors;
    last goes the German of the wait and of what the code is for.
    """
    *larger, smallest = _TIGHTER
    for ratio in larger:
        yield slip, ratio, False
    if isinstance(slip, Slip):
        yield slip, smallest, False
        for kept in range(len(slip.later), 0, -1):
            yield replace(slip, later=slip.later[:kept]), smallest, True
        slip = replace(slip, later=())
    yield slip, smallest, True
    if isinstance(slip, Slip):
        waiting, follow = slip.waiting, slip.follow
        yield (
            replace(
                slip,
                waiting=waiting and replace(waiting, german=""),
                follow=follow and replace(follow, german=""),
            ),
            smallest,
            True,
        )


def _blocks(slip: Printable, grid: Grid, *, tight: bool) -> tuple[Block, ...]:
    if isinstance(slip, Directions):
        return directions(slip, grid, tight=tight)
    return (
        header(slip.site_name, slip.printed_at, grid, copy=slip.copy),
        heading(slip.heading, grid),
        _number(slip.number, grid),
        _party(slip, grid),
        *route(slip.places, grid),
        *later(slip.later, grid, tight=tight),
        *_waiting(slip.waiting, grid),
        foot(slip, grid),
    )


def _cleaned(slip: Printable) -> Printable:
    """Return the slip with nothing but printable text in it: the one gate for all of it."""
    if isinstance(slip, Directions):
        return replace(
            slip,
            site_name=printable(slip.site_name),
            printed_at=printable(slip.printed_at),
            heading=_cleaned_pair(slip.heading),
            opens=slip.opens and _cleaned_pair(slip.opens),
            advice=tuple(map(_cleaned_advice, slip.advice)),
            no_number=_cleaned_pair(slip.no_number),
            come_again=_cleaned_pair(slip.come_again),
            emergency=_cleaned_pair(slip.emergency),
        )
    return replace(
        slip,
        number=printable(slip.number),
        language_name=printable(slip.language_name),
        site_name=printable(slip.site_name),
        printed_at=printable(slip.printed_at),
        heading=_cleaned_pair(slip.heading),
        waiting=slip.waiting and _cleaned_pair(slip.waiting),
        follow=slip.follow and _cleaned_pair(slip.follow),
        keep=_cleaned_pair(slip.keep),
        places=_cleaned_places(slip.places),
        later=tuple(
            Later(_cleaned_places(group.places), _cleaned_pair(group.opens)) for group in slip.later
        ),
    )


def _cleaned_advice(advice: Advice) -> Advice:
    return replace(
        advice,
        text=_cleaned_pair(advice.text),
        detail=printable(advice.detail),
        place=advice.place and _cleaned_places((advice.place,))[0],
    )


def _cleaned_places(places: tuple[Place, ...]) -> tuple[Place, ...]:
    return tuple(Place(place.landmark, printable(place.door)) for place in places)


def _cleaned_pair(pair: Bilingual) -> Bilingual:
    return Bilingual(printable(pair.own), printable(pair.german))


def _mirror(block: Block, width: int) -> Block:
    return replace(block, marks=tuple(mirrored(mark, width) for mark in block.marks))


TIMES = "\N{MULTIPLICATION SIGN}"


def _number(number: str, grid: Grid) -> Block:
    """The number, as wide as the paper and at least 20 (15) mm high."""
    height = grid.sizes.figure
    figure = Figure(grid.left, 13, grid.room, height, number, grid.sizes.figure_least)
    return Block("number", 13 + height + 18, (figure,), coarse=True)


def _party(slip: Slip, grid: Grid) -> Block:
    """Who belongs together, in pictures and a digit, and the language they read."""
    bar, side = grid.sizes.bar, grid.sizes.bar - 8
    digit = Style(round(1.2 * grid.sizes.language), bold=True)
    people = _people(slip)
    marks: list[Mark] = [Box(grid.left, 0, grid.room, bar, radius=12)]
    x = grid.left + 10
    for icon, count in people:
        marks.append(Icon(x, 4, side, icon, white=True))
        x += round(side * 0.76)
        if count:
            marks.append(_in_bar(count, grid, digit, x=x + 8))
            x += 8 + marks[-1].width + 14
    if sum(not count for _, count in people) > 0:
        total = str(slip.adults + slip.children)
        marks.append(_in_bar(total, grid, digit, x=x + side // 4))
        x += side // 4 + marks[-1].width
    name = grid.own(grid.sizes.language, bold=True)
    text, name = grid.fit(slip.language_name, name, grid.right - 16 - (x + 16))
    baseline = middle_baseline(bar, name)
    marks.append(grid.line(text, name, baseline=baseline, end=grid.right - 16, white=True))
    return Block("party", bar + 16, inked_marks(*marks), coarse=True)


def _in_bar(text: str, grid: Grid, style: Style, *, x: int) -> Text:
    return grid.line(text, style, baseline=middle_baseline(grid.sizes.bar, style), x=x, white=True)


def _people(slip: Slip) -> list[tuple[str, str]]:
    """Return the pictograms: one for each of up to five persons, else a kind and "times 7"."""
    groups = [("adult", max(slip.adults, 0)), ("child", max(slip.children, 0))]
    if sum(count for _, count in groups) <= 5:
        return [(icon, "") for icon, count in groups for _ in range(count)]
    return [(icon, f"{TIMES}{min(count, 99)}") for icon, count in groups if count]


def _waiting(waiting: Bilingual | None, grid: Grid) -> list[Block]:
    if waiting is None:
        return []
    return [pair("waiting", waiting, grid, grid.own(grid.sizes.waiting, bold=True))]
