"""The tables of docs/rights.md and docs/privacy.md, written from what the program goes by.

``python -m tests.server_stub.written_tables`` writes them anew; a test fails where they differ.
"""

import tomllib
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from server_stub import inventory
from server_stub.inventory import Holding, Span
from server_stub.retention_periods import DEFAULTS, Kind

ROOT = Path(__file__).parents[2]
ROUTES = ROOT / "tests" / "server_stub" / "pages" / "rights_of_routes.toml"

BEGIN, END = "<!-- written: {name} -->", "<!-- end -->"

PARTS = (
    ("Those who come", inventory.OF_PARTIES),
    ("Those who work there", inventory.OF_STAFF),
    ("Machines", inventory.OF_DEVICES),
    ("The site, and figures", inventory.OF_THE_SITE),
)


def rights() -> Iterator[str]:
    """Yield the lines of the table of routes and roles."""
    table = tomllib.loads(ROUTES.read_text(encoding="utf-8"))
    who = table["who"]
    yield f"| route | {' | '.join(who)} |"
    yield f"|---|{'|'.join(':-:' for _ in who)}|"
    for route, row in table["routes"].items():
        yield f"| `{route}` | {' | '.join(map(_cell, row.split()))} |"


def _cell(answer: str) -> str:
    return {"in": "**in**", "303": "login"}.get(answer, answer)


def holdings() -> Iterator[str]:
    """Yield the lines of the tables of all that is kept."""
    for heading, part in PARTS:
        yield f"### {heading}"
        yield ""
        yield "| what | where | for how long | why | form | who reads it on a page |"
        yield "|---|---|---|---|---|---|"
        for holding in part:
            where = f"`{holding.table}`: {', '.join(holding.names)}"
            cells = (
                holding.what,
                where,
                kept(holding),
                holding.why,
                holding.form.value,
                holding.readers,
            )
            yield f"| {' | '.join(cells)} |"
        yield ""


def kept(holding: Holding) -> str:
    """Return for how long something is kept, in words."""
    match holding.span:
        case Span.SHORT if holding.lasts:
            told = f"{_length(holding.lasts)} after {_moment(holding)}"
        case Span.SHORT:
            told = f"until {_moment(holding)}"
        case Span.ACCOUNT:
            told = f"as long as the account is open, and {_length(_of(Kind.AUDIT))} more"
        case Span.ANSWERS:
            told = f"{_length(_of(Kind.ANSWERS))} after {_moment(holding)}, and after arrival"
        case span if span in WITHOUT_END:
            told = WITHOUT_END[span]
        case span:
            told = f"{_length(_of(Kind(span.value)))} after {_moment(holding)}"
    return told


WITHOUT_END = {
    Span.DEVICE: "as long as the site knows the device",
    Span.LATEST: "until the next value takes its place",
    Span.FOR_GOOD: "until the site is wound down",
}


def _of(kind: Kind) -> timedelta:
    return DEFAULTS[kind].length


def _moment(holding: Holding) -> str:
    return {
        "visit.ended_at": "the visit's end",
        "visit.ended_at, or at": "the visit's end, or after it was written where it has no visit",
        "ended_at": "the visit's end",
        "expires_at": "it expires",
        "since": "the first of them",
        "asked_at": "it asked first",
        "changed_at": "it was written",
        "called_at": "the call",
    }.get(holding.since, "it was written")


def _length(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours // 24} days" if hours > 48 else f"{hours} hours"


TABLES: dict[str, tuple[Path, Callable[[], Iterator[str]]]] = {
    "rights": (ROOT / "docs" / "rights.md", rights),
    "holdings": (ROOT / "docs" / "privacy.md", holdings),
}


def with_table(text: str, name: str, lines: Iterator[str]) -> str:
    """Return a text with its table written anew between the marks."""
    begin = BEGIN.format(name=name)
    before, _, rest = text.partition(f"{begin}\n")
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"no place for the table {name}")
    table = "\n".join(line for line, _ in groupby(lines)).strip()
    return f"{before}{begin}\n\n{table}\n\n{END}{after}"


def main() -> None:
    """Write all tables."""
    for name, (path, lines) in TABLES.items():
        text = path.read_text(encoding="utf-8")
        path.write_text(with_table(text, name, lines()), encoding="utf-8")


if __name__ == "__main__":
    main()
