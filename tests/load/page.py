"""The pages of runs: tables in docs/, each between two marks, written by the runs themselves."""

import re
from pathlib import Path

from tests.stand.server import ROOT

PAGE = ROOT / "docs" / "load.md"


def put_into_page(name: str, table: str, *, page: Path = PAGE) -> None:
    """Put a table in the place of its name, or raise ValueError where the page has none."""
    text = page.read_text(encoding="utf-8")
    place = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not place.search(text):
        raise ValueError(f"{page.name} has no place for {name!r}")
    anew = place.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text, count=1)
    page.write_text(anew, encoding="utf-8")
