"""Staff close before the hours say so: the server's word, how long it holds, what parties see."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.contract.hours import Closure, Hours
from kiosk.contract.messages import HeartbeatAnswer
from kiosk.contract.series import Series
from kiosk.contract.site import Site
from kiosk.early_close import LONGEST, EarlyClose
from kiosk.front_desk import FrontDesk, Identity, JournalThread, SiteInForce
from kiosk.hours import Opening
from kiosk.journal import Journal
from kiosk.server_link import ServerLink
from tests.kiosk.arrivals import ENROLMENT, FAMILY, KEY, NINE, SITE, StandingClock
from tests.kiosk.central import STORE
from tests.kiosk.loopback import WAIT_SECONDS, Loopback
from tests.kiosk.test_front_desk import Tray

NEXT_DAY = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # 04:00 in Berlin
EIGHT_TO_SIX = SITE.model_copy(update={"hours": Hours(every_day=("08:00-18:00",))})


def answer(closed_until: datetime | None = NEXT_DAY, *, as_of: datetime = NINE) -> HeartbeatAnswer:
    return HeartbeatAnswer(
        as_of=as_of,
        store_id=STORE,
        site_version=SITE.version,
        highest_sequence=0,
        closed_until=closed_until,
    )


def heard(told: HeartbeatAnswer, site: Site = SITE) -> EarlyClose:
    early = EarlyClose.heard(told, site, at=100.0)
    assert early
    assert not early.opening.is_open
    return early


def opens(early: EarlyClose) -> str:
    assert early.opening.opens_at
    return f"{early.opening.opens_at:%d %H:%M}"


def test_a_site_that_is_always_open_opens_with_the_next_service_day() -> None:
    assert opens(heard(answer())) == "03 04:00"


def test_a_site_with_hours_opens_when_they_say_so_after_that() -> None:
    holiday = EIGHT_TO_SIX.model_copy(update={"closures": (Closure(days="2026-03-03"),)})

    assert opens(heard(answer(), EIGHT_TO_SIX)) == "03 08:00"
    assert opens(heard(answer(), holiday)) == "04 08:00"


def test_it_holds_for_as_long_as_the_server_said_and_no_second_longer() -> None:
    early = heard(answer())
    rest = (NEXT_DAY - NINE).total_seconds()

    assert early.holds(at=100.0 + rest - 0.1)
    assert not early.holds(at=100.0 + rest)


@pytest.mark.parametrize("until", [None, NINE, NINE - timedelta(days=400)])
def test_what_is_over_already_closes_nothing(until: datetime | None) -> None:
    assert EarlyClose.heard(answer(until), SITE, at=100.0) is None


def test_a_server_that_errs_by_years_closes_for_one_day_at_most() -> None:
    early = heard(answer(NINE + timedelta(days=4000)))

    assert early.ends == 100.0 + LONGEST.total_seconds()


def test_an_older_server_closes_nothing() -> None:
    told = answer().model_dump_json(exclude={"closed_until"})

    assert HeartbeatAnswer.model_validate_json(told).closed_until is None


# --- behind the real front desk -----------------------------------------------------------------


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def desk(folder: Path, server: Loopback, clock: StandingClock, tray: Tray) -> Iterator[FrontDesk]:
    """A desk whose courier stands still: it hears what the test tells it, and no more."""
    desk = open_desk(folder, server, clock, tray)
    desk._spool.start()
    yield desk
    shut(desk)


def open_desk(folder: Path, server: Loopback, clock: StandingClock, tray: Tray) -> FrontDesk:
    return FrontDesk(
        Identity("entrance-1", Series("D"), folder),
        SiteInForce(EIGHT_TO_SIX, KEY),
        journal=JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT)),
        printer=tray,
        open_link=lambda: ServerLink(server.url, token="token"),
        clock=clock,
    )


def shut(desk: FrontDesk) -> None:
    desk._courier._closing.set()
    desk._courier.start()
    desk.close()


def hear(desk: FrontDesk, told: HeartbeatAnswer) -> None:
    desk._heed(desk._link, told.model_copy(update={"site_version": desk.site.version}))


def test_a_kiosk_is_closed_by_one_heartbeat_and_opened_by_another(desk: FrontDesk) -> None:
    assert desk.opening.is_open

    hear(desk, answer())
    assert not desk.opening.is_open
    hear(desk, answer(None))

    assert desk.opening.is_open


def test_when_the_server_has_gone_away_the_hours_decide_from_the_next_service_day(
    desk: FrontDesk, clock: StandingClock
) -> None:
    hear(desk, answer())
    seconds = (NEXT_DAY - NINE).total_seconds()
    clock.seconds, clock.wall = clock.seconds + seconds, NEXT_DAY

    assert not desk.opening.is_open, "it is 04:00, and the site opens at 08:00"
    clock.seconds, clock.wall = clock.seconds + 4 * 3600, NEXT_DAY + timedelta(hours=4)
    assert desk.opening.is_open


@pytest.mark.parametrize("years", [-40, 40])
def test_a_wall_clock_that_is_wrong_by_years_keeps_no_kiosk_closed(
    desk: FrontDesk, clock: StandingClock, years: int
) -> None:
    clock.wall = NINE + timedelta(days=365 * years)
    hear(desk, answer())
    assert not desk.opening.is_open

    clock.seconds += (NEXT_DAY - NINE).total_seconds()

    assert desk.opening == Opening()


def test_a_kiosk_that_was_started_anew_goes_by_the_hours_until_it_hears_more(
    folder: Path, server: Loopback, clock: StandingClock, tray: Tray
) -> None:
    for _ in range(2):
        desk = open_desk(folder, server, clock, tray)
        was_open = desk.opening.is_open
        hear(desk, answer())
        shut(desk)

    assert was_open


def test_a_party_that_had_begun_gets_its_number(desk: FrontDesk, tray: Tray) -> None:
    hear(desk, answer())

    ticket = desk.check_in(FAMILY).result(WAIT_SECONDS)

    assert (ticket.number, tray.take().number) == ("D101", "D101")


def test_directions_of_a_kiosk_with_a_wrong_clock_tell_when_it_opens_and_not_the_time(
    desk: FrontDesk, clock: StandingClock, tray: Tray
) -> None:
    clock.wall = NINE + timedelta(days=3650)
    hear(desk, answer())
    desk.print_directions("uk", site=desk.site, opening=desk.opening)
    slip = tray.take()

    assert slip.printed_at == ""
    assert slip.opens.german == "Öffnet: Dienstag, 08:00"
