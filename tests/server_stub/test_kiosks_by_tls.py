"""Kiosks and TLS: they deliver to a server that proves who it is, and tell nobody else a word."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.contract.messages import HelpCall, HelpKind
from kiosk.server_link import NotNowError, NotTrustedError, ServerLink
from kiosk.settings import SettingsError, read_settings
from server_stub import administration
from server_stub.private_ca import Made, make_certificate
from server_stub.settings import Settings, utc_now
from tests.kiosk.arrivals import SETTINGS, SITE_TEXT
from tests.server_stub.enrolled import EnrolledKiosk, new_id
from tests.server_stub.test_kiosks_after_a_restore import real_kiosk
from tests.stand.server import ServerStand

pytestmark = pytest.mark.slow

WAIT_SECONDS = 10.0
TOKEN = "token-that-nobody-else-may-see"


class Listener:
    """Somebody who answers in the server's place, and keeps every byte that it is told."""

    def __init__(self, shows: Made) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(shows.certificate, shows.key)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.told = b""
        self.callers = 0
        self.done = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(WAIT_SECONDS)

    def _run(self) -> None:
        with suppress(OSError):  # closed
            while True:
                caller, _ = self._socket.accept()
                self.callers += 1
                caller.settimeout(WAIT_SECONDS)
                with caller, suppress(OSError):  # ssl.SSLError is one
                    self._listen_to(caller)
                self.done.release()

    def _listen_to(self, caller: socket.socket) -> None:
        with self._context.wrap_socket(caller, server_side=True) as line:
            while piece := line.recv(10_000):
                self.told += piece
                if b"\r\n\r\n" in self.told:
                    line.sendall(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n")
                    return


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    return make_certificate(tmp_path_factory.mktemp("tls"), ["localhost"], now=utc_now())


@pytest.fixture(scope="module")
def others(tmp_path_factory) -> dict[str, Made]:
    """What else may be shown: another CA's, another name, one that is over."""
    folder, now = tmp_path_factory.mktemp("others"), utc_now()
    return {
        "another CA": make_certificate(folder / "ca", ["localhost"], now=now),
        "another name": make_certificate(folder / "name", ["other.example"], now=now),
        "over": make_certificate(folder / "over", ["localhost"], now=now - timedelta(days=826)),
        "not yet": make_certificate(folder / "yet", ["localhost"], now=now + timedelta(days=9)),
    }


def test_a_kiosk_delivers_to_a_server_whose_certificate_is_of_its_ca(tmp_path, made):
    files = ("--tls-certificate", f"{made.certificate}", "--tls-key", f"{made.key}")
    stand = ServerStand(tmp_path / "server", serve_options=files)
    stand.set_up()
    enrolled = EnrolledKiosk.of(administration.add_kiosk(Settings(data=stand.data), "one"))
    url = f"https://localhost:{stand.port}"
    with stand, real_kiosk(enrolled, tmp_path, url=url, ca=made.ca) as kiosk:
        kiosk.issue(2)
        assert kiosk.deliver() == 4  # each with its slip
        assert kiosk.report() == 0

        with (
            closing(ServerLink(url, token=enrolled.token)) as without_ca,
            pytest.raises(NotTrustedError, match='name the certificate of its CA as "ca"'),
        ):
            without_ca.post_heartbeat(enrolled.heartbeat())


@pytest.fixture
def listener(request, others) -> Iterator[Listener]:
    with closing(Listener(others[request.param])) as listener:
        yield listener


@pytest.mark.parametrize(
    ("listener", "trusts", "why"),
    [
        ("another CA", "ours", "self-signed|unable to get local issuer"),
        ("another CA", "none", "self-signed|unable to get local issuer"),
        ("another name", "its own", "Hostname mismatch"),
        ("over", "its own", "expired"),
        ("not yet", "its own", "not yet valid"),
    ],
    indirect=["listener"],
)
def test_whoever_cannot_prove_to_be_the_server_is_told_nothing(
    request, listener, made, others, trusts, why
):
    shown = others[request.node.callspec.params["listener"]]
    ca = {"ours": made.ca, "its own": shown.ca, "none": None}[trusts]
    url = f"https://localhost:{listener.port}"
    call = HelpCall(id=new_id(), kiosk="one", kind=HelpKind.DOCTOR, language="uk")
    with closing(ServerLink(url, token=TOKEN, ca=ca)) as link:
        for say in (
            lambda: link.put_check_in(new_id(), b'{"sealed": "it"}', age=1.0),
            lambda: link.put_help_call(call),
            link.get_site,
        ):
            with pytest.raises(NotTrustedError, match=why) as told:
                say()
            assert "see that address and certificate name the same machine" in f"{told.value}"
            assert listener.done.acquire(timeout=WAIT_SECONDS)

    assert listener.callers >= 3
    assert listener.told == b""


@pytest.mark.parametrize("listener", ["another CA"], indirect=True)
def test_the_listener_would_hear_a_kiosk_that_trusts_it(listener, others):
    url = f"https://localhost:{listener.port}"
    with closing(ServerLink(url, token=TOKEN, ca=others["another CA"].ca)) as link:
        with suppress(Exception):
            link.get_site()
        assert listener.done.acquire(timeout=WAIT_SECONDS)

    assert TOKEN.encode() in listener.told


@pytest.mark.parametrize("address", ["http://10.0.0.5:8080", "http://ankunft.example"])
def test_a_kiosk_speaks_plain_http_to_no_other_machine(tmp_path, address):
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS.replace("http://127.0.0.1:9", address))
    (tmp_path / "hbf.toml").write_text(SITE_TEXT)

    with pytest.raises(SettingsError, match="plain http is only for this very machine: use https"):
        read_settings(path)


def test_a_ca_file_that_is_not_there_is_no_reason_to_trust_anyone(tmp_path: Path):
    with (
        closing(ServerLink("https://localhost:9", token=TOKEN, ca=tmp_path / "ca.pem")) as link,
        pytest.raises(NotNowError),
    ):
        link.get_site()
