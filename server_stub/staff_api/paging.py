"""Paging: every list comes in pages, each with the cursor that the next one begins after.

A cursor names the last item by what the list is ordered by, so that a page is an index range
however far back it lies, and what comes or goes meanwhile moves nothing twice or past the reader.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from kiosk.contract.messages import Message
from server_stub.staff_api.refusals import NothingThereError

MOST = 200
"""Items of a page, at most."""

LONGEST_CURSOR = 400

T = TypeVar("T")
K = TypeVar("K")

Limit = Annotated[int, Field(ge=1, le=MOST, description="How many items a page has at most.")]
After = Annotated[
    str | None,
    Field(
        max_length=LONGEST_CURSOR,
        description="The `next` of the page before; without it, the first page.",
    ),
]


class Page(Message, Generic[T]):
    """Some items of a list, and where to go on."""

    items: tuple[T, ...]
    next: str | None = Field(
        description="Ask with it as `after` for what follows; null at the end of the list."
    )


def cursor_of(key: Sequence[object]) -> str:
    """Return the cursor that stands for an item's place in its list."""
    text = json.dumps(key, default=str, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def place_of(cursor: str | None, kind: TypeAdapter[K]) -> K | None:
    """Return the place that a cursor stands for; None for no cursor.

    Raises:
        NothingThereError: It is none that this list has given out.

    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True)
        return kind.validate_json(text)
    except (ValueError, binascii.Error, ValidationError):
        raise NothingThereError("this list has no such page: ask without `after`") from None


def page_of(
    rows: Sequence[Any],
    limit: int,
    *,
    item: Callable[[Any], T],
    key: Callable[[Any], Sequence[object]],
) -> tuple[tuple[T, ...], str | None]:
    """Return the items of a page and its `next`.

    Args:
        rows: One more than `limit` where the list goes on.
        limit: How many items the page has.
        item: What a row is shown as.
        key: What the list is ordered by, in order.

    """
    shown = rows[:limit]
    goes_on = len(rows) > limit
    return tuple(item(row) for row in shown), cursor_of(key(shown[-1])) if goes_on else None
