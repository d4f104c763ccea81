"""The question screen: tiles from the site file, one or several to choose."""

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty

from kiosk.contract.site import Choices, Option
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.widgets import Tile

THREE_COLUMNS = 8
"""More options than this stand in three columns in portrait, in four in landscape."""


class OptionTile(Tile):
    """One option, with its pictogram and, once chosen, a tick."""

    option: Option = ObjectProperty()


class QuestionScreen(KioskScreen):
    """Asks one question. A single choice answers at once, several need "Next".

    Attributes:
        question: As the site file has it.
        chosen: The options chosen so far.
        landscape: True where there is room for one column more.

    """

    question: Choices | None = ObjectProperty(None, allownone=True)
    chosen: list[str] = ListProperty()
    landscape = BooleanProperty(defaultvalue=False)

    __events__ = ("on_answer",)

    def ask(self, question: Choices) -> None:
        """Show this question, with nothing chosen."""
        self.chosen = []
        if question is self.question:
            return
        self.question = question
        grid = self.ids.grid
        grid.clear_widgets()
        grid.cols = (2 if len(question.options) <= THREE_COLUMNS else 3) + self.landscape
        for option in question.options:
            tile = OptionTile(option=option, tile=f"{question.id}:{option.id}")
            tile.bind(on_release=lambda tile: self._touch(tile.option.id))
            grid.add_widget(tile)

    def on_chosen(self, *_: object) -> None:
        """Mark the chosen tiles; the others are pale when no more may be chosen."""
        full = self.question is not None and 1 < self.question.most <= len(self.chosen)
        for tile in self.ids.grid.children:
            tile.chosen = tile.option.id in self.chosen
            tile.offered = tile.chosen or not full
            tile.tone = "card" if tile.offered else "pale"

    def on_answer(self, chosen: tuple[str, ...]) -> None:
        """Tell the answer to a single choice."""

    def forget(self) -> None:
        """Show nothing as chosen."""
        self.chosen = []

    def _touch(self, option: str) -> None:
        question = self.question
        if question is None:
            return
        if question.most == 1:
            self.dispatch("on_answer", (option,))
        elif option in self.chosen:
            self.chosen = [other for other in self.chosen if other != option]
        else:
            self.chosen = [*self.chosen, option]
