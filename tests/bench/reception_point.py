"""A reception point to measure: a server of its own, its kiosks, and requests ready to send."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from kiosk.contract import paths
from kiosk.contract.messages import CheckIn
from kiosk.contract.site import Site
from server_stub import tables
from server_stub.administration import add_kiosk
from server_stub.device_tokens import new_token, store_token
from server_stub.settings import Settings
from server_stub.store import engine_for
from tests.bench.load import Sent, send
from tests.bench.processor import processor_seconds
from tests.server_stub.enrolled import EnrolledKiosk
from tests.stand.server import ServerStand


@dataclass(frozen=True, slots=True)
class Run:
    """What came of sending check-ins.

    Attributes:
        sent: As the clients saw it.
        server_seconds: What the server took of the processor; of a PostgreSQL not its own.

    """

    sent: Sent
    server_seconds: float

    @property
    def server_milliseconds(self) -> float:
        """What the server took of the processor for one check-in."""
        return self.server_seconds / len(self.sent.latencies) * 1000

    @property
    def load_milliseconds(self) -> float:
        """What the load took of the processor for one check-in."""
        return self.sent.processor_seconds / len(self.sent.latencies) * 1000


@dataclass
class ReceptionPoint:
    """A server that is set up, and its kiosks. Start and stop `server` as needed."""

    server: ServerStand
    kiosks: list[EnrolledKiosk] = field(default_factory=list)
    site: Site = field(init=False)
    _sequences: dict[str, int] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """As the server's own commands see them."""
        return Settings(data=self.server.data)

    def enrol(self, count: int) -> None:
        """Enrol kiosks: the first by the command, the others beside it, with two letters each.

        The command gives out letters that every reader knows, and there are few of them.
        """
        enrolment = add_kiosk(self.settings, "bench-1")
        first = EnrolledKiosk.of(enrolment)
        self.kiosks.append(first)
        self.site = enrolment.site
        letters = [f"{a}{b}" for a in "DFGJLNRSU" for b in "DFGJLNRSU"]
        for number, letter in zip(range(2, count + 1), letters, strict=False):
            kiosk = EnrolledKiosk(
                name=f"bench-{number}",
                enrolment=uuid4(),
                letter=letter,
                token=new_token(),
                site=first.site,
                key=first.key,
            )
            self._store(kiosk)
            self.kiosks.append(kiosk)

    def check_ins(self, count: int, *, kiosk: EnrolledKiosk | None = None) -> list[bytes]:
        """Return whole requests of check-ins that are new, in their order."""
        sender = kiosk or self.kiosks[0]
        return [_request(sender, check_in) for check_in in self.sealed(count, kiosk=sender)]

    def sealed(self, count: int, *, kiosk: EnrolledKiosk | None = None) -> list[CheckIn]:
        """Return check-ins that are new, really sealed, in their order."""
        sender = kiosk or self.kiosks[0]
        first = self._sequences.get(sender.name, 0) + 1
        self._sequences[sender.name] = first + count - 1
        return [sender.check_in(sequence) for sequence in range(first, first + count)]

    def send(self, shares: Sequence[Sequence[bytes]]) -> Run:
        """Send check-ins to the server, which runs; each share over its own connection."""
        used = processor_seconds(self.server.pid)
        sent = send(self.server.port, shares)
        return Run(sent, processor_seconds(self.server.pid) - used)

    def _store(self, kiosk: EnrolledKiosk) -> None:
        row = {
            "site": kiosk.site,
            "enrolment": kiosk.enrolment,
            "name": kiosk.name,
            "letter": kiosk.letter,
            "enrolled_at": datetime.now(UTC),
            "highest_sequence": 0,
            "complete_to": 0,
        }
        with (
            engine_for(self.settings) as engine,
            engine.execution_options(writes=True).begin() as connection,
        ):
            connection.execute(tables.kiosk.insert(), row)
            store_token(
                connection,
                kiosk.site,
                enrolment=kiosk.enrolment,
                token=kiosk.token,
                issued_at=row["enrolled_at"],
            )


def reception_point(
    folder: Path,
    *,
    kiosks: int = 1,
    database_url: str | None = None,
    environment: dict[str, str] | None = None,
) -> ReceptionPoint:
    """Set up a server in an empty folder, and enrol kiosks."""
    server = ServerStand(
        folder / "server", database_url=database_url, environment=environment or {}
    )
    server.set_up()
    point = ReceptionPoint(server)
    point.enrol(kiosks)
    return point


def _request(kiosk: EnrolledKiosk, check_in: CheckIn) -> bytes:
    body = check_in.to_bytes()
    head = (
        f"PUT {paths.check_in(check_in.id)} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {kiosk.token}\r\n{paths.AGE_HEADER}: 1.5\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
