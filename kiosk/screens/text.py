"""The text screen: a question that is answered by letters, on the keyboard of a language."""

from kivy.properties import ObjectProperty, StringProperty

from kiosk.contract.questions import FreeText
from kiosk.entry import appended, begins_word, letters, marked, shortened, told
from kiosk.keyboard import keyboard
from kiosk.questionnaire import fits
from kiosk.screens import bidi
from kiosk.screens.field import Field
from kiosk.screens.keys import Keys
from kiosk.screens.kiosk_screen import KioskScreen

NEARLY_FULL = 5
"""With room for so many letters or fewer, the field says how many there are."""


class TextScreen(KioskScreen):
    """Asks for a few words. What is entered stands in the field and nowhere else.

    Attributes:
        question: As the site file has it.
        entered: The letters so far.

    """

    question: FreeText | None = ObjectProperty(None, allownone=True)
    entered = StringProperty()

    @property
    def answer(self) -> str:
        """What was entered, as it is kept."""
        return told(self.entered)

    def ask(self, question: FreeText, *, language: str) -> None:
        """Show this question, with nothing entered."""
        self.forget()
        self.question = question
        keys, field = self.ids.board, self.ids.field
        keys.keyboard = keyboard(language, script=question.script)
        field.rtl = keys.keyboard.right_to_left
        self._show()

    def key_at(self, x: float, y: float) -> str:
        """Return the key at a place on the screen, or ""."""
        found: str = self.ids.board.key_at(x, y)
        return found

    def enter(self, letter: str) -> None:
        """Take a letter, where there is room for it."""
        if self.question:
            self.entered = appended(self.entered, letter, longest=self.question.longest)
            self._show()

    def mark(self, mark: str) -> None:
        """Put a mark onto the letter that carries it."""
        self.entered = marked(self.entered, mark, among=self.ids.board.keyboard.marks)
        self._show()

    def take_back(self) -> None:
        """Take the last letter back."""
        self.entered = shortened(self.entered)
        self._show()

    def forget(self) -> None:
        """Lose what was entered, also where it was measured and drawn."""
        was_asked, self.question = self.question is not None, None
        self.entered = self.ids.field.text = self.ids.field.count = ""
        self.ids.board.page = 0
        self.ids.board.shifted = self.ids.board.full = False  # they tell how the text ended
        self.primary_ready = False
        if was_asked:  # or all texts of all screens would be measured anew for each party
            bidi.forget()

    def _show(self) -> None:
        if self.question is None:
            return
        longest, count = self.question.longest, len(letters(self.entered))
        field: Field = self.ids.field
        keys: Keys = self.ids.board
        field.count = f"{count} / {longest}" if longest - count <= NEARLY_FULL and count else ""
        field.text = self.entered
        keys.full = count >= longest
        keys.shifted = begins_word(self.entered)
        self.primary_ready = fits(self.question, self.answer)
