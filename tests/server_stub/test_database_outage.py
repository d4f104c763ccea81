"""The database goes away under a running server, and comes back: that costs time, nothing else."""

from signal import SIGQUIT

import pytest
from starlette.testclient import TestClient

from server_stub.app import create_app
from server_stub.store import engine_of
from tests.server_stub.conftest import copy_into_postgres, copy_of, point_to
from tests.server_stub.enrolled import Line
from tests.stand.postgres import postgres

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def own_stand():
    """A database server of this module's own: it is stopped while others need theirs."""
    with postgres() as stand:
        yield stand


def test_check_ins_wait_for_the_database_and_none_is_lost(
    own_stand, made_once, tmp_path, shared_clock
):
    data, kiosk, other = made_once
    settings = copy_of(data, tmp_path / "data", clock=shared_clock)
    settings.database.unlink()
    point_to(settings, own_stand.url(own_stand.make_database()))
    with engine_of(data / "ankunft.db") as source:
        copy_into_postgres(source, settings)
    check_ins = [kiosk.check_in(sequence) for sequence in (1, 2)]
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        line = Line(client, kiosk)
        assert line.check_in(check_ins[0]).status_code == 201

        own_stand.stop(how=SIGQUIT)  # it writes nothing down: as after a crash
        refused = [line.check_in(check_ins[1]) for _ in range(2)]
        refused.append(Line(client, other).check_in(other.check_in(1)))  # who it is is not known
        well = client.get("/healthz")
        own_stand.start()
        again = [line.check_in(check_in) for check_in in check_ins]

    assert [(r.status_code, r.json()["code"]) for r in refused] == 3 * [(503, "try-again")]
    assert (well.status_code, well.json()["trouble"]) == (503, "database-away")
    assert [answer.status_code for answer in again] == [200, 201]
    told = own_stand.tell("SELECT kind FROM event ORDER BY number", database="test_1").split()
    assert told == ["kiosk", "kiosk", "check-in", "check-in"]
