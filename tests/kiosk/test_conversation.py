from collections.abc import Callable, Iterator

import pytest

from kiosk.contract.messages import HelpKind
from kiosk.conversation import NEXT, Conversation, IllegalStepError, State, Step
from kiosk.questionnaire import Answers, Party
from tests.kiosk.arrivals import SITE

UNASKED = SITE.model_copy(update={"questions": ()})
NEWER = SITE.model_copy(update={"name": "New Info-Point"})

Doing = Callable[[Conversation], Conversation]

# Everything that a screen, the desk or the clock can do to a dialogue.
DOINGS: dict[str, Doing] = {
    "choose uk": lambda c: c.choose_language("uk"),
    "go on": Conversation.go_on,
    "back": Conversation.back,
    "two adults": lambda c: c.answer_party(Party(2, 0)),
    "child alone": lambda c: c.answer_party(Party(0, 1)),
    "first option": lambda c: c.answer((c.question.options[0].id,) if c.question else ("no",)),
    "second option": lambda c: c.answer((c.question.options[1].id,) if c.question else ("no",)),
    "issued": Conversation.issued,
    "not issued": Conversation.not_issued,
    "doctor": lambda c: c.call_help(HelpKind.DOCTOR),
    "person": lambda c: c.call_help(HelpKind.PERSON),
    "leave": Conversation.leave,
}


def happy_way() -> Iterator[Conversation]:
    yield (dialogue := Conversation(SITE))
    yield (dialogue := dialogue.choose_language("uk"))
    yield (dialogue := dialogue.go_on())
    yield (dialogue := dialogue.answer_party(Party(2, 1)))
    yield (dialogue := dialogue.answer(("no",)))
    yield (dialogue := dialogue.answer(("sleep", "money")))
    yield (dialogue := dialogue.issued())
    yield dialogue.leave()


def at(state: State) -> Conversation:
    """Return a dialogue that has reached a state, with all that was answered on the way."""
    ways = {
        State.HELP: lambda: at(State.QUESTION).call_help(HelpKind.DOCTOR),
        State.ASK_STAFF: lambda: at(State.ISSUING).not_issued(),
    }
    if state in ways:
        return ways[state]()
    return next(dialogue for dialogue in happy_way() if dialogue.state is state)


def reachable() -> list[tuple[Conversation, str, Conversation]]:
    """Return every dialogue there can be, what can be done to it, and what comes of it."""
    steps: list[tuple[Conversation, str, Conversation]] = []
    seen = [Conversation(SITE), Conversation(UNASKED)]
    for dialogue in seen:
        for name, do in DOINGS.items():
            try:
                after = do(dialogue)
            except IllegalStepError:
                continue
            steps.append((dialogue, name, after))
            if after not in seen:
                seen.append(after)
    return steps


STEPS = reachable()


def test_the_happy_way_leads_from_language_to_language() -> None:
    assert [dialogue.state for dialogue in happy_way()] == [
        State.LANGUAGE,
        State.NOTICE,
        State.PARTY,
        State.QUESTION,
        State.QUESTION,
        State.ISSUING,
        State.TICKET_READY,
        State.LANGUAGE,
    ]


def test_issuing_has_all_that_was_answered() -> None:
    answers = at(State.ISSUING).answers

    chosen = {"before": ("no",), "need": ("sleep", "money")}
    assert answers == Answers(SITE, "uk", Party(2, 1), chosen)


@pytest.mark.parametrize("state", [s for s in State if s is not State.ISSUING])
def test_answers_are_not_complete_anywhere_else(state: State) -> None:
    with pytest.raises(IllegalStepError, match="answers not complete"):
        _ = at(state).answers


def test_a_site_without_questions_issues_after_the_party_size() -> None:
    dialogue = Conversation(UNASKED).choose_language("de").go_on().answer_party(Party(1, 0))

    assert dialogue.state is State.ISSUING


@pytest.mark.parametrize("state", State)
def test_a_step_that_is_not_in_the_table_raises(state: State) -> None:
    dialogue = at(state)
    for step in Step:
        if (state, step) in NEXT:
            assert dialogue._take(step).state is NEXT[state, step]
        else:
            refused = f"{state.value}: cannot take step {step.value}"
            with pytest.raises(IllegalStepError, match=refused):
                dialogue._take(step)


LEGAL = {
    State.LANGUAGE: {"choose uk", "doctor", "person", "leave"},
    State.NOTICE: {"go on", "back", "doctor", "person", "leave"},
    State.PARTY: {"two adults", "child alone", "back", "doctor", "person", "leave"},
    State.QUESTION: {"first option", "second option", "back", "doctor", "person", "leave"},
    State.ISSUING: {"issued", "not issued"},
    State.TICKET_READY: {"doctor", "person", "leave"},
    State.ASK_STAFF: {"doctor", "person", "leave"},
    State.HELP: {"doctor", "person", "leave"},
}


def is_legal(dialogue: Conversation, do: Doing) -> bool:
    try:
        do(dialogue)
    except IllegalStepError:
        return False
    return True


@pytest.mark.parametrize("state", State)
def test_each_state_allows_what_its_screen_offers_and_nothing_else(state: State) -> None:
    assert {name for name, do in DOINGS.items() if is_legal(at(state), do)} == LEGAL[state]


def test_every_state_and_every_step_of_the_table_can_be_reached() -> None:
    assert {before.state for before, _, _ in STEPS} == set(State)
    moves = {(before.state, after.state) for before, _, after in STEPS}
    assert {(state, after) for (state, _), after in NEXT.items()} <= moves


WAYS_OUT = {"leave", "doctor", "person", "child alone", "issued", "not issued"}


def test_every_way_out_of_every_dialogue_forgets_all_answers() -> None:
    out = [after for _, name, after in STEPS if name in WAYS_OUT]

    assert len(out) > 50
    assert all(after.party is None and not after.chosen for after in out)


def test_a_dialogue_that_is_left_is_as_fresh_as_the_first() -> None:
    left = [after for _, name, after in STEPS if name == "leave"]

    assert all(after == Conversation(after.site) for after in left)


def test_the_language_screen_knows_nothing_of_anyone() -> None:
    first = [after for _, _, after in STEPS if after.state is State.LANGUAGE]

    assert all(after == Conversation(after.site) for after in first)


def test_issuing_always_has_complete_answers() -> None:
    for _, _, after in STEPS:
        if after.state is State.ISSUING:
            asked = {question.id for question in after.site.questions}
            assert set(after.answers.chosen) == asked


def test_a_child_alone_is_a_call_for_help() -> None:
    dialogue = at(State.PARTY).answer_party(Party(0, 2))

    assert (dialogue.state, dialogue.help_kind) == (State.HELP, HelpKind.CHILD_ALONE)


def test_a_help_call_keeps_the_language_and_its_kind() -> None:
    dialogue = at(State.QUESTION).call_help(HelpKind.DOCTOR)

    assert (dialogue.language, dialogue.help_kind) == ("uk", HelpKind.DOCTOR)


def test_back_from_the_second_question_asks_the_first_again() -> None:
    second = at(State.QUESTION).answer(("no",))

    first = second.back()

    assert (first.state, first.chosen, first.party) == (State.QUESTION, {}, Party(2, 1))
    assert first.question is SITE.questions[0]


def test_back_leads_from_every_question_to_the_language_and_forgets_on_the_way() -> None:
    dialogue = at(State.QUESTION).answer(("no",))
    way = []
    while dialogue.can_go_back:
        dialogue = dialogue.back()
        way.append((dialogue.state, dialogue.party, dict(dialogue.chosen), dialogue.language))

    assert way == [
        (State.QUESTION, Party(2, 1), {}, "uk"),
        (State.PARTY, None, {}, "uk"),
        (State.NOTICE, None, {}, "uk"),
        (State.LANGUAGE, None, {}, None),
    ]


def test_only_languages_of_the_site_can_be_chosen() -> None:
    with pytest.raises(ValueError, match="no language 'pl' at site hbf"):
        Conversation(SITE).choose_language("pl")


def test_a_dialogue_keeps_its_site_file_until_it_is_left() -> None:
    for dialogue, doing, after in STEPS:
        if doing != "leave":
            assert after.site is dialogue.site


def test_a_new_site_file_is_taken_when_a_dialogue_is_left() -> None:
    assert at(State.QUESTION).leave(NEWER) == Conversation(NEWER)
    assert at(State.QUESTION).leave() == Conversation(SITE)
