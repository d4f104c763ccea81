"""The templates, filled in: one Jinja environment per language."""

import hashlib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, cast
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from uuid_utils import uuid4  # a page has hundreds, and the standard one asks the kernel for each

from server_stub import static_files
from server_stub.local_time import clock_time, day_and_second, day_and_time, day_name
from server_stub.page_texts import LANGUAGES, catalogue, language_name, own_language_name, site_text
from server_stub.snapshot import VisitRow

TEMPLATES = Path(__file__).parent / "templates"


def arrival_key(visit: VisitRow) -> str:
    """Return what rows are sorted by: the order of arrival, to the microsecond."""
    return f"{int(visit.arrived_at.timestamp() * 1_000_000)}-{visit.arrival_order}"


def opaque(visit: UUID) -> str:
    """Return a name that tells one visit from another, and not when it was made, as its id does."""
    return hashlib.sha256(visit.bytes).hexdigest()[:16]


@cache
def environment(language: str) -> Environment:
    """Return the templates in one language. A name that is not given is an error, not a blank."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    install = cast("Any", made).install_gettext_translations  # added by the extension
    install(catalogue(language), newstyle=True)
    made.globals |= {
        "language": language,
        "languages": LANGUAGES,
        "static": static_files.address,
        "edition": static_files.edition,
        "new_action": uuid4,
        "new_ticket_token": partial(token_urlsafe, 16),
    }
    made.filters |= {
        "language": partial(language_name, language=language),
        "own_language": own_language_name,
        "site_text": partial(site_text, language=language),
        "clock": clock_time,
        "day_name": partial(day_name, language=language),
        "day_and_clock": partial(day_and_time, language=language),
        "day_and_second": partial(day_and_second, language=language),
        "arrival_key": arrival_key,
        "opaque": opaque,
    }
    return made


def render(template: str, language: str, **what: object) -> str:
    """Return a page as HTML."""
    return environment(language).get_template(template).render(**what)


def part(template: str, language: str, name: str) -> Callable[..., Markup]:
    """Return one macro of a template, as a function that gives HTML."""
    return cast(
        "Callable[..., Markup]", getattr(environment(language).get_template(template).module, name)
    )
