"""The hindrances: what keeps a step from being taken, each a code and a sentence with its parts."""

from enum import StrEnum


class Hindrance(StrEnum):
    """What is in the way."""

    TOO_FEW_CALLS = "too-few-calls"
    LAST_STAGE = "last-stage"
    STAGE_TWICE = "stage-twice"
    NOT_SO_MANY = "not-so-many"
    SOMEONE_STAYS = "someone-stays"
    STILL_NEEDS = "still-needs"
    NOBODY_LEFT = "nobody-left"
    NOT_ON_ROUTE = "not-on-route"
    WAS_MERGED = "was-merged"
    SAME_PARTY = "same-party"
    NOTHING_DONE = "nothing-done"
    UNDO_UNDONE = "undo-undone"
    SPLIT_UNDONE = "split-undone"
    MERGE_UNDONE = "merge-undone"
    NUMBER_UNDONE = "number-undone"
    RANGE_UNDONE = "range-undone"
    CARRIED_OVER = "carried-over"
    MOVED = "moved"
    NO_SUCH_STAGE = "no-such-stage"
    NO_SUCH_COUNTER = "no-such-counter"
    NO_SUCH_OUTCOME = "no-such-outcome"
    NOT_ITS_OUTCOME = "not-its-outcome"
    NO_OUTCOME = "no-outcome"
    NO_MORE_NOTED = "no-more-noted"
    NO_SUCH_STOCK = "no-such-stock"
    BELOW_NOBODY = "below-nobody"
    NO_ROUTE = "no-route"
    NUMBERS_HELD = "numbers-held"
    LETTERS_TAKEN = "letters-taken"


def _(text: str) -> str:
    """Mark a text for the catalogues; it is translated where it is shown."""
    return text


SENTENCES: dict[Hindrance, str] = {
    Hindrance.TOO_FEW_CALLS: _("called %(calls)d of %(needed)d times"),
    Hindrance.LAST_STAGE: _("%(stage)s is the last stage of its route"),
    Hindrance.STAGE_TWICE: _("no stage is passed twice"),
    Hindrance.NOT_SO_MANY: _("%(adults)d adults and %(children)d children belong to it"),
    Hindrance.SOMEONE_STAYS: _("someone must go, and someone stay"),
    Hindrance.STILL_NEEDS: _("%(other)s still needs %(stages)s: give up %(number)s instead"),
    Hindrance.NOBODY_LEFT: _("someone belongs to it: or let it leave"),
    Hindrance.NOT_ON_ROUTE: _("a route passes %(stage)s, and no stage twice"),
    Hindrance.WAS_MERGED: _("split the party that it went on as"),
    Hindrance.SAME_PARTY: _("it is the same party"),
    Hindrance.NOTHING_DONE: _("nothing was done with it yet"),
    Hindrance.UNDO_UNDONE: _("an undo is not undone: take the step again"),
    Hindrance.SPLIT_UNDONE: _("a split is taken back by merging the two"),
    Hindrance.MERGE_UNDONE: _("a merger is taken back by splitting the party"),
    Hindrance.NUMBER_UNDONE: _("a number that was issued is not taken back: let the party leave"),
    Hindrance.RANGE_UNDONE: _("what was served by hand is taken back as a whole range"),
    Hindrance.CARRIED_OVER: _("a visit that was carried over stays so"),
    Hindrance.MOVED: _("its stage or counter is not there any more: a lead corrects it"),
    Hindrance.NO_SUCH_STAGE: _("the site has no such stage"),
    Hindrance.NO_SUCH_COUNTER: _("the site has no such counter there any more"),
    Hindrance.NO_SUCH_OUTCOME: _("the site has no such outcome"),
    Hindrance.NOT_ITS_OUTCOME: _("the stage %(stage)s has no such outcome"),
    Hindrance.NO_OUTCOME: _("name at least one, each for 1 person or more"),
    Hindrance.NO_MORE_NOTED: _("%(persons)d persons are noted: no more can be taken away"),
    Hindrance.NO_SUCH_STOCK: _("the site has no such stock"),
    Hindrance.BELOW_NOBODY: _("nobody counts less than 0 persons"),
    Hindrance.NO_ROUTE: _("it needs one stage, and none twice"),
    Hindrance.NUMBERS_HELD: _(
        "every number of %(letter)s is held by an open visit: let some leave"
    ),
    Hindrance.LETTERS_TAKEN: _("kiosks have all letters: retire one, then issue numbers by hand"),
}
"""What is said of each, in English; without a capital and a full stop, for it stands in others.

Parts called `stage` or `stages` hold ids of stages, which pages show by their names.
"""


class Reason:
    """Why a step is not taken.

    Attributes:
        hindrance: What is in the way.
        parts: What stands in its sentence.

    """

    __slots__ = ("hindrance", "parts")

    def __init__(self, hindrance: Hindrance, **parts: str | int | tuple[str, ...]) -> None:
        self.hindrance = hindrance
        self.parts = parts

    def __str__(self) -> str:
        """Return it in English."""
        told = {
            name: ", ".join(part) if isinstance(part, tuple) else part
            for name, part in self.parts.items()
        }
        return SENTENCES[self.hindrance] % told
