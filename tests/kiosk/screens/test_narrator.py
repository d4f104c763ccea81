"""When the narrator speaks and when it is silent: a real speaker, and someone who listens."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from kiosk.conversation import State
from kiosk.screens import narration
from kiosk.screens.narration import View
from kiosk.screens.narrator import ISSUING_SECONDS, Narrator
from kiosk.speech import sentences
from kiosk.speech.speaker import USUAL_VOLUME
from tests.kiosk.screens.fake_desk import HandClock
from tests.kiosk.screens.listener import Listener
from tests.kiosk.screens.test_narration import TICKET, Shown, at

NOTICE = at(State.NOTICE)


class Room:
    """A narrator, what it looks at, and who listens to it."""

    def __init__(self, listener: Listener, view: View) -> None:
        self.listener, self.clock, self.view = listener, HandClock(), view
        self.changes = 0
        self.narrator = Narrator(
            listener, view=lambda: self.view, on_change=self._change, monotonic=self.clock
        )
        listener.speaker.on_headphones = self.narrator.plug

    def goes_to(self, view: View) -> None:
        self.view = view
        self.narrator.hush()
        self.narrator.arrive()

    def _change(self) -> None:
        self.changes += 1


@pytest.fixture
def enter() -> Iterator[Callable[..., Room]]:
    listeners: list[Listener] = []

    def enter(view: View = NOTICE, *, plugged: bool = False, lasts: bool = False) -> Room:
        listeners.append(Listener(plugged=plugged, lasts=lasts))
        return Room(listeners[-1], view)

    yield enter
    for listener in listeners:
        listener.close()


Enter = Callable[..., Room]


def test_nothing_is_said_before_someone_wants_it(enter: Enter) -> None:
    room = enter()
    room.narrator.arrive()
    room.narrator.count("adults", 2)
    room.narrator.tell_news()
    room.narrator.ask_still_there()
    room.narrator.focus(Shown("next"))

    assert room.listener.hears() == []
    assert not room.narrator.speaks


def test_the_ear_reads_this_screen_and_each_that_follows(enter: Enter) -> None:
    room = enter()
    room.narrator.begin()
    assert room.listener.hears() == list(narration.whole(NOTICE))
    room.goes_to(at(State.PARTY))

    assert room.listener.hears() == list(narration.whole(at(State.PARTY)))
    assert room.narrator.speaks


def test_the_ear_once_more_reads_it_again(enter: Enter) -> None:
    room = enter()
    for _ in range(2):
        room.narrator.begin()
        assert room.listener.hears() == list(narration.whole(NOTICE))


def test_a_touch_is_silence(enter: Enter) -> None:
    room = enter(lasts=True)
    room.narrator.begin()
    room.narrator.hush()

    assert len(room.listener.hears()) <= 1, "and nothing after what was begun"


def test_headphones_begin_and_pulling_them_ends(enter: Enter) -> None:
    room = enter()
    room.listener.speaker.plug(plugged=True)
    assert room.narrator.speaks
    assert room.listener.hears() == list(narration.whole(NOTICE))
    room.listener.speaker.plug(plugged=False)
    room.goes_to(at(State.PARTY))

    assert not room.narrator.speaks
    assert room.listener.hears() == []


def test_names_light_their_language_one_after_the_other(enter: Enter) -> None:
    room = enter(at(State.LANGUAGE))
    names = narration.whole(room.view)
    room.narrator.begin()
    seen = []
    for name in names[:3]:
        room.narrator.uttered(name)
        seen.append(room.narrator.spoken)
    room.narrator.uttered(None)

    assert seen == ["uk", "ru", "de"]
    assert room.narrator.spoken is None


@pytest.mark.parametrize("screen", [at(State.NOTICE), at(State.LANGUAGE)])
def test_what_is_no_name_lights_nothing(enter: Enter, screen: View) -> None:
    room = enter(screen)
    room.narrator.begin()
    room.narrator.uttered(sentences.texts("uk", "Louder")[0])

    assert room.narrator.spoken is None


def test_a_touch_puts_the_light_out_at_once(enter: Enter) -> None:
    room = enter(at(State.LANGUAGE))
    room.narrator.begin()
    room.narrator.uttered(narration.whole(room.view)[0])
    room.narrator.hush()

    assert room.narrator.spoken is None


def test_volume_is_heard_in_a_word_and_on_the_first_screen_in_the_names(enter: Enter) -> None:
    room = enter(at(State.LANGUAGE))
    names = narration.whole(room.view)
    room.narrator.begin()
    assert room.listener.hears() == list(names)
    room.narrator.uttered(names[3])
    room.narrator.louder()
    assert room.listener.hears() == [*names[3:], *names[:3]]
    room.goes_to(NOTICE)
    room.listener.hears()
    room.narrator.softer()
    room.narrator.softer()

    assert room.listener.hears()[-1:] == list(sentences.texts("uk", "Softer"))
    assert room.listener.speaker.volume == USUAL_VOLUME - 1


def test_loudspeakers_never_tell_what_was_answered(enter: Enter) -> None:
    told = []
    for plugged in (False, True):
        room = enter(replace(at(State.PARTY), adults=2), plugged=plugged)
        room.narrator.begin()
        room.listener.hears()
        for act in (
            lambda room: room.narrator.count("adults", 2),
            lambda room: room.goes_to(replace(at(State.QUESTION), chosen=("sleep",))),
            lambda room: room.narrator.mark("sleep", chosen=True),
            lambda room: room.narrator.mark("sleep", chosen=False),
            lambda room: room.goes_to(replace(at(State.QUESTION), entered="4")),
            lambda room: room.narrator.enter(before=""),
            lambda room: room.narrator.focus(Shown("key:5", text="5")),
            lambda room: room.goes_to(at(State.TICKET_READY)),
        ):
            act(room)
            told.append([one for one in room.listener.hears() if one.personal])

    over_loudspeaker, into_headphones = told[: len(told) // 2], told[len(told) // 2 :]
    assert over_loudspeaker == [[]] * 8
    assert all(into_headphones)


def test_news_is_said_once_and_only_where_it_is_new(enter: Enter) -> None:
    printing = replace(at(State.TICKET_READY), news=("Your slip is printing.",))
    room = enter(printing)
    room.narrator.begin()
    room.listener.hears()
    room.narrator.tell_news()
    assert room.listener.hears() == []
    room.view = replace(printing, news=("Please take your slip.",))
    room.narrator.tell_news()
    room.narrator.tell_news()

    assert room.listener.hears() == list(sentences.texts("uk", "Please take your slip."))


def test_news_does_not_cut_the_number_off_and_old_news_goes_unsaid(enter: Enter) -> None:
    printing = replace(at(State.TICKET_READY), news=("Your slip is printing.",), way_on="")
    room = enter(printing, plugged=True, lasts=True)
    room.narrator.begin()
    room.view = replace(printing, news=("Please take your slip.",))
    room.narrator.tell_news()
    whole = narration.whole(room.view)

    assert [room.listener.hears_next() for _ in whole] == list(whole)
    assert room.listener.hears() == []


def test_nobody_is_told_to_wait_who_does_not_wait_long(enter: Enter) -> None:
    room = enter()
    room.narrator.begin()
    room.listener.hears()
    room.goes_to(at(State.ISSUING))
    room.narrator.tick()
    assert room.listener.hears() == []
    room.clock.advance(ISSUING_SECONDS)
    room.narrator.tick()
    room.narrator.tick()

    assert room.listener.hears() == list(narration.whole(at(State.ISSUING)))


def test_the_question_whether_anyone_is_there_is_heard_once_and_then_the_screen(
    enter: Enter,
) -> None:
    room = enter()
    room.narrator.begin()
    room.listener.hears()
    for _ in range(3):
        room.narrator.ask_still_there()
    assert room.listener.hears() == list(sentences.still_there("uk"))
    room.narrator.hush()
    assert room.listener.hears() == list(narration.whole(NOTICE))
    room.narrator.hush()

    assert room.listener.hears() == []


def test_a_question_that_news_took_away_is_heard_again_the_next_time(enter: Enter) -> None:
    room = enter()
    room.narrator.begin()
    room.narrator.ask_still_there()
    room.listener.hears()
    room.narrator.stop_asking()
    assert room.listener.hears() == []
    room.narrator.ask_still_there()

    assert room.listener.hears() == list(sentences.still_there("uk"))


def test_a_party_that_leaves_takes_speech_and_volume_with_it(enter: Enter) -> None:
    room = enter(at(State.TICKET_READY), plugged=True)
    room.narrator.begin()
    room.narrator.louder()
    room.listener.hears()
    room.narrator.leave()
    room.goes_to(at(State.LANGUAGE))
    room.goes_to(NOTICE)
    room.narrator.count("adults", 2)

    assert room.listener.hears() == []
    assert room.listener.speaker.volume == USUAL_VOLUME
    assert TICKET.number not in f"{room.listener.speaker._last}"


def test_a_key_begins_where_a_plug_is_in(enter: Enter) -> None:
    for plugged in (True, False):
        room = enter(plugged=plugged)
        room.narrator.focus(Shown("next"))

        assert room.narrator.speaks is plugged
        assert room.listener.hears() == list(sentences.texts("uk", "Next"))[: int(plugged)]


def test_a_site_is_rendered_ahead_once_and_a_new_one_again(enter: Enter) -> None:
    room = enter()
    for _ in range(2):
        room.narrator.tick()
    assert room.listener.prepared == [NOTICE.conversation.site]
    site = NOTICE.conversation.site.model_copy(update={"name": "Another"})
    room.view = View(replace(NOTICE.conversation, site=site))
    room.narrator.tick()

    assert room.listener.prepared[1:] == [site]


def test_sound_that_goes_and_comes_is_known(enter: Enter) -> None:
    room = enter()
    seen = []
    for sound in ("ready", "none", "off", "ready"):
        room.listener.sound = sound
        room.narrator.tick()
        seen.append(room.narrator.has_sound)

    assert seen == [True, False, False, True]
    assert room.changes == 3, "and told only where it changed"


def test_a_kiosk_without_speech_says_nothing_and_does_all_else() -> None:
    narrator = Narrator(None, view=lambda: NOTICE, on_change=lambda: None, monotonic=HandClock())
    narrator.begin()
    narrator.arrive()
    narrator.hush()
    narrator.louder()
    narrator.softer()
    narrator.tell_news()
    narrator.ask_still_there()
    narrator.focus(Shown("next"))
    narrator.tick()
    narrator.leave()

    assert not narrator.speaks
    assert not narrator.has_sound
