"""A machine is enrolled by touch: the real set-up screen, the real thread, a small server."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from kiosk.contract.enrolling import EnrolmentState, fingerprint
from kiosk.contract.messages import RefusalCode
from kiosk.enrolment import Enrolment
from kiosk.enrolment_folder import EnrolmentFolder
from kiosk.enrolment_watch import EnrolmentWatch
from kiosk.hardware import Hardware
from kiosk.screens.screen_settings import ScreenSettings
from tests.kiosk.central import refusal
from tests.kiosk.loopback import Loopback
from tests.kiosk.registrar import CODE, OTHER_CODE, Registrar
from tests.kiosk.screens.conftest import LANDSCAPE, PORTRAIT, SMALL
from tests.stand.touch import KioskDriver

SetUp = Callable[..., KioskDriver]


@pytest.fixture
def registrar() -> Registrar:
    return Registrar()


@pytest.fixture
def watch(registrar: Registrar, folder: Path) -> Iterator[EnrolmentWatch]:
    with Loopback(registrar) as server:
        place = EnrolmentFolder(folder / "kiosk")
        watch = EnrolmentWatch(
            lambda: Enrolment(place, server=server.url, hardware=Hardware()), ask_seconds=0.05
        )
        watch.start()
        with closing(watch):
            yield watch


@pytest.fixture
def set_up(_kivy: None, watch: EnrolmentWatch) -> Iterator[SetUp]:
    from kiosk.screens.set_up_app import SetUpApp  # opens the window

    drivers = []

    def open_it(screen: ScreenSettings = SMALL) -> KioskDriver:
        app = SetUpApp(watch, server="https://ankunft.example", settings=screen)
        drivers.append(KioskDriver(app).start())
        drivers[-1].wait_until(lambda: "code:K" in drivers[-1].tiles())
        return drivers[-1]

    yield open_it
    for driver in drivers:
        driver.stop()


def tap(driver: KioskDriver, tile: str) -> None:
    driver.touch(driver.find(tile))
    driver.frames(2)


def enter(driver: KioskDriver, code: str) -> None:
    for letter in code.replace("-", ""):
        tap(driver, f"code:{letter}")


def shows(driver: KioskDriver, text: str) -> bool:
    return any(text in there for there in driver.texts())


def test_a_machine_is_enrolled_by_touch(
    set_up: SetUp, watch: EnrolmentWatch, registrar: Registrar, folder: Path
) -> None:
    driver = set_up()
    assert shows(driver, "https://ankunft.example")
    enter(driver, "K7QM-2XPB")
    tap(driver, "code:back")
    assert "code:take" not in driver.tiles()
    enter(driver, "A")
    assert shows(driver, "K 7 Q M - 2 X P A")

    tap(driver, "code:take")
    driver.wait_until(lambda: shows(driver, "Ask an administrator to compare this"))

    key = registrar.requests[0].public_key
    first, second, *rest = fingerprint(key).split()
    assert {f"{first}  {second}", "  ".join(rest)} <= set(driver.texts())
    registrar.state = EnrolmentState.APPROVED
    driver.wait_until(lambda: shows(driver, "This machine is a kiosk now."))
    assert shows(driver, "entrance-1: D")
    assert watch.settings is not None
    assert (folder / "kiosk" / "kiosk.toml").exists()


@pytest.mark.parametrize("seconds", [0.001, 0.034, 1.0])
def test_done_closes_the_window_however_long_the_finger_rests(
    set_up: SetUp, registrar: Registrar, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    from kivy.app import App
    from kivy.uix.behaviors import button  # its tile springs back 35 ms after the touch

    registrar.state = EnrolmentState.APPROVED
    driver = set_up()
    enter(driver, CODE)
    tap(driver, "code:take")
    driver.wait_until(lambda: "set-up:done" in driver.tiles())
    monkeypatch.setattr(button, "time", count(step=seconds).__next__)

    tap(driver, "set-up:done")

    assert App.get_running_app() is None


def test_a_mistyped_code_can_be_mended(set_up: SetUp, registrar: Registrar) -> None:
    driver = set_up()
    enter(driver, "K7QM-2XPB")
    tap(driver, "code:take")
    driver.wait_until(lambda: shows(driver, "Diesen Code gibt es nicht"))
    while not shows(driver, "· · · · - · · · ·"):
        tap(driver, "code:back")
    enter(driver, CODE)
    tap(driver, "code:take")

    driver.wait_until(lambda: shows(driver, "Ask an administrator"))
    assert registrar.requests[-1].code == CODE


def test_another_code_leads_to_another_fingerprint(set_up: SetUp, registrar: Registrar) -> None:
    driver = set_up()
    for code in (CODE, OTHER_CODE):
        enter(driver, code)
        tap(driver, "code:take")
        driver.wait_until(lambda: "code:other" in driver.tiles())
        if code == CODE:
            tap(driver, "code:other")
            driver.frames(10)  # the same news again does not bring the old one back
            assert "code:K" in driver.tiles()

    assert len({request.public_key for request in registrar.requests}) == 2


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (RefusalCode.CODE_LAPSED, "The code has lapsed"),
        (RefusalCode.CODE_USED, "This code was used already"),
        (RefusalCode.TOO_MANY, "Too many tries"),
    ],
)
def test_what_the_server_does_not_take_is_said_in_both_languages(
    set_up: SetUp, registrar: Registrar, code: RefusalCode, says: str
) -> None:
    status = 429 if code is RefusalCode.TOO_MANY else 403
    registrar.fail = lambda _: refusal(status, code)
    driver = set_up()
    enter(driver, CODE)
    tap(driver, "code:take")

    driver.wait_until(lambda: shows(driver, says))


def test_a_refused_machine_is_told_so(set_up: SetUp, registrar: Registrar) -> None:
    registrar.state = EnrolmentState.REFUSED
    driver = set_up()
    enter(driver, CODE)
    tap(driver, "code:take")

    driver.wait_until(lambda: shows(driver, "Die Administration hat dieses Gerät abgelehnt"))
    assert "code:K" in driver.tiles()


SMALL_PANEL = ScreenSettings(width=1024, height=768, diagonal_inches=15)


@pytest.mark.parametrize("screen", [PORTRAIT, LANDSCAPE, SMALL_PANEL], ids=["1", "2", "3"])
def test_every_key_of_a_code_is_large_enough_for_a_finger(
    set_up: SetUp, screen: ScreenSettings
) -> None:
    driver = set_up(screen)

    keys = [widget for widget in driver.widgets() if getattr(widget, "tile", "")]

    assert len(keys) == 34
    assert min(min(key.size) for key in keys) >= driver.app.theme.touch
