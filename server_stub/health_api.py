"""The addresses that whatever supervises a server asks, without logging in: alive, and well."""

import asyncio
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from kiosk.contract.messages import Message
from server_stub.health import HealthWatch, Trouble

LIVE = "/livez"
HEALTHY = "/healthz"

router = APIRouter(tags=["health"])


class Caution(StrEnum):
    """What will stop the server if nobody looks at it."""

    DISK_LOW = "disk-low"
    CERTIFICATE_ENDS = "certificate-ends"


class HealthAnswer(Message):
    """How the server is. It says nothing of the site, its parties or its machine."""

    ok: bool
    trouble: Trouble | None = Field(default=None, description="Null where the server works.")
    revision: str | None = Field(description="Of the database's tables; null if unreadable.")
    oldest_waiting_seconds: float = Field(
        ge=0, description="How long the oldest change waits to be stored; mostly 0."
    )
    warnings: tuple[Caution, ...] = ()


EXAMPLES = {
    200: HealthAnswer(ok=True, revision="0003", oldest_waiting_seconds=0.0),
    503: HealthAnswer(
        ok=False,
        trouble=Trouble.DISK_FULL,
        revision="0003",
        oldest_waiting_seconds=0.1,
        warnings=(Caution.DISK_LOW,),
    ),
}


async def the_watch(request: Request) -> HealthWatch:
    """Return the health watch of the app that serves the request."""
    watch = request.app.state.health
    if not isinstance(watch, HealthWatch):
        raise TypeError("the app has not started")
    return watch


def _said(status: int, description: str) -> dict[str, object]:
    example = EXAMPLES[status].model_dump(mode="json")
    return {
        "model": HealthAnswer,
        "description": description,
        "content": {"application/json": {"example": example}},
    }


@router.get(
    LIVE,
    response_class=Response,
    responses={
        200: {
            "description": "The process runs and answers. It says nothing of the database: "
            "do not restart a server because its database is away.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": "alive\n"}},
        }
    },
)
async def get_live() -> Response:
    """Say that the process runs."""
    return Response("alive\n", media_type="text/plain")


@router.get(
    HEALTHY,
    responses={
        200: _said(200, "The database was read and written, at most a second ago."),
        503: _said(
            503,
            "The database does not read or write, or the site's key is not here: see `trouble`.",
        ),
    },
)
async def get_health(
    request: Request, watch: Annotated[HealthWatch, Depends(the_watch)]
) -> Response:
    """Try the database, reading and writing; answer within two seconds whatever it does."""
    health = await watch.health()
    trouble = health.trouble
    # Only then: where a database hangs, so do the threads.
    if trouble is None and await asyncio.to_thread(lambda: request.app.state.room.lacks_key):
        trouble = Trouble.KEY_MISSING
    tls = request.app.state.tls
    cautions = {
        Caution.DISK_LOW: health.disk_low,
        Caution.CERTIFICATE_ENDS: tls is not None and tls.ends_soon,
    }
    answer = HealthAnswer(
        ok=trouble is None,
        trouble=trouble,
        revision=health.revision,
        oldest_waiting_seconds=round(health.oldest_waiting_seconds, 3),
        warnings=tuple(caution for caution, there in cautions.items() if there),
    )
    return Response(answer.to_bytes(), 200 if answer.ok else 503, media_type="application/json")
