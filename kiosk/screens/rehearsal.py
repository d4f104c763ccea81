"""The rehearsal: makes, while nobody is there, what the first party would otherwise wait for."""

from collections.abc import Callable, Iterator

from kivy.clock import Clock

from kiosk.contract.site import Site
from kiosk.screens.party import PartyScreen
from kiosk.screens.pictograms import draw_one
from kiosk.screens.question import QuestionScreen

PAUSE_SECONDS = 0.1
"""Between two pieces, each of which takes some hundredths of a second."""


class Rehearsal:
    """Makes the numbers and the tiles of all questions, and draws the pictograms on them.

    Args:
        party: The screen that will ask for the party's size.
        questions: The screen that will ask them.
        site: Returns the site in force.

    """

    def __init__(
        self, party: PartyScreen, questions: QuestionScreen, *, site: Callable[[], Site]
    ) -> None:
        self._party = party
        self._questions = questions
        self._site = site
        self._pieces: Iterator[None] = iter(())
        self._next = Clock.create_trigger(lambda _: self._go_on(), PAUSE_SECONDS)

    def begin(self) -> None:
        """Go through it once, a piece at a time."""
        self._pieces = self._rehearse()
        self._next()

    def end(self) -> None:
        """Leave the rest."""
        self._next.cancel()

    def _go_on(self) -> None:
        if next(self._pieces, self) is not self:
            self._next()

    def _rehearse(self) -> Iterator[None]:
        self._party.prepare()
        yield
        for question in self._site().questions[::-1]:
            self._questions.prepare(question)
            yield
        while draw_one():
            yield
