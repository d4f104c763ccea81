"""The question screen: tiles from the site file, one or several to choose."""

from collections.abc import Iterator, Mapping

from kivy.clock import Clock
from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)

from kiosk.contract.questions import Choices, Count, Option, Question
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.pages import Things
from kiosk.screens.widgets import NumberTile, Tile, height_of, holds

COLUMNS = {
    False: ((8, (2, 3, 4, 1)), (12, (3, 4, 2, 1))),
    True: ((4, (2, 3, 4, 1)), (6, (3, 4, 2, 1)), (12, (4, 3, 2, 1))),
}
"""In landscape or not: for up to so many options so many columns, best first."""

PLACES = {False: (4, 3, 2, 1), True: (2, 3, 4, 1)}
"""In landscape or not: the same for places."""

NUMBERS = {False: (3, 4, 5), True: (6, 7, 8)}
"""In landscape or not: the same for numbers."""

STEPS = 8
"""So many sizes of letters are tried between the largest and the smallest."""


MOST_KEPT = 12
"""The tiles of so many questions are kept: to make them anew takes longer than a touch may."""

Made = tuple[dict[str, Tile], tuple[Things, ...]]
"""The tiles of a question by their options, and how they stand together."""


class OptionTile(Tile):
    """One option, with its pictogram and, once chosen, a tick.

    Attributes:
        option: As the site file has it.
        text: In the party's language.
        note: Below it, small: that all it leads to is closed now; "" where it is not.
        side: The room left and right of them.
        least: The height of its picture at least, in pixels.
        largest: The size of its letters where there is room enough, in pixels.
        smallest: The size of its letters where there is little room, in pixels.
        note_size: The size of the note's letters, in pixels.
        size_of_letters: The size in use: the same on all tiles that stand together.

    """

    option: Option = ObjectProperty()
    text = StringProperty()
    note = StringProperty()
    note_size = NumericProperty("26sp")
    side = NumericProperty("24dp")
    least = NumericProperty("72dp")
    largest = NumericProperty("42sp")
    smallest = NumericProperty("30sp")
    size_of_letters = NumericProperty("42sp")

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        within = width - 2 * self.side
        if not (holds(self.text, within, self.smallest) and self._holds_note(within)):
            return None
        words = self._words(within, self.smallest)
        return float(self.least + words + 2 * self.ends + self.between)

    @property
    def fits(self) -> float:
        """The largest size of letters for which there is room, in pixels."""
        within = self.width - 2 * self.side
        spare = self.height - self.least - 2 * self.ends - self.between
        step = (self.largest - self.smallest) / STEPS
        for number in range(STEPS):
            size = self.largest - number * step
            if holds(self.text, within, size) and self._words(within, size) <= spare:
                return float(size)
        return float(self.smallest)

    @property
    def ends(self) -> float:
        """The room above and below."""
        return float(self.padding[1])

    @property
    def between(self) -> float:
        """The room between picture, word and note."""
        return float(2 * self.spacing)

    def _words(self, width: float, size: float) -> float:
        words = height_of(self.text, size, width, bold=True, rtl=self.mirrored)
        if not self.note:
            return words
        note = height_of(self.note, self.note_size, width, bold=False, rtl=self.mirrored)
        return words + note

    def _holds_note(self, width: float) -> bool:
        return not self.note or holds(self.note, width, self.note_size)


class PlaceTile(OptionTile):
    """An option that needs no number: smaller, for it leads no further than a door."""


class QuestionScreen(KioskScreen):
    """Asks one question. A single choice answers at once, several need "Next".

    What needs no number stands apart from what does.

    Attributes:
        question: As the site file has it.
        chosen: The options chosen so far.
        most: How many may be chosen.
        landscape: True where there is room for one column more.

    """

    question: Question | None = ObjectProperty(None, allownone=True)
    chosen: list[str] = ListProperty()
    most = NumericProperty(1)
    landscape = BooleanProperty(defaultvalue=False)

    __events__ = ("on_answer", "on_mark")

    def on_kv_post(self, *_args: object) -> None:
        """Keep the heading of the places, which comes and goes."""
        self._tiles: dict[str, Tile] = {}
        self._made: list[tuple[Question, Made]] = []
        self._heading = self.ids.heading.__self__
        self.remove_widget(self._heading)

    def ask(self, question: Question) -> None:
        """Show this question, with nothing chosen."""
        self.chosen = []
        self.ids.pages.turn(-self.ids.pages.page)
        if question is self.question:
            return
        self.question = question
        self.most = question.most if isinstance(question, Choices) else 1
        self._tiles, things = self.prepare(question)
        self.on_chosen()
        self.ids.pages.fill(*things)

    def prepare(self, question: Question) -> Made:
        """Return the tiles of a question, made before it is asked or long ago."""
        for made_for, made in self._made:
            if made_for is question:
                return made
        shown, self._tiles = self._tiles, {}
        made = self._tiles, tuple(self._make(question))
        self._tiles = shown
        self._made = [(question, made), *self._made[: MOST_KEPT - 1]]
        return made

    def annotate(self, notes: Mapping[str, str]) -> None:
        """Say below some options what there is to say of them now."""
        for option, tile in self._tiles.items():
            if isinstance(tile, OptionTile):
                tile.note = notes.get(option, "")
        self.ids.pages.refresh()

    def on_chosen(self, *_: object) -> None:
        """Mark the chosen tiles; the others are pale when no more may be chosen."""
        full = 1 < self.most <= len(self.chosen)
        for option, tile in self._tiles.items():
            tile.chosen = option in self.chosen
            tile.offered = tile.chosen or not full
            tile.tone = "card" if tile.offered else "pale"

    def on_answer(self, chosen: tuple[str, ...]) -> None:
        """Tell the answer to a single choice."""

    def on_mark(self, option: str, chosen: bool) -> None:  # noqa: FBT001  # an event's argument
        """Tell that one of several was chosen, or is no longer."""

    def forget(self) -> None:
        """Show nothing as chosen."""
        self.chosen = []

    def _make(self, question: Question) -> Iterator[Things]:
        if isinstance(question, Choices):
            yield from self._offer(question)
        elif isinstance(question, Count):
            yield self._numbers(question)

    def _offer(self, question: Choices) -> Iterator[Things]:
        beside = [option for option in question.options if option.place]
        options = [option for option in question.options if not option.place]
        if not options:
            options, beside = beside, []
        columns = next(cols for most, cols in COLUMNS[self.landscape] if len(options) <= most)
        yield self._things(question, options, OptionTile, columns)
        if beside:
            yield self._things(question, beside, PlaceTile, PLACES[self.landscape])

    def _things(
        self,
        question: Choices,
        options: list[Option],
        kind: type[OptionTile],
        columns: tuple[int, ...],
    ) -> Things:
        """Return tiles for these options, all written in letters of one size."""
        tiles = [kind(option=option, tile=f"{question.id}:{option.id}") for option in options]
        write = Clock.create_trigger(lambda _: _write_evenly(tiles), -1)
        for tile in tiles:
            tile.bind(
                on_release=lambda tile: self._touch(tile.option.id),
                size=write,
                parent=write,
                text=write,
                note=write,
                largest=write,
            )
            self._tiles[tile.option.id] = tile
        if kind is OptionTile:
            return Things(tiles, columns=columns, share=1 / 0.52)
        grows = 1.0 if self.landscape else 0.2
        return Things(
            tiles, columns=columns, heading=self._heading, grows=lambda _: grows, column=1
        )

    def _numbers(self, question: Count) -> Things:
        tiles = []
        for number in question.tiles:
            tile = NumberTile(tile=f"{question.id}:{number}", text=number)
            tile.bind(on_release=lambda _, number=number: self._touch(number))
            self._tiles[number] = tile
            tiles.append(tile)
        return Things(tiles, columns=NUMBERS[self.landscape])

    def _touch(self, option: str) -> None:
        if self.most == 1:
            self.dispatch("on_answer", (option,))
        elif option in self.chosen:
            self.chosen = [other for other in self.chosen if other != option]
            self.dispatch("on_mark", option, False)  # noqa: FBT003  # as above
        else:
            self.chosen = [*self.chosen, option]
            self.dispatch("on_mark", option, True)  # noqa: FBT003  # as above


def _write_evenly(tiles: list[OptionTile]) -> None:
    """Write all of these in letters that fit on each of those that are shown."""
    shown = [tile.fits for tile in tiles if tile.parent is not None]
    for tile in tiles:
        tile.size_of_letters = min(shown, default=tile.smallest)
