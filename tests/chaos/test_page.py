"""The page of results: each part's last run stands in it, and the others' stay."""

import json
from pathlib import Path

import pytest

from tests.chaos import page
from tests.chaos.part import Bound
from tests.chaos.results import Promise, Result, RunOf, promise

RUN = RunOf("abc", "2026-11-22 16:00 UTC", "a machine", 1.5)


def result(part: str, figure: str, *, kept: bool = True) -> Result:
    return Result(part, 7, (Promise("nothing is lost", figure, kept=kept),), {"n": 1}, RUN)


def test_a_run_of_one_part_leaves_the_results_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "reliability.md"
    path.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    page.write([result("power", "1 cut"), result("kills", "1 kill")], path)
    page.write([result("kills", "2|3 kills", kept=False)], path)

    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{page.BEGIN}\n| part |")
    assert text.endswith(f"{page.END}\nafter\n")
    assert "| power | nothing is lost | 1 cut | kept |" in text
    assert "| kills | nothing is lost | 2\\|3 kills | **BROKEN** |" in text
    assert "| kills | 7 | abc | 2026-11-22 16:00 UTC | 1.5 | a machine |" in text
    assert "old" not in text
    told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert [one["part"] for one in told["results"]] == ["kills", "power"]


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    result("kills", "1 kill").write(tmp_path / "result.json")

    assert Result.read(tmp_path / "result.json") == result("kills", "1 kill")


def test_a_part_ends_by_count_or_by_time_and_does_one_round_always() -> None:
    assert list(Bound("part", count=3).rounds()) == [0, 1, 2]
    assert list(Bound("part", count=3, minutes=0.0).rounds()) == [0]


def test_what_is_wrong_is_told_in_few_words_in_the_table_and_in_full_beside_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = [f"{number} is gone {'x' * 200}" for number in range(5)]
    told = promise("nothing is lost", "all there", wrong=wrong)

    assert not told.kept
    assert told.figure.endswith("… and 2 more")
    out = capsys.readouterr().out
    assert all(sentence in out for sentence in wrong)
    assert promise("nothing is lost", "all there", wrong=[]).figure == "all there"
