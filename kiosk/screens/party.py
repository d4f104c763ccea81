"""The party screen: how many adults and how many children, one tap each."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty

from kiosk.questionnaire import MOST_PERSONS, Party
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.pages import Things
from kiosk.screens.widgets import NumberTile, Row

FIRST_PAGE = 9
"""The numbers of the first page, 0 to 8; the last tile leads to more."""

NEXT_PAGES = 8
"""The numbers of each further page; its first tile leads back."""

UNANSWERED = -1


class HowMany(Row):
    """Who is counted, above the numbers to touch, which begin with the small ones.

    Attributes:
        counted: What is counted: "adults" or "children".
        name: The pictogram.
        text: The word beside it.
        count: What was chosen; `UNANSWERED` at first.
        page: Which numbers are shown.
        tiles: These numbers, and the ways to others.

    """

    counted = StringProperty()
    name = StringProperty()
    text = StringProperty()
    count = NumericProperty(UNANSWERED)
    page = NumericProperty(-1)
    tiles: list[NumberTile] = ListProperty()

    __events__ = ("on_number",)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # Kivy's
        self._made: dict[float, tuple[NumberTile, ...]] = {}
        super().__init__(**kwargs)

    def on_page(self, *_: object) -> None:
        """Show the numbers of the page, which are made once."""
        if self.page not in self._made:
            self._made[self.page] = tuple(self._tiles())
        self.tiles = list(self._made[self.page])
        self.on_count()

    def on_count(self, *_: object) -> None:
        """Mark the chosen number, and no other on any page."""
        for tile in chain.from_iterable(self._made.values()):
            tile.chosen = tile.tile == f"{self.counted}:{self.count}"

    def need(self, width: float) -> float:
        """Return how high it must be at a width, in pixels."""
        within = width - self.ids.picture.width - self.spacing
        return float(max(self.ids.picture.height, self.ids.words.need(within) or 0))

    def on_number(self, count: int) -> None:
        """Tell that a number was touched, also where it was chosen before."""

    def _tiles(self) -> Iterator[NumberTile]:
        first = FIRST_PAGE + (self.page - 1) * NEXT_PAGES if self.page else 0
        after = min(first + (NEXT_PAGES if self.page else FIRST_PAGE), MOST_PERSONS + 1)
        if self.page:
            yield self._way(f"{self.counted}:less", to=self.page - 1, name="back")
        for count in range(first, after):
            tile = NumberTile(tile=f"{self.counted}:{count}", text=str(count))
            tile.bind(on_release=lambda _, count=count: self._touch(count))
            yield tile
        if after <= MOST_PERSONS:
            yield self._way(f"{self.counted}:more", to=self.page + 1, text=f"{after}+")

    def _touch(self, count: int) -> None:
        self.count = count
        self.dispatch("on_number", count)

    def _way(self, tile: str, *, to: int, text: str = "", name: str = "") -> NumberTile:
        way = NumberTile(tile=tile, text=text, name=name)
        way.bind(on_release=lambda _: setattr(self, "page", to))
        return way


class PartyScreen(KioskScreen):
    """Asks how many are together. Children are 0 until someone says otherwise.

    Attributes:
        adults: From 18 years; `UNANSWERED` until a number was touched.
        children_count: Under 18 years.
        landscape: True where ten numbers stand in a row.

    """

    adults = NumericProperty(UNANSWERED)
    children_count = NumericProperty(0)
    landscape = BooleanProperty(defaultvalue=False)

    @property
    def party(self) -> Party | None:
        """The answer, or None while it is not complete."""
        if self.adults < 0 or self.adults + self.children_count == 0:
            return None
        return Party(int(self.adults), int(self.children_count))

    def on_kv_post(self, *_args: object) -> None:
        """Show the numbers, from now on also others."""
        self._rows = [self.ids[name].__self__ for name in ("adults", "children")]
        for row in self._rows:
            self.remove_widget(row)  # it stands above its numbers, on their page
            row.bind(tiles=self._refill)

    def prepare(self) -> None:
        """Make the first numbers, if they were never made: the first picture needs none."""
        for row in self._rows:
            row.page = max(row.page, 0)

    def forget(self) -> None:
        """Show the first numbers, none chosen."""
        self.ids.pages.turn(-self.ids.pages.page)
        for row in self._rows:
            row.page = min(row.page, 0)
        self.ids.adults.count = UNANSWERED
        self.ids.children.count = 0

    def _refill(self, *_: object) -> None:
        pages = self.ids.pages
        page = pages.page
        columns = (10, 5, 4) if self.landscape else (5, 10, 4)
        pages.fill(*(Things(row.tiles, columns=columns, heading=row) for row in self._rows))
        pages.turn(page)
