"""The clock part of the chaos runs, small: the night in which an hour comes twice."""

from pathlib import Path

import pytest

from tests.chaos.clock import MOMENTS, ClockedPoint, Findings


@pytest.mark.slow
def test_clocks_that_jump_in_the_night_of_two_hours_lose_and_move_nobody(tmp_path: Path) -> None:
    findings = Findings()
    point = ClockedPoint(tmp_path, "3", findings)
    with point.open(MOMENTS[2]):
        point.live(steps=4)

    assert not any(findings.wrong.values()), findings.wrong
    assert findings.counts["check-ins"] > 4
