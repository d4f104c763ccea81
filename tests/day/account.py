"""The account of a day: what happened, written down by those who did it and not by the server."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import ceil


@dataclass(slots=True)
class Tallied:
    """So many parties and so many persons."""

    parties: int = 0
    persons: int = 0

    def add(self, persons: int) -> None:
        """One more party."""
        self.parties += 1
        self.persons += persons


def tallies() -> defaultdict[str, Tallied]:
    """Return tallies by name."""
    return defaultdict(Tallied)


@dataclass(slots=True)
class Account:
    """What happened on the day.

    Attributes:
        visits: Who came.
        adults: Of the persons who came.
        by_hand: Who came and got their number from staff.
        arrivals: Who came, by the hour of the wall clock at which they came.
        finished: Whose visit came to its end.
        left: Who went away.
        carried_over: Who still waited when the day was closed.
        outcomes: Persons by outcome.
        served: By stage: who was sent on from there, or finished.
        left_at: By stage: who went away from there.
        no_shows: Parties that were put back after three calls, by stage.
        waits: By stage: whole minutes, begun ones counted, from coming there to the first call.
        abandoned: Dialogues that nobody ended.
        happenings: How often the unusual happened, for the report alone.

    """

    visits: Tallied = field(default_factory=Tallied)
    adults: int = 0
    by_hand: Tallied = field(default_factory=Tallied)
    arrivals: defaultdict[int, Tallied] = field(default_factory=lambda: defaultdict(Tallied))
    finished: Tallied = field(default_factory=Tallied)
    left: Tallied = field(default_factory=Tallied)
    carried_over: Tallied = field(default_factory=Tallied)
    outcomes: Counter[str] = field(default_factory=Counter)
    served: defaultdict[str, Tallied] = field(default_factory=tallies)
    left_at: defaultdict[str, Tallied] = field(default_factory=tallies)
    no_shows: Counter[str] = field(default_factory=Counter)
    waits: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    abandoned: int = 0
    happenings: Counter[str] = field(default_factory=Counter)

    def waited(self, stage: str, seconds: float) -> None:
        """Write down a wait that ended with the first call at a stage."""
        self.waits[stage].append(ceil(round(seconds, 3) / 60))
