"""The scenes: every screen that a site file makes, as dialogues that stand still. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from kiosk.contract.messages import HelpKind
from kiosk.contract.questions import Choices, Count, Digits, Question
from kiosk.contract.site import Site
from kiosk.conversation import Conversation, State
from kiosk.hours import Opening
from kiosk.questionnaire import (
    Party,
    needs_no_number,
    next_question,
    places,
    route,
)
from kiosk.ticket import Ticket

NUMBER = "D214"
FAMILY = Party(2, 1)
MOST_WAYS = 500
"""Through the questions that are looked at for the longest route."""

TICKET_PAGE = "t/0123456789abcdefghijkl"


@dataclass(frozen=True, slots=True)
class Scene:
    """One screen, as a party would see it.

    Attributes:
        name: Which it is: ``"party"``, or ``"question:need"`` with the question's name.
        dialogue: Where the party is.
        ticket: What it holds, where it has a number.

    """

    name: str
    dialogue: Conversation
    ticket: Ticket | None = None


def scenes(site: Site, language: str, *, now: datetime) -> Iterator[Scene]:
    """Yield the screens of a site in the order in which a party meets them.

    Args:
        site: Of the site file.
        language: The party's.
        now: Aware time, which says when a site that is closed opens again.

    """
    yield Scene("language", Conversation(site))

    def at(state: State, **told: object) -> Conversation:
        return Conversation(site, state=state, language=language, **told)  # type: ignore[arg-type]

    yield Scene("notice", at(State.NOTICE))
    yield Scene("party", at(State.PARTY))
    for question in site.questions:
        before = way_to(site, question)
        if before is not None:
            asked = at(State.QUESTION, party=FAMILY, chosen=before)
            yield Scene(f"question:{question.id}", asked)
    if (wanted := _only_places(site)) is not None:
        yield Scene("places", at(State.PLACES, party=FAMILY, chosen=wanted))
    ticket = ticket_of(site, language)
    yield Scene("ticket", at(State.TICKET_READY, party=FAMILY), ticket)
    yield Scene("help", at(State.HELP, help_kind=HelpKind.PERSON))
    if site.hours or site.closures or site.when_closed:
        yield Scene("closed", at(State.CLOSED, opening=closed_now(now)))
    yield Scene("out-of-service", Conversation(site, state=State.OUT_OF_SERVICE))


def closed_now(now: datetime) -> Opening:
    """Return an opening as it is in the evening, with the next morning to come."""
    evening = now.replace(hour=19, minute=0, second=0, microsecond=0)
    return Opening(is_open=False, opens_at=evening + timedelta(hours=13), at=evening)


def ticket_of(site: Site, language: str) -> Ticket:
    """Return the ticket of a party that is sent to as many stages as answers may lead to."""
    chosen = max(islice(_ways(site, {}), MOST_WAYS), key=lambda way: len(route(site, way)))
    stages = (site.stage(name) for name in route(site, chosen))
    address = site.public_address
    return Ticket(
        id=UUID(int=7),
        number=NUMBER,
        language=language,
        party=FAMILY,
        route=tuple(stage for stage in stages if stage),
        places=places(site, chosen),
        url=f"{address.rstrip('/')}/{TICKET_PAGE}" if address else None,
    )


def _ways(
    site: Site, chosen: Mapping[str, tuple[str, ...]]
) -> Iterator[Mapping[str, tuple[str, ...]]]:
    """Yield ways through all questions: at each choice every option, elsewhere one answer."""
    question = next_question(site, chosen)
    if question is None:
        yield chosen
        return
    answers = [_widest(question)]
    if isinstance(question, Choices) and question.most == 1 and not question.proposes_priority:
        answers = [(option.id,) for option in question.options]
    for answer in answers:
        yield from _ways(site, {**chosen, question.id: answer})


def way_to(site: Site, wanted: Question) -> Mapping[str, tuple[str, ...]] | None:
    """Return answers after which a question is asked; None where nothing leads to it."""
    needed = _needed(site, wanted)
    chosen: dict[str, tuple[str, ...]] = {}
    while question := next_question(site, chosen):
        if question is wanted:
            return chosen
        chosen[question.id] = needed.get(question.id) or _widest(question)
    return None


def _needed(site: Site, wanted: Question) -> dict[str, tuple[str, ...]]:
    """Return one answer each to the questions on which a question depends, however indirectly."""
    needed: dict[str, tuple[str, ...]] = {}
    by_name = {question.id: question for question in site.questions}
    open_ends = [wanted]
    while open_ends:
        for name, options in open_ends.pop().when.items():
            if name not in needed:
                needed[name] = (options[0],)
                open_ends.append(by_name[name])
    return needed


def _widest(question: Question) -> tuple[str, ...]:
    """Return the answer that leads to most stages, without a place; the first where none does."""
    if isinstance(question, Choices):
        fitting = [option for option in question.options if not option.place] or question.options
        widest = sorted(fitting, key=lambda option: -len(option.stages))
        leading = [option.id for option in widest if option.stages][: question.most]
        return tuple(leading) or (fitting[-1].id,)
    if isinstance(question, Count):
        return (question.tiles[0],)
    return ("1" * question.length,) if isinstance(question, Digits) else ("A",)


def _only_places(site: Site) -> Mapping[str, tuple[str, ...]] | None:
    """Return answers after which a party is shown places and gets no number; None for none."""
    for question in site.questions:
        if not isinstance(question, Choices):
            continue
        shown = tuple(option.id for option in question.options if option.place)[: question.most]
        before = _without_stages(site, question) if shown else None
        if before is not None and needs_no_number(site, {**before, question.id: shown}):
            return {**before, question.id: shown}
    return None


def _without_stages(site: Site, wanted: Question) -> Mapping[str, tuple[str, ...]] | None:
    """Return answers that lead to a question and to no stage, where there are some."""
    needed = _needed(site, wanted)
    chosen: dict[str, tuple[str, ...]] = {}
    while question := next_question(site, chosen):
        if question is wanted:
            return chosen
        chosen[question.id] = needed.get(question.id) or _least(question)
    return None


def _least(question: Question) -> tuple[str, ...]:
    if isinstance(question, Choices):
        free = [o.id for o in question.options if not o.stages and not o.place]
        return (free[0],) if free else (question.options[0].id,)
    return _widest(question)
