"""What is asked, and what the answers mean: the next question, the route, the priority. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.contract.site import Choices, Site

MOST_PERSONS = 99
"""The largest number of adults, or of children, that one ticket carries."""


@dataclass(frozen=True, slots=True)
class Party:
    """The people who check in together, on one ticket."""

    adults: int
    children: int

    def __post_init__(self) -> None:
        """Refuse a party of nobody, and numbers that no tile offers."""
        if not (0 <= self.adults <= MOST_PERSONS and 0 <= self.children <= MOST_PERSONS):
            raise ValueError(f"a party has 0 to {MOST_PERSONS} adults and as many children")
        if not self.adults and not self.children:
            raise ValueError("a party has at least one person")

    @property
    def is_child_alone(self) -> bool:
        """True where no adult is there: staff are called, no ticket is needed first."""
        return not self.adults


@dataclass(frozen=True, slots=True)
class Answers:
    """All that a party told, complete; held in memory only until the check-in is sealed.

    Attributes:
        site: The site file that asked. Another one may be in force by now, in which the same
            options lead elsewhere.
        language: The party's, ``"uk"``.
        party: How many they are.
        chosen: Question to options.

    """

    site: Site
    language: str
    party: Party
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def next_question(site: Site, chosen: Mapping[str, tuple[str, ...]]) -> Choices | None:
    """Return the first question that has no answer yet, or None when all have one."""
    return next((question for question in site.questions if question.id not in chosen), None)


def check_answer(question: Choices, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the chosen options in the order of the site file.

    Raises ValueError when none, too many or unknown ones are chosen: a screen lets nobody do
    that, so it is a mistake in the program.
    """
    known = [option.id for option in question.options]
    if not set(chosen) <= set(known):
        raise ValueError(f"question {question.id}: an option that is not in the site file")
    if not 1 <= len(set(chosen)) <= question.most:
        raise ValueError(f"question {question.id}: 1 to {question.most} options")
    return tuple(option for option in known if option in chosen)


def route(site: Site, chosen: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the stages that a party passes, in the order of the site file; never empty."""
    wanted = set(site.first_stages)
    for question in site.questions:
        for option in question.options:
            if option.id in chosen.get(question.id, ()):
                wanted.update(option.stages)
    stages = tuple(stage.id for stage in site.stages if stage.id in wanted)
    return stages or (site.stages[0].id,)
