"""The network part of the chaos runs, small: one short storm, on SQLite."""

from pathlib import Path

import pytest

from tests.chaos.network import Findings, live_through
from tests.chaos.stormy_point import Pace

SHORT = Pace(kiosks=1, storm=2.0, between=0.15, timeout=0.5, silence=0.7)


@pytest.mark.slow
def test_after_a_storm_on_every_line_the_books_agree(tmp_path: Path) -> None:
    findings = Findings()

    befell = live_through(tmp_path / "point", findings, pace=SHORT, seed="7")

    assert not any(findings.wrong.values()), findings.wrong
    assert findings.counts["check-ins"]
    assert befell.total() > 5
