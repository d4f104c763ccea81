"""The page of the load: tables in docs/load.md, each between two marks, written by the runs."""

import re

from tests.stand.server import ROOT

PAGE = ROOT / "docs" / "load.md"


def put_into_page(name: str, table: str) -> None:
    """Put a table in the place of its name, or raise ValueError where the page has none."""
    page = PAGE.read_text(encoding="utf-8")
    place = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not place.search(page):
        raise ValueError(f"{PAGE.name} has no place for {name!r}")
    anew = place.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", page, count=1)
    PAGE.write_text(anew, encoding="utf-8")
