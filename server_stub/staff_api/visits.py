"""Visits of the staff API: the day's list, one visit and what was done with it, a stage's queue."""

from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter
from starlette.responses import Response

from kiosk.contract.messages import Message, Name, Number
from server_stub.arrival import service_day
from server_stub.kiosk_api import Room
from server_stub.page_rendering import opaque
from server_stub.rights import Right
from server_stub.staff_api import paths, queries
from server_stub.staff_api.answers import (
    ActionAnswer,
    VisitAnswer,
    VisitForHelper,
    visit_answer,
    visit_for_helper,
)
from server_stub.staff_api.bodies import Day
from server_stub.staff_api.documenting import refused, said
from server_stub.staff_api.door import Anyone, Caller, StaffApiRoute, read
from server_stub.staff_api.examples import A_VISIT, A_VISIT_FOR_HELPERS, AN_ACTION
from server_stub.staff_api.paging import After, Limit, Page, page_of, place_of
from server_stub.staff_api.queries import VisitFilter
from server_stub.staff_api.refusals import MayNotError, NothingThereError
from server_stub.staff_sessions import StaffSession
from server_stub.waiting_room import WaitingRoom

router = APIRouter(route_class=StaffApiRoute, tags=["visits"])

VisitPage = Page[VisitAnswer] | Page[VisitForHelper]

VISIT_PLACE = TypeAdapter(tuple[UUID])
HELPERS_PLACE = TypeAdapter(tuple[Number, str])
QUEUE_PLACE = TypeAdapter(tuple[int, AwareDatetime, int, UUID])
ACTION_PLACE = TypeAdapter(tuple[int, UUID])


class Wanted(StrEnum):
    """Which state visits are wanted in."""

    OPEN = "open"
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    FINISHED = "finished"
    LEFT = "left"
    MERGED = "merged"


class VisitsAsked(BaseModel):
    """Which visits are wanted, and from where on."""

    model_config = ConfigDict(extra="forbid")

    day: Day | None = Field(default=None, description="Of this service day only.")
    state: Wanted | None = None
    stage: Name | None = None
    number: Number | None = None
    after: After = None
    limit: Limit = 50


NOT_FOR_HELPERS = ("day", "state", "stage")
"""What visits can be asked by, and what would tell a helper more than the list does."""

A_PAGE = Page[VisitAnswer](items=(A_VISIT,), next="WyIwMWEyIl0")

PAGES = said(
    "A page. A helper is shown number, language, size and priority only.",
    VisitPage,
    for_those_who_call=A_PAGE,
    for_helpers=Page[VisitForHelper](items=(A_VISIT_FOR_HELPERS,), next=None),
)


@router.get(paths.VISITS, responses={200: PAGES, **refused(401, 403, 404, 422)})
async def get_visits(
    request: Request,
    room: Room,
    session: Anyone,
    asked: Annotated[VisitsAsked, Query()],
) -> Response:
    """List visits in the order of their ids, which is about that of arrival.

    Without `day` they are those of the present service day, and older ones that are still open.
    A helper gets those who are here, by number, and may not ask by `day`, `state` or `stage`.
    """
    if not session.may(Right.SEE_VISITS):
        return json_of(await _page_for_helper(room, session, asked))
    wanted = VisitFilter(
        today=service_day(request.app.state.settings.clock(), room.site.time_zone),
        day=asked.day,
        state=asked.state.value if asked.state else None,
        stage=asked.stage,
        number=asked.number,
    )
    place = place_of(asked.after, VISIT_PLACE)
    rows = await read(
        request,
        partial(
            queries.visit_rows,
            site=room.site.id,
            wanted=wanted,
            after=place[0] if place else None,
            limit=asked.limit + 1,
        ),
    )
    return _page(rows, asked.limit, key=("id",))


async def _page_for_helper(
    room: WaitingRoom, session: StaffSession, asked: VisitsAsked
) -> Page[VisitForHelper]:
    """Return who is here, in an order and with a cursor that tell no time, as a helper's page."""
    if more := [name for name in NOT_FOR_HELPERS if getattr(asked, name) is not None]:
        raise MayNotError(f"a {session.role} may not ask by {', '.join(more)}: leave it out")
    place = place_of(asked.after, HELPERS_PLACE)
    snapshot = await room.snapshot()
    here = {
        (visit.number, opaque(visit.id)): visit
        for visit in snapshot.here.values()
        if asked.number in (None, visit.number)
    }
    rest = sorted(key for key in here if place is None or key > place)
    items, next_ = page_of(
        rest, asked.limit, item=lambda key: visit_for_helper(here[key]), key=lambda key: key
    )
    return Page[VisitForHelper](items=items, next=next_)


@router.get(
    f"{paths.VISITS}/{{visit_id}}",
    responses={200: said("The visit.", VisitAnswer, visit=A_VISIT), **refused(401, 403, 404, 422)},
)
async def get_visit(visit_id: UUID, request: Request, room: Room, _session: Caller) -> Response:
    """Return one visit."""
    row = await read(request, partial(queries.visit_row, site=room.site.id, visit=visit_id))
    if row is None:
        raise NothingThereError("there is no such visit")
    return json_of(visit_answer(row))


@router.get(
    f"{paths.VISITS}/{{visit_id}}/actions",
    responses={
        200: said(
            "A page.",
            Page[ActionAnswer],
            done=Page[ActionAnswer](items=(AN_ACTION,), next=None),
        ),
        **refused(401, 403, 404, 422),
    },
)
async def get_actions_of_visit(
    visit_id: UUID,
    request: Request,
    room: Room,
    _session: Caller,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List what was done with a visit, by whom and when, in order."""
    place = place_of(after, ACTION_PLACE)
    site = room.site.id
    if await read(request, partial(queries.visit_row, site=site, visit=visit_id)) is None:
        raise NothingThereError("there is no such visit")
    rows = await read(
        request,
        partial(queries.action_rows, site=site, visit=visit_id, after=place, limit=limit + 1),
    )
    items, next_ = page_of(rows, limit, item=action_answer, key=lambda row: (row.version, row.id))
    return json_of(Page[ActionAnswer](items=items, next=next_))


@router.get(
    f"{paths.STAGES}/{{stage_id}}/queue",
    responses={
        200: said("A page.", Page[VisitAnswer], queue=A_PAGE),
        **refused(401, 403, 404, 422),
    },
)
async def get_queue(
    stage_id: Name,
    request: Request,
    room: Room,
    _session: Caller,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List who waits at a stage in the order of calling.

    A counter may call another one first: for its languages, for priority's share of the calls,
    or because the party does not fit.
    """
    if room.site.stage(stage_id) is None:
        raise NothingThereError("the site has no such stage")
    place = place_of(after, QUEUE_PLACE)
    rows = await read(
        request,
        partial(
            queries.queue_rows, site=room.site.id, stage=stage_id, after=place, limit=limit + 1
        ),
    )
    return _page(rows, limit, key=queries.QUEUE_ORDER)


def action_answer(row: object) -> ActionAnswer:
    """Return an action as staff see it."""
    after = getattr(row, "after", None) or {}
    values = {
        name: getattr(row, name)
        for name in ActionAnswer.model_fields
        if name not in {"state", "stage"}
    }
    return ActionAnswer.model_validate(
        values | {"state": after.get("state"), "stage": after.get("stage")}
    )


def json_of(message: Message, status: int = 200) -> Response:
    """Return the answer that carries a message."""
    return Response(message.to_bytes(), status, media_type="application/json")


def _page(rows: queries.Found, limit: int, *, key: tuple[str, ...]) -> Response:
    def place(row: object) -> tuple[object, ...]:
        parts = (getattr(row, name) for name in key)
        return tuple(part.isoformat() if isinstance(part, datetime) else part for part in parts)

    items, next_ = page_of(rows, limit, item=visit_answer, key=place)
    return json_of(Page[VisitAnswer](items=items, next=next_))
