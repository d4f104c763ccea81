"""The question screen: tiles from the site file, one or several to choose."""

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty

from kiosk.contract.questions import Choices, Count, Option, Question
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.widgets import NumberTile, Tile, TileGrid

COLUMNS = {False: ((8, 2), (12, 3)), True: ((4, 2), (6, 3), (12, 4))}
"""In landscape or not: for up to so many options so many columns."""

NUMBERS_ACROSS = 3
"""Numbers in one row in portrait, and twice as many in landscape."""


class OptionTile(Tile):
    """One option, with its pictogram and, once chosen, a tick.

    Attributes:
        option: As the site file has it.
        side: The room left and right of them.
        largest: The size of its letters where there is room enough, in pixels.
        fits: The size of letters in which its longest word is not broken, in pixels.
        letters: The size in use: the same on all tiles that stand together.

    """

    option: Option = ObjectProperty()
    side = NumericProperty("24dp")
    largest = NumericProperty("42sp")
    fits = NumericProperty("42sp")
    letters = NumericProperty("42sp")


class PlaceTile(OptionTile):
    """An option that needs no number: smaller, for it leads no further than a door."""

    side = NumericProperty("12dp")
    largest = NumericProperty("30sp")


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
        """Keep the part for places, which comes and goes."""
        self._tiles: dict[str, Tile] = {}
        self._aside = self.ids.aside.__self__
        self.remove_widget(self._aside)

    def ask(self, question: Question) -> None:
        """Show this question, with nothing chosen."""
        self.chosen = []
        if question is self.question:
            return
        self.question = question
        self.most = question.most if isinstance(question, Choices) else 1
        self._tiles.clear()
        self.remove_widget(self._aside)
        for grid in (self.ids.grid, self.ids.places):
            grid.clear_widgets()
        if isinstance(question, Choices):
            self._offer(question)
        elif isinstance(question, Count):
            self._offer_numbers(question)

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

    def _offer(self, question: Choices) -> None:
        beside = [option for option in question.options if option.place]
        options = [option for option in question.options if not option.place]
        if not options:
            options, beside = beside, []
        grid, places = self.ids.grid, self.ids.places
        grid.cols = next(cols for most, cols in COLUMNS[self.landscape] if len(options) <= most)
        for option in options:
            self._add(OptionTile(option=option, tile=f"{question.id}:{option.id}"), grid)
        if not beside:
            return
        places.cols = min(len(beside), 2) if self.landscape else len(beside)
        for option in beside:
            self._add(PlaceTile(option=option, tile=f"{question.id}:{option.id}"), places)
        self.add_widget(self._aside)

    def _offer_numbers(self, question: Count) -> None:
        grid = self.ids.grid
        grid.cols = NUMBERS_ACROSS * (1 + self.landscape)
        for number in question.tiles:
            tile = NumberTile(tile=f"{question.id}:{number}", text=number)
            tile.bind(on_release=lambda _, number=number: self._touch(number))
            self._tiles[number] = tile
            grid.add_widget(tile)

    def _add(self, tile: OptionTile, grid: TileGrid) -> None:
        tile.bind(
            on_release=lambda tile: self._touch(tile.option.id),
            fits=lambda *_: _write_evenly(grid),
        )
        self._tiles[tile.option.id] = tile
        grid.add_widget(tile)
        _write_evenly(grid)

    def _touch(self, option: str) -> None:
        if self.most == 1:
            self.dispatch("on_answer", (option,))
        elif option in self.chosen:
            self.chosen = [other for other in self.chosen if other != option]
            self.dispatch("on_mark", option, False)  # noqa: FBT003  # as above
        else:
            self.chosen = [*self.chosen, option]
            self.dispatch("on_mark", option, True)  # noqa: FBT003  # as above


def _write_evenly(grid: TileGrid) -> None:
    """Write all tiles of a grid in letters that fit on each of them."""
    letters = min((tile.fits for tile in grid.children), default=0)
    for tile in grid.children:
        tile.letters = letters
