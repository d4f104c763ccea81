"""The questions of a site file: what is asked, when, and what each answer leads to."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from kiosk.contract.messages import Name
from kiosk.contract.signs import Icon, Part, Place, StaffText, Text

MOST_TILES = 12
"""What a screen has room for."""


class Option(Part):
    """One tile of a question. It leads to stages, or to a place, or proposes priority, or none."""

    id: Name
    text: Text
    icon: Icon
    stages: tuple[Name, ...] = Field(default=(), description="What choosing it adds to the route.")
    place: Place | None = Field(default=None, description="Where it is, without a number.")
    priority: bool = Field(default=False, description="Proposes priority; never kept nor sent.")

    @model_validator(mode="after")
    def _leads_one_way(self) -> Self:
        if self.place and self.stages:
            raise broken(("place",), "needs no number, but stages do: take one of them out")
        if self.priority and (self.place or self.stages):
            raise broken(("priority",), "its choice is not kept, so it can lead nowhere")
        return self


class _Asked(Part):
    """What all questions share."""

    id: Name
    text: Text
    hint: Text | None = None
    when: dict[Name, Annotated[tuple[Name, ...], Field(min_length=1)]] = Field(
        default={},
        description="Asked only where, of each earlier question named, one of these was chosen.",
    )


class Choices(_Asked):
    """A question that is answered by one tile (`choice`) or by several (`choices`)."""

    kind: Literal["choice", "choices"] = "choice"
    most: int = Field(default=1, ge=1, le=9, description="How many tiles may be chosen.")
    options: tuple[Option, ...] = Field(min_length=2, max_length=MOST_TILES)

    @model_validator(mode="before")
    @classmethod
    def _say_the_kind(cls, table: Any) -> Any:  # noqa: ANN401  # anything may stand in a file
        """Name the kind where a file only says how many; one without a kind is of contract v1."""
        if isinstance(table, dict) and "kind" not in table and table.get("most", 1) != 1:
            return {**table, "kind": "choices"}
        return table

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if self.kind == "choice" and self.most != 1:
            raise broken(("most",), 'a choice is one tile: say kind = "choices" for several')
        if self.kind == "choices" and self.most == 1:
            raise broken(("most",), "choices say how many, 2 to 9: most = 3")
        return self

    @model_validator(mode="after")
    def _priority_leads_nowhere(self) -> Self:
        if not self.proposes_priority:
            return self
        for index, option in enumerate(self.options):
            if option.stages or option.place:
                place = ("options", index, "stages" if option.stages else "place")
                reason = "a question that proposes priority is not kept, so it can lead nowhere"
                raise broken(place, reason)
        if all(option.priority for option in self.options):
            raise broken(("options",), 'needs an option without priority, such as "Nobody"')
        return self

    @property
    def proposes_priority(self) -> bool:
        """True where an option does: then the answer is neither kept nor sent, only the flag."""
        return any(option.priority for option in self.options)


class Count(_Asked):
    """A question that is answered by a number on a tile, from `least` to `most`."""

    kind: Literal["count"]
    least: int = Field(default=0, ge=0, le=99)
    most: int = Field(ge=1, le=99)

    @model_validator(mode="after")
    def _has_tiles(self) -> Self:
        if not 2 <= self.most - self.least + 1 <= MOST_TILES:
            raise broken(("most",), f"needs 2 to {MOST_TILES} tiles, from least to most")
        return self

    @property
    def tiles(self) -> tuple[str, ...]:
        """The answers there are, as they are kept: ``("0", "1", "2")``."""
        return tuple(str(number) for number in range(self.least, self.most + 1))


class Role(StrEnum):
    """Who reads an answer."""

    HELPER = "helper"
    COUNTER = "counter"
    LEAD = "lead"
    ADMIN = "admin"


class _Entered(_Asked):
    """What is entered by keys may tell who somebody is, so it says why it is asked."""

    purpose: StaffText = Field(description="Why it is asked; for staff and for whoever audits.")
    retention_days: int = Field(ge=1, le=365, description="Deleted after so many days.")
    readers: tuple[Role, ...] = Field(min_length=1, description="The roles that may read it.")


class Digits(_Entered):
    """A question that is answered by digits, such as the number of a letter."""

    kind: Literal["digits"]
    length: int = Field(ge=1, le=20, description="How many digits.")
    shortest: int | None = Field(default=None, ge=1, description="Where fewer are enough.")

    @model_validator(mode="after")
    def _shortest_fits(self) -> Self:
        if self.shortest is not None and self.shortest > self.length:
            raise broken(("shortest",), f"cannot be more than length, {self.length}")
        return self


class FreeText(_Entered):
    """A question that is answered by letters, on a keyboard of the kiosk's own."""

    kind: Literal["text"]
    longest: int = Field(ge=1, le=60, description="How many letters at most.")
    script: Literal["own", "latin"] = Field(
        default="own", description='The keyboard: of the party\'s language ("own"), or Latin.'
    )


# The brackets mark a tag as no part of the way to a value: see site_file.
_TAGS = {
    "choice": "[choices]",
    "choices": "[choices]",
    "count": "[count]",
    "digits": "[digits]",
    "text": "[text]",
}
KINDS = tuple(_TAGS)
"""The kinds of question, as a site file names them."""


def _tag_of(question: Any) -> str | None:  # noqa: ANN401  # anything may stand in a file
    if isinstance(question, Part):
        return _TAGS[getattr(question, "kind", "")]
    kind = question.get("kind", "choice") if isinstance(question, dict) else "choice"
    return _TAGS.get(kind) if isinstance(kind, str) else None


Question = Annotated[
    Annotated[Choices, Tag("[choices]")]
    | Annotated[Count, Tag("[count]")]
    | Annotated[Digits, Tag("[digits]")]
    | Annotated[FreeText, Tag("[text]")],
    Discriminator(
        _tag_of,
        custom_error_type="kind",
        custom_error_message=f"no such kind; there are: {', '.join(KINDS)}",
    ),
]
"""One question; `kind` says which."""


def check_conditions(questions: tuple[Question, ...]) -> None:
    """Raise where a condition names what is not asked earlier, or what is not kept."""
    earlier: dict[str, Question] = {}
    for index, question in enumerate(questions):
        for name, options in question.when.items():
            place = ("questions", index, "when", name)
            if name not in earlier:
                there = f"; there are: {', '.join(earlier)}" if earlier else ""
                raise broken(place, f"no question {name!r} is asked before this one{there}")
            _check_condition(earlier[name], options, place=place)
        earlier[question.id] = question


def _check_condition(
    asked: Question, options: tuple[str, ...], *, place: tuple[str | int, ...]
) -> None:
    if not isinstance(asked, Choices):
        raise broken(place, f"{asked.id!r} has no options to ask for")
    if asked.proposes_priority:
        raise broken(place, f"the answer to {asked.id!r} is not kept, so nothing depends on it")
    known = [option.id for option in asked.options]
    for option in options:
        if option not in known:
            raise broken(place, f"no option {option!r}; there are: {', '.join(known)}")


class Faults:
    """What is wrong with a site, all of it; whoever mends a file wants to know it at once."""

    def __init__(self) -> None:
        self._found: list[tuple[tuple[str | int, ...], str]] = []

    def add(self, place: tuple[str | int, ...], reason: str) -> None:
        """Take note of one fault; `place` is the way to it."""
        self._found.append((place, reason))

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Take note of what is found `broken` in the block, and go on."""
        try:
            yield
        except PydanticCustomError as error:
            told = error.context or {}
            self.add(told["place"], told["reason"])

    def raise_if_any(self) -> None:
        """Raise the first fault as the error of a value, with the others in its context."""
        if self._found:
            (place, reason), *others = self._found
            told = {"reason": reason, "place": place, "others": others}
            raise PydanticCustomError("site", "{reason}", told)


def broken(place: tuple[str | int, ...], reason: str) -> PydanticCustomError:
    """Return the error of a value; `place` is the way to it from where it is raised."""
    return PydanticCustomError("site", "{reason}", {"reason": reason, "place": place})
