import errno
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from kiosk import service as service_module
from kiosk.contract.messages import Trouble
from kiosk.journal import Journal, JournalError, OutOfServiceError
from kiosk.service import STUMBLE_SECONDS, TAKEN_OUT, Service, prove
from tests.kiosk.arrivals import StandingClock, issue
from tests.kiosk.loopback import WAIT_SECONDS


class Disk:
    """Proves at once, as it is told."""

    def __init__(self) -> None:
        self.fails: BaseException | None = None
        self.stopped = ""
        self.asked = 0
        self.looked = threading.Semaphore(0)

    def __call__(self) -> Future[str]:
        self.asked += 1
        future: Future[str] = Future()
        if self.fails:
            future.set_exception(self.fails)
        else:
            future.set_result(self.stopped)
        self.looked.release()
        return future


Make = Callable[..., Service]


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def make(folder: Path, disk: Disk, clock: StandingClock, changes: list[str]) -> Iterator[Make]:
    made = []

    def make(
        prove: Callable[[], Future[str]] = disk,
        data: Path = folder,
        check: Callable[[], Iterable[str]] = tuple,
    ) -> Service:
        service = Service(
            data,
            prove=prove,
            on_change=lambda: changes.append("changed"),
            monotonic=clock.monotonic,
            check=check,
        )
        made.append(service)
        return service

    yield make
    for service in made:
        service.close()


def test_a_kiosk_that_can_write_is_in_service(make: Make, changes: list[str]) -> None:
    service = make()
    service.look()

    assert (service.trouble, service.troubles, changes) == (None, (), [])


@pytest.mark.parametrize("trouble", [Trouble.DISK_FULL, Trouble.DISK_READ_ONLY, Trouble.JOURNAL])
def test_a_disk_that_takes_nothing_stops_it_until_it_does(
    make: Make, disk: Disk, changes: list[str], trouble: Trouble
) -> None:
    service = make()
    disk.fails = JournalError("no", trouble)
    service.look()
    service.look()
    assert (service.trouble, service.troubles) == (trouble, (trouble,))
    assert len(changes) == 1  # staff are told once

    disk.fails = None
    service.look()
    assert service.trouble is None
    assert len(changes) == 2


def test_too_little_room_stops_it_before_the_disk_is_full(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "LEAST_FREE_BYTES", 2**62)
    service = make()
    service.look()

    assert service.trouble == Trouble.DISK_FULL


def test_a_data_folder_that_is_gone_stops_it(make: Make, folder: Path) -> None:
    service = make(data=folder / "gone")
    service.look()

    assert service.trouble == Trouble.JOURNAL


def test_a_kiosk_that_must_be_enrolled_anew_is_out_of_service(make: Make, disk: Disk) -> None:
    disk.stopped = "the server has seen number 7"
    service = make()
    service.look()

    assert service.trouble == Trouble.STOPPED


def test_a_kiosk_that_the_server_does_not_know_any_more_is_out_of_service_until_it_does(
    make: Make, changes: list[str]
) -> None:
    service = make()
    service.heard_of_enrolment(enrolled=False)
    service.heard_of_enrolment(enrolled=False)
    assert service.trouble == Trouble.NOT_ENROLLED
    assert len(changes) == 1

    service.heard_of_enrolment(enrolled=True)

    assert service.trouble is None
    assert len(changes) == 2


def test_a_damaged_journal_stays_so_until_the_program_is_started_anew(make: Make) -> None:
    service = make()
    service.not_issued(JournalError("malformed", Trouble.JOURNAL_DAMAGED))
    assert service.trouble == Trouble.JOURNAL_DAMAGED

    service.look()  # the page that is written for a proof may be a sound one

    assert service.trouble == Trouble.JOURNAL_DAMAGED


def test_a_disk_that_does_not_answer_is_waited_for_once(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "PATIENCE_SECONDS", 0.01)
    pending: list[Future[str]] = []

    def stuck() -> Future[str]:
        pending.append(Future())
        return pending[-1]

    service = make(stuck)
    service.look()
    service.look()
    assert (service.trouble, len(pending)) == (Trouble.DISK_STUCK, 1)

    pending[0].set_result("")
    service.look()
    assert service.trouble is None


def test_a_look_does_not_go_by_a_proof_that_began_before_it(make: Make, disk: Disk) -> None:
    begun: Future[str] = Future()
    proofs = iter([lambda: begun])
    asked = threading.Event()

    def prove_slowly_once() -> Future[str]:
        asked.set()
        return next(proofs, disk)()

    service = make(prove_slowly_once)
    before = threading.Thread(target=service.look)
    before.start()
    assert asked.wait(WAIT_SECONDS)
    disk.fails = JournalError("gone", Trouble.DISK_READ_ONLY)
    after = threading.Thread(target=service.look)
    after.start()
    after.join(0.1)  # it waits: whether it has come so far only matters to a wrong program
    begun.set_result("")
    before.join(WAIT_SECONDS)
    after.join(WAIT_SECONDS)

    assert service.trouble == Trouble.DISK_READ_ONLY


def test_the_first_look_is_taken_at_once_and_another_after_a_party_got_no_number(
    make: Make, disk: Disk
) -> None:
    service = make()
    service.start()
    assert disk.looked.acquire(timeout=WAIT_SECONDS)

    disk.fails = JournalError("full", Trouble.DISK_FULL)
    service.not_issued(disk.fails)
    assert disk.looked.acquire(timeout=WAIT_SECONDS)
    service.close()

    assert service.trouble == Trouble.DISK_FULL


def test_staff_take_it_out_of_service_also_for_after_a_restart(make: Make, folder: Path) -> None:
    service = make()
    service.take_out(out=True)
    assert (service.trouble, service.taken_out) == (Trouble.TAKEN_OUT, True)
    assert make().trouble == Trouble.TAKEN_OUT

    service.take_out(out=False)
    service.take_out(out=False)
    assert (service.trouble, make().trouble) == (None, None)
    assert not (folder / TAKEN_OUT).exists()


def test_staff_take_it_out_of_service_where_the_disk_takes_no_note(
    make: Make, folder: Path
) -> None:
    service = make(data=folder / "gone")
    with pytest.raises(OSError, match="No such file"):
        service.take_out(out=True)

    assert service.taken_out


def test_damaged_texts_of_one_language_are_told_and_stop_nothing(
    make: Make, changes: list[str]
) -> None:
    service = make()
    service.tell("texts-uk")
    service.tell("texts-uk")
    service.tell(Trouble.PICTURES)

    assert service.trouble is None
    assert service.troubles == ("pictures", "texts-uk")
    assert len(changes) == 2


def test_a_check_that_the_disk_breaks_off_ends_no_looking(make: Make, disk: Disk) -> None:
    def breaks_off() -> Iterator[str]:
        yield "texts-uk"
        raise OSError(errno.EIO, "Input/output error")

    service = make(check=breaks_off)
    service.start()

    assert disk.looked.acquire(timeout=WAIT_SECONDS)
    assert service.troubles == ("texts-uk",)


def test_what_stops_the_service_is_told_first(make: Make) -> None:
    service = make()
    service.tell("a-language")
    service.tell(Trouble.FONT)

    assert service.trouble == Trouble.FONT
    assert service.troubles == (Trouble.FONT, "a-language")


def test_staff_hear_for_an_hour_that_the_screens_stumbled(make: Make, clock: StandingClock) -> None:
    service = make()
    service.screens_stumbled()
    assert (service.trouble, service.troubles) == (None, (Trouble.SCREENS,))

    clock.seconds += STUMBLE_SECONDS
    assert service.troubles == ()


def test_a_proof_writes_and_leaves_all_as_it_was(journal: Journal, folder: Path) -> None:
    issue(journal, 2)
    before = (folder / "journal.db").read_bytes()

    assert prove(journal) == ""
    assert (folder / "journal.db").read_bytes() != before
    assert (journal.sequence, journal.depth(), journal.counters()) == (2, 2, {"check_ins": 2})


def test_proofs_do_not_make_the_journal_grow(journal: Journal, folder: Path) -> None:
    prove(journal)
    size = (folder / "journal.db").stat().st_size
    for _ in range(20):
        prove(journal)

    assert (folder / "journal.db").stat().st_size == size


def test_a_proof_tells_why_the_journal_gives_out_no_numbers(journal: Journal) -> None:
    journal.stop("enrol it anew")

    assert prove(journal) == "enrol it anew"
    with pytest.raises(OutOfServiceError) as stopped:
        issue(journal)
    assert stopped.value.trouble is Trouble.STOPPED
