"""Visits and passages put into a store, where the use cases of some hours would have put them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.visit import CallingClass
from server_stub.waits import Wait, wait_of, waits_of_newcomers
from tests.server_stub.enrolled import MONDAY_NOON, new_id

NOON = MONDAY_NOON


def ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


class PutVisits:
    """Puts them, with every time told in minutes before `NOON`."""

    def __init__(self, connection: Connection, site: Site) -> None:
        self.connection = connection
        self.site = site

    def visit(
        self,
        stage: str = "housing",
        *,
        since: float = 0,
        persons: int = 1,
        calling_class: CallingClass = CallingClass.OTHERS,
        **columns: object,
    ) -> UUID:
        visit = new_id()
        row = {
            "site": self.site.id,
            "id": visit,
            "number": "D101",
            "kiosk": "entrance-1",
            "adults": 1,
            "children": persons - 1,
            "route": [stage],
            "stage": stage,
            "state": "waiting",
            "calls": 0,
            "arrived_at": ago(since),
            "arrival_order": 1,
            "service_day": NOON.date(),
            "version": 1,
            "priority_proposed": False,
            "marked": "",
            "waits_from": ago(since),
            "calling_class": calling_class.value,
            "priority": calling_class is CallingClass.PRIORITY,
            "passed_over": 0,
            "inside": False,
            "stage_since": ago(since),
            "by_hand": False,
        }
        self.connection.execute(tables.visit.insert().values(row | columns))
        return visit

    def at_counter(self, counter: str, *, called: float, **columns: object) -> UUID:
        columns = {"state": "serving", "calls": 1, "since": called + 5} | columns
        return self.visit(
            counter=counter, called_at=ago(called), first_called_at=ago(called), **columns
        )

    def passed(
        self,
        counter: str,
        *,
        ended: float,
        minutes: float = 20,
        waited: float = 5,
        ended_by: str = "forward",
        stage: str = "housing",
        **columns: object,
    ) -> None:
        """A party that was served for some minutes, until some minutes ago."""
        visit = self.visit(stage, state="finished", **columns)
        self.connection.execute(
            tables.passage.insert().values(
                site=self.site.id,
                id=new_id(),
                visit=visit,
                stage=stage,
                service_day=NOON.date(),
                persons=columns.get("persons", 1),
                waited_from=ago(ended + minutes + waited),
                first_called_at=ago(ended + minutes),
                served_at=ago(ended + minutes - 1),
                ended_at=ago(ended),
                counter=counter,
                ended_by=ended_by,
            )
        )

    def last_calls(self, stage: str, *, priority_run: int) -> None:
        self.connection.execute(
            tables.stage_calls.insert().values(
                site=self.site.id, stage=stage, priority_run=priority_run
            )
        )

    def newcomer(self, stage: str = "housing") -> Wait:
        return waits_of_newcomers(self.connection, self.site, at=NOON)[stage]

    def wait_of(self, visit: UUID) -> Wait | None:
        return wait_of(self.connection, self.site, visit=visit, at=NOON)
