import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from kiosk import help_line
from kiosk.contract.messages import HelpCall, HelpCallAnswer, HelpKind, HelpState
from kiosk.help_line import (
    GIVE_UP_SECONDS,
    HelpLine,
    HelpProgress,
    HelpWatch,
)
from kiosk.server_link import NotNowError, ServerLink
from tests.kiosk.arrivals import check_in
from tests.kiosk.central import Central
from tests.kiosk.loopback import WAIT_SECONDS, Loopback

CALL = HelpCall(id=check_in(1).id, kiosk="entrance-1", kind=HelpKind.PERSON, language="uk")


class Now:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    monkeypatch.setattr(help_line, "ASK_AGAIN_SECONDS", 0.001)
    return Now()


@pytest.fixture
def watch(now: Now) -> HelpWatch:
    return HelpWatch(CALL, monotonic=now)


def test_nothing_is_promised_before_the_server_has_answered(watch: HelpWatch) -> None:
    assert (watch.state, watch.ended) == (HelpProgress.CALLING, False)


def test_the_servers_answer_means_called_and_no_more(watch: HelpWatch) -> None:
    watch.hear(HelpState.CALLED)

    assert (watch.state, watch.ended) == (HelpProgress.CALLED, False)


def test_someone_is_coming_when_staff_have_acknowledged(watch: HelpWatch) -> None:
    watch.hear(HelpState.ACKNOWLEDGED)

    assert (watch.state, watch.ended) == (HelpProgress.SOMEONE_COMING, True)


def test_a_call_that_was_closed_unseen_promises_nobody(watch: HelpWatch) -> None:
    watch.hear(HelpState.CALLED)
    watch.hear(HelpState.CLOSED)

    assert (watch.state, watch.ended) == (HelpProgress.NOT_REACHED, True)


@pytest.mark.parametrize("heard", [None, HelpState.CALLED])
def test_a_call_that_nobody_answers_for_30_seconds_shows_the_way_to_the_desk(
    watch: HelpWatch, now: Now, heard: HelpState | None
) -> None:
    if heard:
        watch.hear(heard)
    now.seconds += 29.999
    assert watch.state is not HelpProgress.NOT_REACHED

    now.seconds += 0.001

    assert (watch.state, watch.ended) == (HelpProgress.NOT_REACHED, False)


def test_a_try_that_fails_shows_the_way_to_the_desk_until_one_goes_through(
    watch: HelpWatch,
) -> None:
    watch.miss()
    assert (watch.state, watch.ended) == (HelpProgress.NOT_REACHED, False)

    watch.hear(HelpState.CALLED)
    assert watch.state is HelpProgress.CALLED
    watch.miss()  # the server has it: that stays true when the line goes again
    assert watch.state is HelpProgress.CALLED


def test_staff_may_answer_late(watch: HelpWatch, now: Now) -> None:
    now.seconds += 40
    watch.hear(HelpState.CALLED)
    assert watch.state is HelpProgress.NOT_REACHED

    watch.hear(HelpState.ACKNOWLEDGED)

    assert (watch.state, watch.ended) == (HelpProgress.SOMEONE_COMING, True)


def test_a_call_is_not_repeated_for_ever(watch: HelpWatch, now: Now) -> None:
    now.seconds += GIVE_UP_SECONDS - 1
    assert not watch.ended
    now.seconds += 1

    assert (watch.state, watch.ended) == (HelpProgress.NOT_REACHED, True)


def test_who_joins_a_call_is_called_for_as_long_as_who_began_it(watch: HelpWatch, now: Now) -> None:
    now.seconds += GIVE_UP_SECONDS - 1
    assert watch.join()
    now.seconds += GIVE_UP_SECONDS - 1
    assert (watch.state, watch.ended) == (HelpProgress.NOT_REACHED, False)
    now.seconds += 1

    assert watch.ended
    assert not watch.join()


# --- the threads --------------------------------------------------------------------------------


@dataclass
class Offline:
    """Stands in for a line without a server; tells how often it was tried."""

    tried: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def put_help_call(self, _call: HelpCall) -> HelpCallAnswer:
        self.tried.release()
        raise NotNowError("no answer (network is unreachable)")

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def line(server: Loopback, now: Now) -> Iterator[HelpLine]:
    line = HelpLine(
        "entrance-1", open_link=lambda: ServerLink(server.url, token="token"), monotonic=now
    )
    yield line
    line.close()


def ended(line: HelpLine) -> bool:
    for thread in line._threads:
        thread.join(WAIT_SECONDS)
    return not any(thread.is_alive() for thread in line._threads)


def test_a_call_reaches_the_server_and_is_repeated_until_someone_comes(
    line: HelpLine, server: Loopback, central: Central
) -> None:
    watch = line.call(HelpKind.DOCTOR, language=None)
    server.wait_for(lambda requests: len(requests) >= 3)
    assert watch.state is HelpProgress.CALLED

    central.help_state = HelpState.ACKNOWLEDGED

    assert ended(line)
    assert watch.state is HelpProgress.SOMEONE_COMING
    bodies = {request.body for request in server.requests}
    assert bodies == {watch.call.to_bytes()}
    assert (watch.call.kiosk, watch.call.kind, watch.call.language) == (
        "entrance-1",
        HelpKind.DOCTOR,
        None,
    )


def test_touching_again_joins_the_open_call_of_its_kind_and_language(line: HelpLine) -> None:
    doctor = line.call(HelpKind.DOCTOR, language="uk")

    assert line.call(HelpKind.DOCTOR, language="uk") is doctor
    assert line.call(HelpKind.PERSON, language="uk").call.id != doctor.call.id


@pytest.mark.parametrize("language", ["rom", None])
def test_a_call_in_another_language_is_a_call_of_its_own_which_staff_hear_of(
    line: HelpLine, server: Loopback, language: str | None
) -> None:
    """Whoever called before may have left long ago; staff would look for somebody else."""
    first = line.call(HelpKind.PERSON, language="uk")
    second = line.call(HelpKind.PERSON, language=language)

    assert second.call.language == language
    server.wait_for(
        lambda requests: (
            {first.call.to_bytes(), second.call.to_bytes()} <= {r.body for r in requests}
        )
    )
    assert line.call(HelpKind.PERSON, language="uk") is first


def test_after_someone_has_come_a_touch_is_a_new_call(line: HelpLine, central: Central) -> None:
    central.help_state = HelpState.ACKNOWLEDGED
    first = line.call(HelpKind.DOCTOR, language="uk")
    assert ended(line)

    assert line.call(HelpKind.DOCTOR, language="uk").call.id != first.call.id


def offline_line(now: Now, offline: Offline) -> HelpLine:
    def open_link() -> ServerLink:
        return offline  # type: ignore[return-value]

    return HelpLine("entrance-1", open_link=open_link, monotonic=now)


def test_offline_a_call_says_so_at_once_and_goes_on(now: Now) -> None:
    offline = Offline()
    line = offline_line(now, offline)
    watch = line.call(HelpKind.PERSON, language="uk")
    for _ in range(2):  # when it is tried again, the first try is known to have failed
        assert offline.tried.acquire(timeout=WAIT_SECONDS)

    assert (watch.state, watch.ended) == (HelpProgress.NOT_REACHED, False)
    for _ in range(3):
        assert offline.tried.acquire(timeout=WAIT_SECONDS)
    line.close()


def test_offline_a_call_that_another_party_joins_late_is_carried_on_for_it(now: Now) -> None:
    offline = Offline()
    line = offline_line(now, offline)
    watch = line.call(HelpKind.DOCTOR, language="uk")
    now.seconds += GIVE_UP_SECONDS - 1
    assert line.call(HelpKind.DOCTOR, language="uk") is watch
    now.seconds += 60

    assert not watch.ended
    while offline.tried.acquire(blocking=False):
        continue
    assert offline.tried.acquire(timeout=WAIT_SECONDS)
    line.close()


def test_a_server_that_keeps_silent_keeps_nobody_from_the_truth(now: Now) -> None:
    asked, over = threading.Event(), threading.Event()

    class Hangs(Offline):
        def put_help_call(self, call: HelpCall) -> HelpCallAnswer:
            asked.set()
            assert over.wait(WAIT_SECONDS)
            return super().put_help_call(call)

    line = offline_line(now, Hangs())
    watch = line.call(HelpKind.PERSON, language="uk")
    assert asked.wait(WAIT_SECONDS)

    now.seconds += 30.0

    assert watch.state is HelpProgress.NOT_REACHED
    over.set()
    line.close()


def test_closing_ends_a_call_at_once(now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(help_line, "ASK_AGAIN_SECONDS", 3600.0)
    offline = Offline()
    line = offline_line(now, offline)
    line.call(HelpKind.PERSON, language="uk")
    assert offline.tried.acquire(timeout=WAIT_SECONDS)

    line.close()

    assert ended(line)


def test_a_call_goes_on_when_something_unexpected_happens(
    now: Now, caplog: pytest.LogCaptureFixture
) -> None:
    class Stumbles(Offline):
        def put_help_call(self, call: HelpCall) -> HelpCallAnswer:
            if not self.stumbled:
                self.stumbled = True
                raise RuntimeError("not foreseen")
            self.tried.release()
            return HelpCallAnswer(id=call.id, state=HelpState.ACKNOWLEDGED)

        stumbled = False

    line = offline_line(now, Stumbles())
    watch = line.call(HelpKind.PERSON, language="uk")

    assert ended(line)
    assert watch.state is HelpProgress.SOMEONE_COMING
    (record,) = caplog.records
    assert record.getMessage().startswith("help call stumbled kind=person error='")
