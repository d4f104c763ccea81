"""A site that is closed, behind the real front desk: what is printed, and what is kept of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.contract.messages import SlipState
from kiosk.contract.series import Series
from kiosk.contract.site_file import parse_site
from kiosk.front_desk import FrontDesk, Identity, JournalThread, SiteInForce
from kiosk.hours import Opening
from kiosk.journal import Journal
from kiosk.questionnaire import Answers, Party
from kiosk.server_link import ServerLink
from printer.slip import Directions, Slip
from printer.status import Outcome
from tests.kiosk.arrivals import ENROLMENT, KEY, NINE, SITE_TEXT, StandingClock
from tests.kiosk.loopback import WAIT_SECONDS, Loopback
from tests.kiosk.test_front_desk import Tray

HOURS = """
[hours]
every_day = ["08:00-18:00"]

[[when_closed]]
icon = "bed"
text = "A place to sleep tonight"
detail = "Ludwig-Beck-Straße 23"

[[when_closed]]
icon = "rest"
text = { uk = "Тепла кімната", de = "Warmer Raum", en = "A warm room" }
place = { landmark = "star", door = "10" }
"""
SITE = parse_site(
    SITE_TEXT.replace('id = "housing"', 'id = "housing"\nhours = { every_day = ["11:00-17:00"] }')
    + HOURS,
    source="hbf.toml",
)
EVENING = NINE.replace(hour=18)  # 19:00 in Berlin


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def desk(folder: Path, server: Loopback, clock: StandingClock, tray: Tray) -> Iterator[FrontDesk]:
    """A desk whose courier stands still: no server contradicts the clock of a test."""
    desk = FrontDesk(
        Identity("entrance-1", Series("D"), folder),
        SiteInForce(SITE, KEY),
        journal=JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT)),
        printer=tray,
        open_link=lambda: ServerLink(server.url, token="token"),
        clock=clock,
    )
    desk._spool.start()
    yield desk
    desk._courier._closing.set()
    desk._courier.start()
    desk.close()


def kept(desk: FrontDesk) -> tuple[int, int, int]:
    """Return the sequence, and how many check-ins and slips the journal holds."""

    def look(journal: Journal) -> tuple[int, int, int]:
        count = "SELECT count(*) FROM {}"
        return (
            journal.sequence,
            journal._value(count.format("outbox")),
            journal._value(count.format("slip")),
        )

    return desk._journal(look)


def close(clock: StandingClock, desk: FrontDesk) -> Opening:
    clock.wall = EVENING
    assert not desk.opening.is_open
    return desk.opening


def test_directions_say_what_the_site_says_and_nothing_is_kept_of_them(
    desk: FrontDesk, clock: StandingClock, tray: Tray
) -> None:
    opening = close(clock, desk)
    printing = desk.print_directions("uk", site=desk.site, opening=opening)
    slip = tray.take()

    assert isinstance(slip, Directions)
    assert (slip.heading.own, slip.heading.german) == ("Зараз зачинено", "Jetzt geschlossen")
    assert slip.opens
    assert slip.opens.german == "Öffnet: Dienstag, 08:00"
    assert "вівторок, 08:00" in slip.opens.own
    assert [advice.detail for advice in slip.advice] == ["Ludwig-Beck-Straße 23", ""]
    assert slip.advice[1].text.own == "Тепла кімната"
    assert slip.advice[1].place
    assert slip.advice[1].place.door == "10"
    assert kept(desk) == (0, 0, 0)
    desk._spool.close()
    assert printing.state is SlipState.PRINTED


def test_the_next_party_gets_the_next_number(
    desk: FrontDesk, clock: StandingClock, tray: Tray
) -> None:
    desk.print_directions("uk", site=desk.site, opening=close(clock, desk))
    tray.take()
    clock.wall = EVENING + timedelta(hours=15)
    ticket = desk.check_in(Answers(SITE, "uk", Party(1, 0), {})).result(WAIT_SECONDS)

    assert ticket.number == "D101"
    assert kept(desk) == (1, 1, 1)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNCONFIRMED, Outcome.PRINTED])
def test_what_became_of_it_is_told_and_then_forgotten(
    desk: FrontDesk, clock: StandingClock, tray: Tray, outcome: Outcome
) -> None:
    tray.outcome = outcome
    printing = desk.print_directions("uk", site=desk.site, opening=close(clock, desk))
    tray.take()
    desk._spool.close()

    assert printing.state.value == outcome.value
    printing.party_left()
    assert desk._spool._slips == {}


def test_directions_that_cannot_be_made_are_on_the_screen_only(
    desk: FrontDesk, clock: StandingClock, tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyError("a canary")

    monkeypatch.setattr("kiosk.front_desk.make_directions", fails)
    printing = desk.print_directions("uk", site=desk.site, opening=close(clock, desk))

    assert printing.state is SlipState.FAILED
    printing.party_left()
    assert tray.slips == []


def test_a_clock_that_is_wrong_opens_the_site(desk: FrontDesk, clock: StandingClock) -> None:
    close(clock, desk)
    clock.compare(EVENING + timedelta(hours=1))

    assert desk.opening == Opening()


def test_a_door_that_is_closed_now_is_on_the_ticket_and_on_the_slip(
    desk: FrontDesk, clock: StandingClock, tray: Tray
) -> None:
    clock.wall = NINE  # 10:00 in Berlin; housing opens at 11
    chosen = {"before": ("no",), "need": ("sleep",)}
    ticket = desk.check_in(Answers(SITE, "uk", Party(1, 0), chosen)).result(WAIT_SECONDS)
    slip = tray.take()

    assert list(ticket.opening.closed_stages) == ["housing"]
    assert isinstance(slip, Slip)
    (later,) = slip.later
    assert [place.door for place in later.places] == ["2"]
    assert later.opens.german == "Öffnet: Montag, 11:00"


def test_when_all_doors_are_open_a_slip_says_nothing_of_it(
    desk: FrontDesk, clock: StandingClock, tray: Tray
) -> None:
    clock.wall = NINE + timedelta(hours=3)
    chosen = {"before": ("no",), "need": ("sleep",)}
    ticket = desk.check_in(Answers(SITE, "uk", Party(1, 0), chosen)).result(WAIT_SECONDS)

    assert ticket.opening.closed_stages == {}
    slip = tray.take()
    assert isinstance(slip, Slip)
    assert slip.later == ()
