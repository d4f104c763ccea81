"""The real screens, read aloud to someone who listens."""

import threading
from collections.abc import Callable, Iterator

import pytest

from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.site_file import read_site_file
from kiosk.help_line import HelpProgress
from kiosk.language import catalogue
from kiosk.screens import narration
from kiosk.speech import sentences
from kiosk.speech.utterance import Utterance
from kiosk.speech.wording import wording
from tests.kiosk.screens.conftest import LANDSCAPE, SMALL, Stand
from tests.kiosk.screens.fake_desk import SITE_FILE, FakeDesk, FakeWatch
from tests.kiosk.screens.listener import Listener
from tests.kiosk.screens.remains import remains

pytestmark = pytest.mark.display

TO_TICKET = ("next", "adults:2", "children:1", "next", "before:no", "need:sleep", "need:food")
VOWELS = {chr(code) for code in range(0x064B, 0x0653)} | {"\u0670"}


class Hall:
    """A kiosk that speaks, with someone before it."""

    def __init__(self, stand: Stand, listener: Listener) -> None:
        self.stand, self.listener, self.driver = stand, listener, stand.driver

    def tap(self, *tiles: str) -> None:
        self.stand.tap(*tiles)

    def passes(self, seconds: float = 0) -> None:
        """Let time pass, and the kiosk notice it."""
        self.stand.clock.advance(seconds)
        self.driver.app.flow.tick()
        self.driver.frames(2)

    def hears(self) -> list[Utterance]:
        """Return what was heard since this was last asked."""
        heard = self.listener.hears()
        self.driver.frames(2)
        return heard

    def texts(self) -> list[str]:
        return [utterance.text for utterance in self.hears()]


@pytest.fixture
def enter(kiosk: Callable[..., Stand]) -> Iterator[Callable[..., Hall]]:
    listeners = []

    def enter(
        desk: FakeDesk | None = None,
        settings: object = SMALL,
        *,
        plugged: bool = False,
        lasts: bool = False,
    ) -> Hall:
        listeners.append(Listener(plugged=plugged, lasts=lasts))
        hall = Hall(kiosk(desk, settings, speech=listeners[-1]), listeners[-1])
        hall.stand.until("tool:ear")
        return hall

    yield enter
    for listener in listeners:
        listener.close()


Enter = Callable[..., Hall]


def names(hall: Hall) -> list[Utterance]:
    site = hall.stand.desk.site
    return list(sentences.names((*site.languages, *site.audio_languages)))


def own_questions() -> FakeDesk:
    return FakeDesk(read_site_file(SITE_FILE.with_name("own-questions.toml")))


def words(text: str) -> str:
    """Return a text as it is compared: without vowel marks, signs of direction and full stops."""
    return "".join(
        sign
        for sign in " ".join(text.casefold().split())
        if sign not in VOWELS and sign not in "\u2066\u2069.:,؟?!،"
    ).strip()


def unsaid(hall: Hall, heard: list[Utterance], language: str) -> list[str]:
    """Return the texts on the screen that are neither said nor the name of a tile."""
    tiles = [w for w in hall.driver.widgets() if getattr(w, "tile", "")]
    named = [one for tile in tiles for one in narration.tile(language, tile)]
    said = " ".join(words(one.text) for one in (*heard, *named))
    number = words(wording(language).spelled("D214"))
    called = {getattr(tile, "text", "") for tile in tiles if tile.tile in narration.TILES}  # "9+"
    return [
        text
        for text in hall.driver.texts()
        if words(text) not in said
        and text not in called
        and not (text == "D214" and number in said)
    ]


@pytest.mark.parametrize("language", ["uk", "ar", "ka"])
def test_every_text_of_an_arrival_is_heard(enter: Enter, language: str) -> None:
    """On arrival, or when its tile is come to: nothing stands there for the eye alone."""
    hall = enter(FakeDesk(url="https://ankunft.example/t/1"), plugged=True)
    hall.tap("tool:ear", f"language:{language}")
    hall.hears()
    missed = {}
    for tile in ("next", *TO_TICKET[1:4], "before:no", "need:sleep", "next", "wait:nobody"):
        hall.tap(tile)
        hall.tap("tool:ear")
        missed[tile] = unsaid(hall, hall.hears(), language)
    hall.stand.until("done")
    for slip in SlipState:
        hall.stand.desk.slip = slip
        hall.passes()
        hall.tap("tool:ear")
        missed[slip] = unsaid(hall, hall.hears(), language)
    hall.tap("help:doctor")
    for progress in HelpProgress:
        hall.stand.desk.watch.state = progress
        hall.passes()
        hall.tap("tool:ear")
        missed[progress] = unsaid(hall, hall.hears(), language)

    assert {place: texts for place, texts in missed.items() if texts} == {}


@pytest.mark.parametrize("language", ["uk", "ar"])
def test_every_text_beside_the_way_is_heard(enter: Enter, language: str) -> None:
    missed = {}
    places = enter(plugged=True)
    places.tap("tool:ear", f"language:{language}", *TO_TICKET[:5], "need:food", "next")
    places.hears()
    places.tap("tool:ear")
    missed["places"] = unsaid(places, places.hears(), language)
    broken = enter(FakeDesk(fails=True), plugged=True)
    broken.tap("tool:ear", f"language:{language}", *TO_TICKET[:6], "next", "wait:nobody")
    broken.stand.until("done")
    broken.hears()
    broken.tap("tool:ear")
    missed["ask staff"] = unsaid(broken, broken.hears(), language)
    slow = enter(FakeDesk(holds_back=True), plugged=True)
    slow.tap("tool:ear", f"language:{language}", *TO_TICKET[:6], "next", "wait:nobody")
    slow.hears()
    slow.tap("tool:ear")
    missed["issuing"] = unsaid(slow, slow.hears(), language)
    for answer in ("before:collect", "before:no"):
        own = enter(own_questions(), plugged=True)
        own.tap("tool:ear", f"language:{language}", *TO_TICKET[:4], answer)
        own.hears()
        own.tap("tool:ear")
        missed[answer] = unsaid(own, own.hears(), language)

    assert {place: texts for place, texts in missed.items() if texts} == {}


def test_the_ear_says_the_names_and_lights_each(enter: Enter) -> None:
    hall = enter(lasts=True)
    hall.tap("tool:ear")
    lit = []
    site = hall.stand.desk.site
    for code in site.languages:
        with hall.listener.speaker._changed:
            assert hall.listener.speaker._changed.wait_for(lambda: hall.listener._heard, 10)
        tile = hall.driver.find(f"language:{code}")
        hall.driver.wait_until(lambda tile=tile: tile.lit)
        lit.append([t.tile for t in hall.driver.widgets() if getattr(t, "lit", False)])
        assert hall.listener.hears_next() == sentences.names([code])[0]

    assert lit == [[f"language:{code}"] for code in site.languages]
    assert hall.listener.hears_next() == sentences.names(site.audio_languages)[0]
    hall.driver.wait_until(lambda: not tile.lit)


def test_a_language_that_is_lit_goes_dark_when_it_is_touched(enter: Enter) -> None:
    hall = enter(lasts=True)
    hall.tap("tool:ear")
    tile = hall.driver.find("language:uk")
    hall.driver.wait_until(lambda: tile.lit)
    hall.tap("language:de")
    hall.driver.frames(5)

    assert not tile.lit


def test_after_the_ear_every_screen_is_read_in_the_partys_language(enter: Enter) -> None:
    hall = enter(plugged=True)
    hall.tap("tool:ear")
    assert hall.hears() == names(hall)
    heard = {}
    for tile in ("language:uk", *TO_TICKET, "next", "wait:nobody"):
        hall.tap(tile)
        heard[tile] = hall.hears()
    hall.stand.until("done")
    hall.driver.frames(5)
    heard["ticket"] = hall.hears()

    assert all(one.language == "uk" for said in heard.values() for one in said)
    assert heard["language:uk"] == [
        *sentences.notice("uk", hall.stand.desk.site),
        *sentences.texts("uk", "Next"),
    ]
    assert [one.text for one in heard["adults:2"]] == ["Дорослих: 2."]
    assert [one.text for one in heard["children:1"]] == ["Дітей: 1."]
    sleep = catalogue("uk").text("A place to sleep")
    assert [one.text for one in heard["need:sleep"]] == [f"Вибрано: {sleep}."]
    told = heard["wait:nobody"] + heard["ticket"]
    assert sentences.number("uk", "D214")[0] in told
    assert "Спочатку: дерево, двері 1." in [one.text for one in told]


def test_an_option_that_is_touched_twice_is_no_longer_chosen(enter: Enter) -> None:
    hall = enter(plugged=True)
    hall.tap("tool:ear", "language:en", *TO_TICKET[:5])
    hall.hears()
    hall.tap("need:sleep")
    chosen = hall.texts()
    hall.tap("need:sleep")

    assert chosen == ["Chosen: A place to sleep."]
    assert hall.texts() == ["No longer chosen: A place to sleep."]


@pytest.mark.parametrize("settings", [SMALL, LANDSCAPE], ids=["portrait", "landscape"])
def test_a_loudspeaker_tells_nothing_of_what_a_party_told_or_got(
    enter: Enter, settings: object
) -> None:
    heard = {}
    for plugged in (False, True):
        hall = enter(settings=settings, plugged=plugged)
        hall.tap("tool:ear", "language:uk", *TO_TICKET, "next", "wait:nobody")
        hall.stand.until("done")
        hall.tap("tool:ear")
        hall.stand.desk.slip = SlipState.UNCONFIRMED
        hall.stand.until("slip:yes")
        hall.tap("slip:yes", "tool:ear", "help:person", "tool:ear")
        heard[plugged] = hall.hears()
        hall.tap("done")

    answered = {one.text for one in heard[True] if one.personal}
    assert {"Ваш номер: де, 2, 1, 4.", "Їжа та вода: зірка, двері 10."} <= answered
    assert heard[False], "it does speak"
    assert not {one.text for one in heard[False]} & answered
    assert not any(one.personal for one in heard[False])


def test_keys_are_said_into_headphones_alone(enter: Enter) -> None:
    heard = {}
    for plugged in (False, True):
        hall = enter(own_questions(), plugged=plugged)
        hall.tap("tool:ear", "language:en", *TO_TICKET[:4], "before:collect")
        hall.hears()
        heard[plugged] = []
        for tile in ("key:7", "key:3", "key:back", "tool:ear"):
            hall.tap(tile)
            heard[plugged] += [one for one in hall.hears() if one.personal]

    assert heard[False] == []
    assert [one.text for one in heard[True]] == ["7.", "3.", "3.", "7."]


def test_news_of_the_slip_is_told_as_it_comes(enter: Enter) -> None:
    hall = enter(plugged=True)
    hall.tap("tool:ear", "language:en", *TO_TICKET[:6], "next", "wait:nobody")
    hall.stand.until("done")
    hall.driver.frames(5)
    hall.hears()
    told = []
    for slip in (SlipState.SENDING, SlipState.UNCONFIRMED, SlipState.FAILED):
        hall.stand.desk.slip = slip
        hall.passes()
        told.append(hall.texts())

    assert told == [
        [],
        ["Did your slip come out?", "Yes.", "No."],
        ["Please remember your number.", "The number is valid without a slip."],
    ]


def test_a_call_is_told_as_far_as_it_is(enter: Enter) -> None:
    hall = enter(FakeDesk(watch=FakeWatch()))
    hall.tap("tool:ear", "language:en", "help:doctor")
    called = hall.texts()
    hall.stand.desk.watch.state = HelpProgress.SOMEONE_COMING
    hall.passes()

    assert "We are calling someone." in called
    assert hall.texts()[0] == "Someone is coming."


def test_headphones_begin_on_any_screen_and_pulling_them_is_silence(enter: Enter) -> None:
    hall = enter()
    hall.tap("language:en")
    assert hall.hears() == []
    plug = threading.Thread(target=hall.listener.speaker.plug, args=(True,))
    plug.start()
    plug.join()
    hall.driver.wait_until(lambda: hall.driver.app.frame.speaks)
    assert hall.texts()[0] == "Good to know."
    threading.Thread(target=hall.listener.speaker.plug, args=(False,)).start()
    hall.driver.wait_until(lambda: not hall.driver.app.frame.speaks)
    hall.tap("next")

    assert hall.hears() == []


def test_louder_and_softer_are_there_while_it_speaks(enter: Enter) -> None:
    hall = enter()
    assert "tool:louder" not in hall.driver.tiles()
    hall.tap("tool:ear")
    hall.tap("language:en")
    hall.hears()
    hall.tap("tool:louder")

    assert hall.texts() == ["Louder."]
    assert hall.listener.speaker.volume == 3
    hall.tap("tool:softer")
    assert hall.texts() == ["Softer."]
    hall.tap("cancel")
    assert "tool:louder" not in hall.driver.tiles()


def test_romani_calls_a_person_and_says_so_in_romani(enter: Enter) -> None:
    hall = enter()
    hall.tap("audio:rom")

    assert hall.stand.desk.calls == [(HelpKind.PERSON, "rom")]
    assert hall.stand.state == "help"
    assert {catalogue(code).text("We are calling someone.") for code in ("uk", "vi")} <= set(
        hall.driver.texts()
    ), "for whoever does not read it, in all languages"
    assert hall.hears() == list(sentences.called_in("rom"))
    hall.tap("done", "language:uk")
    assert hall.hears() == [], "nobody asked to be read to"


def test_a_page_that_is_turned_is_read(enter: Enter) -> None:
    hall = enter()
    hall.tap("tool:large", "tool:ear")
    assert hall.hears() == names(hall), "all pages, one after the other"
    hall.passes()
    hall.tap("page:before")
    shown = [tile.partition(":") for tile in hall.driver.tiles()]
    hall.driver.frames(3)

    assert [one.language for one in hall.hears()] == [
        code for kind, _, code in shown if kind in {"language", "audio"}
    ]


def test_a_hand_at_what_is_not_offered_hears_what_is_asked(enter: Enter) -> None:
    hall = enter()
    hall.tap("tool:ear", "language:en", "next")
    hall.hears()
    hall.tap("next")
    assert hall.texts() == ["How many are you together?"]
    hall.tap(*TO_TICKET[1:5], "need:sleep", "need:register", "need:ask")
    hall.hears()
    hall.tap("need:money")

    assert hall.texts() == ["You can choose up to three."]


def test_a_kiosk_that_cannot_serve_says_so(enter: Enter) -> None:
    hall = enter(FakeDesk(trouble="disk"))
    hall.tap("tool:ear")
    heard = hall.hears()

    assert hall.stand.state == "out of service"
    assert list(dict.fromkeys(one.language for one in heard)) == [*hall.stand.desk.site.languages]
    assert "This device does not work now." in [one.text for one in heard]


def test_going_back_to_the_first_screen_goes_on_speaking_and_leaving_does_not(
    enter: Enter,
) -> None:
    hall = enter()
    hall.tap("tool:ear", "language:en")
    hall.hears()
    hall.tap("back")
    assert hall.hears() == names(hall)
    hall.tap("language:en")
    hall.hears()
    hall.tap("cancel", "language:de")

    assert hall.hears() == []


def test_headphones_that_stay_begin_nothing_for_the_next_party(enter: Enter) -> None:
    hall = enter()
    hall.listener.speaker.plug(plugged=True)
    hall.driver.wait_until(lambda: hall.driver.app.frame.speaks)
    hall.tap("language:en", "cancel")
    hall.hears()
    hall.tap("language:uk", "next", "adults:2")
    assert hall.hears() == []
    hall.listener.speaker.plug(plugged=False)
    hall.listener.speaker.plug(plugged=True)
    hall.driver.wait_until(lambda: hall.driver.app.frame.speaks)

    assert "Дорослих: 2." in hall.texts()


def test_a_listener_has_three_minutes_and_is_asked_aloud(enter: Enter) -> None:
    hall = enter()
    hall.tap("tool:ear", "language:en")
    hall.hears()
    hall.passes(179)
    assert hall.hears() == []
    hall.passes(2)
    hall.stand.until("go-on")
    hall.passes()
    assert hall.texts() == ["Are you still there?", "Otherwise your answers will be deleted."]
    hall.tap("go-on")
    assert hall.texts()[0] == "Good to know."
    hall.passes(201)

    assert hall.stand.state == "language"
    assert not hall.driver.app.frame.speaks


def test_the_first_screen_speaks_for_three_minutes(enter: Enter) -> None:
    hall = enter()
    hall.tap("tool:ear")
    hall.passes(199)
    assert hall.driver.app.frame.speaks
    hall.passes(2)
    hall.driver.wait_until(lambda: not hall.driver.app.frame.speaks)


def test_a_plug_after_an_idle_night_begins_to_speak(enter: Enter) -> None:
    hall = enter()
    hall.passes(9 * 3600)
    hall.listener.speaker.plug(plugged=True)
    hall.driver.wait_until(lambda: hall.driver.app.frame.speaks)
    hall.passes()

    assert hall.driver.app.frame.speaks
    assert hall.hears() == names(hall)


def test_the_number_stays_three_minutes_for_a_listener(enter: Enter) -> None:
    hall = enter()
    hall.tap("tool:ear", "language:en", *TO_TICKET[:6], "next", "wait:nobody")
    hall.stand.until("done")
    hall.passes(179)
    assert hall.stand.state == "ticket ready"
    hall.passes(2)

    assert hall.stand.state == "language"


def test_a_new_site_file_waits_for_whoever_listens_and_is_rendered_ahead(enter: Enter) -> None:
    hall = enter()
    old = hall.stand.desk.site
    hall.driver.wait_until(lambda: hall.listener.prepared == [old])
    hall.tap("tool:ear")
    new = old.model_copy(update={"languages": ("uk", "de")})
    hall.stand.desk.site = new
    hall.passes()
    assert "language:vi" in hall.driver.tiles()
    hall.passes(201)
    hall.driver.wait_until(lambda: "language:vi" not in hall.driver.tiles())
    hall.driver.wait_until(lambda: hall.listener.prepared == [old, new])


def test_without_sound_there_is_no_ear(enter: Enter, kiosk: Callable[..., Stand]) -> None:
    hall = enter()
    hall.listener.sound = "none"
    hall.driver.wait_until(lambda: "tool:ear" not in hall.driver.tiles())
    hall.listener.sound = "ready"
    hall.driver.wait_until(lambda: "tool:ear" in hall.driver.tiles())

    assert "tool:ear" not in kiosk().driver.tiles()


@pytest.mark.parametrize("way", ["cancel", "help:person", "time-out", "next"])
def test_nothing_that_was_said_is_left_after_any_way_out(enter: Enter, way: str) -> None:
    desk = own_questions()
    before, letter, town = desk.site.questions
    letter = letter.model_copy(update={"length": 12, "shortest": 8})
    desk.site = desk.site.model_copy(update={"questions": (before, letter, town)})
    hall = enter(desk, plugged=True)
    hall.tap("tool:ear", "language:en", *TO_TICKET[:4], "before:collect")
    keys = ["7", "3", "9", "0", "5", "8", "8", "1", "6", "2", "4"]
    hall.tap(*(f"key:{key}" for key in keys), "tool:ear")
    hall.hears()
    hall.listener.forget()
    canaries = [", ".join(keys[:-1]), "".join(keys[:-1])]
    assert remains(canaries[0]), "what was said can still be repeated, or this could not fail"
    if way == "time-out":
        hall.passes(201)
        hall.driver.wait_until(lambda: hall.stand.state == "language")
    else:
        hall.tap(way)
    if way == "next":
        hall.stand.until("done")
        desk.asked.clear()
        hall.tap("done")
    elif way == "help:person":
        hall.tap("done")
    hall.hears()
    hall.listener.forget()
    hall.driver.frames(5)

    assert [remains(canary) for canary in canaries] == [[], []]
