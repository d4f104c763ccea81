"""The site: one reception point, as its site file describes it.

A `Site` is what the kiosk asks, prints and routes by, and what the server calls by. Both make
the same version from the same content.
"""

import hashlib
import json
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from kiosk.contract.hours import (
    MOST_LINES,
    Closure,
    Elsewhere,
    Hours,
    check_closures,
    check_stage_hours,
)
from kiosk.contract.messages import Language, Message, Name
from kiosk.contract.questions import Choices, Faults, Question, broken, check_conditions
from kiosk.contract.signs import MOST_PLACES, Door, Landmark, Part, Place, StaffText, Text

ADDRESS_PATTERN = r"^https?://[^\s/]+(/[^\s?#]*)?$"

PRIVACY_PATTERN = r"^https://[^\s/?#{}]+(/([^\s?#{}]|\{language\})*)?$"

LONGEST_ZONE = 64
"""Characters of a time zone's name; of those that there are the longest has half as many."""

SERIES_LETTERS = "DFGJLNRSU"
"""Letters that no reader of Cyrillic takes for another sound; never Z or V."""

# Two consonants of those letters, looked through one by one. Left out is what says something in
# one of the fourteen languages: states (DJ FJ FR GD GN GR LR LS NL NR RS SN SL SR), parties and
# movements (FN GF JN JS JF NF ND NS RF RN SA SD SF LD), authorities and courts (DN DR FD FG GS LG
# RD SG SJ), trains (NJ RJ), "number" and "no good" (LN NG). Left out is also a letter twice, for
# the ear loses one and is left with another kiosk's number, and what is one of these turned round
# (JL GJ SF), so that who mixes up two letters finds nobody there. Native speakers have not
# reviewed them yet.
SERIES_PAIRS = ("LJ", "LF", "JG", "JD", "JR", "RL", "RG", "DF", "DG", "DL", "DS", "FS")
"""Given out when the single letters are."""

ALL_SERIES: tuple[str, ...] = (*SERIES_LETTERS, *SERIES_PAIRS)
"""What the numbers of a series may begin with, in the order in which they are given out."""


class Stage(Part):
    """One step of the one-way flow."""

    id: Name
    name: StaffText = Field(description="For staff; at least German and English.")
    landmark: Landmark
    door: Door = Field(description="The number on the door.")
    per_person: bool = Field(default=False, description="Each person of a party is served.")
    hours: Hours | None = Field(default=None, description="None: whenever the site is open.")
    most_persons: int | None = Field(
        default=None, ge=1, description="Called and served there at once; None: no limit."
    )
    target_minutes: int = Field(
        default=20, ge=1, le=480, description="The longest wait that is meant to be usual there."
    )


class Counter(Part):
    """A staffed desk of one stage."""

    id: Name
    stage: Name
    languages: tuple[Language, ...] = Field(
        default=(), description="What is spoken there: such parties are called there a bit earlier."
    )


class Outcome(Part):
    """What a stage may achieve for persons of a party: "permit issued"."""

    id: Name
    stage: Name
    name: StaffText
    figure: Name = Field(description="What it adds up to.")
    counts: Literal[1, -1] = Field(default=1, description="-1: takes away from a stock.")


class Figure(Part):
    """A figure that the city reports: what outcomes add up to, in persons."""

    id: Name
    name: StaffText
    stock: bool = Field(
        default=False, description="How many are there now: a count by staff, and outcomes since."
    )


class Accessibility(Part):
    """Who hears of barriers at this site: it stands in the accessibility statement."""

    contact: str = Field(
        min_length=3, max_length=200, description="Whom to write to or call, in one line."
    )
    enforcement: str | None = Field(
        default=None,
        max_length=300,
        description="Who decides where that does not help, in one line.",
    )


class Site(Part):
    """One reception point.

    The party's size is asked on every site; `questions` come after it, in order.
    """

    id: Name
    name: str = Field(min_length=1, max_length=40, description="On slip and screen, as it is.")
    time_zone: str = "Europe/Berlin"
    languages: tuple[Language, ...] = Field(min_length=1)
    audio_languages: tuple[Language, ...] = Field(
        default=(),
        max_length=2,
        description="Offered beside them as a call for a person who speaks it; nothing is written.",
    )
    skip_numbers: tuple[int, ...] = (200, 300, 666)
    public_address: str | None = Field(default=None, pattern=ADDRESS_PATTERN, max_length=60)
    privacy_notice: tuple[Text, ...] = Field(default=(), max_length=4)
    privacy_address: str | None = Field(
        default=None,
        pattern=PRIVACY_PATTERN,
        max_length=60,
        description="All about the data, to be read on a phone; may hold {language}.",
    )
    accessibility: Accessibility | None = None
    desk: Place | None = Field(default=None, description="Where people always are who help.")
    first_stages: tuple[Name, ...] = Field(default=(), description="On every party's route.")
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=12)
    counters: tuple[Counter, ...] = Field(min_length=1)
    outcomes: tuple[Outcome, ...] = ()
    figures: tuple[Figure, ...] = ()
    most_persons: int | None = Field(
        default=None, ge=1, description="In the hall at once, called before; None: no limit."
    )
    questions: tuple[Question, ...] = ()
    hours: Hours | None = Field(default=None, description="None: always open.")
    closures: tuple[Closure, ...] = ()
    when_closed: tuple[Elsewhere, ...] = Field(default=(), max_length=MOST_LINES)

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, zone: str) -> str:
        try:
            # A longer one keeps Python's own search busy until its stack ends.
            found = ZoneInfo(zone) if len(zone) <= LONGEST_ZONE else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            found = None
        if found is None:
            raise ValueError(f"no time zone {zone[:LONGEST_ZONE]!r}; an example is Europe/Berlin")
        return zone

    @model_validator(mode="after")
    def _fits(self) -> Self:
        faults = Faults()
        self._names_fit(faults)
        self._figures_fit(faults)
        self._languages_fit(faults)
        self._hours_fit(faults)
        faults.raise_if_any()
        return self

    def _names_fit(self, faults: Faults) -> None:
        stages = [stage.id for stage in self.stages]
        for table, names, key in (
            ("stages", stages, "id"),
            ("stages", [stage.landmark for stage in self.stages], "landmark"),
            ("counters", [counter.id for counter in self.counters], "id"),
            ("questions", [question.id for question in self.questions], "id"),
        ):
            with faults.gathered():
                _each_once(table, names, key=key)
        with faults.gathered():
            _all_known(stages, self.first_stages, place=("first_stages",))
        for c, counter in enumerate(self.counters):
            with faults.gathered():
                _all_known(stages, (counter.stage,), place=("counters", c, "stage"))
        for q, question in enumerate(self.questions):
            if isinstance(question, Choices):
                with faults.gathered():
                    self._options_fit(question, place=("questions", q))
        with faults.gathered():
            check_conditions(self.questions)
        if len(self._places()) > MOST_PLACES:
            faults.add(("questions",), f"at most {MOST_PLACES} places without a number")
        if self.desk and (other := self._other_door(self.desk)):
            faults.add(("desk",), f"{self.desk.landmark!r} is already at door {other}")

    def _figures_fit(self, faults: Faults) -> None:
        stages = [stage.id for stage in self.stages]
        figures = [figure.id for figure in self.figures]
        with faults.gathered():
            _each_once("outcomes", [outcome.id for outcome in self.outcomes])
        with faults.gathered():
            _each_once("figures", figures)
        stocks = {figure.id for figure in self.figures if figure.stock}
        for index, outcome in enumerate(self.outcomes):
            place = ("outcomes", index)
            with faults.gathered():
                _all_known(stages, (outcome.stage,), place=(*place, "stage"))
            if outcome.figure not in figures:
                there = ", ".join(figures) or "none"
                faults.add((*place, "figure"), f"no figure {outcome.figure!r}; there are: {there}")
            elif outcome.counts < 0 and outcome.figure not in stocks:
                reason = f"only a stock can grow smaller, and {outcome.figure!r} is none"
                faults.add((*place, "counts"), reason)
        added_to = {outcome.figure for outcome in self.outcomes} | stocks
        for index, figure in enumerate(self.figures):
            if figure.id not in added_to:
                faults.add(("figures", index), f"no outcome adds up to {figure.id!r}")

    def _languages_fit(self, faults: Faults) -> None:
        asked = (*self.languages, *self.audio_languages)
        for index, code in enumerate(self.audio_languages):
            if code in (*self.languages, *self.audio_languages[:index]):
                faults.add(("audio_languages", index), f"{code!r} is there twice")
        for c, counter in enumerate(self.counters):
            for index, code in enumerate(counter.languages):
                place = ("counters", c, "languages")
                if code not in asked:
                    faults.add(place, f"{code!r} is no language of this site")
                if code in counter.languages[:index]:
                    faults.add(place, f"{code!r} is there twice")

    def _hours_fit(self, faults: Faults) -> None:
        with faults.gathered():
            check_closures(self.closures)
        for index, stage in enumerate(self.stages):
            if stage.hours and self.hours:
                with faults.gathered():
                    check_stage_hours(stage.hours, self.hours, place=("stages", index, "hours"))
        for index, line in enumerate(self.when_closed):
            if line.place and (other := self._other_door(line.place)):
                place = ("when_closed", index, "place")
                faults.add(place, f"{line.place.landmark!r} is already at door {other}")

    def _options_fit(self, question: Choices, *, place: tuple[str | int, ...]) -> None:
        stages = [stage.id for stage in self.stages]
        _each_once("options", [option.id for option in question.options], inside=place)
        for index, option in enumerate(question.options):
            way = (*place, "options", index)
            _all_known(stages, option.stages, place=(*way, "stages"))
            if option.place and (other := self._other_door(option.place)):
                picture = option.place.landmark
                raise broken((*way, "place"), f"{picture!r} is already at door {other}")

    def _places(self) -> list[Place]:
        options = (o for q in self.questions if isinstance(q, Choices) for o in q.options)
        return [option.place for option in options if option.place]

    def _other_door(self, place: Place) -> str | None:
        """Return another door with this landmark: nobody should stand before the wrong one."""
        doors: list[Stage | Place] = [*self.stages, *self._places()]
        same = (there.door for there in doors if there.landmark == place.landmark)
        return next((door for door in same if door != place.door), None)

    @property
    def version(self) -> str:
        """A name for exactly this content, the same on every machine.

        What is left at its default does not count: a program that knows more keys gives a site
        file that uses none of them the same name.
        """
        told = self.model_dump(mode="json", exclude_defaults=True)
        content = json.dumps(told, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def privacy_page(self, language: str) -> str | None:
        """Return where a phone reads all about the data in a language; None where nowhere."""
        address = self.privacy_address
        if address is None or "{language}" in address:
            return address and address.replace("{language}", language)
        return f"{address}?lang={language}"

    def stage(self, stage_id: str) -> Stage | None:
        """Return the stage of that name, or None."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    def counter(self, counter_id: str) -> Counter | None:
        """Return the counter of that name, or None."""
        return next((counter for counter in self.counters if counter.id == counter_id), None)


class SiteAnswer(Message):
    """The site and the key to seal to. `GET /v1/site`; another ETag where one of them changes."""

    version: str
    key_id: Name
    public_key: str = Field(description="X25519, 32 bytes in base64.")
    site: Site


def _each_once(
    table: str, names: list[str], *, key: str = "id", inside: tuple[str | int, ...] = ()
) -> list[str]:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise broken((*inside, table, index, key), f"{name!r} is there twice")
    return names


def _all_known(stages: list[str], named: tuple[str, ...], *, place: tuple[str | int, ...]) -> None:
    for stage in named:
        if stage not in stages:
            raise broken(place, f"no stage {stage!r}; there are: {', '.join(stages)}")
