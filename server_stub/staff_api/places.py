"""Stages, counters and kiosks of the staff API: how it stands everywhere at this moment."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, TypeAdapter
from sqlalchemy import Connection
from starlette.responses import Response

from kiosk.contract.site import Site, Stage
from server_stub import calling, waits
from server_stub.help_calls import UnknownHelpCallError
from server_stub.kiosk_api import Room
from server_stub.rights import Right
from server_stub.staff_api import paths, queries
from server_stub.staff_api.answers import (
    CounterAnswer,
    EventAnswer,
    EventPage,
    HelpCallAnswer,
    KioskAnswer,
    PauseAnswer,
    StageAnswer,
    WaitAnswer,
)
from server_stub.staff_api.documenting import refused, said
from server_stub.staff_api.door import Answerer, Anyone, Caller, StaffApiRoute, read
from server_stub.staff_api.examples import A_HELP_CALL, A_KIOSK, A_STAGE, AN_EVENT
from server_stub.staff_api.paging import After, Limit, Page, page_of, place_of
from server_stub.staff_api.refusals import NothingThereError, PrunedError
from server_stub.staff_api.visits import json_of
from server_stub.waits import Wait

router = APIRouter(route_class=StaffApiRoute, tags=["site"])
LAST_NUMBER = 2**63 - 1
"""The largest that databases know."""

KIOSK_PLACE = TypeAdapter(tuple[str])
STAGE_PLACE = TypeAdapter(tuple[int])
HELP_CALL_PLACE = TypeAdapter(tuple[AwareDatetime, UUID])


@router.get(
    paths.STAGES,
    responses={
        200: said(
            "A page.", Page[StageAnswer], stages=Page[StageAnswer](items=(A_STAGE,), next=None)
        ),
        **refused(401, 404, 422),
    },
)
async def get_stages(
    request: Request, room: Room, session: Anyone, after: After = None, limit: Limit = 50
) -> Response:
    """List the stages in the order of the site file: who waits, how long, what counters do.

    A helper is told of a party at a counter its number and state: `visit` and `since` are null.
    """
    place = place_of(after, STAGE_PLACE)
    first = place[0] + 1 if place else 0
    stages = list(enumerate(room.site.stages))[first : first + limit + 1]
    at = request.app.state.settings.clock()
    all_of_it = session.may(Right.SEE_VISITS)
    view = partial(_stage_view, site=room.site, at=at, all_of_it=all_of_it)
    show = await read(request, view)
    items, next_ = page_of(
        stages, limit, item=lambda numbered: show(numbered[1]), key=lambda numbered: (numbered[0],)
    )
    return json_of(Page[StageAnswer](items=items, next=next_))


@router.get(
    paths.KIOSKS,
    responses={
        200: said(
            "A page.", Page[KioskAnswer], kiosks=Page[KioskAnswer](items=(A_KIOSK,), next=None)
        ),
        **refused(401, 403, 404, 422),
    },
)
async def get_kiosks(
    request: Request, room: Room, _session: Caller, after: After = None, limit: Limit = 50
) -> Response:
    """List the enrolled kiosks by name, with what they reported last."""
    place = place_of(after, KIOSK_PLACE)
    rows = await read(
        request,
        partial(
            queries.kiosk_rows,
            site=room.site.id,
            after=place[0] if place else None,
            limit=limit + 1,
        ),
    )
    items, next_ = page_of(rows, limit, item=_kiosk, key=lambda row: (row.name,))
    return json_of(Page[KioskAnswer](items=items, next=next_))


@router.get(
    paths.HELP_CALLS,
    responses={
        200: said(
            "A page.",
            Page[HelpCallAnswer],
            calls=Page[HelpCallAnswer](items=(A_HELP_CALL,), next=None),
        ),
        **refused(401, 403, 404, 422),
    },
)
async def get_help_calls(
    request: Request,
    room: Room,
    _session: Answerer,
    *,
    unanswered: bool = False,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List help calls, newest first; all of them, or those that nobody has answered."""
    rows = await read(
        request,
        partial(
            queries.help_call_rows,
            site=room.site.id,
            unanswered=unanswered,
            after=place_of(after, HELP_CALL_PLACE),
            limit=limit + 1,
        ),
    )
    items, next_ = page_of(
        rows,
        limit,
        item=HelpCallAnswer.model_validate,
        key=lambda row: (row.called_at.isoformat(), row.id),
    )
    return json_of(Page[HelpCallAnswer](items=items, next=next_))


@router.put(
    f"{paths.HELP_CALLS}/{{help_call_id}}/acknowledgement",
    responses={
        200: said("Somebody goes; whoever was first.", HelpCallAnswer, going=A_HELP_CALL),
        **refused(401, 403, 404, 422),
    },
)
async def put_acknowledgement(help_call_id: UUID, room: Room, session: Answerer) -> Response:
    """Say that you go to a help call. Where somebody goes already, it stays theirs."""
    try:
        call = await room.acknowledge_help(help_call=help_call_id, staff=session.staff)
    except UnknownHelpCallError:
        raise NothingThereError("there is no such help call") from None
    return json_of(HelpCallAnswer.model_validate(call))


@router.get(
    paths.EVENTS,
    responses={
        200: said("Events in order.", EventPage, events=EventPage(items=(AN_EVENT,), last=4711)),
        **refused(401, 403, 410, 422),
    },
)
async def get_events(
    request: Request,
    room: Room,
    _session: Caller,
    after: Annotated[int | None, Query(ge=0, le=LAST_NUMBER)] = None,
    limit: Limit = 50,
) -> Response:
    """List what changed after event number `after`, in order.

    Without `after` there are no items, and `last` is the number of the last event: ask for it,
    load everything else, then follow from there.
    """
    if after is None:
        last = await read(request, partial(queries.last_event, site=room.site.id))
        return json_of(EventPage(items=(), last=last))
    events = await room.events_after(after, limit)
    if events is None:
        raise PrunedError("what came after that event is not kept: load everything anew")
    items = tuple(EventAnswer.model_validate(event) for event in events)
    return json_of(EventPage(items=items, last=items[-1].number if items else after))


def _kiosk(row: object) -> KioskAnswer:
    troubles = tuple((getattr(row, "troubles", None) or "").split())
    values = {name: getattr(row, name) for name in KioskAnswer.model_fields if name != "troubles"}
    return KioskAnswer.model_validate(values | {"troubles": troubles})


def _stage_view(
    connection: Connection, site: Site, *, at: datetime, all_of_it: bool
) -> Callable[[Stage], StageAnswer]:
    """Return how each stage is shown, all as of one moment; `all_of_it` with ids and times."""
    waiting = waits.waits_of_newcomers(connection, site, at=at)
    paused = {stage.id: calling.pause_at(connection, site, stage=stage.id) for stage in site.stages}
    counts = queries.stage_counts(connection, site.id)
    busy = queries.at_counters(connection, site.id)

    def counter(name: str) -> CounterAnswer:
        row = busy.get(name)
        if row is None:
            return CounterAnswer(id=name, number=None, visit=None, state=None, since=None)
        return CounterAnswer(
            id=name,
            number=row.number,
            visit=row.id if all_of_it else None,
            state=row.state,
            since=row.called_at if all_of_it else None,
        )

    def show(stage: Stage) -> StageAnswer:
        row, pause = counts.get(stage.id), paused[stage.id]
        counted = {
            name: int(getattr(row, name)) if row else 0
            for name in (
                *("waiting", "called", "serving", "parked"),
                *("persons_waiting", "persons_at_counters"),
            )
        }
        return StageAnswer(
            id=stage.id,
            name=dict(stage.name),
            door=stage.door,
            landmark=stage.landmark,
            most_persons=stage.most_persons,
            wait=_wait(waiting[stage.id]),
            calls_pause=None if pause is None else PauseAnswer.model_validate(pause),
            counters=tuple(counter(c.id) for c in site.counters if c.stage == stage.id),
            **counted,
        )

    return show


def _wait(wait: Wait) -> WaitAnswer:
    return WaitAnswer(
        parties_ahead=wait.parties_ahead,
        persons_ahead=wait.persons_ahead,
        minutes_from=wait.range.minutes_from if wait.range else None,
        minutes_to=wait.range.minutes_to if wait.range else None,
    )
