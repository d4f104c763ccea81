import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from kiosk import courier
from kiosk.contract import paths
from kiosk.contract.messages import Heartbeat, HeartbeatAnswer, RefusalCode, SlipState
from kiosk.courier import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    Courier,
    Delivery,
    Route,
    deliver_next,
    longer,
)
from kiosk.front_desk import JournalThread
from kiosk.health import Told, take_heartbeat
from kiosk.journal import Journal, JournalError, OutOfServiceError
from kiosk.server_link import NotEnrolledError, NotNowError, ServerLink
from kiosk.stops import stop_if_behind
from tests.kiosk.arrivals import ENROLMENT, NINE, StandingClock, issue
from tests.kiosk.central import Central, refusal
from tests.kiosk.loopback import CUT, WAIT_SECONDS, Loopback, Request, Response

Fail = Callable[[Request], Response | None]
BROKEN = Response(500, b"<h1>Internal Server Error</h1>")


@pytest.fixture
def route(journal: Journal, server: Loopback, clock: StandingClock) -> Iterator[Route]:
    link = ServerLink(server.url, token="token")
    yield Route(lambda work: work(journal), link, clock, "entrance-1")
    link.close()


def only(number: str, response: Response) -> Fail:
    """Return what fails for one check-in and for no other."""
    trace = f'"number":"{number}"'.encode()
    return lambda request: response if trace in request.body else None


def deliver_all(route: Route, *, attempts: int = 20) -> list[Delivery]:
    deliveries = []
    while len(deliveries) < attempts:
        deliveries.append(deliver_next(route))
        if deliveries[-1] is Delivery.NOTHING_WAITING:
            break
    return deliveries


def test_an_empty_outbox_sends_nothing(route: Route, server: Loopback) -> None:
    assert deliver_next(route) is Delivery.NOTHING_WAITING
    assert server.requests == []


def test_check_ins_arrive_once_and_in_order(
    route: Route, journal: Journal, central: Central
) -> None:
    made = issue(journal, 3)

    assert deliver_all(route) == [Delivery.DELIVERED] * 3 + [Delivery.NOTHING_WAITING]
    assert central.deliveries == ["D101", "D102", "D103"]
    assert list(central.bodies.values()) == [check_in.to_bytes() for check_in in made]
    assert journal.depth() == 0


def test_the_age_is_told_within_one_run_of_the_machine_only(
    route: Route, journal: Journal, server: Loopback, clock: StandingClock
) -> None:
    issue(journal, 2)
    clock.seconds = 142.5
    deliver_next(route)
    clock.boot = "boot-2"
    deliver_next(route)

    ages = [request.headers.get(paths.AGE_HEADER) for request in server.requests]
    assert ages == ["42.500", None]


def test_a_refused_check_in_is_set_aside_and_holds_up_no_other(
    route: Route, journal: Journal, central: Central
) -> None:
    issue(journal, 3)
    central.fail = only("D102", refusal(422, RefusalCode.UNREADABLE))

    deliveries = deliver_all(route)

    assert deliveries[:3] == [Delivery.DELIVERED, Delivery.SET_ASIDE, Delivery.DELIVERED]
    assert central.arrivals == ["D101", "D103"]
    assert (journal.refused(), journal.depth()) == (1, 1)


@pytest.mark.parametrize("answer", [BROKEN, CUT, Response(200, b"{}")])
def test_a_check_in_that_the_server_falls_over_goes_to_the_back(
    route: Route, journal: Journal, central: Central, answer: Response
) -> None:
    issue(journal, 3)
    central.fail = only("D101", answer)

    deliveries = deliver_all(route, attempts=4)

    put_back, delivered = Delivery.PUT_BACK, Delivery.DELIVERED
    assert deliveries == [put_back, delivered, delivered, put_back]
    assert central.arrivals == ["D102", "D103"]
    central.fail = lambda _: None
    deliver_all(route)
    assert central.deliveries == ["D102", "D103", "D101"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Response(502, b"<h1>Bad gateway</h1>"), NotNowError),
        (refusal(503, RefusalCode.TRY_AGAIN), NotNowError),
        (refusal(401, RefusalCode.NOT_ENROLLED), NotEnrolledError),
    ],
)
def test_the_order_is_kept_while_nothing_gets_through(
    route: Route,
    journal: Journal,
    central: Central,
    answer: Response,
    error: type[Exception],
) -> None:
    issue(journal, 3)
    central.fail = lambda _: answer
    for _ in range(2):
        with pytest.raises(error):
            deliver_next(route)
    central.fail = lambda _: None

    deliver_all(route)

    assert central.deliveries == ["D101", "D102", "D103"]


def test_the_order_is_kept_while_the_server_is_away(
    journal: Journal, central: Central, clock: StandingClock
) -> None:
    with Loopback(central) as away:
        port = away.server_address[1]
    link = ServerLink(f"http://127.0.0.1:{port}", token="token")
    route = Route(lambda work: work(journal), link, clock, "entrance-1")
    for _ in range(3):
        issue(journal)
        with pytest.raises(NotNowError):
            deliver_next(route)

    with Loopback(central, port=port):
        deliver_all(route)
        link.close()

    assert central.deliveries == ["D101", "D102", "D103"]


def test_an_answer_that_was_lost_delivers_the_same_bytes_again(
    route: Route, journal: Journal, central: Central, server: Loopback
) -> None:
    (made,) = issue(journal)

    def take_and_cut(request: Request) -> Response:
        central(request)
        return CUT

    server.answer = take_and_cut
    assert deliver_next(route) is Delivery.PUT_BACK
    server.answer = central

    assert deliver_next(route) is Delivery.DELIVERED
    assert central.deliveries == ["D101", "D101"]
    assert [request.body for request in server.requests] == [made.to_bytes()] * 2


def test_a_disk_that_takes_no_note_of_a_delivery_holds_up_no_other_check_in(
    route: Route, journal: Journal, central: Central
) -> None:
    issue(journal, 3)
    journal._db.execute("PRAGMA query_only = ON")
    deliver_all(route)
    assert (central.deliveries, journal.depth()) == (["D101", "D102", "D103"], 3)

    journal._db.execute("PRAGMA query_only = OFF")
    deliver_all(route)

    assert (central.deliveries, journal.depth()) == (["D101", "D102", "D103"], 0)


# --- slips --------------------------------------------------------------------------------------


def end_slip(journal: Journal, number: int, state: SlipState) -> None:
    made = journal._read("SELECT id FROM outbox WHERE sequence = ?", (f"{number}",)).fetchone()[0]
    journal.set_slip(made, SlipState.SENDING)
    journal.set_slip(made, state)


def test_a_slips_outcome_follows_its_check_in(
    route: Route, journal: Journal, central: Central
) -> None:
    first, second = issue(journal, 2)
    end_slip(journal, 1, SlipState.PRINTED)
    end_slip(journal, 2, SlipState.UNCONFIRMED)

    deliver_all(route)

    told = [(slip["id"], slip["outcome"], slip["copies"]) for slip in central.slips]
    assert told == [(f"{first.id}", "printed", 1), (f"{second.id}", "unconfirmed", 1)]
    assert central.slips[0]["kiosk"] == "entrance-1"


def test_a_slips_outcome_is_not_told_while_its_check_in_waits(
    route: Route, journal: Journal, central: Central
) -> None:
    issue(journal)
    end_slip(journal, 1, SlipState.PRINTED)
    central.fail = only("D101", BROKEN)

    deliver_all(route, attempts=3)

    assert central.slips == []


def test_a_refused_outcome_is_not_told_for_ever(
    route: Route, journal: Journal, central: Central, server: Loopback
) -> None:
    issue(journal)
    end_slip(journal, 1, SlipState.PRINTED)
    refused = refusal(422, RefusalCode.UNREADABLE)
    central.fail = lambda request: refused if request.path.startswith(paths.SLIPS) else None

    deliveries = deliver_all(route)

    assert deliveries == [Delivery.DELIVERED, Delivery.SET_ASIDE, Delivery.NOTHING_WAITING]
    assert len(server.requests) == 2


def test_an_outcome_that_the_server_falls_over_holds_up_no_other(
    route: Route, journal: Journal, central: Central
) -> None:
    first, second = issue(journal, 2)
    end_slip(journal, 1, SlipState.PRINTED)
    end_slip(journal, 2, SlipState.PRINTED)
    central.fail = lambda r: BROKEN if r.path == paths.slip(first.id) else None

    deliver_all(route, attempts=5)

    assert [slip["id"] for slip in central.slips] == [f"{second.id}"]


# --- what the server knows ----------------------------------------------------------------------


def test_a_kiosk_behind_the_server_gives_out_no_more_numbers(
    route: Route, journal: Journal, central: Central
) -> None:
    central.highest = 7
    issue(journal, 2)

    deliver_all(route)

    assert central.arrivals == ["D101", "D102"]
    with pytest.raises(
        OutOfServiceError, match=r"has seen number 7 .* only 2: .* enrol this kiosk"
    ):
        issue(journal)


@pytest.mark.parametrize("highest", [0, 1, 2])
def test_a_server_that_is_behind_stops_nobody(journal: Journal, highest: int) -> None:
    issue(journal, 2)

    stop_if_behind(journal, highest_at_server=highest)

    assert journal.stopped == ""


def test_the_first_reason_to_stop_stays(journal: Journal) -> None:
    stop_if_behind(journal, highest_at_server=3)
    stop_if_behind(journal, highest_at_server=9)

    assert "number 3 " in journal.stopped


def test_the_pause_grows_to_its_bound() -> None:
    pauses = [0.0]
    while len(pauses) < 9:
        pauses.append(longer(pauses[-1]))

    assert pauses == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert (FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS) == (1.0, 30.0)


# --- the thread ---------------------------------------------------------------------------------


class Line:
    """A courier with a journal of its own, and what it heard."""

    def __init__(self, door: JournalThread, courier: Courier) -> None:
        self.journal = door
        self.courier = courier
        self.heard: list[HeartbeatAnswer] = []
        self.enrolled: SimpleQueue[bool] = SimpleQueue()


@contextmanager
def running(folder: Path, url: str, *, clock: StandingClock | None = None) -> Iterator[Line]:
    door = JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT))
    link = ServerLink(url, token="token")

    def take(journal: Journal) -> Heartbeat:
        told = Told(
            kiosk="entrance-1",
            data=folder,
            site_version="1",
            key_id="key-1",
            printer="ready",
            clock_trusted=True,
            sound="off",
            troubles=(),
        )
        return take_heartbeat(journal, told)

    line = Line(
        door,
        Courier(
            Route(door, link, clock or StandingClock(), "entrance-1"),
            report=lambda link: link.post_heartbeat(door(take)),
            heed=lambda _, answer: line.heard.append(answer),
            on_enrolment=lambda *, enrolled: line.enrolled.put(enrolled),
        ),
    )
    try:
        yield line
    finally:
        line.courier.close()
        link.close()
        door.close()


def test_the_courier_delivers_what_waits_and_what_comes(
    folder: Path, central: Central, server: Loopback
) -> None:
    with running(folder, server.url) as line:
        line.journal(issue)
        line.courier.start()
        central.wait_for(lambda: central.arrivals == ["D101"])
        line.journal(issue)
        line.courier.wake()
        central.wait_for(lambda: central.arrivals == ["D101", "D102"])


def test_the_courier_reports_what_it_could_not_deliver(
    folder: Path, central: Central, server: Loopback
) -> None:
    central.fail = only("D101", BROKEN)
    with running(folder, server.url) as line:
        line.journal(lambda journal: issue(journal, 2))
        line.courier.start()
        central.wait_for(lambda: bool(central.heartbeats))

    assert central.arrivals == ["D102"]
    assert central.heartbeats[0]["outbox_depth"] == 1
    assert central.heartbeats[0]["highest_sequence"] == 2


def test_a_kiosk_with_thousands_to_deliver_reports_in_between_and_goes_on_at_once(
    folder: Path, central: Central, server: Loopback, clock: StandingClock
) -> None:
    def take_six_seconds(_: Request) -> None:
        clock.seconds += 6

    central.fail = take_six_seconds
    with running(folder, server.url, clock=clock) as line:
        line.journal(lambda journal: issue(journal, 7))
        line.courier.start()
        central.wait_for(lambda: len(central.arrivals) == 7)

    sent = ["report" if r.path == paths.HEARTBEATS else "check-in" for r in server.requests]
    slice_ = ["check-in"] * 3 + ["report"]
    assert sent[:9] == slice_ * 2 + ["check-in"]
    assert central.deliveries == [f"D{101 + number}" for number in range(7)]


def test_a_revoked_kiosk_is_told_so_and_keeps_its_outbox_until_it_is_known_again(
    folder: Path, central: Central, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(courier, "LONGEST_PAUSE_SECONDS", 0.01)
    central.fail = lambda _: refusal(401, RefusalCode.NOT_ENROLLED)
    with running(folder, server.url) as line:
        line.journal(issue)
        line.courier.start()
        assert line.enrolled.get(timeout=WAIT_SECONDS) is False
        assert line.journal(Journal.depth) == 1

        central.fail = lambda _: None
        while not line.enrolled.get(timeout=WAIT_SECONDS):
            continue

    assert central.arrivals == ["D101"]


def test_a_retired_kiosk_delivers_what_it_has_and_is_told_that_it_is_retired(
    folder: Path, central: Central, server: Loopback
) -> None:
    beats = paths.HEARTBEATS
    central.fail = lambda r: refusal(401, RefusalCode.NOT_ENROLLED) if r.path == beats else None
    with running(folder, server.url) as line:
        line.journal(issue)
        line.courier.start()
        assert line.enrolled.get(timeout=WAIT_SECONDS) is False

    assert central.arrivals == ["D101"]


def test_a_check_in_that_fails_again_and_again_delays_no_new_one(
    folder: Path, central: Central, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "FIRST_PAUSE_SECONDS", 3600.0)
    monkeypatch.setattr(courier, "LONGEST_PAUSE_SECONDS", 3600.0)
    central.fail = only("D101", BROKEN)
    with running(folder, server.url) as line:
        line.journal(issue)
        line.courier.start()
        central.wait_for(lambda: bool(central.heartbeats))
        line.journal(issue)
        line.courier.wake()
        central.wait_for(lambda: central.arrivals == ["D102"])


def test_a_check_in_that_fails_again_and_again_holds_up_no_slips_outcome(
    folder: Path, central: Central, server: Loopback
) -> None:
    central.fail = only("D101", BROKEN)
    with running(folder, server.url) as line:
        line.journal(lambda journal: issue(journal, 2))
        line.journal(lambda journal: end_slip(journal, 2, SlipState.FAILED))
        line.courier.start()
        central.wait_for(lambda: bool(central.heartbeats))

    assert [slip["outcome"] for slip in central.slips] == ["failed"]


def test_the_courier_stops_at_once_while_the_server_is_away(
    folder: Path, central: Central, caplog: pytest.LogCaptureFixture
) -> None:
    with Loopback(central) as away:
        url = away.url
    tried = threading.Event()

    class Tells(logging.Handler):
        def emit(self, _record: logging.LogRecord) -> None:
            tried.set()

    logging.getLogger("kiosk.courier").addHandler(handler := Tells())
    try:
        with running(folder, url) as line:
            line.journal(issue)
            line.courier.start()
            assert tried.wait(WAIT_SECONDS)
    finally:
        logging.getLogger("kiosk.courier").removeHandler(handler)

    assert not line.courier._thread.is_alive()
    (message,) = {record.getMessage() for record in caplog.records}
    assert message == "server unreachable reason='no answer (connection refused)'"


def test_the_courier_delivers_when_the_server_is_back(
    folder: Path, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "FIRST_PAUSE_SECONDS", 0.01)
    with Loopback(central) as away:
        port = away.server_address[1]
    with running(folder, f"http://127.0.0.1:{port}") as line:
        line.journal(lambda journal: issue(journal, 3))
        line.courier.start()
        with Loopback(central, port=port):
            central.wait_for(lambda: len(central.arrivals) == 3)

    assert central.deliveries == ["D101", "D102", "D103"]


def test_a_journal_that_fails_does_not_end_the_courier(
    folder: Path,
    central: Central,
    server: Loopback,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures = iter([RuntimeError("the disk went away")])
    real = Journal.next_waiting

    def fails_once(journal: Journal, **which: Any) -> object:
        for failure in failures:
            raise failure
        return real(journal, **which)

    monkeypatch.setattr(Journal, "next_waiting", fails_once)
    monkeypatch.setattr(courier, "FIRST_PAUSE_SECONDS", 0.01)
    with running(folder, server.url) as line:
        line.journal(issue)
        line.courier.start()
        central.wait_for(lambda: central.arrivals == ["D101"])

    (record,) = caplog.records
    assert record.getMessage().startswith("courier stumbled error='")


def test_confirmed_ones_are_kept_for_a_restore(route: Route, journal: Journal) -> None:
    issue(journal)
    deliver_all(route)
    journal.forget_confirmed(now=NINE)

    assert journal.forget_confirmed(now=NINE + timedelta(days=6)) == 0
    assert journal.send_again([1]) == 1


def test_what_changes_during_a_report_is_told_in_one_of_its_own_at_once(
    folder: Path, server: Loopback, central: Central
) -> None:
    with running(folder, server.url) as line:
        told = threading.Event()

        def tell_once(_: Request) -> Response | None:
            if not told.is_set():
                told.set()
                line.courier.report_soon()  # the clock stands: nothing else makes it report
            return None

        central.fail = tell_once
        line.courier.start()
        central.wait_for(lambda: len(central.heartbeats) == 2)


def test_staff_hear_of_a_disk_that_takes_no_note_of_what_was_delivered(
    folder: Path, server: Loopback, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise JournalError("the disk is full")

    with running(folder, server.url) as line:
        line.journal(lambda journal: issue(journal, 1))
        monkeypatch.setattr(Journal, "confirm", full)
        line.courier.start()
        central.wait_for(lambda: len(central.heartbeats) >= 1)

        assert line.journal(Journal.depth) == 1
