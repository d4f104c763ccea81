"""A small synthetic day: nothing is lost, doubled or counted otherwise than it happened."""

from pathlib import Path

import pytest

from tests.day.comparison import compare
from tests.day.replay import replay


@pytest.mark.slow
def test_what_the_server_reports_of_a_day_is_what_happened(tmp_path: Path) -> None:
    day = replay(tmp_path, persons=90, seed=5)
    compared = compare(day.account, day.lines)

    assert day.is_sound, day.check
    assert [one for one in compared if not one.agrees] == []
    happened = [one for one in compared if one.happened]
    assert len(happened) > 40, "too little happened to prove anything"
    assert day.late
    assert day.twice
    assert day.account.happenings.keys() >= {"came back", "priority"}
