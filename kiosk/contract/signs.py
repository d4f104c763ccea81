"""The signs of a site: the texts, pictograms, landmarks and doors that people find their way by."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from kiosk.contract.messages import Language, Name

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
    *("bed", "register", "money", "travel", "bus", "document", "ask"),
    *("food", "toilet", "bottle", "rest", "calendar", "steps", "nobody"),
    *("adult", "child", "family", "baby", "pregnant", "elderly", "cannot-stand", "wheelchair"),
    *("doctor", "person", "phone", "clock", "door", "ear", "info", "language", "hand"),
)
"""The pictograms that a tile of a question may show; drawn in ``assets/icons``."""

DOOR_PATTERN = r"^[0-9A-Za-z]{1,4}$"


MOST_PLACES = 4
"""How many places without a number a site has: what fits on a screen beside the number."""


class Part(BaseModel):
    """What all parts of a site file share: unknown keys are mistakes, and nothing changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _is_a_landmark(landmark: str) -> str:
    if landmark not in LANDMARKS:
        raise ValueError(f"no landmark {landmark!r}; there are: {', '.join(LANDMARKS)}")
    return landmark


def _is_an_icon(icon: str) -> str:
    if icon not in ICONS:
        raise ValueError(f"no icon {icon!r}; there are: {', '.join(ICONS)}")
    return icon


def _has_staff_languages(texts: dict[str, str]) -> dict[str, str]:
    for language in ("de", "en"):
        if not texts.get(language):
            raise ValueError(f"has no text in {language}")
    return texts


Landmark = Annotated[str, AfterValidator(_is_a_landmark)]
"""One of `LANDMARKS`."""

Icon = Annotated[Name, AfterValidator(_is_an_icon)]
"""One of `ICONS`."""

Door = Annotated[str, Field(pattern=DOOR_PATTERN)]
"""The number on a door, ``"12"``."""

StaffText = Annotated[dict[Language, str], AfterValidator(_has_staff_languages)]
"""What staff read: at least German and English."""


class Place(Part):
    """Where something is that needs no number, such as food or a toilet."""

    landmark: Landmark
    door: Door = Field(description="The number on the door.")
