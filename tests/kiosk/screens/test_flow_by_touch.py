"""Whole dialogues by touches, with a desk of a few lines behind the real screens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.questions import Count
from kiosk.help_line import HelpProgress
from kiosk.language import catalogue
from kiosk.questionnaire import Answers, Party
from tests.kiosk.screens.conftest import LANDSCAPE, SMALL, Stand
from tests.kiosk.screens.fake_desk import FakeDesk

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]


def to_question(stand: Stand, language: str = "uk") -> None:
    stand.tap(f"language:{language}", "next", "adults:2", "children:1", "next", "before:no")


def to_ticket(stand: Stand, language: str = "uk") -> None:
    to_question(stand, language)
    stand.tap("need:sleep", "next", "wait:nobody")
    stand.until("done")


@pytest.mark.parametrize("language", ["uk", "ar"])
@pytest.mark.parametrize("settings", [SMALL, LANDSCAPE], ids=["portrait", "landscape"])
def test_a_family_touches_its_way_to_a_number(
    kiosk: Kiosk, language: str, settings: object
) -> None:
    stand = kiosk(settings=settings, draws=True)
    stand.tap(f"language:{language}", "next", "adults:2", "children:1", "next", "before:no")
    stand.tap("need:sleep", "need:register", "need:ask", "next", "wait:nobody")
    stand.until("done")

    chosen = {"before": ("no",), "need": ("sleep", "register", "ask")}
    answers = Answers(stand.desk.site, language, Party(2, 1), chosen)
    assert stand.desk.asked == [answers]
    assert "D214" in stand.driver.texts()
    assert [text for text in stand.driver.texts() if text in {"1", "2", "4"}] == ["1", "2", "4"]
    assert catalogue(language).text("Your number") in stand.driver.texts()


def test_every_text_follows_the_language(kiosk: Kiosk) -> None:
    stand = kiosk()
    for language in stand.desk.site.languages:
        stand.tap(f"language:{language}")
        assert catalogue(language).text("Good to know") in stand.driver.texts()
        stand.tap("cancel")


def test_arabic_begins_on_the_right(kiosk: Kiosk) -> None:
    stand = kiosk()

    def back_is_left_of_next() -> bool:
        return bool(stand.driver.find("back").x < stand.driver.find("next").x)

    stand.tap("language:de", "next")
    assert back_is_left_of_next()
    assert stand.driver.find("adults:0").x < stand.driver.find("adults:4").x
    stand.tap("cancel", "language:ar", "next")
    assert not back_is_left_of_next()
    assert stand.driver.find("adults:0").x > stand.driver.find("adults:4").x


def test_the_two_calls_stay_where_they_are_on_every_screen_and_in_every_language(
    kiosk: Kiosk,
) -> None:
    stand = kiosk(FakeDesk(holds_back=True))
    seen = set()

    def look() -> None:
        tiles = [stand.driver.find(tile) for tile in ("help:doctor", "help:person")]
        seen.add(tuple((*tile.pos, *tile.size) for tile in tiles))

    look()
    for language in ("uk", "ar"):
        way = (f"language:{language}", "next", "adults:1", "next", "before:no", "need:money")
        for tile in (*way, "next", "wait:baby"):
            stand.tap(tile)
            look()
        stand.desk.issue()
        stand.until("done")
        look()
        stand.tap("done")

    assert len(seen) == 1


def test_more_than_eight_are_two_taps_away(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:en", "next", "adults:more", "adults:12", "children:more")
    stand.tap("children:more", "children:less", "children:less", "children:3", "next")
    stand.tap("before:no", "need:ask", "next", "wait:nobody")

    assert stand.desk.asked[0].party == Party(12, 3)


def test_ninety_nine_is_the_most(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:en", "next")
    while "adults:more" in stand.driver.tiles():
        stand.tap("adults:more")

    assert [tile for tile in stand.driver.tiles() if tile.startswith("adults:")][-1] == "adults:99"


def test_a_party_of_nobody_cannot_be_entered(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:en", "next")
    assert "next" not in stand.driver.tiles()
    stand.tap("adults:0")
    assert "next" not in stand.driver.tiles()
    stand.tap("next")

    assert stand.state == "party"


def test_a_child_alone_is_a_call_for_help(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:uk", "next", "adults:0", "children:1", "next")

    assert stand.desk.calls == [(HelpKind.CHILD_ALONE, "uk")]
    assert stand.state == "help"
    assert stand.desk.asked == []


def test_no_more_than_three_needs_can_be_chosen(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:sleep", "need:register", "need:money")
    assert "need:travel" not in stand.driver.tiles()
    stand.tap("need:travel", "need:money", "need:travel", "next", "wait:nobody")

    assert stand.desk.asked[0].chosen["need"] == ("sleep", "register", "travel")


def test_a_single_choice_answers_at_once(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:en", "next", "adults:1", "next", "before:collect", "wait:nobody")

    assert stand.desk.asked[0].chosen == {"before": ("collect",)}


def test_a_count_answers_at_once(kiosk: Kiosk) -> None:
    desk = FakeDesk()
    nights = Count(id="nights", kind="count", text="A place to sleep", least=1, most=9)
    desk.site = desk.site.model_copy(update={"questions": (nights,)})
    stand = kiosk(desk)
    stand.tap("language:en", "next", "adults:1", "next", "nights:9")

    assert desk.asked[0].chosen == {"nights": ("9",)}


def test_several_may_be_chosen_after_one_and_one_after_several(kiosk: Kiosk) -> None:
    """It is the same screen each time, with and without the tile that leads on."""
    stand = kiosk()
    seen = []
    stand.tap("language:en", "next", "adults:1", "next")
    for tiles in (("before:no",), ("need:ask", "next"), ("back",)):
        seen.append(stand.driver.app.frame.primary == "next")
        stand.tap(*tiles)
    seen.append(stand.driver.app.frame.primary == "next")

    assert seen == [False, True, False, True]


def test_who_should_not_wait_long_is_told_without_the_reason(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:sleep", "next", "wait:pregnant")
    stand.until("done")

    assert stand.desk.asked[0].priority
    assert "pregnant" not in f"{stand.desk.asked[0].chosen}"


def test_whoever_wants_only_places_is_shown_them_and_gets_no_number(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:food", "need:rest", "next")

    assert stand.state == "places"
    assert {"10", "14", catalogue("uk").text("Food and drink")} <= set(stand.driver.texts())
    stand.tap("done")
    assert_forgotten(stand)
    assert (stand.desk.asked, stand.desk.left) == ([], [])


def test_back_from_the_places_leads_to_a_number(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:food", "next", "back", "need:food", "need:sleep", "next", "wait:nobody")
    stand.until("done")

    assert "D214" in stand.driver.texts()
    assert "10" in stand.driver.texts()
    stand.tap("done")
    assert_forgotten(stand)
    assert "10" not in {str(getattr(widget, "text", "")) for widget in shown_everywhere(stand)}


def test_places_that_nobody_reads_are_forgotten(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:toilet", "next")
    stand.clock.advance(46)
    stand.driver.wait_until(lambda: stand.state == "language")

    assert_forgotten(stand)


def test_back_leads_through_every_screen_to_the_first(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    seen = [stand.state]
    while "back" in stand.driver.tiles():
        stand.tap("back")
        seen.append(stand.state)

    assert seen == ["question", "question", "party", "notice", "language"]
    assert stand.driver.app.flow.conversation.language is None
    assert stand.desk.left == []


def shown_everywhere(stand: Stand) -> Iterator[object]:
    for screen in stand.driver.app.flow._presenter.screens.all():
        yield from screen.walk(restrict=True)


def assert_forgotten(stand: Stand) -> None:
    """Not only the screen that is shown: every widget of every screen."""
    widgets = list(shown_everywhere(stand))
    chosen = {w.tile for w in widgets if getattr(w, "chosen", False) is True}
    texts = {str(getattr(w, "text", "")) for w in widgets}

    assert stand.state == "language"
    assert chosen == {"children:0"}
    assert stand.driver.app.flow._presenter.screens.question.chosen == []
    assert not any("D214" in text for text in texts)
    assert stand.driver.app.flow.ticket is None
    assert stand.driver.app.flow._issuing is None
    conversation = stand.driver.app.flow.conversation
    assert (conversation.language, conversation.party, conversation.chosen) == (None, None, {})


def test_cancel_forgets_everything(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:sleep", "cancel")

    assert_forgotten(stand)
    assert stand.desk.left == [None]


def test_done_forgets_everything(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_ticket(stand)
    stand.tap("done")

    assert_forgotten(stand)
    assert [ticket.number for ticket in stand.desk.left if ticket] == ["D214"]


def test_a_call_for_help_forgets_the_answers(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:sleep", "help:doctor", "done")

    assert_forgotten(stand)


def test_silence_is_asked_about_and_then_everything_is_forgotten(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:sleep")
    stand.clock.advance(60)
    stand.until("go-on")
    stand.clock.advance(19.9)
    stand.driver.frames(20)
    assert stand.state == "question"
    stand.clock.advance(0.1)
    stand.until("language:uk")

    assert_forgotten(stand)
    assert stand.desk.left == [None]
    assert "go-on" not in stand.driver.tiles()


def test_one_tap_anywhere_goes_on_where_the_party_was(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:sleep")
    stand.clock.advance(65)
    stand.until("go-on")
    stand.tap("need:money")  # below the question whether anyone is there: not chosen

    assert "go-on" not in stand.driver.tiles()
    assert stand.state == "question"
    assert stand.driver.app.flow._presenter.screens.question.chosen == ["sleep"]


def test_the_number_goes_by_itself(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_ticket(stand)
    stand.clock.advance(44)
    stand.desk.slip = SlipState.PRINTED
    stand.until_text(catalogue("uk").text("Please take your slip."))
    stand.clock.advance(44)  # the news began the time again
    stand.driver.frames(20)
    assert stand.state == "ticket ready"
    stand.clock.advance(1)
    stand.until("language:uk")

    assert_forgotten(stand)


def test_a_double_tap_counts_once(kiosk: Kiosk) -> None:
    stand = kiosk()
    doctor = stand.driver.find("help:doctor")
    stand.driver.tap(doctor)
    stand.clock.advance(0.4)
    stand.driver.touch(doctor)
    assert len(stand.desk.calls) == 1
    stand.clock.advance(0.5)
    stand.driver.touch(doctor)

    assert len(stand.desk.calls) == 2


def test_a_second_finger_on_a_screen_that_has_gone_changes_nothing(kiosk: Kiosk) -> None:
    from tests.stand.finger import Finger  # opens the window

    stand = kiosk()
    stand.tap("language:en", "next")
    stand.clock.advance()
    finger = Finger(*stand.driver.find("back").center)
    finger.touch_down()
    stand.tap("cancel")
    finger.touch_up()
    stand.driver.frames(2)

    assert stand.state == "language"


def rest_finger(stand: Stand, tile: str) -> Any:  # a Finger
    """Put a finger on a tile, and do not lift it."""
    from tests.stand.finger import Finger  # opens the window

    stand.clock.advance()
    there = stand.driver.find(tile)
    finger = Finger(*there.to_window(*there.center))
    finger.touch_down()
    stand.driver.frames()
    return finger


def lift(stand: Stand, finger: Any) -> None:  # a Finger
    finger.touch_up()
    stand.driver.frames(4)


def test_a_finger_that_lies_on_a_tile_does_not_answer_the_next_question(kiosk: Kiosk) -> None:
    desk = FakeDesk()
    bags, dogs = (
        Count(id=name, kind="count", text="A place to sleep", most=9) for name in ("bags", "dogs")
    )
    desk.site = desk.site.model_copy(update={"questions": (bags, dogs)})
    stand = kiosk(desk)
    stand.tap("language:en", "next", "adults:1", "next")
    palm = rest_finger(stand, "bags:1")
    stand.tap("bags:2")
    lift(stand, palm)
    assert stand.state == "question"
    stand.tap("dogs:3")

    assert desk.asked[0].chosen == {"bags": ("2",), "dogs": ("3",)}


def test_a_finger_that_lies_on_the_way_on_does_not_skip_a_screen(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.tap("need:sleep")
    thumb = rest_finger(stand, "next")
    stand.tap("next")
    stand.tap("back")
    assert "need:sleep" in stand.driver.tiles()
    stand.tap("need:money")
    lift(stand, thumb)

    assert "need:money" in stand.driver.tiles()


def test_a_finger_on_a_language_that_a_new_site_file_takes_away_does_nothing(
    kiosk: Kiosk,
) -> None:
    stand = kiosk()
    finger = rest_finger(stand, "language:vi")
    stand.desk.site = stand.desk.site.model_copy(update={"languages": ("de", "uk")})
    stand.driver.wait_until(lambda: "language:vi" not in stand.driver.tiles())
    lift(stand, finger)

    assert stand.state == "language"


def test_a_finger_on_a_call_for_help_counts_although_the_number_comes_meanwhile(
    kiosk: Kiosk,
) -> None:
    stand = kiosk(FakeDesk(holds_back=True))
    to_question(stand)
    stand.tap("need:sleep", "next", "wait:nobody")
    finger = rest_finger(stand, "help:doctor")
    stand.desk.issue()
    stand.driver.wait_until(lambda: stand.state == "ticket ready")
    lift(stand, finger)

    assert stand.desk.calls == [(HelpKind.DOCTOR, "uk")]
    assert stand.state == "help"


@pytest.mark.parametrize(
    ("state", "news"),
    [
        (SlipState.WAITING, "Your slip is printing."),
        (SlipState.SENDING, "Your slip is printing."),
        (SlipState.PRINTED, "Please take your slip."),
        (SlipState.FAILED, "Please remember your number."),
        (SlipState.UNCONFIRMED, "Did your slip come out?"),
    ],
)
def test_the_screen_says_what_became_of_the_slip(kiosk: Kiosk, state: SlipState, news: str) -> None:
    stand = kiosk()
    to_ticket(stand, "de")
    stand.desk.slip = state
    stand.until_text(catalogue("de").text(news))

    assert "D214" in stand.driver.texts()
    assert ("slip:yes" in stand.driver.tiles()) == (state is SlipState.UNCONFIRMED)


@pytest.mark.parametrize("came_out", [True, False])
def test_the_party_tells_whether_its_slip_came_out(kiosk: Kiosk, came_out: bool) -> None:  # noqa: FBT001
    stand = kiosk(FakeDesk(slip=SlipState.UNCONFIRMED))
    to_ticket(stand)
    stand.tap("slip:yes" if came_out else "slip:no")
    assert stand.desk.came_out == [came_out]
    assert "slip:yes" not in stand.driver.tiles()

    stand.desk.slip = SlipState.SENDING
    stand.until_text(catalogue("uk").text("Your slip is printing."))
    stand.desk.slip = SlipState.UNCONFIRMED  # the copy, too: ask again
    stand.until("slip:yes")


def test_a_ticket_page_is_shown_as_a_qr_code_only_where_there_is_one(kiosk: Kiosk) -> None:
    with_page = kiosk(FakeDesk(url="https://ankunft.example/t/0123456789abcdefghijkl"))
    to_ticket(with_page)
    assert with_page.driver.app.flow._presenter.screens.ticket_ready.url.startswith("https://")
    with_page.tap("done")
    assert with_page.driver.app.flow._presenter.screens.ticket_ready.url == ""


@pytest.mark.parametrize(
    ("progress", "news"),
    [
        (HelpProgress.CALLING, "We are calling someone."),
        (HelpProgress.CALLED, "We have called someone."),
        (HelpProgress.SOMEONE_COMING, "Someone is coming."),
        (HelpProgress.NOT_REACHED, "Nobody has answered yet."),
    ],
)
def test_help_says_only_what_is_true(kiosk: Kiosk, progress: HelpProgress, news: str) -> None:
    stand = kiosk()
    stand.tap("language:de", "help:person")
    stand.desk.watch.state = progress
    said = catalogue("de").text(news)
    stand.driver.wait_until(lambda: any(text.startswith(said) for text in stand.driver.texts()))

    others = {"We are calling someone.", "We have called someone.", "Someone is coming."} - {news}
    assert not {catalogue("de").text(text) for text in others} & set(stand.driver.texts())
    assert stand.desk.calls == [(HelpKind.PERSON, "de")]


def test_the_news_of_help_is_not_hidden_by_the_question_whether_anyone_is_there(
    kiosk: Kiosk,
) -> None:
    stand = kiosk()
    stand.tap("language:de", "help:doctor")
    asked, coming = map(catalogue("de").text, ("Are you still there?", "Someone is coming."))
    stand.clock.advance(SMALL.idle_seconds)
    stand.until_text(asked)

    stand.desk.watch.state = HelpProgress.SOMEONE_COMING
    stand.until_text(coming)

    assert asked not in stand.driver.texts()
    stand.clock.advance(SMALL.idle_seconds)
    stand.until_text(asked)


def test_help_before_a_language_is_chosen_speaks_all_of_them(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("help:doctor")
    stand.desk.watch.state = HelpProgress.SOMEONE_COMING
    stand.until_text("Someone is coming.")

    assert stand.desk.calls == [(HelpKind.DOCTOR, None)]
    for language in stand.desk.site.languages:
        assert catalogue(language).text("Someone is coming.") in stand.driver.texts()


def test_help_keeps_the_number_of_a_party_that_has_one(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_ticket(stand)
    stand.tap("help:person")
    assert "D214" in stand.driver.texts()
    stand.tap("done")

    assert_forgotten(stand)
    assert [ticket.number for ticket in stand.desk.left if ticket] == ["D214"]


def test_help_is_called_even_while_a_number_is_written_down(kiosk: Kiosk) -> None:
    stand = kiosk(FakeDesk(holds_back=True))
    to_question(stand)
    stand.tap("need:sleep", "next", "wait:nobody", "help:doctor")
    assert stand.desk.calls == [(HelpKind.DOCTOR, "uk")]
    assert stand.state == "issuing"
    stand.desk.issue()
    stand.until("done")

    assert stand.state == "help"
    assert "D214" in stand.driver.texts()


def test_without_a_number_people_help(kiosk: Kiosk, caplog: pytest.LogCaptureFixture) -> None:
    stand = kiosk(FakeDesk(fails=True))
    to_question(stand)
    stand.tap("need:sleep", "next", "wait:nobody")
    stand.until_text(catalogue("uk").text("Please ask a person"))

    assert "no number given out reason=OSError" in caplog.text
    stand.tap("done")
    assert_forgotten(stand)


def test_a_number_that_comes_too_late_is_taken_back(
    kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    stand = kiosk(FakeDesk(holds_back=True))
    to_question(stand)
    stand.tap("need:sleep", "next", "wait:nobody")
    stand.desk.issuing.set_running_or_notify_cancel()  # the disk is at it
    stand.clock.advance(19)
    stand.driver.frames(20)
    assert stand.state == "issuing"
    stand.clock.advance(1)
    stand.until("done")
    assert stand.state == "ask staff"
    assert "no number given out reason='not within 20 s'" in caplog.text
    stand.desk.issue()

    assert [ticket.number for ticket in stand.desk.left if ticket] == ["D214"]
    assert "D214" not in stand.driver.texts()


def test_a_number_that_was_never_begun_is_not_given_out(kiosk: Kiosk) -> None:
    stand = kiosk(FakeDesk(holds_back=True))
    to_question(stand)
    stand.tap("need:sleep", "next", "wait:nobody")
    stand.clock.advance(20)
    stand.until("done")

    assert stand.state == "ask staff"
    assert stand.desk.issuing.cancelled()
    assert stand.desk.left == []


def test_a_new_site_file_waits_until_the_party_has_gone(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_question(stand)
    stand.desk.site = stand.desk.site.model_copy(update={"languages": ("ar", "en")})
    stand.driver.frames(20)
    assert stand.state == "question"
    stand.tap("cancel")

    languages = [tile for tile in stand.driver.tiles() if tile.startswith("language:")]
    assert languages == ["language:ar", "language:en"]


def test_a_new_site_file_is_taken_at_once_where_nobody_is(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.desk.site = stand.desk.site.model_copy(update={"languages": ("ar", "en")})
    stand.driver.wait_until(lambda: "language:uk" not in stand.driver.tiles())

    assert "language:ar" in stand.driver.tiles()
    assert stand.desk.left == []


def test_nothing_that_was_answered_reaches_the_log(
    kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        stand = kiosk()
        to_ticket(stand)
        stand.tap("done")

    assert not [word for word in ("sleep", "D214", "uk", "adults") if word in caplog.text]
