"""Actions of the staff API: everything that staff do with visits, through one idempotent door."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from server_stub.kiosk_api import Room
from server_stub.staff_api import paths, presses, queries
from server_stub.staff_api.action_answers import (
    A_CALL,
    A_DAY_CLOSED,
    A_PAUSE,
    NOBODY,
    Done,
    done_answer,
)
from server_stub.staff_api.bodies import read_body
from server_stub.staff_api.documenting import body_of, refused, said
from server_stub.staff_api.door import Caller, StaffApiRoute, read
from server_stub.staff_api.presses import STAFF_ACTION
from server_stub.staff_api.step_refusals import refusal_of
from server_stub.staff_api.taking import press_of, take
from server_stub.visit import StepError

router = APIRouter(route_class=StaffApiRoute, tags=["actions"])


@router.put(
    f"{paths.ACTIONS}/{{action_id}}",
    openapi_extra=body_of(presses.schema(), presses.EXAMPLES),
    responses={
        201: said(
            "Done.",
            Done,
            called=A_CALL,
            nobody_waits=NOBODY,
            paused=A_PAUSE,
            day_closed=A_DAY_CLOSED,
        ),
        200: said("It was done before: nothing has changed since by this.", Done, called=A_CALL),
        **refused(401, 403, 404, 409, 413, 422),
    },
)
async def put_action(action_id: UUID, request: Request, room: Room, session: Caller) -> Response:
    """Do something with a visit, or call the next.

    The id is a UUID that you make, one for each press. Sent again it does nothing more and gets
    the same answer; with other content it is refused.
    """
    asked = await read_body(request, STAFF_ACTION, tag="step")
    known = await read(request, partial(queries.knows_action, site=room.site.id, action=action_id))
    press = press_of(action_id, asked, session)
    try:
        done = await take(room, press, asked)
    except StepError as error:
        there = press.visit is not None and await read(
            request, partial(queries.knows_visit, site=room.site.id, visit=press.visit)
        )
        raise refusal_of(error, visit=press.visit, is_there=there) from None
    answer = done_answer(action_id, asked.step, done)
    return Response(answer.to_bytes(), 200 if known else 201, media_type="application/json")
