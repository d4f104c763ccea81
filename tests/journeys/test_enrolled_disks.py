"""Disks that are put back, copied or moved: no number is given out twice, and no check-in is lost.

A real server with its pages, kiosks that were enrolled through them, real journals, a virtual
printer; only the screen is missing.
"""

import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from kiosk.assembly import open_front_desk
from kiosk.contract.messages import Trouble
from kiosk.front_desk import FrontDesk
from kiosk.hardware import Hardware, Reading
from kiosk.journal import Journal, JournalError, OutOfServiceError
from kiosk.questionnaire import Answers, Party
from kiosk.settings import Settings, read_settings
from printer.virtual_printer import VirtualPrinter
from tests.journeys.conftest import PASSWORD
from tests.stand.enrolling import Administrator, enrol, equip
from tests.stand.server import ServerStand

MACHINE = Hardware.of(Reading((), ("a4:bb:6d:12:34:56",)))
OTHER_MACHINE = Hardware.of(Reading((), ("a4:bb:6d:12:34:57",)))
WAIT_SECONDS = 30.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerStand]:
    stand = ServerStand(tmp_path_factory.mktemp("reception") / "server")
    stand.set_up()
    stand.command("add-staff", "rosa", "--role", "admin", "--password-from-stdin", stdin=PASSWORD)
    with stand:
        yield stand


@pytest.fixture(scope="module")
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as virtual:
        yield virtual


@pytest.fixture
def admin(server: ServerStand) -> Iterator[Administrator]:
    if not server.is_running:
        server.start()
    member = Administrator(server.address, "rosa", PASSWORD)
    yield member
    member.close()


@pytest.fixture
def kiosk(
    admin: Administrator, printer: VirtualPrinter, tmp_path: Path, request: pytest.FixtureRequest
) -> Path:
    """The settings of a kiosk that was just enrolled and never ran; each test has its own."""
    name = request.node.name.removeprefix("test_").replace("_", "-")[:30].strip("-")
    settings = enrol(admin, tmp_path / "kiosk", name, hardware=MACHINE)
    equip(settings, printer=printer.address)
    return settings


def copy(kiosk: Path, name: str) -> Path:
    """Copy a kiosk's disk."""
    return Path(shutil.copytree(kiosk.parent, kiosk.parent.with_name(name))) / kiosk.name


@contextmanager
def running(kiosk: Path, *, on: Hardware = MACHINE) -> Iterator[FrontDesk]:
    """Run a kiosk, all but its screen."""
    desk = open_front_desk(read_settings(kiosk), hardware=on)
    desk.open()
    try:
        yield desk
    finally:
        desk.close()


def wait_until(condition: Callable[[], object]) -> None:
    passing = threading.Event()
    for _ in range(int(WAIT_SECONDS / 0.02)):
        if condition():
            return
        passing.wait(0.02)
    pytest.fail("it did not come to pass")


def give_out(desk: FrontDesk, count: int) -> list[str]:
    """Give out so many numbers, once the kiosk is in service."""
    wait_until(lambda: desk.trouble is None)
    answers = Answers(desk.site, "uk", Party(2, 1), {})
    return [desk.check_in(answers).result().number[1:] for _ in range(count)]


def gives_out_nothing(desk: FrontDesk) -> bool:
    try:
        desk.check_in(Answers(desk.site, "uk", Party(1, 0), {})).result()
    except OutOfServiceError:
        return True
    return False


def look(kiosk: Path) -> Journal:
    settings = read_settings(kiosk)
    path = settings.data / "journal.db"
    return Journal(path, enrolment=settings.kiosk.enrolment, look_only=True)


def why_stopped(kiosk: Path) -> str:
    with closing(look(kiosk)) as journal:
        return journal.stopped


def is_delivered(kiosk: Path) -> bool:
    with closing(look(kiosk)) as journal:
        return not journal.depth()


def at_server(server: ServerStand, settings: Settings) -> list[str]:
    """Return the numbers that the server has of an enrolment, each as often as it was given out."""
    with closing(
        sqlite3.connect(f"{(server.data / 'ankunft.db').as_uri()}?mode=ro", uri=True)
    ) as db:
        rows = db.execute(
            "SELECT number FROM visit WHERE kiosk = ? ORDER BY number", (settings.kiosk.name,)
        )
        return [number[1:] for (number,) in rows]


def run_to_delivery(kiosk: Path, count: int) -> list[str]:
    with running(kiosk) as desk:
        numbers = give_out(desk, count)
        wait_until(lambda: is_delivered(kiosk))
    return numbers


# --- re-imaged ----------------------------------------------------------------------------------


def test_a_disk_without_its_journal_begins_no_series(kiosk: Path, server: ServerStand) -> None:
    run_to_delivery(kiosk, 2)
    settings = read_settings(kiosk)
    shutil.rmtree(settings.data)

    for is_there in (True, False):  # with the server, and without
        if not is_there:
            server.stop()
        with pytest.raises(JournalError, match="enrol anew") as raised:
            open_front_desk(settings, hardware=MACHINE)
        assert raised.value.trouble is Trouble.STOPPED


def test_an_image_of_its_first_day_stops_before_the_first_number(
    kiosk: Path, server: ServerStand
) -> None:
    image = copy(kiosk, "image")
    assert run_to_delivery(kiosk, 2) == ["101", "102"]

    with running(image) as desk:
        wait_until(lambda: desk.trouble == Trouble.STOPPED)
        assert gives_out_nothing(desk)
    assert at_server(server, read_settings(image)) == ["101", "102"]


def test_an_image_of_its_first_day_gives_out_nothing_while_no_server_answers(
    kiosk: Path, server: ServerStand
) -> None:
    image = copy(kiosk, "image")
    run_to_delivery(kiosk, 1)
    server.stop()

    with running(image) as desk:
        assert desk.trouble == Trouble.NOT_ENROLLED
        assert gives_out_nothing(desk)
        server.start()
        wait_until(lambda: desk.trouble == Trouble.STOPPED)


def test_a_kiosk_that_was_heard_once_needs_no_server_to_begin_its_day(
    kiosk: Path, server: ServerStand
) -> None:
    run_to_delivery(kiosk, 1)
    server.stop(how=signal.SIGKILL)

    with running(kiosk) as desk:
        assert give_out(desk, 2) == ["102", "103"]
        server.start()
        wait_until(lambda: is_delivered(kiosk))
    assert at_server(server, read_settings(kiosk)) == ["101", "102", "103"]


# --- a journal from a backup ----------------------------------------------------------------------


def test_an_old_journal_stops_and_still_delivers_what_waits_in_it(
    kiosk: Path, server: ServerStand
) -> None:
    run_to_delivery(kiosk, 1)
    server.stop()
    with running(kiosk) as desk:
        give_out(desk, 1)
    old = copy(kiosk, "old")  # 102 waits in it
    server.start()
    run_to_delivery(kiosk, 2)

    with running(old) as desk:
        wait_until(lambda: desk.trouble == Trouble.STOPPED and is_delivered(old))
        assert gives_out_nothing(desk)
    assert at_server(server, read_settings(kiosk)) == ["101", "102", "103", "104"]
    why = why_stopped(old)
    assert "the server has seen number 4 of this series, this disk only 2" in why
    assert "python -m kiosk enrol" in why


# --- copied ---------------------------------------------------------------------------------------


def test_two_kiosks_with_one_disk_are_noticed_and_the_one_behind_stops(
    kiosk: Path, server: ServerStand, admin: Administrator
) -> None:
    run_to_delivery(kiosk, 1)
    twin = copy(kiosk, "twin")
    server.stop()
    for disk, count in ((kiosk, 3), (twin, 1)):  # a machine that tells nothing of itself
        with running(disk, on=Hardware()) as desk:
            assert give_out(desk, count)[0] == "102"
    server.start()

    with running(kiosk) as first, running(twin, on=Hardware()) as second:
        wait_until(lambda: is_delivered(kiosk) and is_delivered(twin))
        wait_until(lambda: second.trouble == Trouble.STOPPED)
        assert gives_out_nothing(second)
        assert give_out(first, 1) == ["105"]
        wait_until(lambda: is_delivered(kiosk))

    settings = read_settings(kiosk)
    assert at_server(server, settings) == ["101", "102", "102", "103", "104", "105"]
    hall = " ".join(admin.words("/staff/hall"))
    assert "1 of its numbers was given out twice" in hall
    assert "enrolled anew: it was copied" in hall


# --- moved ----------------------------------------------------------------------------------------


def test_a_disk_in_another_machine_stops_and_still_delivers_what_waits_on_it(
    kiosk: Path, server: ServerStand
) -> None:
    run_to_delivery(kiosk, 1)
    server.stop()
    with running(kiosk) as desk:
        give_out(desk, 2)
    server.start()

    with running(kiosk, on=OTHER_MACHINE) as desk:
        wait_until(lambda: desk.trouble == Trouble.STOPPED)
        assert gives_out_nothing(desk)
        wait_until(lambda: is_delivered(kiosk))
    assert at_server(server, read_settings(kiosk)) == ["101", "102", "103"]
    assert "belongs to another machine" in why_stopped(kiosk)


# --- enrolled anew --------------------------------------------------------------------------------


def test_a_new_series_loses_nothing_of_the_old_one(
    kiosk: Path, server: ServerStand, admin: Administrator
) -> None:
    old = read_settings(kiosk)
    run_to_delivery(kiosk, 1)
    server.stop()
    with running(kiosk) as desk:
        give_out(desk, 2)  # nobody has them yet
    server.start()

    enrol(admin, kiosk.parent, replaces=old.kiosk.enrolment, hardware=OTHER_MACHINE)

    new = read_settings(kiosk)
    assert new.kiosk.name == old.kiosk.name
    assert new.kiosk.letter != old.kiosk.letter
    with running(kiosk, on=OTHER_MACHINE) as desk:
        assert give_out(desk, 1) == ["101"]
        wait_until(lambda: len(at_server(server, new)) == 4)
    assert sorted(at_server(server, new)) == ["101", "101", "102", "103"]  # of two series


def test_a_restored_server_gets_again_what_a_retired_series_had_delivered(
    printer: VirtualPrinter, tmp_path: Path
) -> None:
    server = ServerStand(tmp_path / "server")
    server.set_up()
    server.command("add-staff", "rosa", "--role", "admin", "--password-from-stdin", stdin=PASSWORD)
    with server, closing(Administrator(server.address, "rosa", PASSWORD)) as admin:
        kiosk = enrol(admin, tmp_path / "kiosk", "gate", hardware=MACHINE)
        equip(kiosk, printer=printer.address)
        old = read_settings(kiosk)
        run_to_delivery(kiosk, 1)
        server.stop()
        with running(kiosk) as desk:
            give_out(desk, 1)
        server.start()
        enrol(admin, kiosk.parent, replaces=old.kiosk.enrolment, hardware=MACHINE)
    server.command("backup", "--to", str(tmp_path))  # knows both series, and of the old one 101
    (backup,) = tmp_path.glob("*.db")
    with server, running(kiosk) as desk:
        give_out(desk, 1)
        wait_until(lambda: at_server(server, old) == ["101", "102", "101"])

    restored = ServerStand(tmp_path / "restored", port=server.port)
    shutil.copytree(server.data / "keys", restored.data / "keys")
    restored.command("restore", str(backup))
    with restored, running(kiosk):
        wait_until(lambda: at_server(restored, old) == ["101", "102", "101"])


# --- stolen ---------------------------------------------------------------------------------------


def test_a_revoked_kiosk_is_out_of_service_after_a_restart_too_and_keeps_its_outbox(
    kiosk: Path, admin: Administrator, server: ServerStand
) -> None:
    run_to_delivery(kiosk, 1)
    admin.revoke(read_settings(kiosk).kiosk.enrolment)
    server.stop()

    with running(kiosk) as desk:
        give_out(desk, 1)  # before it has heard
        server.start()
        wait_until(lambda: desk.trouble == Trouble.NOT_ENROLLED)
        assert gives_out_nothing(desk)
    server.stop()

    with running(kiosk) as desk:
        assert desk.trouble == Trouble.NOT_ENROLLED
        assert gives_out_nothing(desk)
    with closing(look(kiosk)) as journal:
        assert (journal.sequence, journal.depth(), journal.refused()) == (2, 1, 0)
