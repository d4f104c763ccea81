#!/usr/bin/env python3
"""Writes the sample slips, and what slips have in common, by the kiosk's own code.

python assets/slips/build.py. So `printer/` shows what parties get, knows what printers should
keep, and needs nobody's translations.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain, combinations
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from kiosk.contract.messages import StageWait  # noqa: E402
from kiosk.contract.questions import Choices  # noqa: E402
from kiosk.contract.site_file import read_site_file  # noqa: E402
from kiosk.hours import Opening  # noqa: E402
from kiosk.language import LANGUAGES  # noqa: E402
from kiosk.questionnaire import Chosen, Party, next_question, route  # noqa: E402
from kiosk.slips import make_directions, make_slip  # noqa: E402
from kiosk.ticket import Ticket  # noqa: E402

SITE = read_site_file(ROOT / "assets" / "sites" / "duesseldorf.toml")
ROUTE = ("information", "housing", "registration", "benefits")
MADE_AT = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
EVENING = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
OPENS_AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
WAIT = StageWait(stage="information", parties_ahead=14, minutes_from=20, minutes_to=40)
URL = "https://ankunft.example/t/Zk3vQ9wLr2TnXy7Bd0HcMA"  # a made-up token

PARTIES = ((1, 0), (2, 0), (1, 1), (1, 2), (2, 1), (2, 2), (3, 0), (1, 3), (2, 3), (4, 0))
"""Adults and children of the parties that come most, the most frequent first (an estimate)."""


def sample(language: str) -> str:
    """Return the sample slip of a language as TOML."""
    ticket = Ticket(
        id=UUID("0190a000-0000-7000-8000-000000000001"),
        number="D214",
        language=language,
        party=Party(adults=1, children=2),
        route=tuple(stage for stage in SITE.stages if stage.id in ROUTE),
        url=URL,
    )
    slip = asdict(make_slip(ticket, site=SITE, made_at=MADE_AT, wait=WAIT))
    places = slip.pop("places")
    del slip["copy"], slip["later"]
    return _written(slip, table="places", rows=places)


def directions(language: str) -> str:
    """Return the sample of a slip without a number in a language, as TOML."""
    opening = Opening(is_open=False, opens_at=OPENS_AT.astimezone(ZoneInfo(SITE.time_zone)))
    slip = asdict(make_directions(SITE, opening, language=language, now=EVENING))
    rows = []
    for advice in slip.pop("advice"):
        texts, place = advice.pop("text"), advice.pop("place")
        rows.append({**advice, **texts, **(place or {})})
    return _written(slip, table="advice", rows=rows)


def _written(slip: dict[str, Any], *, table: str, rows: list[dict[str, Any]]) -> str:
    lines = ["# Written by assets/slips/build.py."]
    lines += [f"{key} = {_toml(value)}" for key, value in slip.items() if _is_plain(value)]
    for row in rows:
        lines += ["", f"[[{table}]]", *(f"{key} = {_toml(value)}" for key, value in row.items())]
    for key, value in slip.items():
        if not _is_plain(value):
            lines += ["", f"[{key}]", *(f"{k} = {_toml(v)}" for k, v in value.items())]
    return "\n".join(lines) + "\n"


def stock() -> str:
    """Return what slips have in common, as TOML: languages, parties and routes by use."""
    ways = Counter(route(SITE, chosen) for chosen in _all_answers({}))
    routes = [
        [[stage.landmark, stage.door] for stage in SITE.stages if stage.id in way]
        for way, _ in ways.most_common()
    ]
    lines = [
        "# Written by assets/slips/build.py. The most used first.",
        f"languages = {_toml(list(LANGUAGES))}",
        f"parties = {_toml(PARTIES)}  # adults, children",
        "routes = [",
        *(f"    {_toml(places)}," for places in routes),
        "]",
    ]
    return "\n".join(lines) + "\n"


def _all_answers(chosen: Chosen) -> Iterator[Chosen]:
    """Yield every way through the questions."""
    question = next_question(SITE, chosen)
    if question is None:
        yield chosen
        return
    answers: Iterator[tuple[str, ...]] = iter([("1",)])
    if isinstance(question, Choices):
        options = [option.id for option in question.options]
        counts = range(1, min(question.most, len(options)) + 1)
        answers = chain.from_iterable(combinations(options, count) for count in counts)
    for answer in answers:
        yield from _all_answers({**chosen, question.id: answer})


def main() -> None:
    """Write all samples, and the stock."""
    (HERE / "stock" / "use.toml").write_text(stock(), encoding="utf-8")
    for language in LANGUAGES:
        (HERE / f"{language}.toml").write_text(sample(language), encoding="utf-8")
        (HERE / "directions" / f"{language}.toml").write_text(
            directions(language), encoding="utf-8"
        )


def _is_plain(value: object) -> bool:
    return not isinstance(value, dict)


def _toml(value: object) -> str:
    # A JSON string, number or truth value is the same in TOML.
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
