"""A whole reception point for each journey: server, virtual printer and kiosk, all real."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from printer.virtual_printer import VirtualPrinter
from tests.stand.kiosk import open_kiosk
from tests.stand.server import ServerStand
from tests.stand.staff import StaffMember
from tests.stand.touch import KioskDriver

PASSWORD = "made up for the journeys"
NO_ADDRESS, NO_PRINTER = "http://127.0.0.1:1", "tcp://127.0.0.1:1"


def pytest_collection_modifyitems(items):
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker("display")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """A site that is set up and not yet started; each journey gets a copy."""
    folder = tmp_path_factory.mktemp("prepared")
    server = ServerStand(folder / "server", port=1)
    server.port = 1
    server.set_up()
    server.add_staff("anna", PASSWORD)
    settings = server.add_kiosk("entrance-1", folder / "kiosk", printer=NO_PRINTER)
    shutil.copy(server.site_file, settings.parent / "site.toml")
    (folder / "display").write_text(server.add_display("hall").removeprefix(NO_ADDRESS))
    return folder


@pytest.fixture
def server(prepared, tmp_path) -> Iterator[ServerStand]:
    """A server that is not yet started."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    stand = ServerStand(tmp_path / "server")
    yield stand
    stand.stop()


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as virtual:
        yield virtual


@pytest.fixture
def settings(server, printer, tmp_path) -> Path:
    """The settings of a kiosk that knows server and printer."""
    settings = tmp_path / "kiosk" / "kiosk.toml"
    told = settings.read_text(encoding="utf-8")
    told = told.replace(NO_ADDRESS, server.address).replace(NO_PRINTER, printer.address)
    settings.write_text(told, encoding="utf-8")
    return settings


@pytest.fixture
def kiosk(settings) -> Iterator[KioskDriver]:
    """A kiosk that shows its first screen; whether the server runs is its own affair."""
    with open_kiosk(settings, hurries=True) as driver:
        yield driver


@pytest.fixture
def staff(server) -> Iterator[Callable[[], StaffMember]]:
    """Logs someone in at the staff page."""
    with ExitStack() as stack:

        def log_in() -> StaffMember:
            member = StaffMember(server.address, "anna", PASSWORD)
            stack.callback(member.close)
            return member

        yield log_in


@pytest.fixture
def display_address(server, tmp_path) -> str:
    return server.address + (tmp_path / "display").read_text()
