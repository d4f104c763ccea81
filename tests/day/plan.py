"""The plan of a synthetic day: who comes when to which kiosk, and what they are like.

Sizes, hours, trains, languages and purposes are those of `data/synthetic_day.json`; what that
file says nothing of is a named share here.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DAY = json.loads(
    (Path(__file__).parents[1] / "server_stub" / "data" / "synthetic_day.json").read_text("utf-8")
)

KIOSKS = 8
COUNTERS = {"information": 6, "housing": 4, "registration": 12, "benefits": 6, "onward-travel": 2}
"""Thirty, by stage."""

SPOKEN = (("uk",), ("uk", "ru"), ("ru", "de"), ("uk", "en"), ("ar", "fa"), ())
"""At the counters of a stage, by turns."""

ROUTES = {
    "repeat_or_document": ("information",),
    "registration": ("information", "registration"),
    "benefits": ("information", "benefits"),
    "housing_tonight": ("information", "housing", "registration"),
    "onward_travel": ("information", "onward-travel"),
    "medical_now": ("information",),
    "info_other": ("information",),
}
MINUTES = {
    "information": "info",
    "housing": "housing",
    "registration": "biometric_person",
    "benefits": "benefits",
    "onward-travel": "onward",
}
"""Where the file says how long a service takes."""

PER_PERSON = "registration"
NEED_FIRST = 0.22
"""Of the parties, whose kiosk proposes priority."""

BY_HAND = 0.02
"""Of the parties, who cannot use a kiosk."""

CHILD = 0.38
"""Of the persons beside the first, who are below 18."""

MIDNIGHT = 24 * 60
DAY_BEGINS = 4 * 60
"""Minute of the wall clock at which a service day begins."""

NO_MORE = 23.5 * 60
"""Minute of the service day from which nobody comes any more."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A party that comes.

    Attributes:
        minute: Since the service day began.
        kiosk: Which one it goes to, from 0; None where staff give it its number.
        language: That it reads.
        adults: 18 and above.
        children: Below 18.
        route: The stages it has to pass.
        proposed: The kiosk proposes priority.

    """

    minute: float
    kiosk: int | None
    language: str
    adults: int
    children: int
    route: tuple[str, ...]
    proposed: bool

    @property
    def persons(self) -> int:
        """How many they are."""
        return self.adults + self.children

    @property
    def hour(self) -> int:
        """The hour of the wall clock at which it comes."""
        return int((self.minute + DAY_BEGINS) // 60) % 24


def arrivals(persons: int, chance: random.Random) -> list[Arrival]:
    """Return who comes on a day with so many persons, in order; the last party makes it exact."""
    moments = _moments(chance)
    planned: list[Arrival] = []
    missing = persons
    while missing:
        arrival = _arrival(next(moments), missing, chance)
        planned.append(arrival)
        missing -= arrival.persons
    return sorted(planned, key=lambda arrival: arrival.minute)


def minutes_of_service(stage: str, persons: int, chance: random.Random) -> float:
    """Return how long a counter serves a party."""
    mean, spread = DAY["service_minutes_lognormal_mean_cv"][MINUTES[stage]]
    times = persons if stage == PER_PERSON else 1
    return sum(max(0.5, chance.gauss(mean, mean * spread)) for _ in range(times))


def counters() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each counter, its stage, and what is spoken there."""
    number = 1
    for stage, count in COUNTERS.items():
        for index in range(count):
            yield str(number), stage, SPOKEN[index % len(SPOKEN)]
            number += 1


def _moments(chance: random.Random) -> Iterator[float]:
    """Yield minutes of arrival: by the shares of the hours, and four trains on top."""
    hours = {int(hour): percent for hour, percent in DAY["arrival_percent_by_hour"].items()}
    trains = DAY["train_pulses"]
    by_train = sum(train["persons"] for train in trains) / 2500
    while True:
        if chance.random() < by_train:
            (train,) = chance.choices(trains, [train["persons"] for train in trains])
            hour, minute = map(int, train["at"].split(":"))
            wall = 60 * hour + minute + train["spread_min"] * chance.random()
        else:
            (hour,) = chance.choices(list(hours), list(hours.values()))
            wall = 60 * (hour + chance.random())
        yield (wall - DAY_BEGINS) % MIDNIGHT % NO_MORE


def _arrival(minute: float, most: int, chance: random.Random) -> Arrival:
    sizes = {int(size): share for size, share in DAY["group_size_pmf"].items()}
    (size,) = chance.choices(list(sizes), list(sizes.values()))
    size = min(size, most)
    children = sum(chance.random() < CHILD for _ in range(size - 1))
    purposes, languages = DAY["purpose_percent_of_groups"], DAY["ui_language_percent"]
    (purpose,) = chance.choices(list(purposes), list(purposes.values()))
    (language,) = chance.choices(list(languages), list(languages.values()))
    by_hand = language == "rom_audio" or chance.random() < BY_HAND
    return Arrival(
        minute=minute,
        kiosk=None if by_hand else chance.randrange(KIOSKS),
        language="de" if language == "rom_audio" else language,
        adults=size - children,
        children=children,
        route=ROUTES[purpose],
        proposed=chance.random() < NEED_FIRST,
    )
