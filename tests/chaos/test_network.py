"""The network part of the chaos runs, small: one short storm for each database."""

from pathlib import Path

import pytest

from tests.chaos.network import Findings, live_through
from tests.chaos.stormy_point import Database, Pace

SHORT = Pace(kiosks=2, storm=2.5, between=0.2, timeout=0.6, silence=0.8)


@pytest.mark.slow
def test_after_a_storm_on_every_line_the_books_agree(tmp_path: Path) -> None:
    findings = Findings()

    befell = live_through(tmp_path / "point", findings, pace=SHORT, seed="7")

    assert not any(findings.wrong.values()), findings.wrong
    assert findings.counts["check-ins"] > 5
    assert befell.total() > 20


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_bad_line_to_the_database_loses_and_doubles_nothing(tmp_path: Path) -> None:
    from tests.stand.postgres import postgres

    findings = Findings()
    with postgres() as stand:
        database = Database(stand.make_database(), stand.folder / ".s.PGSQL.5432")
        live_through(tmp_path / "point", findings, pace=SHORT, seed="8", database=database)

    assert not any(findings.wrong.values()), findings.wrong
