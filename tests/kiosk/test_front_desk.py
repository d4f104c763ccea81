import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kiosk import front_desk
from kiosk.contract import paths
from kiosk.contract.messages import (
    CheckIn,
    Heartbeat,
    HeartbeatAnswer,
    HelpKind,
    RefusalCode,
    SlipState,
    StageWait,
    Trouble,
)
from kiosk.contract.sealing import new_private_key, public_key
from kiosk.contract.series import Series
from kiosk.contract.site import SiteAnswer
from kiosk.contract.site_file import parse_site
from kiosk.front_desk import FRESH, FrontDesk, Identity, JournalThread, SiteInForce
from kiosk.health import Told, program_version, take_heartbeat
from kiosk.help_line import HelpProgress
from kiosk.journal import Journal, JournalError, OutOfServiceError
from kiosk.last_store import LastStore
from kiosk.server_link import ServerLink
from kiosk.staff_code import hash_code
from kiosk.staff_lock import Verdict
from kiosk.ticket import Ticket
from printer.slip import Slip
from printer.status import Outcome
from tests.kiosk.arrivals import (
    DIGITS_TEXT,
    ENROLMENT,
    FAMILY,
    KEY,
    NINE,
    SITE,
    SITE_TEXT,
    StandingClock,
    issue,
)
from tests.kiosk.central import STORE, Central, refusal
from tests.kiosk.loopback import WAIT_SECONDS, Loopback, Request, Response

OTHER = UUID("0190a000-0000-7000-8000-00000000000e")


class Tray:
    """A printer whose slips can be looked at; it ends as it is told."""

    def __init__(self) -> None:
        self.slips: list[Slip] = []
        self.outcome = Outcome.PRINTED
        self._fallen = threading.Semaphore(0)

    def prepare(self) -> None:
        """Nothing to load."""

    def print(self, slip: Slip) -> Outcome:
        self.slips.append(slip)
        self._fallen.release()
        return self.outcome

    def report(self) -> str:
        return "ready"

    def tend(self) -> None:
        """Nothing to do."""

    def confirm_empty(self) -> None:
        """Nothing to forget."""

    def take(self) -> Slip:
        """Return the next slip once it has come out."""
        assert self._fallen.acquire(timeout=WAIT_SECONDS)
        return self.slips[-1]


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def start(
    folder: Path, server: Loopback, clock: StandingClock, tray: Tray
) -> Callable[[], FrontDesk]:
    """Starts the same kiosk anew at each call; its threads stand still."""
    return lambda: FrontDesk(
        Identity("entrance-1", Series("D"), folder),
        SiteInForce(SITE, KEY),
        journal=JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT)),
        printer=tray,
        open_link=lambda: ServerLink(server.url, token="token"),
        clock=clock,
    )


@pytest.fixture
def closed(start: Callable[[], FrontDesk]) -> FrontDesk:
    return start()


@pytest.fixture
def desk(closed: FrontDesk) -> Iterator[FrontDesk]:
    closed.open()
    yield closed
    closed.close()


@pytest.fixture
def offline(closed: FrontDesk) -> Iterator[FrontDesk]:
    """A desk whose courier stands still: the server tells what the test says, and no more."""
    closed._spool.start()
    yield closed
    closed._courier._closing.set()
    closed._courier.start()
    closed.close()


def result(future: Future[Ticket]) -> Ticket:
    return future.result(WAIT_SECONDS)


def answer(**changes: object) -> HeartbeatAnswer:
    known = HeartbeatAnswer(
        as_of=NINE, store_id=STORE, site_version=SITE.version, highest_sequence=0
    )
    return known.model_copy(update=changes)


def heed(desk: FrontDesk, told: HeartbeatAnswer) -> None:
    desk._heed(desk._link, told)


def test_a_party_has_its_number_its_slip_and_its_place_at_the_server(
    desk: FrontDesk, tray: Tray, central: Central
) -> None:
    ticket = result(desk.check_in(FAMILY))

    assert (ticket.number, tray.take().number) == ("D101", "D101")
    central.wait_for(lambda: bool(central.slips))
    assert central.arrivals == ["D101"]
    assert central.slips[0]["outcome"] == "printed"
    assert desk.slip_state(ticket) is SlipState.PRINTED


def test_a_slip_that_cannot_be_made_costs_the_paper_and_not_the_number(
    desk: FrontDesk, tray: Tray, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyError("a canary")

    monkeypatch.setattr(front_desk, "make_slip", fails)

    ticket = result(desk.check_in(FAMILY))

    assert desk.slip_state(ticket) is SlipState.FAILED
    central.wait_for(lambda: central.arrivals == [ticket.number])
    assert tray.slips == []


def test_no_number_that_was_given_out_stands_in_the_log(
    offline: FrontDesk,
    tray: Tray,
    central: Central,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object, **__: object) -> None:
        tray._fallen.release()
        raise KeyError("a canary")

    def answers(request: Request) -> Response | None:
        if b'"number":"D102"' in request.body:
            return refusal(422, RefusalCode.UNREADABLE)
        return Response(500) if b'"number":"D103"' in request.body else None

    caplog.set_level(logging.DEBUG)
    central.fail = answers
    delivered, refused, put_back = (result(offline.check_in(FAMILY)) for _ in range(3))
    for _ in range(3):
        tray.take()
    monkeypatch.setattr(tray, "print", fails)
    stumbled = result(offline.check_in(FAMILY))
    tray.take()
    offline._spool.close()
    monkeypatch.setattr(front_desk, "make_slip", fails)
    without_slip = result(offline.check_in(FAMILY))
    assert not offline._courier._deliver()

    for line in (
        f"slip printed id={delivered.id} copy=1",
        f"check-in refused id={refused.id}",
        f"check-in put back id={put_back.id}",
        f"printing stumbled id={stumbled.id}",
        f"no slip id={without_slip.id}",
    ):
        assert line in caplog.text
    assert not [n for n in range(101, 106) if f"D{n}" in caplog.text]


def test_parties_of_many_threads_get_numbers_of_their_own(
    desk: FrontDesk, central: Central
) -> None:
    futures = [desk.check_in(FAMILY) for _ in range(12)]

    numbers = [result(future).number for future in futures]

    assert numbers == [f"D{101 + n}" for n in range(12)]
    central.wait_for(lambda: len(central.arrivals) == 12)
    assert central.deliveries == numbers


def test_the_slip_is_in_the_journal_before_the_number_is_told(
    desk: FrontDesk, folder: Path
) -> None:
    ticket = result(desk.check_in(FAMILY))

    look = Journal(folder / "journal.db", enrolment=ENROLMENT, look_only=True)
    assert look.slip(ticket.id).id == ticket.id
    assert look.sequence == 1
    look.close()


def test_a_stopped_kiosk_says_so_to_its_screen(desk: FrontDesk, tray: Tray) -> None:
    desk._journal(lambda journal: journal.stop("enrol anew"))

    with pytest.raises(OutOfServiceError):
        result(desk.check_in(FAMILY))

    assert tray.slips == []


def test_the_partys_word_prints_a_copy(desk: FrontDesk, tray: Tray, central: Central) -> None:
    tray.outcome = Outcome.UNCONFIRMED
    ticket = result(desk.check_in(FAMILY))
    tray.take()
    central.wait_for(lambda: bool(central.slips))
    tray.outcome = Outcome.PRINTED

    desk.slip_came_out(ticket, came_out=False)

    assert tray.take().copy == 2
    central.wait_for(lambda: central.slips[-1]["outcome"] == "printed")
    assert central.slips[-1]["copies"] == 2


def test_a_party_that_left_is_forgotten(desk: FrontDesk, tray: Tray, central: Central) -> None:
    ticket = result(desk.check_in(FAMILY))
    tray.take()
    central.wait_for(lambda: bool(central.slips))

    desk.party_left(ticket)

    assert desk.slip_state(ticket) is SlipState.UNCONFIRMED
    assert desk._spool._slips == {}


def test_what_is_counted_is_told_to_the_server(desk: FrontDesk) -> None:
    desk.party_left(None)
    desk.call_help(HelpKind.DOCTOR, "uk")
    result(desk.check_in(FAMILY))

    assert desk._journal(Journal.counters) == {"abandoned": 1, "help_calls": 1, "check_ins": 1}


def test_a_help_call_reaches_the_server_without_a_check_in(
    desk: FrontDesk, server: Loopback
) -> None:
    watch = desk.call_help(HelpKind.DOCTOR, None)

    server.wait_for(lambda seen: any("/help-calls/" in request.path for request in seen))
    assert watch.state in {HelpProgress.CALLING, HelpProgress.CALLED}


# --- what the server tells ----------------------------------------------------------------------


def test_a_fresh_wait_stands_on_the_slip(
    offline: FrontDesk, tray: Tray, clock: StandingClock
) -> None:
    heed(offline, answer(waits=(StageWait(stage="information", parties_ahead=3),)))
    told = result(offline.check_in(FAMILY)).wait
    fresh = tray.take().waiting
    clock.seconds += FRESH.total_seconds() + 1
    assert result(offline.check_in(FAMILY)).wait is None

    assert told == StageWait(stage="information", parties_ahead=3), "which is read aloud"
    assert fresh
    assert fresh.german == "3 Gruppen vor Ihnen"
    assert tray.take().waiting is None


def test_a_fresh_range_of_minutes_stands_on_the_slip_and_an_old_one_does_not(
    offline: FrontDesk, tray: Tray, clock: StandingClock
) -> None:
    wait = StageWait(stage="information", parties_ahead=3, minutes_from=20, minutes_to=40)
    heed(offline, answer(waits=(wait,)))
    clock.seconds += FRESH.total_seconds() - 1
    told = result(offline.check_in(FAMILY)).wait
    fresh = tray.take().waiting
    clock.seconds += 2
    old = result(offline.check_in(FAMILY)).wait

    assert told == wait, "which is read aloud"
    assert fresh
    assert fresh.german == "Vor Ihnen: 3 · 20–40 Min."  # noqa: RUF001  # a range
    assert (old, tray.take().waiting) == (None, None)


def test_parties_that_have_come_since_are_ahead_too(offline: FrontDesk, tray: Tray) -> None:
    heed(offline, answer(waits=(StageWait(stage="information", parties_ahead=3),)))
    waiting = []
    for _ in range(2):
        result(offline.check_in(FAMILY))
        waiting.append(tray.take().waiting)

    assert [text.german for text in waiting if text] == [
        "3 Gruppen vor Ihnen",
        "4 Gruppen vor Ihnen",
    ]


def test_a_wait_at_another_stage_is_not_printed(offline: FrontDesk, tray: Tray) -> None:
    heed(offline, answer(waits=(StageWait(stage="housing", parties_ahead=3),)))

    result(offline.check_in(FAMILY))

    assert tray.take().waiting is None


def test_no_time_is_printed_once_the_server_differs(offline: FrontDesk, tray: Tray) -> None:
    heed(offline, answer(as_of=NINE + timedelta(hours=1)))

    result(offline.check_in(FAMILY))

    assert tray.take().printed_at == ""


def test_what_the_server_misses_is_sent_again(
    offline: FrontDesk, central: Central, tray: Tray
) -> None:
    result(offline.check_in(FAMILY))
    tray.take()
    offline._spool.close()
    assert offline._courier._deliver()

    heed(offline, answer(missing_sequences=(1,), highest_sequence=1))

    assert offline._courier._deliver()
    assert central.deliveries == ["D101", "D101"]
    assert [slip["outcome"] for slip in central.slips] == ["printed", "printed"]


def test_another_store_gets_all_again_once_where_the_lowest_that_it_misses_are_forgotten_here(
    offline: FrontDesk, central: Central, clock: StandingClock, folder: Path
) -> None:
    old, kept, gone = ["D101", "D102"], ["D103", "D104", "D105"], (1, 2)
    for _ in old:
        result(offline.check_in(FAMILY))
    assert offline._courier._deliver()
    heed(offline, answer(highest_sequence=2))
    clock.wall = NINE + timedelta(days=8)
    heed(offline, answer(as_of=clock.wall, highest_sequence=2))
    for _ in kept:
        result(offline.check_in(FAMILY))
    assert offline._courier._deliver()

    for _ in range(2):  # the lowest stay missing, and the later ones are never named
        restored = answer(as_of=clock.wall, store_id=OTHER, missing_sequences=gone)
        heed(offline, restored)
        assert offline._courier._deliver()

    assert central.deliveries == [*old, *kept, *kept]
    assert LastStore(folder).has_all(OTHER)


def test_the_same_store_gets_again_what_it_names_and_no_more(
    offline: FrontDesk, central: Central
) -> None:
    for _ in range(3):
        result(offline.check_in(FAMILY))
    assert offline._courier._deliver()
    heed(offline, answer(highest_sequence=3))

    heed(offline, answer(missing_sequences=(2,), highest_sequence=3))

    assert offline._courier._deliver()
    assert central.deliveries == ["D101", "D102", "D103", "D102"]


def test_a_server_that_is_ahead_stops_the_kiosk(offline: FrontDesk) -> None:
    heed(offline, answer(highest_sequence=7))

    with pytest.raises(OutOfServiceError, match="seen number 7"):
        result(offline.check_in(FAMILY))


def held(desk: FrontDesk) -> int:
    """Return how many check-ins lie on the disk, confirmed or not."""
    return desk._journal(lambda journal: len(list(journal.bodies())))


@pytest.mark.parametrize("wall", [NINE - timedelta(days=400), NINE + timedelta(days=400)])
def test_old_check_ins_are_forgotten_by_the_servers_time_whatever_the_kiosks_own_says(
    offline: FrontDesk, clock: StandingClock, wall: datetime
) -> None:
    clock.wall = wall
    result(offline.check_in(FAMILY))
    assert offline._courier._deliver()
    heed(offline, answer(highest_sequence=1))
    heed(offline, answer(as_of=NINE + timedelta(days=7), highest_sequence=1))
    assert held(offline) == 1

    heed(offline, answer(as_of=NINE + timedelta(days=8), highest_sequence=1))

    assert held(offline) == 0


def test_a_retired_kiosk_forgets_old_check_ins_by_its_own_clock(
    offline: FrontDesk, central: Central, clock: StandingClock
) -> None:
    central.fail = lambda request: (
        not_enrolled(request) if request.path == paths.HEARTBEATS else None
    )
    result(offline.check_in(FAMILY))
    offline._courier._round()
    assert central.arrivals == ["D101"]
    clock.wall = NINE + timedelta(days=7)
    offline._courier._round()
    assert held(offline) == 1

    clock.wall = NINE + timedelta(days=8)
    offline._courier._round()

    assert held(offline) == 0


@pytest.mark.parametrize(("was_heard", "kept"), [(True, 0), (False, 1)])
def test_without_a_server_old_check_ins_are_forgotten_by_the_time_that_it_last_told(
    offline: FrontDesk,
    central: Central,
    clock: StandingClock,
    was_heard: bool,  # noqa: FBT001
    kept: int,
) -> None:
    result(offline.check_in(FAMILY))
    assert offline._courier._deliver()
    if was_heard:
        heed(offline, answer(highest_sequence=1))
    central.fail = lambda _: Response(503)
    for days in (0, 8):
        clock.wall = NINE + timedelta(days=days)
        clock.seconds = 100.0 + timedelta(days=days).total_seconds()
        offline._courier._round()

    assert held(offline) == kept


def test_a_retired_kiosk_forgets_nothing_by_a_clock_that_is_wrong(
    offline: FrontDesk, central: Central, clock: StandingClock
) -> None:
    result(offline.check_in(FAMILY))
    assert offline._courier._deliver()
    heed(offline, answer(highest_sequence=1))
    central.fail = not_enrolled
    clock.wall = NINE + timedelta(days=8)  # the seconds that never jump stand still

    offline._courier._round()

    assert held(offline) == 1


def test_a_new_site_file_and_its_key_are_taken_and_remembered(
    offline: FrontDesk, central: Central
) -> None:
    newer = SITE.model_copy(update={"name": "New Info-Point"})
    key = public_key(new_private_key(), key_id="key-2")
    told = SiteAnswer(version=newer.version, key_id="key-2", public_key=key.to_text(), site=newer)
    central.site_answer = told.to_bytes()

    heed(offline, answer(site_version=newer.version))

    assert offline.site == newer
    assert offline._in_force.key == key
    assert offline._journal(Journal.site) == told.to_bytes()


def test_a_site_with_a_key_that_is_none_leaves_the_old_one_in_force(
    offline: FrontDesk, central: Central
) -> None:
    newer = SITE.model_copy(update={"name": "New Info-Point"})
    told = SiteAnswer(version=newer.version, key_id="key-2", public_key="AAAA", site=newer)
    central.site_answer = told.to_bytes()

    with pytest.raises(ValueError, match="3 bytes"):
        heed(offline, answer(site_version=newer.version))

    assert offline.site is SITE
    assert offline._journal(Journal.site) is None


def test_a_site_in_a_language_that_the_program_lacks_leaves_the_old_one_in_force(
    offline: FrontDesk, central: Central, caplog: pytest.LogCaptureFixture
) -> None:
    newer = SITE.model_copy(update={"languages": ("uk", "xx")})
    told = SiteAnswer(version="2", key_id="key-1", public_key=KEY.to_text(), site=newer)
    central.site_answer = told.to_bytes()

    heed(offline, answer(site_version="2"))

    assert offline.site is SITE
    assert offline._journal(Journal.site) is None
    assert "site file not taken, update the program for languages=xx" in caplog.text


NEW_KEY = public_key(new_private_key(), key_id="key-2")


def offer_new_key(central: Central) -> None:
    told = SiteAnswer(
        version=SITE.version, key_id=NEW_KEY.key_id, public_key=NEW_KEY.to_text(), site=SITE
    )
    central.site_answer = told.to_bytes()


def keys_of_outbox(desk: FrontDesk) -> list[str]:
    bodies = desk._journal(lambda journal: list(journal.bodies()))
    return [CheckIn.model_validate_json(body).key_id for body in bodies]


def test_a_new_key_of_the_same_site_is_taken_from_the_next_party_on(
    offline: FrontDesk, central: Central
) -> None:
    offer_new_key(central)
    result(offline.check_in(FAMILY))

    heed(offline, answer(key_id="key-2"))
    result(offline.check_in(FAMILY))  # it began to answer before

    assert keys_of_outbox(offline) == ["key-1", "key-2"]
    assert offline.site == SITE
    remembered = offline._journal(Journal.site)
    assert remembered
    assert SiteAnswer.model_validate_json(remembered).key_id == "key-2"


def test_a_key_is_taken_also_with_a_site_file_that_is_not(
    offline: FrontDesk, central: Central
) -> None:
    newer = SITE.model_copy(update={"languages": ("uk", "xx")})
    told = SiteAnswer(version="2", key_id="key-2", public_key=NEW_KEY.to_text(), site=newer)
    central.site_answer = told.to_bytes()

    heed(offline, answer(site_version="2", key_id="key-2"))
    result(offline.check_in(FAMILY))

    assert keys_of_outbox(offline) == ["key-2"]
    assert offline.site == SITE
    remembered = offline._journal(Journal.site)
    assert remembered
    assert SiteAnswer.model_validate_json(remembered).site == SITE


@pytest.mark.parametrize("key_id", [None, "key-1"])
def test_the_same_key_is_not_fetched_again(
    offline: FrontDesk, server: Loopback, key_id: str | None
) -> None:
    heed(offline, answer(key_id=key_id))

    assert server.requests == []


def test_a_kiosk_tells_which_keys_it_needs_and_first_the_one_that_it_seals_to(
    desk: FrontDesk, central: Central
) -> None:
    def told() -> object:
        return central.heartbeats[-1]["sealed_to"] if central.heartbeats else None

    central.wait_for(lambda: told() == ["key-1"])
    result(desk.check_in(FAMILY))
    central.wait_for(lambda: bool(central.slips))
    offer_new_key(central)
    heed(desk, answer(key_id="key-2", site_version=SITE.version))

    desk._courier.report_soon()

    central.wait_for(lambda: told() == ["key-2", "key-1"])


def test_a_site_with_questions_for_keys_is_taken(offline: FrontDesk, central: Central) -> None:
    newer = parse_site(SITE_TEXT + DIGITS_TEXT, source="newer.toml")
    told = SiteAnswer(version="2", key_id="key-1", public_key=KEY.to_text(), site=newer)
    central.site_answer = told.to_bytes()

    heed(offline, answer(site_version="2"))

    assert offline.site == newer


# --- whether the server knows the kiosk ---------------------------------------------------------


def not_enrolled(_: Request) -> Response:
    return refusal(401, RefusalCode.NOT_ENROLLED)


def test_a_kiosk_that_was_revoked_gives_out_nothing_after_a_restart_without_a_server(
    start: Callable[[], FrontDesk], central: Central
) -> None:
    with closing(start()) as desk:
        result(desk.check_in(FAMILY))
        central.fail = not_enrolled
        desk._courier._round()
        assert desk.trouble == Trouble.NOT_ENROLLED
        with pytest.raises(OutOfServiceError):
            result(desk.check_in(FAMILY))
    central.fail = lambda _: Response(503)

    with closing(start()) as desk:
        desk._courier._round()
        assert desk.trouble == Trouble.NOT_ENROLLED
        with pytest.raises(OutOfServiceError):
            result(desk.check_in(FAMILY))


@pytest.mark.parametrize("restarted", [False, True])
def test_a_kiosk_that_is_known_again_goes_on(
    start: Callable[[], FrontDesk], central: Central, *, restarted: bool
) -> None:
    desk = start()
    central.fail = not_enrolled
    desk._courier._round()
    if restarted:
        desk.close()
        desk = start()
    central.fail = lambda _: None

    with closing(desk):
        desk._courier._round()

        assert desk.trouble is None
        assert result(desk.check_in(FAMILY)).number == "D101"


def test_a_refusal_that_the_disk_takes_no_note_of_is_noted_later(
    start: Callable[[], FrontDesk],
    central: Central,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise JournalError("the disk is full", Trouble.DISK_FULL)

    central.fail = not_enrolled
    with closing(start()) as desk:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "server_refused", full)
            patch.setattr(Journal, "forget_confirmed", full)
            assert not desk._courier._round()
        assert desk.trouble == Trouble.NOT_ENROLLED
        assert "refusal not noted reason='the disk is full'" in caplog.text
        assert "confirmed ones not forgotten reason='the disk is full'" in caplog.text
        assert not desk._journal(lambda journal: journal.awaits_server)

        desk._courier._round()

        assert desk._journal(lambda journal: journal.awaits_server)


# --- the journal's thread -----------------------------------------------------------------------


def test_a_journal_that_cannot_be_opened_says_why_at_once(folder: Path) -> None:
    Journal(folder / "journal.db", enrolment=ENROLMENT).close()

    with pytest.raises(JournalError, match="belongs to enrolment"):
        JournalThread(lambda: Journal(folder / "journal.db", enrolment=OTHER))

    assert not [t for t in threading.enumerate() if t.name.startswith("journal")]


def test_closing_the_journal_does_what_was_submitted_first(folder: Path) -> None:
    thread = JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT))
    future = thread.submit(issue)

    thread.close()

    assert future.result()[0].number == "D101"


def test_a_heartbeat_tells_how_the_kiosk_is(journal: Journal, folder: Path) -> None:
    issue(journal, 2)
    journal.confirm(issue(journal)[0].id)
    journal.count("abandoned")

    told = Told(
        kiosk="entrance-1",
        data=folder,
        site_version=SITE.version,
        key_id=KEY.key_id,
        printer="paper-out",
        clock_trusted=False,
        sound="none",
        troubles=("disk-full", "texts-uk"),
    )
    heartbeat = take_heartbeat(journal, told)

    assert Heartbeat.model_validate_json(heartbeat.to_bytes()) == heartbeat
    assert (heartbeat.outbox_depth, heartbeat.highest_sequence) == (2, 3)
    assert (heartbeat.counters.check_ins, heartbeat.counters.abandoned) == (3, 1)
    assert (heartbeat.printer, heartbeat.clock_trusted) == ("paper-out", False)
    assert (heartbeat.sound, heartbeat.troubles) == ("none", ("disk-full", "texts-uk"))
    assert heartbeat.disk_free_bytes > 0
    assert heartbeat.program_version == program_version() != ""


def test_a_desk_that_was_never_opened_can_be_closed(closed: FrontDesk) -> None:
    closed.close()

    assert not [t for t in threading.enumerate() if t.name.startswith("journal")]


def test_of_a_printer_that_prints_staff_cannot_say_that_it_is_empty(
    desk: FrontDesk, tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_to_paper, told = tray.print, []

    def say_and_print(slip: Slip) -> Outcome:
        told.append(desk.staff.say_printer_is_empty().exception(WAIT_SECONDS))
        return take_to_paper(slip)

    monkeypatch.setattr(tray, "print", say_and_print)
    desk.staff.print_test_slip().result(WAIT_SECONDS)
    tray.take()

    assert isinstance(told[0], OSError)


def test_staff_print_a_slip_without_a_number(desk: FrontDesk, tray: Tray, folder: Path) -> None:
    desk.staff.print_test_slip().result(WAIT_SECONDS)
    slip = tray.take()

    assert (slip.number, slip.heading.german) == ("", "Probezettel")
    with closing(Journal(folder / "journal.db", enrolment=ENROLMENT, look_only=True)) as journal:
        assert journal.sequence == 0


def test_staff_of_a_kiosk_with_a_code_get_in_with_it(
    folder: Path, server: Loopback, clock: StandingClock, tray: Tray
) -> None:
    desk = FrontDesk(
        Identity("entrance-1", Series("D"), folder, staff_code=hash_code("402671")),
        SiteInForce(SITE, KEY),
        journal=JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT)),
        printer=tray,
        open_link=lambda: ServerLink(server.url, token="token"),
        clock=clock,
    )
    verdicts = [desk.staff.try_code(code).result(WAIT_SECONDS) for code in ("402672", "402671")]
    desk.close()

    assert verdicts == [Verdict.WRONG, Verdict.RIGHT]


def test_a_disk_that_fails_puts_the_kiosk_out_of_service_and_staff_hear_of_it(
    desk: FrontDesk, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise JournalError("the disk is full", Trouble.DISK_FULL)

    monkeypatch.setattr(Journal, "issue", full)
    monkeypatch.setattr(Journal, "prove_writable", full)
    with pytest.raises(JournalError):
        result(desk.check_in(FAMILY))

    central.wait_for(lambda: any(beat["troubles"] == ["disk-full"] for beat in central.heartbeats))
    assert desk.trouble == Trouble.DISK_FULL
