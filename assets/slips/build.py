#!/usr/bin/env python3
"""Writes the sample slips by the kiosk's own code: python assets/slips/build.py.

So `printer/` shows what parties get, and needs nobody's translations.
"""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from kiosk.contract.messages import StageWait  # noqa: E402
from kiosk.contract.site_file import read_site_file  # noqa: E402
from kiosk.language import LANGUAGES  # noqa: E402
from kiosk.questionnaire import Party  # noqa: E402
from kiosk.slips import make_slip  # noqa: E402
from kiosk.ticket import Ticket  # noqa: E402

SITE = read_site_file(ROOT / "assets" / "sites" / "duesseldorf.toml")
ROUTE = ("information", "housing", "registration", "benefits")
MADE_AT = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
WAIT = StageWait(stage="information", parties_ahead=14, minutes_from=20, minutes_to=40)
URL = "https://ankunft.example/t/Zk3vQ9wLr2TnXy7Bd0HcMA"  # a made-up token


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
    del slip["copy"]
    lines = ["# Written by assets/slips/build.py."]
    lines += [f"{key} = {_toml(value)}" for key, value in slip.items() if _is_plain(value)]
    for place in places:
        lines += ["", "[[places]]", *(f"{key} = {_toml(value)}" for key, value in place.items())]
    for key, value in slip.items():
        if not _is_plain(value):
            lines += ["", f"[{key}]", *(f"{k} = {_toml(v)}" for k, v in value.items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write all samples."""
    for language in LANGUAGES:
        (HERE / f"{language}.toml").write_text(sample(language), encoding="utf-8")


def _is_plain(value: object) -> bool:
    return not isinstance(value, dict)


def _toml(value: object) -> str:
    # A JSON string, number or truth value is the same in TOML.
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
