"""After a disaster: the server is restored from its backup, and kiosks send what it has lost."""

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.clock import KioskClock
from kiosk.contract.messages import SlipState
from kiosk.contract.sealing import SiteKey
from kiosk.courier import Delivery, Route, deliver_next
from kiosk.journal import Journal
from kiosk.server_link import NotNowError, ServerLink
from server_stub import administration, tables
from server_stub.backup import back_up
from server_stub.checks.inspection import inspect_database
from server_stub.looking import looking_at
from server_stub.restore import restore
from server_stub.settings import Settings
from tests.server_stub.enrolled import EnrolledKiosk, party
from tests.server_stub.test_restore import copy_keys
from tests.server_stub.worked_day import token
from tests.stand.server import ServerStand, ServerStandError

pytestmark = pytest.mark.slow


class RealKiosk:
    """A kiosk's journal, courier and line; it seals for real, and nobody stands before it."""

    def __init__(
        self, enrolled: EnrolledKiosk, folder: Path, *, url: str, ca: Path | None = None
    ) -> None:
        self.enrolled = enrolled
        self.journal = Journal(folder / f"{enrolled.name}.db", enrolment=enrolled.enrolment)
        self.link = ServerLink(url, token=enrolled.token, ca=ca)
        self.clock = KioskClock()
        self.route = Route(lambda work: work(self.journal), self.link, self.clock, enrolled.name)

    def issue(self, count: int) -> list[str]:
        """Give out numbers; their slips come out. Return the ids of the check-ins."""
        made = []
        for _ in range(count):
            content = party("information").model_copy(update={"ticket_token": token()})
            check_in = self.journal.issue(
                lambda sequence: self.enrolled.check_in(sequence, content=content),  # noqa: B023  # called at once
                boot=self.clock.boot,
                made=self.clock.monotonic(),
            )
            self.journal.set_slip(check_in.id, SlipState.SENDING)
            self.journal.set_slip(check_in.id, SlipState.PRINTED)
            made.append(str(check_in.id))
        return made

    def deliver(self) -> int:
        """Deliver until nothing waits; return how much was delivered."""
        delivered = 0
        while (delivery := deliver_next(self.route)) is not Delivery.NOTHING_WAITING:
            assert delivery is Delivery.DELIVERED
            delivered += 1
        return delivered

    def report(self) -> int:
        """Report, and take in what the server misses; return how much is sent again."""
        keys = [self.enrolled.key.key_id, *(self.journal.keys() - {self.enrolled.key.key_id})]
        heartbeat = self.enrolled.heartbeat(highest=self.journal.sequence, sealed_to=keys)
        answer = self.link.post_heartbeat(heartbeat)
        return self.journal.send_again(answer.missing_sequences)

    def take_site(self) -> str:
        """Seal to the key that the server names from now on; return its name."""
        answer = self.link.get_site()
        key = SiteKey.from_text(answer.key_id, answer.public_key)
        self.enrolled = replace(self.enrolled, key=key)
        return answer.key_id

    def close(self) -> None:
        self.journal.close()
        self.link.close()


@contextmanager
def real_kiosk(
    enrolled: EnrolledKiosk, folder: Path, *, url: str, ca: Path | None = None
) -> Iterator[RealKiosk]:
    with closing(RealKiosk(enrolled, folder, url=url, ca=ca)) as kiosk:
        yield kiosk


def test_nothing_that_a_kiosk_has_printed_is_lost_with_the_server(tmp_path):
    lost = ServerStand(tmp_path / "lost")
    lost.set_up()
    at_lost = Settings(data=lost.data)
    enrolled = [
        EnrolledKiosk.of(administration.add_kiosk(at_lost, name)) for name in ("one", "two")
    ]
    new = ServerStand(tmp_path / "new", port=lost.port)
    at_new = Settings(data=new.data)
    with (
        real_kiosk(enrolled[0], tmp_path, url=lost.address) as one,
        real_kiosk(enrolled[1], tmp_path, url=lost.address) as two,
    ):
        lost.start()
        before = [*one.issue(3), *two.issue(2)]
        assert one.deliver() + two.deliver() == 2 * 5  # a check-in and its slip each
        backup = back_up(at_lost, tmp_path / "backup.db")
        since = [*one.issue(4), *two.issue(3)]
        assert one.deliver() + two.deliver() == 2 * 7
        lost.stop(how=signal.SIGKILL)
        meanwhile = one.issue(2)
        with pytest.raises(NotNowError):
            one.deliver()

        assert restore(at_new, backup.path).inspection.whole
        copy_keys(lost.data, at_new)
        with new:
            one.deliver()  # in whatever order: what waits may come before what is missing
            assert (one.report(), two.report()) == (4, 3)
            one.deliver()
            two.deliver()
            assert (one.report(), two.report()) == (0, 0)
            assert (one.journal.stopped, two.journal.stopped) == ("", "")

    with looking_at(at_new) as connection:
        visits = connection.execute(
            select(tables.visit.c.id, tables.visit.c.number).order_by(
                tables.visit.c.kiosk, tables.visit.c.arrival_order
            )
        ).all()
        slips = connection.execute(select(tables.slip_outcome.c.id)).scalars().all()
        found = inspect_database(connection, now=at_new.clock())
    assert sorted(str(visit.id) for visit in visits) == sorted([*before, *since, *meanwhile])
    assert len({visit.number for visit in visits}) == len(visits) == 14
    assert len(slips) == 14
    assert found.whole


def test_a_backup_that_is_older_than_the_newest_key_strands_nobody(tmp_path):
    lost = ServerStand(tmp_path / "lost")
    lost.set_up()
    enrolled = EnrolledKiosk.of(administration.add_kiosk(Settings(data=lost.data), "one"))
    new = ServerStand(tmp_path / "new", port=lost.port)
    with real_kiosk(enrolled, tmp_path, url=lost.address) as kiosk:
        with lost:
            before = kiosk.issue(2)
            kiosk.deliver()
        backup = back_up(Settings(data=lost.data), tmp_path / "backup.db")
        lost.command("rotate-key")
        with lost:
            newest = kiosk.take_site()
            since = kiosk.issue(3)
            kiosk.deliver()
            kiosk.report()
        new.data.mkdir()
        copy_keys(lost.data, Settings(data=new.data))

        restored = restore(Settings(data=new.data), backup.path)

        assert restored.newer_key == newest != enrolled.key.key_id
        with new:
            assert kiosk.take_site() == newest
            assert kiosk.report() == 3
            kiosk.deliver()
            assert kiosk.report() == 0
    assert read_visits_of(new) == dict.fromkeys([*before, *since], "")


def test_what_is_sent_again_after_a_restore_is_opened_also_after_another_new_key(tmp_path):
    lost = ServerStand(tmp_path / "lost")
    lost.set_up()
    enrolled = EnrolledKiosk.of(administration.add_kiosk(Settings(data=lost.data), "one"))
    new = ServerStand(tmp_path / "new", port=lost.port)
    with real_kiosk(enrolled, tmp_path, url=lost.address) as kiosk:
        backup = back_up(Settings(data=lost.data), tmp_path / "backup.db")
        with lost:
            made = kiosk.issue(3)
            kiosk.deliver()
        new.data.mkdir()
        copy_keys(lost.data, Settings(data=new.data))
        restore(Settings(data=new.data), backup.path)

        new.command("rotate-key")

        with new:
            assert kiosk.take_site() != enrolled.key.key_id
            assert kiosk.report() == 3
            kiosk.deliver()
        with pytest.raises(ServerStandError, match="one may hold check-ins that only this key"):
            new.command("destroy-key", enrolled.key.key_id, "--yes")
    assert read_visits_of(new) == dict.fromkeys(made, "")


def read_visits_of(stand: ServerStand) -> dict[str, str]:
    """Return the visits of a store by id, each with its mark: "" where its content was read."""
    with looking_at(Settings(data=stand.data)) as connection:
        rows = connection.execute(select(tables.visit.c.id, tables.visit.c.marked)).all()
    return {f"{row.id}": row.marked for row in rows}
