"""Many clients, several server processes, one of them killed: what happens once happens once."""

import pytest

from tests.bench.concurrency import Result, Size, run_turmoil

pytestmark = pytest.mark.slow

SMALL = Size(check_ins=6)
EVERYBODY = 64


def require_order(result: Result) -> None:
    assert result.clients == EVERYBODY
    assert result.check_ins == SMALL.kiosks * SMALL.lines * SMALL.check_ins
    assert result.repeated, "nobody was cut off when the process was killed"
    assert result.calls > result.check_ins, "nobody was called at a second stage"
    assert result.faults == 0, result


def test_one_process_on_sqlite_does_everything_once(tmp_path):
    require_order(run_turmoil(tmp_path / "s", database="SQLite", processes=1, size=SMALL))


@pytest.mark.postgresql
def test_four_processes_on_postgresql_do_everything_once(tmp_path, postgres_stand):
    url = postgres_stand.url(postgres_stand.make_database())

    require_order(
        run_turmoil(tmp_path / "p", database="PostgreSQL", processes=4, url=url, size=SMALL)
    )
