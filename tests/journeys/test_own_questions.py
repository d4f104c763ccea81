"""Answers by keys: from the touched letters to the server, sealed on the way and gone behind."""

import sqlite3
from contextlib import closing

import pytest

from kiosk.contract.messages import CheckIn, CheckInContent
from kiosk.contract.site_file import read_site_file
from server_stub.admission import open_content
from server_stub.keys import read_keys
from server_stub.settings import Settings
from tests.kiosk.leaks import leaks
from tests.kiosk.screens.remains import remains
from tests.stand.arrivals import leave, wait_for_slip
from tests.stand.kiosk import open_kiosk
from tests.stand.server import ROOT, ServerStand

SITE_FILE = ROOT / "assets" / "sites" / "own-questions.toml"


@pytest.fixture
def own_server(tmp_path):
    stand = ServerStand(tmp_path / "server", site_file=SITE_FILE)
    stand.set_up()
    yield stand
    stand.stop()


@pytest.fixture
def own_kiosk(own_server, printer, tmp_path):
    folder = tmp_path / "kiosk"
    settings = own_server.add_kiosk("entrance-1", folder, printer=printer.address)
    (folder / "site.toml").write_bytes(SITE_FILE.read_bytes())
    with open_kiosk(settings, hurries=True) as driver:
        yield driver


def check_in(kiosk, *tiles: str):
    for tile in tiles:
        kiosk.tap_id(tile)
    kiosk.wait_until(lambda: kiosk.app.flow.ticket)
    ticket = kiosk.app.flow.ticket
    wait_for_slip(kiosk, ticket)
    return ticket


def arrived(server: ServerStand) -> list[CheckInContent]:
    """Return what parties answered, opened with the site's own key."""
    settings = Settings(server.data)
    with closing(sqlite3.connect(settings.database)) as database:
        bodies = [body for (body,) in database.execute("SELECT body FROM check_in_body")]
    check_ins = sorted(map(CheckIn.model_validate_json, bodies), key=lambda c: c.sequence)
    site, keys = read_site_file(SITE_FILE), read_keys(settings.keys)
    return [content for c in check_ins if (content := open_content(c, site=site, keys=keys))]


def test_a_town_and_a_number_by_keys_reach_the_server_and_nothing_stays_on_the_kiosk(
    own_server, own_kiosk, tmp_path
):
    own_server.start()
    town, letter = "Вілявче", "".join(map(str, (9, 0, 4, 7, 2, 5)))
    keys = [f"key:{key}" for key in town.lower()]
    begin = ("next", "adults:1", "next")
    check_in(own_kiosk, "language:uk", *begin, "before:no", *keys, "next")
    canaries = (town[:5], letter)
    assert town not in " ".join(own_kiosk.texts())
    leave(own_kiosk)
    keys = [f"key:{digit}" for digit in letter]
    check_in(own_kiosk, "language:ar", *begin, "before:collect", *keys, "next")
    leave(own_kiosk)
    own_kiosk.wait_until(lambda: len(arrived(own_server)) == 2)

    first, second = arrived(own_server)
    assert first.answers == {"before": ("no",), "town": (town,)}
    assert second.answers == {"before": ("collect",), "letter": (letter,)}
    assert first.route == ("information", "onward-travel")
    own_kiosk.frames(5)
    del first, second, keys
    assert leaks([tmp_path / "kiosk"], canaries) == []
    town = letter = ""  # or this test would hold them itself
    assert [remains(canary) for canary in canaries] == [[], []]
