"""A new key while a kiosk runs: from the press on the page to the answers that staff can open."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from kiosk.assembly import open_front_desk
from kiosk.front_desk import FrontDesk
from kiosk.questionnaire import Answers, Party
from kiosk.settings import read_settings
from printer.virtual_printer import VirtualPrinter
from server_stub import tables
from server_stub.looking import looking_at
from server_stub.settings import Settings
from tests.stand.server import ServerStand

pytestmark = pytest.mark.slow

PASSWORD = "made up for the admin"
PAGE, GIVE_UP_SECONDS = "/staff/admin/keys", 30.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerStand]:
    stand = ServerStand(tmp_path / "server")
    stand.set_up()
    add = ("add-staff", "adam", "--role", "admin", "--password-from-stdin")
    stand.command(*add, stdin=PASSWORD)
    yield stand
    stand.stop()


@pytest.fixture
def desk(server: ServerStand, tmp_path: Path) -> Iterator[FrontDesk]:
    """A whole kiosk but for its window; the server runs from here on."""
    with VirtualPrinter() as printer:
        file = server.add_kiosk("entrance-1", tmp_path / "kiosk", printer=printer.address)
        (tmp_path / "kiosk" / "site.toml").write_bytes(server.site_file.read_bytes())
        server.start()
        with closing(open_front_desk(read_settings(file))) as desk:
            desk.open()
            yield desk


@pytest.fixture
def admin() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def log_in(admin: requests.Session, server: ServerStand) -> None:
    told = {"name": "adam", "password": PASSWORD, "language": "en"}
    assert admin.post(f"{server.address}/staff/login", data=told, timeout=20).status_code == 200


def wait_for(seen: Callable[[], bool]) -> None:
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while not seen():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def marks(server: ServerStand) -> dict[str, str]:
    with looking_at(Settings(server.data)) as connection:
        rows = connection.execute(select(tables.visit.c.number, tables.visit.c.marked)).all()
    return {row.number: row.marked for row in rows}


def test_a_key_is_replaced_while_a_kiosk_runs_and_destroyed_only_when_none_is_left(
    server, desk, admin
):
    log_in(admin, server)
    party = Answers(desk.site, "uk", Party(1, 2), {"before": ("no",), "need": ("sleep",)})
    first = desk.check_in(party).result(GIVE_UP_SECONDS)
    wait_for(lambda: first.number in marks(server))
    old = desk._in_force.key.key_id

    made = admin.post(f"{server.address}{PAGE}", data={"action": ""}, timeout=20).text
    assert "The key is in force." in made
    desk._courier.report_soon()
    wait_for(lambda: desk._in_force.key.key_id != old)
    second = desk.check_in(party).result(GIVE_UP_SECONDS)
    wait_for(lambda: second.number in marks(server))

    assert marks(server) == {first.number: "", second.number: ""}, "both were opened"
    desk._courier.report_soon()
    said = r"entrance-1.*?said at .*? that it holds check-ins of this key"
    wait_for(
        lambda: bool(
            re.search(said, admin.get(f"{server.address}{PAGE}", timeout=20).text, re.DOTALL)
        )
    )
    destroy = {"key": old, "sure": "yes"}
    refused = admin.post(f"{server.address}{PAGE}/destroy", data=destroy, timeout=20)
    assert "Kiosks may hold check-ins that only this key opens." in refused.text

    desk._journal(lambda journal: journal._db.execute("DELETE FROM outbox WHERE sequence = 1"))
    desk._courier.report_soon()
    wait_for(lambda: f"Destroy {old} for good" in admin.get(f"{server.address}{PAGE}").text)
    done = admin.post(f"{server.address}{PAGE}/destroy", data=destroy, timeout=20)
    assert "The key is destroyed." in done.text
    assert len(list((server.data / "keys").glob("*.key"))) == 1
    third = desk.check_in(party).result(GIVE_UP_SECONDS)
    wait_for(lambda: marks(server).get(third.number) == "")
