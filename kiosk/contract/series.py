"""The numbers of a series: a letter of its own and one sequence that never rolls back."""

from dataclasses import dataclass

FIRST, LAST = 101, 999
"""The digits run round and round between these, without the site's skip list."""

DESK = "desk"
"""The name of the series that staff issue by hand; no kiosk has it."""


def letter_of(number: str) -> str:
    """Return the letter, or the two letters, of the series that prints this number."""
    return number.rstrip("0123456789")


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one enrolment: a kiosk's, or those that staff issue by hand.

    No two enrolments of a site share a letter, so each kiosk may print without asking anyone
    and no two open visits hold the same number.

    Attributes:
        letter: Given at enrolment, as printed: ``"D"`` in ``D214``.
        skip: Digits that are never printed: ``(200, 300, 666)``.

    """

    letter: str
    skip: tuple[int, ...] = ()

    def number(self, sequence: int) -> str:
        """Return what is printed and called for a sequence, which counts from 1.

        Raises ValueError for a sequence below 1, or when the skip list leaves no number.
        """
        if sequence < 1:
            raise ValueError(f"sequence {sequence}: the first one is 1")
        digits = self._digits()
        return f"{self.letter}{digits[(sequence - 1) % len(digits)]}"

    def sequence(self, number: str, *, near: int) -> int:
        """Return which sequence is printed as a number: of all that are, the nearest to `near`.

        Raises ValueError for a number that this series never prints.
        """
        digits = self._digits()
        printed = [f"{self.letter}{d}" for d in digits]
        if number not in printed:
            raise ValueError(f"{number} is no number of series {self.letter}")
        first = printed.index(number) + 1
        turn = round((near - first) / len(digits))
        return first + len(digits) * max(turn, 0)

    def _digits(self) -> list[int]:
        digits = [d for d in range(FIRST, LAST + 1) if d not in self.skip]
        if not digits:
            raise ValueError("the skip list leaves no number between 101 and 999")
        return digits
