"""TLS that is broken off at any byte, or that a stranger answers in the clear."""

import socket
import ssl
import struct
from collections.abc import Iterator

import pytest

from kiosk.server_link import LinkError, ServerLink
from server_stub.private_ca import Made, make_certificate
from server_stub.settings import utc_now
from tests.chaos.fates import Dice, Fate, Misfortune
from tests.chaos.proxy import Network
from tests.kiosk.arrivals import check_in
from tests.kiosk.central import Central
from tests.kiosk.loopback import Loopback, Response

pytestmark = [
    pytest.mark.slow,
    # A connection that was reset before it is accepted: SSLSocket._create raises and leaves its
    # socket to the collector (CPython 3.11). It is this file's own server whose sockets those are.
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),
]

ENTRY = check_in(1)


class TlsLoopback(Loopback):
    """A loopback server that speaks TLS; handshakes that break off are no mistakes of its own."""

    def __init__(self, central: Central, made: Made) -> None:
        super().__init__(central)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(made.certificate, made.key)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    def handle_error(self, *_: object) -> None:
        """Say nothing: what reached it is looked at."""


class Struck(Dice):
    """Strikes every connection in the same way."""

    def __init__(self, fate: Fate) -> None:
        super().__init__(1)
        self._fate = fate

    def connection(self) -> Fate:
        return self._fate


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_certificate(tmp_path_factory.mktemp("tls"), ("127.0.0.1",), now=utc_now())


@pytest.fixture
def central() -> Central:
    return Central()


@pytest.fixture
def server(central: Central, made: Made) -> Iterator[TlsLoopback]:
    with TlsLoopback(central, made) as server:
        yield server


@pytest.mark.parametrize("kind", [Misfortune.CUT, Misfortune.ENDED])
@pytest.mark.parametrize("upwards", [True, False])
def test_tls_that_breaks_off_at_any_byte_is_tried_again_and_nothing_else(
    server: TlsLoopback,
    central: Central,
    made: Made,
    kind: Misfortune,
    upwards: bool,  # noqa: FBT001
) -> None:
    for after in (0, 3, 200, 700, 1000):
        fate = Fate(kind, after, upwards=upwards)
        with Network(Struck(fate)) as network:
            line = network.lay(int(server.server_address[1]))
            link = ServerLink(f"https://127.0.0.1:{line.port}", token="token", ca=made.ca)
            try:
                with pytest.raises(LinkError):
                    link.put_check_in(ENTRY.id, ENTRY.to_bytes(), age=None)
                network.calm()
                link.put_check_in(ENTRY.id, ENTRY.to_bytes(), age=None)
            finally:
                link.close()
    assert central.arrivals == [ENTRY.number]


def test_who_answers_in_the_clear_where_tls_is_due_confirms_nothing(
    central: Central, made: Made
) -> None:
    with Loopback(lambda _: Response(200, b"")) as stranger:
        port = stranger.server_address[1]
        link = ServerLink(f"https://127.0.0.1:{port}", token="token", ca=made.ca)
        with pytest.raises(LinkError):
            link.put_check_in(ENTRY.id, ENTRY.to_bytes(), age=None)
        link.close()
    assert not central.arrivals


def test_connections_reset_before_they_are_taken_keep_nobody_waiting(
    central: Central, made: Made
) -> None:
    server = TlsLoopback(central, made)
    port = int(server.server_address[1])
    for _ in range(3):
        stranger = socket.create_connection(("127.0.0.1", port))
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stranger.close()
    with server:
        link = ServerLink(f"https://127.0.0.1:{port}", token="token", ca=made.ca)
        link.put_check_in(ENTRY.id, ENTRY.to_bytes(), age=None)
        link.close()
    assert central.arrivals == [ENTRY.number]
