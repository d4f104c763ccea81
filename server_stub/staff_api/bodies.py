"""Reading what a request says: bytes first, once it is known who sends them."""

import re
from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from server_stub.staff_api.refusals import UnreadableError

T = TypeVar("T")


class Body(BaseModel):
    """What all bodies share: nothing is guessed, nothing unknown is passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_day(said: Any) -> Any:  # noqa: ANN401  # anything may arrive here
    if isinstance(said, str) and not ISO_DAY.fullmatch(said):
        raise ValueError("a day is written 2026-11-23")  # pydantic would count seconds
    return said


Day = Annotated[date, BeforeValidator(_iso_day)]
"""A service day, as ISO 8601 writes it."""


async def read_body(request: Request, kind: TypeAdapter[T], *, tag: str | None = None) -> T:
    """Return the request's body, or raise UnreadableError, which names fields and never values.

    Args:
        request: Whoever sent it is known already.
        kind: What it must be.
        tag: Where it is one of several kinds: the field that says which.

    """
    try:
        return kind.validate_json(await request.body())
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        broken = any(each["type"] == "json_invalid" for each in found)
        raise UnreadableError.of(
            found,
            inside=1 if tag else 0,
            whole=tag if tag and not broken else "the whole",
        ) from None
