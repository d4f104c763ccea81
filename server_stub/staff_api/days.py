"""Service days of the staff API: how far each is, who is still here, what was served by hand."""

from datetime import datetime
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, TypeAdapter
from starlette.responses import Response

from kiosk.contract.series import Series
from server_stub import day_book
from server_stub.kiosk_api import Room
from server_stub.staff_api import paths, queries
from server_stub.staff_api.answers import DayAnswer, RangeAnswer, VisitAnswer, visit_answer
from server_stub.staff_api.bodies import Day
from server_stub.staff_api.documenting import refused, said
from server_stub.staff_api.door import Caller, StaffApiRoute, read
from server_stub.staff_api.examples import A_DAY, A_RANGE, A_VISIT
from server_stub.staff_api.paging import After, Limit, Page, page_of, place_of
from server_stub.staff_api.visits import QUEUE_PLACE, json_of

router = APIRouter(route_class=StaffApiRoute, tags=["days"])

DAY_PLACE = TypeAdapter(tuple[Day])
RANGE_PLACE = TypeAdapter(tuple[AwareDatetime, UUID])


@router.get(
    paths.DAYS,
    responses={
        200: said("A page.", Page[DayAnswer], days=Page[DayAnswer](items=(A_DAY,), next=None)),
        **refused(401, 403, 404, 422),
    },
)
async def get_days(
    request: Request, room: Room, _session: Caller, after: After = None, limit: Limit = 50
) -> Response:
    """List the service days that a lead has done something with, newest first."""
    place = place_of(after, DAY_PLACE)
    rows = await read(
        request,
        partial(
            queries.day_rows,
            site=room.site.id,
            after=place[0] if place else None,
            limit=limit + 1,
        ),
    )
    items, next_ = page_of(
        rows, limit, item=DayAnswer.model_validate, key=lambda row: (row.day.isoformat(),)
    )
    return json_of(Page[DayAnswer](items=items, next=next_))


@router.get(
    f"{paths.DAYS}/{{day}}",
    responses={200: said("The day.", DayAnswer, day=A_DAY), **refused(401, 403, 422)},
)
async def get_day(day: Day, request: Request, room: Room, _session: Caller) -> Response:
    """Tell how far a service day is; one that nobody has touched is open."""
    entry = await read(request, partial(day_book.read_day, site=room.site.id, day=day))
    return json_of(DayAnswer.model_validate(entry))


@router.get(
    f"{paths.DAYS}/{{day}}/open-visits",
    responses={
        200: said(
            "A page.", Page[VisitAnswer], visits=Page[VisitAnswer](items=(A_VISIT,), next=None)
        ),
        **refused(401, 403, 404, 422),
    },
)
async def get_open_visits(
    day: Day,
    request: Request,
    room: Room,
    _session: Caller,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List who is still here of a service day and of those before it: all that closing settles."""
    rows = await read(
        request,
        partial(
            queries.open_rows,
            site=room.site.id,
            day=day,
            after=place_of(after, QUEUE_PLACE),
            limit=limit + 1,
        ),
    )

    def place(row: object) -> tuple[object, ...]:
        parts = (getattr(row, name) for name in queries.QUEUE_ORDER)
        return tuple(part.isoformat() if isinstance(part, datetime) else part for part in parts)

    items, next_ = page_of(rows, limit, item=visit_answer, key=place)
    return json_of(Page[VisitAnswer](items=items, next=next_))


@router.get(
    paths.SERVED_BY_HAND,
    responses={
        200: said(
            "A page.", Page[RangeAnswer], ranges=Page[RangeAnswer](items=(A_RANGE,), next=None)
        ),
        **refused(401, 403, 404, 422),
    },
)
async def get_ranges(
    request: Request, room: Room, _session: Caller, after: After = None, limit: Limit = 50
) -> Response:
    """List the ranges of numbers that were marked as served by hand, newest first."""
    rows = await read(
        request,
        partial(
            queries.range_rows,
            site=room.site.id,
            after=place_of(after, RANGE_PLACE),
            limit=limit + 1,
        ),
    )
    skip = room.site.skip_numbers

    def shown(row: queries.AnyRow) -> RangeAnswer:
        series = Series(row.letter, skip)
        return RangeAnswer(
            id=row.id,
            kiosk=row.name,
            first=series.number(row.first_sequence),
            last=series.number(row.last_sequence),
            numbers=row.last_sequence - row.first_sequence + 1,
            at=row.at,
            staff=row.staff,
        )

    items, next_ = page_of(rows, limit, item=shown, key=lambda row: (row.at.isoformat(), row.id))
    return json_of(Page[RangeAnswer](items=items, next=next_))
