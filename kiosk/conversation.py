"""One party's dialogue with the kiosk, as a pure state machine that knows no pixels.

What is not in `NEXT` cannot happen. Every way out leads back to `State.LANGUAGE` with nothing
left of what was answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from kiosk.contract.messages import HelpKind
from kiosk.contract.questions import Option, Question
from kiosk.contract.site import Site
from kiosk.hours import Opening
from kiosk.questionnaire import (
    Answers,
    Party,
    check_answer,
    kept,
    needs_no_number,
    next_question,
    places,
    proposes_priority,
)


class State(Enum):
    """Where a dialogue is."""

    LANGUAGE = "language"
    CLOSED = "closed"
    NOTICE = "notice"
    PARTY = "party"
    QUESTION = "question"
    PLACES = "places"
    ISSUING = "issuing"
    TICKET_READY = "ticket ready"
    HELP = "help"
    ASK_STAFF = "ask staff"
    OUT_OF_SERVICE = "out of service"


class Step(Enum):
    """What can happen in a dialogue."""

    CHOOSE_LANGUAGE = "choose language"
    CHOOSE_WHILE_CLOSED = "choose language, closed"
    GO_ON = "go on"
    BACK = "back"
    ASK_ON = "answer, more to ask"
    COMPLETE = "answer, all asked"
    NO_NUMBER = "answer, only places"
    ISSUED = "issued"
    NOT_ISSUED = "not issued"
    CALL_HELP = "call help"
    LEAVE = "done, cancel or time-out"
    TROUBLE = "trouble"


# Every legal step and where it leads. What is not listed is illegal.
NEXT: dict[tuple[State, Step], State] = {
    (State.LANGUAGE, Step.CHOOSE_LANGUAGE): State.NOTICE,
    (State.LANGUAGE, Step.CHOOSE_WHILE_CLOSED): State.CLOSED,
    (State.LANGUAGE, Step.CALL_HELP): State.HELP,
    (State.LANGUAGE, Step.LEAVE): State.LANGUAGE,
    (State.CLOSED, Step.BACK): State.LANGUAGE,
    (State.CLOSED, Step.CALL_HELP): State.HELP,
    (State.CLOSED, Step.LEAVE): State.LANGUAGE,
    (State.NOTICE, Step.GO_ON): State.PARTY,
    (State.NOTICE, Step.BACK): State.LANGUAGE,
    (State.NOTICE, Step.CALL_HELP): State.HELP,
    (State.NOTICE, Step.LEAVE): State.LANGUAGE,
    (State.PARTY, Step.ASK_ON): State.QUESTION,
    (State.PARTY, Step.COMPLETE): State.ISSUING,
    (State.PARTY, Step.BACK): State.NOTICE,
    (State.PARTY, Step.CALL_HELP): State.HELP,
    (State.PARTY, Step.LEAVE): State.LANGUAGE,
    (State.QUESTION, Step.ASK_ON): State.QUESTION,
    (State.QUESTION, Step.COMPLETE): State.ISSUING,
    (State.QUESTION, Step.NO_NUMBER): State.PLACES,
    (State.QUESTION, Step.BACK): State.PARTY,
    (State.QUESTION, Step.CALL_HELP): State.HELP,
    (State.QUESTION, Step.LEAVE): State.LANGUAGE,
    (State.PLACES, Step.BACK): State.QUESTION,
    (State.PLACES, Step.CALL_HELP): State.HELP,
    (State.PLACES, Step.LEAVE): State.LANGUAGE,
    (State.ISSUING, Step.ISSUED): State.TICKET_READY,
    (State.ISSUING, Step.NOT_ISSUED): State.ASK_STAFF,
    (State.TICKET_READY, Step.CALL_HELP): State.HELP,
    (State.TICKET_READY, Step.LEAVE): State.LANGUAGE,
    (State.ASK_STAFF, Step.CALL_HELP): State.HELP,
    (State.ASK_STAFF, Step.LEAVE): State.LANGUAGE,
    (State.HELP, Step.CALL_HELP): State.HELP,
    (State.HELP, Step.LEAVE): State.LANGUAGE,
    (State.OUT_OF_SERVICE, Step.CALL_HELP): State.HELP,
    (State.OUT_OF_SERVICE, Step.LEAVE): State.LANGUAGE,
    **{(state, Step.TROUBLE): State.OUT_OF_SERVICE for state in State},
}


class IllegalStepError(Exception):
    """A step that cannot happen now; a screen offered what it should not."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One party's dialogue; each step returns the next one.

    Attributes:
        site: The site file in force when the dialogue began; a new one waits for the next.
        state: Where the dialogue is.
        language: Chosen by the party, or None on the first screen.
        party: How many they are, once answered.
        chosen: Question to options, in the order they were answered.
        help_kind: What was called for, in state HELP.
        opening: What was open when it began; a party that began before closing time finishes.

    """

    site: Site
    state: State = State.LANGUAGE
    language: str | None = None
    party: Party | None = None
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    help_kind: HelpKind | None = None
    opening: Opening = field(default_factory=Opening)

    @property
    def question(self) -> Question | None:
        """The question to ask now, in state QUESTION; None in every other."""
        return next_question(self.site, self.chosen) if self.state is State.QUESTION else None

    @property
    def places(self) -> tuple[Option, ...]:
        """What was chosen that needs no number, to be shown instead of one (state PLACES)."""
        return places(self.site, self.chosen) if self.state is State.PLACES else ()

    @property
    def answers(self) -> Answers:
        """All answers, once they are complete (state ISSUING); priority without its reason."""
        if self.state is not State.ISSUING or self.language is None or self.party is None:
            raise IllegalStepError(f"dialogue is at {self.state.value}: answers not complete")
        return Answers(
            self.site,
            self.language,
            self.party,
            kept(self.site, self.chosen),
            priority=proposes_priority(self.site, self.chosen),
        )

    @property
    def can_go_back(self) -> bool:
        """True where there is a screen to go back to."""
        return (self.state, Step.BACK) in NEXT

    def choose_language(self, language: str) -> "Conversation":
        """Return the dialogue in one of the site's languages: the notice, or that it is closed."""
        if language not in self.site.languages:
            raise ValueError(f"no language {language!r} at site {self.site.id}")
        step = Step.CHOOSE_LANGUAGE if self.opening.is_open else Step.CHOOSE_WHILE_CLOSED
        return replace(self._take(step), language=language)

    def go_on(self) -> "Conversation":
        """Return the dialogue after the notice was read."""
        return self._take(Step.GO_ON)

    def answer_party(self, party: Party) -> "Conversation":
        """Return the dialogue after the party's size; a child alone is a call for help."""
        if self.state is not State.PARTY:
            raise IllegalStepError(f"dialogue is at {self.state.value}: nobody asked how many")
        if party.is_child_alone:
            return self.call_help(HelpKind.CHILD_ALONE)
        return replace(self._take(self._after(self.chosen)), party=party)

    def answer(self, chosen: tuple[str, ...]) -> "Conversation":
        """Return the dialogue after the present question was answered."""
        question = self.question
        if question is None:
            raise IllegalStepError(f"dialogue is at {self.state.value}: no question to answer")
        answered = {**self.chosen, question.id: check_answer(question, chosen)}
        return replace(self._take(self._after(answered)), chosen=answered)

    def back(self) -> "Conversation":
        """Return the dialogue one screen earlier, without what was answered there or after.

        Questions that were skipped are skipped on the way back too.
        """
        if self.chosen and self.state in {State.QUESTION, State.PLACES}:
            earlier = dict(list(self.chosen.items())[:-1])
            return replace(self, state=State.QUESTION, chosen=earlier)
        before = replace(self._take(Step.BACK), party=None, chosen={})
        return replace(before, language=None) if before.state is State.LANGUAGE else before

    def issued(self) -> "Conversation":
        """Return the dialogue with the ticket to show, and without the answers."""
        return replace(self._take(Step.ISSUED), party=None, chosen={})

    def not_issued(self) -> "Conversation":
        """Return the dialogue when no number could be given out."""
        return replace(self._take(Step.NOT_ISSUED), party=None, chosen={})

    def call_help(self, kind: HelpKind) -> "Conversation":
        """Return the dialogue with help on the way, and without the answers."""
        return replace(self._take(Step.CALL_HELP), party=None, chosen={}, help_kind=kind)

    def stop(self) -> "Conversation":
        """Return the dialogue of a kiosk that cannot serve now: without anything of the party."""
        return Conversation(self.site, self._take(Step.TROUBLE).state)

    def leave(self, site: Site | None = None, opening: Opening | None = None) -> "Conversation":
        """Return a fresh dialogue, by the new site file and what is open now, where given."""
        self._take(Step.LEAVE)
        return Conversation(site or self.site, opening=opening or self.opening)

    def _after(self, chosen: Mapping[str, tuple[str, ...]]) -> Step:
        if needs_no_number(self.site, chosen):
            return Step.NO_NUMBER
        return Step.ASK_ON if next_question(self.site, chosen) else Step.COMPLETE

    def _take(self, step: Step) -> "Conversation":
        try:
            return replace(self, state=NEXT[self.state, step])
        except KeyError:
            raise IllegalStepError(
                f"dialogue is at {self.state.value}: cannot take step {step.value}"
            ) from None
