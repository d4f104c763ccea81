"""Durable check-ins per second over HTTP, at many clients and at one (one commit each)."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from uuid_utils.compat import uuid7

from kiosk.contract import paths
from kiosk.contract.messages import CheckIn, CheckInContent
from kiosk.contract.sealing import seal
from kiosk.contract.series import Series
from kiosk.contract.site_file import read_site_file
from kiosk.server_link import ServerLink
from kiosk.settings import Settings, read_settings
from tests.bench.figures import Figure
from tests.stand.server import ServerStand

CLIENTS = 32
CHECK_INS = 2_000
REPETITIONS = 3


class Sender:
    """Puts ready-made check-ins in a kiosk's name."""

    def __init__(self, settings_file: Path) -> None:
        self.settings = read_settings(settings_file)
        token = self.settings.server.token.get_secret_value()
        self._link = ServerLink(self.settings.server.url, token=token)

    def put(self, check_in: UUID, body: bytes) -> None:
        """Deliver one; raise when there is no receipt."""
        self._link.put_check_in(check_in, body, age=0.0)


def made_check_ins(
    settings: Settings, count: int, *, first: int = 1
) -> Iterator[tuple[UUID, str, bytes]]:
    """Yield id, number and exact bytes of sealed check-ins, in the order of their sequence."""
    site = read_site_file(settings.site.file)
    series = Series(settings.kiosk.letter, settings.kiosk.skip_numbers)
    content = CheckInContent(
        language="uk", adults=1, children=2, route=(site.stages[0].id,), ticket_token="A" * 22
    )
    for sequence in range(first, first + count):
        envelope = CheckIn(
            id=uuid7(),
            kiosk=settings.kiosk.name,
            key_id=settings.site.key_id,
            sequence=sequence,
            number=series.number(sequence),
            made_at=None,
            site_version=site.version,
        )
        sealed = seal(content, site=site.id, envelope=envelope, key=settings.site.key)
        yield (
            envelope.id,
            envelope.number,
            envelope.model_copy(update={"sealed": sealed}).to_bytes(),
        )


def measure_check_ins(folder: Path) -> list[Figure]:
    """Measure one server process on SQLite, durable (synchronous=FULL)."""
    server = ServerStand(folder / "server")
    server.set_up()
    file = server.add_kiosk("bench-1", folder / "kiosk", printer="tcp://127.0.0.1:9")
    shutil.copy(server.site_file, file.parent / "site.toml")
    settings = read_settings(file)
    many: list[float] = []
    one: list[float] = []
    sent = 0
    with server:
        for _ in range(REPETITIONS):
            for rates, clients, count in ((many, CLIENTS, CHECK_INS), (one, 1, CHECK_INS // 8)):
                batch = list(made_check_ins(settings, count, first=sent + 1))
                sent += count
                rates.append(asyncio.run(_rate(settings, batch, clients)))
    return [
        Figure(
            f"durable check-ins/s, {CLIENTS} clients",
            tuple(many),
            "/s",
            tuple(one),
            "1 client, one commit each",
        )
    ]


async def _rate(
    settings: Settings, check_ins: list[tuple[UUID, str, bytes]], clients: int
) -> float:
    requests = [_request(settings, check_in, body) for check_in, _, body in check_ins]
    began = time.perf_counter()
    await asyncio.gather(*(_client(settings, requests[n::clients]) for n in range(clients)))
    return len(requests) / (time.perf_counter() - began)


def _request(settings: Settings, check_in: UUID, body: bytes) -> bytes:
    head = (
        f"PUT {paths.check_in(check_in)} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {settings.server.token.get_secret_value()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _client(settings: Settings, requests: list[bytes]) -> None:
    """Send one request after the other on one connection; each must be taken as new."""
    address = urlsplit(settings.server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 201"):
            raise AssertionError(f"not taken: {head[:60]!r}")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
