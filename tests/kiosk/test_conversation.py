from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.contract.messages import HelpKind
from kiosk.contract.questions import Choices, Count
from kiosk.contract.site import Site
from kiosk.contract.site_file import read_site_file
from kiosk.conversation import NEXT, Conversation, IllegalStepError, State, Step
from kiosk.hours import Opening
from kiosk.questionnaire import Answers, Party, route
from tests.kiosk.arrivals import SITE

SITES = Path(__file__).parents[2] / "assets" / "sites"
DUESSELDORF = read_site_file(SITES / "duesseldorf.toml")
UNASKED = SITE.model_copy(update={"questions": ()})
CLOSED = Opening(is_open=False)
NEWER = SITE.model_copy(update={"name": "New Info-Point"})

Doing = Callable[[Conversation], Conversation]

# Everything that a screen, the desk or the clock can do to a dialogue.
DOINGS: dict[str, Doing] = {
    "choose uk": lambda c: c.choose_language("uk"),
    "go on": Conversation.go_on,
    "back": Conversation.back,
    "two adults": lambda c: c.answer_party(Party(2, 0)),
    "child alone": lambda c: c.answer_party(Party(0, 1)),
    "first option": lambda c: c.answer(offered(c)[:1]),
    "last option": lambda c: c.answer(offered(c)[-1:]),
    "issued": Conversation.issued,
    "not issued": Conversation.not_issued,
    "doctor": lambda c: c.call_help(HelpKind.DOCTOR),
    "person": lambda c: c.call_help(HelpKind.PERSON),
    "leave": Conversation.leave,
    "trouble": Conversation.stop,
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
        State.OUT_OF_SERVICE: lambda: at(State.QUESTION).stop(),
        State.CLOSED: lambda: Conversation(SITE, opening=CLOSED).choose_language("uk"),
        State.PLACES: lambda: after(DUESSELDORF, "before:no", "need:food"),
    }
    if state in ways:
        return ways[state]()
    return next(dialogue for dialogue in happy_way() if dialogue.state is state)


def after(site: Site, *answers: str) -> Conversation:
    """Return a Ukrainian family's dialogue after these answers, ``"need:sleep+money"``."""
    dialogue = Conversation(site).choose_language("uk").go_on().answer_party(Party(2, 1))
    for answer in answers:
        question, options = answer.split(":")
        assert dialogue.question is not None, f"nothing is asked before {answer}"
        assert dialogue.question.id == question
        dialogue = dialogue.answer(tuple(options.split("+")))
    return dialogue


def offered(dialogue: Conversation) -> tuple[str, ...]:
    """Return the tiles of the present question; one that does not exist where there is none."""
    question = dialogue.question
    if isinstance(question, Choices):
        return tuple(option.id for option in question.options)
    return question.tiles if isinstance(question, Count) else ("no",)


def reachable() -> list[tuple[Conversation, str, Conversation]]:
    """Return every dialogue there can be, what can be done to it, and what comes of it."""
    steps: list[tuple[Conversation, str, Conversation]] = []
    seen = [Conversation(site) for site in (SITE, UNASKED, DUESSELDORF)]
    seen.append(Conversation(SITE, opening=CLOSED))
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
    State.CLOSED: {"back", "doctor", "person", "leave"},
    State.NOTICE: {"go on", "back", "doctor", "person", "leave"},
    State.PARTY: {"two adults", "child alone", "back", "doctor", "person", "leave"},
    State.QUESTION: {"first option", "last option", "back", "doctor", "person", "leave"},
    State.PLACES: {"back", "doctor", "person", "leave"},
    State.ISSUING: {"issued", "not issued"},
    State.TICKET_READY: {"doctor", "person", "leave"},
    State.ASK_STAFF: {"doctor", "person", "leave"},
    State.HELP: {"doctor", "person", "leave"},
    State.OUT_OF_SERVICE: {"doctor", "person", "leave"},
}


def is_legal(dialogue: Conversation, do: Doing) -> bool:
    try:
        do(dialogue)
    except IllegalStepError:
        return False
    return True


@pytest.mark.parametrize("state", State)
def test_each_state_allows_what_its_screen_offers_and_nothing_else(state: State) -> None:
    legal = {name for name, do in DOINGS.items() if is_legal(at(state), do)}

    assert legal == LEGAL[state] | {"trouble"}


def test_every_state_and_every_step_of_the_table_can_be_reached() -> None:
    assert {before.state for before, _, _ in STEPS} == set(State)
    moves = {(before.state, after.state) for before, _, after in STEPS}
    assert {(state, after) for (state, _), after in NEXT.items()} <= moves


WAYS_OUT = {"leave", "doctor", "person", "child alone", "issued", "not issued", "trouble"}


def test_every_way_out_of_every_dialogue_forgets_all_answers() -> None:
    out = [after for _, name, after in STEPS if name in WAYS_OUT]

    assert len(out) > 50
    assert all(after.party is None and not after.chosen for after in out)


def test_a_dialogue_that_is_left_is_as_fresh_as_the_first() -> None:
    left = [after for _, name, after in STEPS if name == "leave"]

    assert all(after == Conversation(after.site, opening=after.opening) for after in left)


def test_a_kiosk_that_cannot_serve_knows_nothing_of_anyone() -> None:
    stopped = [after for _, name, after in STEPS if name == "trouble"]

    assert {before.state for before, name, _ in STEPS if name == "trouble"} == set(State)
    assert all(after == Conversation(after.site, State.OUT_OF_SERVICE) for after in stopped)


def test_the_language_screen_knows_nothing_of_anyone() -> None:
    first = [after for _, _, after in STEPS if after.state is State.LANGUAGE]

    assert all(after == Conversation(after.site, opening=after.opening) for after in first)


def test_issuing_always_has_complete_answers() -> None:
    """Only what was skipped, and what nobody keeps, is missing."""
    issuing = [after for _, _, after in STEPS if after.state is State.ISSUING]
    missing = {
        question.id
        for after in issuing
        for question in after.site.questions
        if question.id not in after.answers.chosen
    }

    assert len(issuing) > 5
    assert missing == {"need", "wait"}


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


# --- closed -------------------------------------------------------------------------------------


def test_a_party_that_comes_while_it_is_closed_is_asked_nothing() -> None:
    assert at(State.CLOSED).language == "uk"
    closed = [after for before, _, after in STEPS if before.opening == CLOSED]

    assert {after.state for after in closed} == {
        State.LANGUAGE,
        State.CLOSED,
        State.HELP,
        State.OUT_OF_SERVICE,
    }


def test_a_party_that_began_before_closing_time_finishes() -> None:
    for dialogue, doing, after in STEPS:
        if doing not in {"leave", "trouble"}:
            assert after.opening is dialogue.opening


def test_what_is_open_is_learnt_when_a_dialogue_is_left() -> None:
    assert at(State.QUESTION).leave(opening=CLOSED) == Conversation(SITE, opening=CLOSED)
    assert at(State.CLOSED).leave(SITE, Opening()).choose_language("uk").state is State.NOTICE


# --- conditions, places, priority ---------------------------------------------------------------


def test_a_question_is_skipped_where_its_condition_does_not_hold() -> None:
    for purpose in ("collect", "appointment"):
        dialogue = after(DUESSELDORF, f"before:{purpose}")
        assert dialogue.question is not None
        assert dialogue.question.id == "wait"
    for purpose in ("no", "continue"):
        dialogue = after(DUESSELDORF, f"before:{purpose}")
        assert dialogue.question is not None
        assert dialogue.question.id == "need"


def test_back_leads_across_a_skipped_question() -> None:
    dialogue = after(DUESSELDORF, "before:collect").back()

    assert (dialogue.state, dialogue.chosen) == (State.QUESTION, {})
    assert dialogue.question is DUESSELDORF.questions[0]


def test_a_changed_earlier_answer_forgets_the_later_ones() -> None:
    asked_all = after(DUESSELDORF, "before:no", "need:money+sleep")

    changed = asked_all.back().back().answer(("collect",)).answer(("nobody",))

    assert changed.answers.chosen == {"before": ("collect",)}


def test_a_party_that_chose_only_places_is_shown_them_and_gets_no_number() -> None:
    dialogue = after(DUESSELDORF, "before:continue", "need:toilet+food")

    assert dialogue.state is State.PLACES
    assert [option.id for option in dialogue.places] == ["food", "toilet"]
    with pytest.raises(IllegalStepError):
        _ = dialogue.answers


def test_back_from_the_places_asks_again_what_is_needed() -> None:
    again = after(DUESSELDORF, "before:no", "need:food").back()

    assert again.question is DUESSELDORF.questions[1]
    assert again.chosen == {"before": ("no",)}
    assert again.places == ()


def test_a_place_beside_a_need_gets_a_number() -> None:
    dialogue = after(DUESSELDORF, "before:no", "need:food+sleep", "wait:nobody")

    assert dialogue.answers.chosen["need"] == ("sleep", "food")


@pytest.mark.parametrize("reason", ["baby", "pregnant", "cannot-stand", "elderly"])
def test_priority_is_told_without_its_reason(reason: str) -> None:
    answers = after(DUESSELDORF, "before:collect", f"wait:{reason}").answers

    assert answers.priority
    assert reason not in f"{answers.chosen}"


def test_nobody_proposes_no_priority() -> None:
    assert not after(DUESSELDORF, "before:collect", "wait:nobody").answers.priority


@settings(derandomize=True, database=None, deadline=None, max_examples=100)
@given(data=st.data())
def test_whatever_is_done_nothing_is_remembered_after_leaving(data: st.DataObject) -> None:
    dialogue = Conversation(data.draw(st.sampled_from([SITE, UNASKED, DUESSELDORF])))
    for _ in range(data.draw(st.integers(0, 14))):
        names = [name for name, do in DOINGS.items() if name != "leave" and is_legal(dialogue, do)]
        name = data.draw(st.sampled_from(names))
        if name.endswith("option"):
            tiles = data.draw(st.lists(st.sampled_from(offered(dialogue)), min_size=1, max_size=1))
            dialogue = dialogue.answer(tuple(tiles))
        else:
            dialogue = DOINGS[name](dialogue)
        if dialogue.state is State.ISSUING:
            order = [stage.id for stage in dialogue.site.stages]
            stages = route(dialogue.site, dialogue.answers.chosen)
            assert stages
            assert list(stages) == sorted(stages, key=order.index)
            dialogue = dialogue.issued()

    assert dialogue.leave() == Conversation(dialogue.site)
