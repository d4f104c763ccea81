"""The site: one reception point, as its site file describes it.

A `Site` is what the kiosk asks, prints and routes by, and what the server calls by. Both make
the same version from the same content.
"""

import hashlib
import json
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from kiosk.contract.messages import Language, Message, Name

Text = Annotated[str, StringConstraints(min_length=1, max_length=300)] | dict[Language, str]
"""What people read: the English text of a catalogue entry, or one text per language."""

LANDMARKS = (
    "tree",
    "fish",
    "boat",
    "star",
    "moon",
    "bird",
    "tulip",
    "apple",
    "umbrella",
    "bell",
    "key",
    "cat",
)
"""The neutral pictures of places, the same on slip, screen and door."""

ICONS = (
    *("bed", "register", "money", "travel", "document", "ask"),
    *("adult", "child", "family", "baby", "pregnant", "elderly", "cannot-stand", "wheelchair"),
    *("doctor", "person", "phone", "clock", "door", "ear", "info", "language", "hand"),
)
"""The pictograms that a tile of a question may show; drawn in ``assets/icons``."""

DOOR_PATTERN = r"^[0-9A-Za-z]{1,4}$"
ADDRESS_PATTERN = r"^https?://[^\s/]+(/[^\s?#]*)?$"

SERIES_LETTERS = "DFGJLNRSU"
"""Letters that no reader of Cyrillic takes for another sound; never Z or V."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stage(_Part):
    """One step of the one-way flow."""

    id: Name
    name: dict[Language, str] = Field(description="For staff; at least German and English.")
    landmark: str
    door: str = Field(pattern=DOOR_PATTERN, description="The number on the door.")
    per_person: bool = Field(default=False, description="Each person of a party is served.")

    @field_validator("name")
    @classmethod
    def _has_staff_languages(cls, name: dict[str, str]) -> dict[str, str]:
        for language in ("de", "en"):
            if not name.get(language):
                raise ValueError(f"has no name in {language}")
        return name

    @field_validator("landmark")
    @classmethod
    def _is_a_landmark(cls, landmark: str) -> str:
        if landmark not in LANDMARKS:
            raise ValueError(f"no landmark {landmark!r}; there are: {', '.join(LANDMARKS)}")
        return landmark


class Counter(_Part):
    """A staffed desk of one stage."""

    id: Name
    stage: Name


class Option(_Part):
    """One tile of a question."""

    id: Name
    text: Text
    icon: Name
    stages: tuple[Name, ...] = Field(default=(), description="What choosing it adds to the route.")

    @field_validator("icon")
    @classmethod
    def _is_an_icon(cls, icon: str) -> str:
        if icon not in ICONS:
            raise ValueError(f"no icon {icon!r}; there are: {', '.join(ICONS)}")
        return icon


class Choices(_Part):
    """A question that is answered by one or more tiles."""

    id: Name
    text: Text
    hint: Text | None = None
    most: int = Field(default=1, ge=1, le=9, description="How many tiles may be chosen.")
    options: tuple[Option, ...] = Field(min_length=2, max_length=12)


class Site(_Part):
    """One reception point.

    The party's size is asked on every site; `questions` come after it, in order.
    """

    id: Name
    name: str = Field(min_length=1, max_length=40, description="On slip and screen, as it is.")
    time_zone: str = "Europe/Berlin"
    languages: tuple[Language, ...] = Field(min_length=1)
    skip_numbers: tuple[int, ...] = (200, 300, 666)
    public_address: str | None = Field(default=None, pattern=ADDRESS_PATTERN, max_length=60)
    privacy_notice: tuple[Text, ...] = Field(default=(), max_length=4)
    first_stages: tuple[Name, ...] = Field(default=(), description="On every party's route.")
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=12)
    counters: tuple[Counter, ...] = Field(min_length=1)
    questions: tuple[Choices, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no time zone {zone!r}; an example is Europe/Berlin") from None
        return zone

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        stages = _each_once("stages", [stage.id for stage in self.stages])
        _each_once("stages", [stage.landmark for stage in self.stages], key="landmark")
        _each_once("counters", [counter.id for counter in self.counters])
        _each_once("questions", [question.id for question in self.questions])
        _all_known(stages, self.first_stages, place=("first_stages",))
        for c, counter in enumerate(self.counters):
            _all_known(stages, (counter.stage,), place=("counters", c, "stage"))
        for q, question in enumerate(self.questions):
            _each_once("options", [o.id for o in question.options], inside=("questions", q))
            for o, option in enumerate(question.options):
                place = ("questions", q, "options", o, "stages")
                _all_known(stages, option.stages, place=place)
        return self

    @property
    def version(self) -> str:
        """A name for exactly this content, the same on every machine."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def stage(self, stage_id: str) -> Stage | None:
        """Return the stage of that name, or None."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)


class SiteAnswer(Message):
    """The site and the key to seal to. `GET /v1/site`, with the version as its ETag."""

    version: str
    key_id: Name
    public_key: str = Field(description="X25519, 32 bytes in base64.")
    site: Site


def _each_once(
    table: str, names: list[str], *, key: str = "id", inside: tuple[str | int, ...] = ()
) -> list[str]:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise _broken((*inside, table, index, key), f"{name!r} is there twice")
    return names


def _all_known(stages: list[str], named: tuple[str, ...], *, place: tuple[str | int, ...]) -> None:
    for stage in named:
        if stage not in stages:
            raise _broken(place, f"no stage {stage!r}; there are: {', '.join(stages)}")


def _broken(place: tuple[str | int, ...], reason: str) -> PydanticCustomError:
    return PydanticCustomError("site", "{reason}", {"reason": reason, "place": place})
