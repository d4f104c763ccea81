"""The copies part of the chaos runs, small: one kiosk whose disk is copied while it runs."""

from pathlib import Path
from random import Random

import pytest

from tests.chaos.copies import Findings, Series, reception


@pytest.mark.slow
def test_disks_that_were_copied_lose_nobody_and_those_behind_stop(tmp_path: Path) -> None:
    findings = Findings()
    with reception(tmp_path) as (server, admin):
        dice = Random(5)  # noqa: S311  # to be thrown again
        Series(
            tmp_path / "kiosk", server, admin, name="entrance-1", dice=dice, findings=findings
        ).live(12)

    assert not any(findings.wrong.values()), findings.wrong
    assert findings.counts["numbers that two parties hold"] > 0
