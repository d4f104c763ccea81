"""Parties: numbers by hand, splitting and merging, and what staff decide about a party."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, update

from kiosk.contract.site import Site
from server_stub import desk_series, tables
from server_stub.actions import Action, Press
from server_stub.arrival import beginning_of, good_until, service_day
from server_stub.changes import columns
from server_stub.device_tokens import token_sha256
from server_stub.hindrances import Hindrance, Reason
from server_stub.passing_on import require_stages
from server_stub.progress import Progress
from server_stub.snapshot import VisitRow
from server_stub.step_errors import EmptyPartyError, FarAppointmentError, NotOfThisSiteError
from server_stub.visit import IllegalStepError, Step, VisitState


@dataclass(frozen=True, slots=True)
class Parties:
    """Two visits that one action has changed.

    Attributes:
        visit: The one that the button stood beside: split, or given up.
        other: The other one: split off, or gone on with.

    """

    visit: VisitRow
    other: VisitRow


@dataclass(frozen=True, slots=True)
class PartyByHand:
    """A party to which staff give a number.

    Attributes:
        route: Its stages in order, at least one.
        adults: How many adults.
        children: How many children.
        language: Its language, where known.
        priority: Staff want it called before others.
        ticket_token: The ticket's secret, 22 characters, as in `CheckInContent`.

    """

    route: tuple[str, ...]
    adults: int
    children: int
    language: str | None = None
    priority: bool = False
    ticket_token: str = field(default="", repr=False)


def issue_by_hand(
    connection: Connection, site: Site, *, press: Press, party: PartyByHand, at: datetime
) -> VisitRow:
    """Let a party wait that came to no kiosk, with a number of the desk's series."""
    asked = {
        "route": list(party.route),
        "adults": party.adults,
        "children": party.children,
        "language": party.language,
        "priority": party.priority,
        "ticket": token_sha256(party.ticket_token),
    }
    action = Action(connection, site, press, step=Step.BY_HAND, at=at, asked=asked)
    if done := action.done_before():
        return action.visit_after(done)
    require_stages(site, party.route)
    if not party.route or len(set(party.route)) < len(party.route):
        raise NotOfThisSiteError("route", Reason(Hindrance.NO_ROUTE))
    if not party.adults + party.children:
        raise EmptyPartyError("a number is for one person or more: say how many they are")
    number = desk_series.take_number(connection, site, enrolment=press.action, at=at)
    progress = _newly_arrived(number.number, party, at=at)
    visit = VisitRow(
        **{name: getattr(progress, name) for name in Progress.__dataclass_fields__},
        id=press.action,
        kiosk=number.desk,
        language=party.language,
        arrived_at=at,
        arrival_order=number.sequence,
        service_day=service_day(at, site.time_zone),
        priority_proposed=False,
        marked="",
        split_from=None,
        by_hand=True,
        slip=None,
    )
    return _store_new(action, visit, ticket_token=party.ticket_token, first=True)


def split(  # what a button says, as the others
    connection: Connection,
    site: Site,
    *,
    press: Press,
    going: tuple[int, int],
    ticket_token: str,
    at: datetime,
) -> Parties:
    """Let some of a party go on by themselves, under a number of the desk's series.

    Args:
        connection: In the writer's transaction.
        site: The site in force.
        press: Who pressed the button beside the party.
        going: How many adults and children go.
        ticket_token: The secret of the new ticket.
        at: When it reached the server.

    """
    asked = {"going": list(going), "ticket": token_sha256(ticket_token)}
    action = Action(connection, site, press, step=Step.SPLIT, at=at, asked=asked)
    if done := action.done_before():
        return Parties(action.visit_after(done), _as_split_off(action, done.answer))
    visit = action.subject()
    adults, children = going
    number = desk_series.take_number(connection, site, enrolment=press.action, at=at)
    stays, goes = visit.progress.split(number.number, adults=adults, children=children)
    after = action.take(visit, stays, answer={"split_off": goes.to_json()})
    new = replace(
        visit.at(goes),
        id=press.action,
        number=number.number,
        kiosk=number.desk,
        split_from=visit.id,
        by_hand=True,
        slip=None,
    )
    return Parties(after, _store_new(action, new, ticket_token=ticket_token, first=False))


def merge(
    connection: Connection,
    site: Site,
    *,
    press: Press,
    into: UUID,
    into_seen: int,
    at: datetime,
) -> Parties:
    """Let a party go on with another one, at the better of their two places.

    Its own number is given up.

    Args:
        connection: In the writer's transaction.
        site: The site in force.
        press: Who pressed the button beside the number that is given up.
        into: The visit that goes on.
        into_seen: The version of it that the page showed.
        at: When it reached the server.

    """
    asked = {"into": str(into), "into_seen": into_seen}
    action = Action(connection, site, press, step=Step.MERGE, at=at, asked=asked)
    if done := action.done_before():
        kept = done.answer["into"]
        return Parties(action.visit_after(done), action.read(into).at(Progress.from_json(kept)))
    visit = action.subject()
    if visit.id == into:
        reason = Reason(Hindrance.SAME_PARTY)
        raise IllegalStepError(visit.number, visit.state, Step.MERGE, reason=reason)
    other = action.read_as_seen(into, into_seen)
    order = tuple(stage.id for stage in site.stages)
    joined = other.progress.taking_in(visit.progress, order=order)
    given_up = action.take(
        visit, visit.progress.merged(into, at=at), answer={"into": joined.to_json()}
    )
    first = min(visit, other, key=lambda party: (party.waits_from, party.arrival_order))
    return Parties(given_up, _at_the_place_of(first, action.take_too(other, joined), action))


def set_priority(
    connection: Connection, site: Site, *, press: Press, priority: bool, at: datetime
) -> VisitRow:
    """Let a party be called before others, or not any more. No reason is kept."""
    asked = {"priority": priority}
    action = Action(connection, site, press, step=Step.PRIORITY, at=at, asked=asked)
    if done := action.done_before():
        return action.visit_after(done)
    visit = action.subject()
    return action.take(visit, visit.progress.prioritised(priority=priority))


def set_appointment(
    connection: Connection,
    site: Site,
    *,
    press: Press,
    appointment_at: datetime | None,
    at: datetime,
) -> VisitRow:
    """Confirm a party's appointment, from whose time it waits; None takes it away.

    Raises:
        FarAppointmentError: It was before the party's day, or is when its number is not good
            any more.

    """
    asked = {"appointment_at": appointment_at.isoformat() if appointment_at else None}
    action = Action(connection, site, press, step=Step.APPOINTMENT, at=at, asked=asked)
    if done := action.done_before():
        return action.visit_after(done)
    visit = action.subject()
    if appointment_at is not None:
        zone = site.time_zone
        began = beginning_of(visit.service_day, zone)
        ends = good_until(visit.service_day, zone, carried_over=visit.carried_over)
        if not began <= appointment_at < ends:
            raise FarAppointmentError(visit.number, began=began, ends=ends, zone=zone)
        appointment_at = appointment_at.astimezone(UTC)
    after = visit.progress.appointed(appointment_at, arrived_at=visit.arrived_at)
    return action.take(visit, after)


def _at_the_place_of(first: VisitRow, joined: VisitRow, action: Action) -> VisitRow:
    """Let a party stand where another stood among those who wait since the same instant."""
    t = tables.visit.c
    action.connection.execute(
        update(tables.visit)
        .where(t.site == action.site.id, t.id == joined.id)
        .values(arrival_order=first.arrival_order)
    )
    return replace(joined, arrival_order=first.arrival_order)


def _newly_arrived(number: str, party: PartyByHand, *, at: datetime) -> Progress:
    return Progress(
        number=number,
        route=party.route,
        stage=party.route[0],
        state=VisitState.WAITING,
        counter=None,
        calls=0,
        called_at=None,
        version=1,
        priority=party.priority,
        appointment_at=None,
        carried_over=None,
        waits_from=at,
        stage_since=at,
        first_called_at=None,
        serving_since=None,
        ended_at=None,
        passed_over=0,
        inside=False,
        adults=party.adults,
        children=party.children,
        merged_into=None,
    )


def _store_new(action: Action, visit: VisitRow, *, ticket_token: str, first: bool) -> VisitRow:
    """Store a visit that the action has made; `first` where it is all that the action did."""
    row: dict[str, Any] = columns(visit) | {
        "site": action.site.id,
        "id": visit.id,
        "number": visit.number,
        "kiosk": visit.kiosk,
        "language": visit.language,
        "arrived_at": visit.arrived_at,
        "arrival_order": visit.arrival_order,
        "service_day": visit.service_day,
        "priority_proposed": visit.priority_proposed,
        "marked": visit.marked,
        "ticket_token_sha256": token_sha256(ticket_token),
        "split_from": visit.split_from,
        "by_hand": visit.by_hand,
    }
    action.connection.execute(tables.visit.insert(), row)
    if first:
        action.note_new(visit)
    else:
        action.tell(visit.id)
    return visit


def _as_split_off(action: Action, answer: Mapping[str, Any]) -> VisitRow:
    return action.read(action.press.action).at(Progress.from_json(answer["split_off"]))
