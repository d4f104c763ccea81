"""The report: what faults came to, as a table of ``docs/scaling.md`` and as JSON beside it."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.chaos.results import RunOf
from tests.failover.rounds import Row, Run
from tests.stand.server import ROOT

PAGE = ROOT / "docs" / "scaling.md"
PARTS = {"wheel": "failover", "debian": "failover-tls"}
"""By whose PostgreSQL it was: between which marks of the page, and in which JSON beside it."""

HEAD = (
    *("fault", "PostgreSQL", "times", "counters wait, s", "another leads after, s"),
    *("kiosks wait, s", "numbers, slips meanwhile", "check-ins lost", "presses lost"),
    *("numbers twice", "calls twice", "events missing"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """All runs of one command.

    Attributes:
        of: What was run, when and where.
        runs: In order.

    """

    of: RunOf
    runs: tuple[Run, ...]

    @property
    def kept(self) -> bool:
        """Whether nothing was lost or doubled where it must not be, and is where it may."""
        strict = [run for run in self.runs if run.synchronous]
        loose = [run for run in self.runs if not run.synchronous]
        return (
            not any(run.disagreements for run in strict)
            and not any(harm(row) for run in strict for row in run.rows)
            and all(any(harm(row) for row in run.rows) for run in loose)
        )

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @staticmethod
    def from_json(text: str) -> "Report":
        """Return what `to_json` wrote."""
        told = json.loads(text)
        return Report(RunOf(**told["of"]), tuple(run_of(run) for run in told["runs"]))


def run_of(told: dict[str, Any]) -> Run:
    """Return a run that was written as JSON."""
    return Run(
        **told
        | {
            "rows": tuple(Row(**row) for row in told["rows"]),
            "disagreements": tuple(told["disagreements"]),
        }
    )


def harm(row: Row) -> int:
    """Return what a fault lost and doubled, all together."""
    lost = row.check_ins_lost + row.presses_lost
    return lost + row.numbers_twice + row.calls_twice + row.events_missing


def markdown(report: Report) -> str:
    """Return the table, the contrast, and what ran."""
    strict = [row for run in report.runs if run.synchronous for row in run.rows]
    loose = [row for run in report.runs if not run.synchronous for row in run.rows]
    lines = _table(strict)
    if loose:
        lines += ["", "Asynchronous, for contrast:", "", *_table(loose)]
    made = sum(run.check_ins for run in report.runs if run.synchronous)
    pressed = sum(run.presses for run in report.runs if run.synchronous)
    found = [each for run in report.runs if run.synchronous for each in run.disagreements]
    books = "agree" if not found else "DO NOT AGREE: " + "; ".join(found)
    seeds = ", ".join(str(run.seed) for run in report.runs if run.synchronous)
    of = report.of
    lines += [
        "",
        f"{made:,} check-ins and {pressed:,} presses in all; at the end the books {books}.",
        f"Commit {of.commit}, {of.date}, seeds {seeds}, {of.minutes:.0f} minutes on {of.machine}.",
    ]
    return "\n".join(lines)


def write(report: Report, part: str, *, page: Path = PAGE) -> None:
    """Put it into its part of the page, and all figures beside that."""
    begin, end = (f"<!-- {part}: {mark} -->" for mark in ("begin", "end"))
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    _replace(page, f"{before}{begin}\n{markdown(report)}\n{end}{after}")
    _replace(page.with_name(f"{part}.json"), report.to_json())


def _table(rows: Sequence[Row]) -> list[str]:
    alike: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        alike.setdefault((row.fault, row.postgresql), []).append(row)
    lines = [" | ".join(HEAD), "|".join("---" for _ in HEAD)]
    lines += [" | ".join(_cells(*key, each)) for key, each in sorted(alike.items())]
    return [f"| {line} |" for line in lines]


def _cells(fault: str, postgresql: str, rows: Sequence[Row]) -> list[str]:
    led = [row.led_after for row in rows if row.led_after is not None]
    numbers, slips = (sum(getattr(row, each) for row in rows) for each in ("numbers", "slips"))
    told = (
        *("check_ins_lost", "presses_lost"),
        *("numbers_twice", "calls_twice", "events_missing"),
    )
    return [
        fault,
        postgresql,
        str(len(rows)),
        _spread(row.counters_outage for row in rows),
        _spread(led) if led else "",
        f"{max(row.kiosks_wait for row in rows):.2f}",
        f"{numbers}, {slips}",
        *(str(sum(getattr(row, name) for row in rows)) for name in told),
    ]


def _spread(values: Iterable[float]) -> str:
    """Return the middle of some seconds, and from where to where they go."""
    all_ = sorted(values)
    if len(all_) == 1:
        return f"{all_[0]:.1f}"
    return f"{median(all_):.1f} ({all_[0]:.1f} to {all_[-1]:.1f})"


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new-{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
