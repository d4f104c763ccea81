"""A standby that takes over while kiosks deliver: a real one, of a primary that is killed."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from signal import SIGKILL
from uuid import UUID, uuid4

import pytest
import requests

from kiosk.contract import paths
from kiosk.contract.messages import CheckIn
from tests.bench.reception_point import ReceptionPoint, reception_point
from tests.bench.turmoil import log_in
from tests.server_stub.enrolled import EnrolledKiosk, party
from tests.stand.postgres import PostgresStand, postgres, standby_of

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

PASSWORD = "a password of tests"
KIOSKS = 4
PATIENCE = 60
"""Seconds."""


@dataclass
class Delivery:
    """What kiosks deliver, one check-in after the other until it is confirmed, and are told.

    Attributes:
        statuses: Of each check-in, what was answered each time it was sent.
        confirmed: In the order in which they were.

    """

    point: ReceptionPoint
    statuses: dict[UUID, list[int]] = field(default_factory=dict)
    confirmed: list[UUID] = field(default_factory=list)
    _told: threading.Condition = field(default_factory=threading.Condition)
    _over: threading.Event = field(default_factory=threading.Event)

    def of(self, kiosk: EnrolledKiosk, made: Iterator[CheckIn]) -> None:
        """Deliver what a kiosk has, until it is told that it is enough."""
        with requests.Session() as line:
            line.headers["Authorization"] = f"Bearer {kiosk.token}"
            for check_in in made:
                if self._over.is_set():
                    return
                while not self._is_confirmed(line, check_in):
                    self._over.wait(0.05)

    def _is_confirmed(self, line: requests.Session, check_in: CheckIn) -> bool:
        address = self.point.server.address + paths.check_in(check_in.id)
        status = line.put(address, data=check_in.to_bytes(), timeout=PATIENCE).status_code
        with self._told:
            self.statuses.setdefault(check_in.id, []).append(status)
            if status in (200, 201):
                self.confirmed.append(check_in.id)
                self._told.notify_all()
        return status in (200, 201)

    def wait_for(self, more: int) -> None:
        """Return when so many more are confirmed."""
        with self._told:
            wanted = len(self.confirmed) + more
            assert self._told.wait_for(lambda: len(self.confirmed) >= wanted, PATIENCE)

    def end(self) -> None:
        """Let each kiosk deliver what it is at, and no more."""
        self._over.set()


@pytest.fixture
def primary() -> Iterator[PostgresStand]:
    with postgres() as stand:
        yield stand


def test_a_standby_takes_over_and_nothing_that_was_confirmed_is_lost_or_doubled(primary, tmp_path):
    database = primary.make_database()
    with ExitStack() as stack:
        standby = stack.enter_context(standby_of(primary))
        both = f"host={primary.folder},{standby.folder}&target_session_attrs=read-write"
        url = f"postgresql://ankunft@/{database}?{both}"
        point = reception_point(tmp_path, kiosks=KIOSKS, database_url=url)
        point.server.add_staff("anna", PASSWORD)
        server = stack.enter_context(point.server)
        token = asyncio.run(log_in(server.port, name="anna", password=PASSWORD))
        delivery = Delivery(point)
        pool = stack.enter_context(ThreadPoolExecutor(KIOSKS))
        stack.callback(delivery.end)
        kiosks = [pool.submit(delivery.of, kiosk, parties_of(kiosk)) for kiosk in point.kiosks]
        delivery.wait_for(50)

        standby.hold()
        primary.wait_for("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        primary.stop(how=SIGKILL)
        standby.go_on()
        before = len(delivery.confirmed)
        standby.tell("SELECT pg_promote()")
        delivery.wait_for(50)
        delivery.end()
        for kiosk in kiosks:
            kiosk.result(PATIENCE)
        called = press(point, token, step="call-next", counter="1")
        checked = point.server.command("check")

        stored = standby.tell("SELECT id FROM ledger", database=database).split()
        visits = standby.tell("SELECT id FROM visit", database=database).split()

    confirmed = [str(check_in) for check_in in delivery.confirmed]
    assert before >= 50
    assert sorted(stored) == sorted(visits) == sorted(confirmed)
    assert called["state"] == "called"
    assert "WRONG" not in checked
    for statuses in delivery.statuses.values():
        assert Counter(statuses).keys() <= {200, 201, 503}
        assert statuses.count(201) <= 1
    assert any(503 in statuses for statuses in delivery.statuses.values())


def parties_of(kiosk: EnrolledKiosk) -> Iterator[CheckIn]:
    """Yield check-ins of a kiosk for ever, each with a ticket of its own."""
    for sequence in count(1):
        content = party().model_copy(update={"ticket_token": f"{kiosk.letter:_>2}{sequence:020}"})
        yield kiosk.check_in(sequence, content=content)


def press(point: ReceptionPoint, token: str, **said: object) -> dict[str, object]:
    answer = requests.put(
        f"{point.server.address}/staff/v1/actions/{uuid4()}",
        data=json.dumps(said),
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE,
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["visit"]
