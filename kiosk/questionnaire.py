"""What is asked, and what the answers mean: the next question, the route, the priority. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.contract.questions import Choices, Count, Digits, FreeText, Option, Question
from kiosk.contract.site import Site
from kiosk.entry import DIGITS, letters, told

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
        chosen: Question to options, without those that propose priority.
        priority: True where one of those was chosen; which one is already forgotten.

    """

    site: Site
    language: str
    party: Party
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    priority: bool = False


Chosen = Mapping[str, tuple[str, ...]]
"""Question to what was chosen, in the order of asking."""


def next_question(site: Site, chosen: Chosen) -> Question | None:
    """Return the first question that is to be asked and has no answer yet, or None."""
    return next(
        (q for q in site.questions if q.id not in chosen and _is_asked(q, chosen)),
        None,
    )


def check_answer(question: Question, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the chosen options in the order of the site file, or what was entered.

    Raises ValueError when none, too many or unknown ones are chosen, or when what was entered is
    outside the question's limits: a screen lets nobody do that, so it is a mistake in the
    program. The message never has the answer in it.
    """
    if isinstance(question, Digits | FreeText):
        return _check_entry(question, chosen)
    known, most = _tiles(question)
    if not set(chosen) <= set(known):
        raise ValueError(f"question {question.id}: an option that is not in the site file")
    if not 1 <= len(set(chosen)) <= most:
        raise ValueError(f"question {question.id}: 1 to {most} options")
    return tuple(option for option in known if option in chosen)


def fits(question: Digits | FreeText, text: str) -> bool:
    """Return whether what was entered is an answer: long enough, and not too long."""
    if isinstance(question, Digits):
        shortest = question.shortest or question.length
        return shortest <= len(text) <= question.length and set(text) <= set(DIGITS)
    return text.isprintable() and text == told(text) and 1 <= len(letters(text)) <= question.longest


def route(site: Site, chosen: Chosen) -> tuple[str, ...]:
    """Return the stages that a party passes, in the order of the site file; never empty."""
    wanted = set(site.first_stages)
    for option in _options(site, chosen):
        wanted.update(option.stages)
    stages = tuple(stage.id for stage in site.stages if stage.id in wanted)
    return stages or (site.stages[0].id,)


def places(site: Site, chosen: Chosen) -> tuple[Option, ...]:
    """Return the chosen options that are a place to go to without a number."""
    return tuple(option for option in _options(site, chosen) if option.place)


def needs_no_number(site: Site, chosen: Chosen) -> bool:
    """True where a party wants nothing but places, and no question to come could change that."""
    offered = [question for question in site.questions if _has_places(question)]
    wanted = [option for question in offered for option in _chosen_of(question, chosen)]
    if not wanted or not all(option.place for option in wanted):
        return False
    if any(option.stages for option in _options(site, chosen)):
        return False
    return not any(_has_stages(question) for question in _to_come(site, chosen))


def proposes_priority(site: Site, chosen: Chosen) -> bool:
    """True where someone should not wait long."""
    return any(option.priority for option in _options(site, chosen))


def kept(site: Site, chosen: Chosen) -> dict[str, tuple[str, ...]]:
    """Return what was chosen without the reasons for priority, which nobody keeps."""
    reasons = {q.id for q in site.questions if isinstance(q, Choices) and q.proposes_priority}
    return {name: options for name, options in chosen.items() if name not in reasons}


def _is_asked(question: Question, chosen: Chosen) -> bool:
    return all(set(options) & set(chosen.get(name, ())) for name, options in question.when.items())


def _to_come(site: Site, chosen: Chosen) -> list[Question]:
    """Return the questions that may yet be asked, whatever is answered on the way."""
    found: list[Question] = []
    for question in site.questions:
        if question.id not in chosen and all(
            set(options) & set(chosen.get(name, ())) or name in {earlier.id for earlier in found}
            for name, options in question.when.items()
        ):
            found.append(question)
    return found


def _tiles(question: Choices | Count) -> tuple[tuple[str, ...], int]:
    """Return what may be chosen, and how many of it."""
    if isinstance(question, Choices):
        return tuple(option.id for option in question.options), question.most
    return question.tiles, 1


def _check_entry(question: Digits | FreeText, entered: tuple[str, ...]) -> tuple[str, ...]:
    if len(entered) != 1 or not fits(question, entered[0]):
        raise ValueError(f"question {question.id}: outside its limits")
    return entered


def _options(site: Site, chosen: Chosen) -> list[Option]:
    return [option for question in site.questions for option in _chosen_of(question, chosen)]


def _chosen_of(question: Question, chosen: Chosen) -> list[Option]:
    if not isinstance(question, Choices):
        return []
    return [option for option in question.options if option.id in chosen.get(question.id, ())]


def _has_places(question: Question) -> bool:
    return isinstance(question, Choices) and any(option.place for option in question.options)


def _has_stages(question: Question) -> bool:
    return isinstance(question, Choices) and any(option.stages for option in question.options)
