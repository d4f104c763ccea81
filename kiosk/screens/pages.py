"""Pages: shows things in columns and rows, and leads on to more of them where they do not all fit.

Whatever has a `need` can stand on pages: it says how high it must be at a width, or None where
its words would break.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from kivy.clock import Clock
from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.screens.paging import HEADING, Box, Group, Page, Room, arrange


@dataclass(frozen=True, slots=True)
class Things:
    """Widgets of one kind that stand together.

    Attributes:
        widgets: Each with `need`, a function of a width.
        columns: How many may stand beside each other, best first; the last one always may.
        heading: Above them on each page, a widget with `need`; or None.
        grows: The part of the height to spare that each takes, by its index.
        even: True where all rows are of one height.
        highest: No row is made higher than this, unless it needs to be; in pixels.
        column: Which stand below each other, where columns of them stand side by side.
        share: That column's part of the width.

    """

    widgets: Sequence[Any]
    columns: tuple[int, ...] = (1,)
    heading: Any = None
    grows: Callable[[int], float] = field(default=lambda _: 1.0)
    even: bool = True
    highest: float = inf
    column: int = 0
    share: float = 1.0

    def group(self) -> Group:
        """Return what paging needs to know of them."""
        heading = self.heading
        return Group(
            len(self.widgets),
            self._needs,
            columns=self.columns,
            grows=self.grows,
            even=self.even,
            heading=heading.need if heading else (lambda _: 0.0),
            highest=self.highest,
            column=self.column,
            share=self.share,
        )

    def _needs(self, width: float) -> list[float] | None:
        needs: list[float] = []
        for widget in self.widgets:
            need = widget.need(width)
            if need is None:
                return None
            needs.append(need)
        return needs


class Arrows(BoxLayout):
    """The column of arrows: one page back, where this is, one page on.

    Attributes:
        page: Which page is shown, from 0.
        pages: How many there are.
        most: As high as it may be, in pixels.

    """

    page = NumericProperty(0)
    pages = NumericProperty(1)
    most = NumericProperty(400)

    __events__ = ("on_turn",)

    def on_turn(self, by: int) -> None:
        """Tell that another page is wanted: -1 before this one, 1 after."""


class Pages(Widget):
    """Things on as many pages as they need, in the order of reading.

    Attributes:
        page: Which page is shown, from 0.
        pages: How many there are.
        further: True while there is one after this.
        beside: True where columns of things stand side by side while all fit on one page.
        direction: "ltr" or "rtl" where it has one of its own; "" goes with the screen.
        mirrored: True where reading begins on the right.
        gap: Between two things, in pixels.
        inset: The room around all things, in pixels: left and right, above and below.
        arrows: The width of the column of arrows, in pixels.
        reach: The highest that arrows may be, in pixels above the screen's lower edge.
        looks: Whatever changes what things need: language, size of letters.

    """

    page = NumericProperty(0)
    pages = NumericProperty(1)
    further = BooleanProperty(defaultvalue=False)
    beside = BooleanProperty(defaultvalue=False)
    direction = StringProperty()
    mirrored = BooleanProperty(defaultvalue=False)
    gap = NumericProperty(0)
    inset = ListProperty([0, 0])
    arrows = NumericProperty(0)
    reach = NumericProperty(inf)
    looks = ListProperty()

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # Kivy's
        self._things: tuple[Things, ...] = ()
        self._plan: tuple[Page, ...] = ((),)
        super().__init__(**kwargs)
        self._arrows = Arrows()
        self._arrows.bind(on_turn=lambda _, by: self.turn(by))
        self.refresh = Clock.create_trigger(self._arrange, -1)
        self.bind(
            pos=self.refresh,
            size=self.refresh,
            beside=self.refresh,
            mirrored=self.refresh,
            inset=self.refresh,
            looks=self.refresh,
        )

    def fill(self, *things: Things) -> None:
        """Show these, from the first page on."""
        self._things = things
        self.page = 0
        self._arrange()

    def turn(self, by: int) -> None:
        """Show another page: -1 the one before, 1 the one after."""
        self.page = min(max(self.page + by, 0), self.pages - 1)
        self._place()

    def show(self, index: int, *, group: int = 0) -> None:
        """Show the page on which a thing is."""
        for page, boxes in enumerate(self._plan):
            if any((box.group, box.index) == (group, index) for box in boxes):
                self.turn(page - self.page)

    def _arrange(self, *_: object) -> None:
        if self.width <= 1 or self.height <= 1:
            return
        room = Room(
            self.width - 2 * self.inset[0],
            self.height - 2 * self.inset[1],
            self.gap,
            arrows=self.arrows,
        )
        groups = [things.group() for things in self._things]
        self._plan = arrange(groups, room, beside=self.beside)
        self.pages = len(self._plan)
        self.page = min(self.page, self.pages - 1)
        self._place()

    def _place(self) -> None:
        boxes = self._plan[int(self.page)]
        shown = [(self._widget(box), box) for box in boxes]
        wanted = [widget for widget, _ in shown]
        if self.pages > 1:
            wanted.append(self._arrows)
        if self.children[::-1] != wanted:
            self.clear_widgets()
            for widget in wanted:
                self.add_widget(widget)
        for widget, box in shown:
            self._put(widget, box)
        self._put_arrows()
        self.further = self.page < self.pages - 1

    def _widget(self, box: Box) -> Any:  # noqa: ANN401  # Kivy's
        things = self._things[box.group]
        return things.heading if box.index == HEADING else things.widgets[box.index]

    def _put(self, widget: Any, box: Box) -> None:  # noqa: ANN401  # Kivy's
        """Give a thing its box; one that knows its own height stands in the middle of it."""
        height = box.height
        if widget.size_hint_y is None:
            height = min(widget.need(box.width) or height, height)
        left = self.x + self.inset[0] + box.x
        if self.mirrored:
            left = self.right - self.inset[0] - box.x - box.width
        widget.size = (box.width, height)
        widget.pos = (left, self.top - self.inset[1] - box.y - (box.height + height) / 2)

    def _put_arrows(self) -> None:
        arrows = self._arrows
        arrows.page, arrows.pages = self.page, self.pages
        arrows.width = self.arrows
        within = min(self.top - self.inset[1], self.reach) - self.y - self.inset[1]
        arrows.height = min(within, arrows.most)
        end = self.right - self.inset[0] - self.arrows
        arrows.pos = (self.x + self.inset[0] if self.mirrored else end, self.y + self.inset[1])
