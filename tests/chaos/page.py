"""The page of results: the table of ``docs/reliability.md``, and all figures beside it as JSON.

Each part keeps the result of its own last run: a long run of one leaves the others as they are.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from tests.chaos.results import Result, added
from tests.stand.server import ROOT

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def write(results: Sequence[Result], path: Path = PAGE, *, add: bool = False) -> None:
    """Put these results into the page and its JSON, beside those of parts that did not run.

    Args:
        results: Of parts that have run.
        path: The page.
        add: Whether kills are added to those before; of other parts the last run stands.

    """
    figures = path.with_suffix(".json")
    kept: dict[str, Result] = {}
    if figures.exists():
        for told in json.loads(figures.read_text(encoding="utf-8"))["results"]:
            kept[told["part"]] = Result.from_json(told)
    for result in results:
        before = kept.get(result.part)
        kept[result.part] = _together(before, result) if add and before else result
    ordered = [kept[part] for part in sorted(kept)]
    told = {"results": [asdict(result) for result in ordered]}
    _replace(figures, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    _replace(path, f"{before}{BEGIN}\n{markdown(ordered)}\n{END}{after}")


def _together(before: Result, result: Result) -> Result:
    """Return one result of two runs of the same part, where it knows how to count on."""
    if result.part != "kills" or not before.run or not result.run:
        return result
    from tests.chaos.kills import promises_of

    figures = added(before.figures, result.figures)
    run = replace(result.run, minutes=round(before.run.minutes + result.run.minutes, 1))
    return Result(result.part, before.seed, promises_of(figures), figures, run)


def markdown(results: Sequence[Result]) -> str:
    """Return the two tables: what was promised, and what was run."""
    lines = ["| part | promise | figure | |", "|---|---|---|---|"]
    for result in results:
        for promise in result.promises:
            kept = "kept" if promise.kept else "**BROKEN**"
            lines.append(_row(result.part, promise.what, promise.figure, kept))
    lines += ["", "| part | seed | commit | when | minutes | on |", "|---|---|---|---|---|---|"]
    for result in results:
        if run := result.run:
            told = (run.commit, run.date, f"{run.minutes:g}", run.machine)
            lines.append(_row(result.part, str(result.seed), *told))
    return "\n".join(lines)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new-{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
