"""What is watched after every touch: a kiosk that breaks a promise is found out."""

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from kiosk.contract.messages import HelpKind
from kiosk.conversation import State
from tests.chaos.reception_point import NotedDesk
from tests.kiosk.screens.conftest import Stand, _kept, _kivy, kiosk
from tests.kiosk.screens.fake_desk import FakeDesk

pytestmark = pytest.mark.display

__all__ = ["_kept", "_kivy", "kiosk"]


class Watched:
    """A kiosk with a hand in front of it, and its promises."""

    def __init__(self, stand: Stand, desk: NotedDesk) -> None:
        from tests.chaos.promises import Promises

        self.stand, self.desk = stand, desk
        self.app = stand.driver.app
        self.promises = Promises(self.app, desk)

    def party(self, *tiles: str) -> None:
        for tile in tiles:
            self.stand.tap(tile)
            self.promises.check(touched_help=tile.startswith("help:"))

    def found(self, touched_help: int = 0) -> str:
        from tests.chaos.promises import BrokenPromiseError

        with pytest.raises(BrokenPromiseError) as broken:
            self.promises.check(touched_help=touched_help)
        return str(broken.value)


@pytest.fixture
def watched(kiosk: Callable[..., Stand]) -> Iterator[Watched]:
    desk = NotedDesk(FakeDesk(url="https://ankunft.example/t/x"))
    one = Watched(kiosk(desk, new=True), desk)
    with one.promises:
        yield one


TO_TICKET = ("language:uk", "next", "adults:1", "next", "before:no", "need:ask", "next")


def test_a_whole_party_breaks_no_promise(watched: Watched) -> None:
    watched.party(*TO_TICKET, "wait:nobody")
    watched.stand.until("done")
    watched.party("done", "language:ar", "help:doctor", "done")

    watched.promises.check_left_alone()


def test_a_number_of_an_earlier_party_on_the_screen_is_found(watched: Watched) -> None:
    watched.party(*TO_TICKET, "wait:nobody")
    watched.stand.until("done")
    watched.party("done")
    watched.app.flow._presenter.screens.language.title = "D214"
    watched.stand.driver.frames(2)

    assert "of an earlier party: ['D214']" in watched.found()


def test_an_answer_that_is_not_forgotten_is_found_on_a_screen_that_is_not_shown(
    watched: Watched,
) -> None:
    watched.party("language:uk", "next", "adults:1")
    watched.app.flow._presenter.screens.party.forget = lambda: None
    watched.stand.tap("cancel")

    assert "PartyScreen keeps ['adults:1']" in watched.found()


def test_another_screen_than_the_states_own_is_found(watched: Watched) -> None:
    watched.app.frame.screen = watched.app.flow._presenter.screens.issuing

    assert "state 'language' shows IssuingScreen" in watched.found()


def test_a_screen_without_the_calls_for_help_is_found(watched: Watched) -> None:
    watched.stand.driver.find("help:doctor").offered = False

    assert "nobody can be called" in watched.found()


def test_a_window_over_the_kiosk_is_found(watched: Watched) -> None:
    from kivy.core.window import Window
    from kivy.uix.label import Label

    settings = Label(text="settings")
    Window.add_widget(settings)
    try:
        assert "the window shows" in watched.found()
    finally:
        Window.remove_widget(settings)


def test_a_call_for_help_without_a_touch_is_found(watched: Watched) -> None:
    watched.app.flow.call_help(HelpKind.PERSON)

    assert "1 help calls after 0 touches" in watched.found()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_found(watched: Watched) -> None:
    def die() -> None:
        raise ValueError("of old age")

    thread = threading.Thread(target=die, name="courier")
    thread.start()
    thread.join()

    assert "thread courier died of ValueError" in watched.found()


def test_a_mistake_in_the_log_is_found(watched: Watched) -> None:
    logging.getLogger("kiosk.spool").error("spool stumbled error=%r", "KeyError")

    assert "in the log: spool stumbled" in watched.found()


def test_a_kiosk_that_stays_where_its_party_left_it_is_found(watched: Watched) -> None:
    from tests.chaos.promises import BrokenPromiseError

    watched.party("language:uk")
    with pytest.raises(BrokenPromiseError, match="stays at 'notice'"):
        watched.promises.check_left_alone()


def test_a_first_screen_that_is_not_as_at_first_is_found(watched: Watched) -> None:
    from tests.chaos.promises import BrokenPromiseError

    assert watched.app.flow.conversation.state is State.LANGUAGE
    watched.stand.driver.find("language:uk").offered = False
    with pytest.raises(BrokenPromiseError, match="not what it was at first"):
        watched.promises.check_left_alone()
