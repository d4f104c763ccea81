import base64
import logging
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from server_stub import administration, private_ca
from server_stub.__main__ import main
from server_stub.postgresql import is_verified
from server_stub.private_ca import CertificateError, Made, make_certificate
from server_stub.settings import Settings, utc_now
from server_stub.store import StoreError, open_store
from server_stub.tls import Tls, TlsError, TlsFiles
from tests.server_stub.conftest import CHEAP, point_to
from tests.stand.postgres import DEBIAN, UNPRIVILEGED, PostgresStand
from tests.stand.server import ServerStand, free_port

pytestmark = pytest.mark.slow

NAMES = ("ankunft.example", "localhost", "127.0.0.1")
PASSWORD = "made up for these tests"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    return make_certificate(tmp_path_factory.mktemp("tls"), NAMES, now=utc_now())


@pytest.fixture(scope="module")
def tickets() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(tmp_path_factory, made, tickets) -> Iterator[ServerStand]:
    files = ("--tls-certificate", f"{made.certificate}", "--tls-key", f"{made.key}")
    beside = ("--ticket-port", f"{tickets}")
    stand = ServerStand(tmp_path_factory.mktemp("server") / "data", serve_options=files + beside)
    stand.set_up()
    stand.add_staff("anna", PASSWORD)
    with stand:
        yield stand


def handshake(port: int, ca: Path, *, name: str) -> str | None:
    """Return which TLS a strict client comes to speak with a server that it knows by a name."""
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as of Python 3.13
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as line,
        context.wrap_socket(line, server_hostname=name) as tls,
    ):
        return tls.version()


@pytest.mark.parametrize("name", NAMES)
def test_a_strict_client_that_trusts_the_ca_reaches_the_server_by_each_of_its_names(
    server, made, name
):
    assert handshake(server.port, made.ca, name=name) == "TLSv1.3"


@pytest.mark.usefixtures("server")
def test_phones_reach_their_tickets_by_tls_as_well(made, tickets):
    assert handshake(tickets, made.ca, name="ankunft.example") == "TLSv1.3"


@pytest.mark.parametrize("name", ["other.example", "10.0.0.1"])
def test_a_client_that_looks_for_another_server_goes_away(server, made, name):
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(server.port, made.ca, name=name)


def test_a_client_that_trusts_another_ca_goes_away(server, tmp_path):
    other = make_certificate(tmp_path, NAMES, now=utc_now())

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server.port, other.ca, name="localhost")


def test_plain_http_gets_no_answer_from_a_server_with_a_certificate(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"alive" not in line.recv(1000)


def test_a_session_that_began_by_tls_goes_over_nothing_else(server, made):
    with requests.Session() as browser:
        browser.verify, browser.trust_env = str(made.ca), False
        answer = browser.post(
            f"{server.address}/staff/login",
            data={"name": "anna", "password": PASSWORD},
            headers={"Origin": server.address},
            allow_redirects=False,
        )

    assert answer.status_code == 303
    assert {cookie.secure for cookie in browser.cookies} == {True}
    assert answer.headers["Strict-Transport-Security"] == "max-age=2592000"


def test_the_keys_are_for_their_owner_alone_and_certificates_for_all(made):
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in made.ca.parent.iterdir()}

    assert modes == {"ca.key": 0o600, "ca.pem": 0o644, "server.key": 0o600, "server.pem": 0o644}


def test_a_certificate_lasts_as_long_as_browsers_take_it_and_no_longer_than_its_ca(tmp_path):
    then = datetime(2026, 11, 22, tzinfo=UTC)
    first = make_certificate(tmp_path, NAMES, now=then)
    late = make_certificate(tmp_path, NAMES, now=then + timedelta(days=3600))

    assert first.ends == then + timedelta(days=825)
    assert late.ends == then + timedelta(days=3650)


def test_made_again_it_is_another_certificate_and_key_of_the_same_ca(tmp_path):
    first = make_certificate(tmp_path, NAMES, now=utc_now())
    before = first.certificate.read_bytes(), first.key.read_bytes(), first.ca.read_bytes()
    again = make_certificate(tmp_path, NAMES[:1], now=utc_now())
    after = again.certificate.read_bytes(), again.key.read_bytes(), again.ca.read_bytes()

    assert [a == b for a, b in zip(before, after, strict=True)] == [False, False, True]
    assert (first.new_ca, again.new_ca) == (True, False)


def test_the_ca_signs_for_its_own_names_and_those_below_them_alone(tmp_path):
    make_certificate(tmp_path, ["ankunft.example", "10.0.0.5"], now=utc_now())

    make_certificate(
        tmp_path, ["db.ankunft.example", "10.0.0.5"], now=utc_now(), file_name="database"
    )
    for name in ("bank.example", "notankunft.example", "10.0.0.6"):
        with pytest.raises(CertificateError, match="may only sign for"):
            make_certificate(tmp_path, [name], now=utc_now())


@pytest.mark.parametrize(
    ("of", "name"),
    [
        (("ankunft.example",), "bank.example"),
        (("ankunft.example",), "127.0.0.1"),
        (("127.0.0.1",), "bank.example"),
    ],
)
def test_who_steals_the_ca_key_is_believed_for_no_other_name(tmp_path, monkeypatch, of, name):
    make_certificate(tmp_path, of, now=utc_now())
    monkeypatch.setattr(private_ca, "_require_permitted", lambda *_: None)
    forged = make_certificate(tmp_path, [name], now=utc_now())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(forged.certificate, forged.key)

    with pytest.raises(ssl.SSLCertVerificationError, match="subtree"):
        greet(context, forged.ca, name=name)


def greet(context: ssl.SSLContext, ca: Path, *, name: str) -> bytes:
    """Let a strict client greet a server in memory; return the certificate that it was shown."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cafile=ca)
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(2):
        for end in (client, server):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    shown = client.getpeercert(binary_form=True)
    assert shown
    return shown


def test_a_server_that_has_an_address_and_no_name_is_believed(tmp_path):
    made = make_certificate(tmp_path, ["10.0.0.11"], now=utc_now())

    verifier = shutil.which("openssl")
    assert verifier, "on Debian: apt-get install openssl"
    checked = subprocess.run(
        [verifier, "verify", "-x509_strict", "-CAfile", made.ca, made.certificate],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_only_a_machine_of_a_cluster_may_ask_others_by_its_certificate(tmp_path):
    plain = make_certificate(tmp_path, ["10.0.0.11"], now=utc_now())
    peer = make_certificate(tmp_path, ["10.0.0.11"], now=utc_now(), file_name="db1", peer=True)

    asks = x509.ExtendedKeyUsageOID.CLIENT_AUTH
    for made, may in ((plain, False), (peer, True)):
        certificate = x509.load_pem_x509_certificate(made.certificate.read_bytes())
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert (asks in usage) is may


def test_the_ca_key_may_lie_elsewhere(tmp_path):
    stick = tmp_path / "stick.key"
    made = make_certificate(tmp_path / "tls", NAMES, now=utc_now())
    made.ca_key.rename(stick)

    with pytest.raises(CertificateError, match="--ca-key"):
        make_certificate(tmp_path / "tls", NAMES, now=utc_now())
    make_certificate(tmp_path / "tls", NAMES, now=utc_now(), ca_key=stick)


@pytest.mark.parametrize("name", ["", "https://ankunft.example", "an kunft", "-", "ünten.example"])
def test_what_is_no_name_is_told_and_nothing_is_made(tmp_path, name):
    with pytest.raises(CertificateError, match="no name of a server"):
        make_certificate(tmp_path / "tls", [name], now=utc_now())
    assert not (tmp_path / "tls").exists()


def test_a_renewed_certificate_is_used_without_a_new_start(tmp_path):
    files, made = renewable(tmp_path)
    tls = Tls(files, clock=utc_now)
    before = certificate_of(tls, made.ca)
    renew(made)

    tls.look_again()

    assert certificate_of(tls, made.ca) != before


def test_a_renewed_certificate_that_cannot_be_used_leaves_the_old_one(tmp_path, caplog):
    files, made = renewable(tmp_path)
    tls = Tls(files, clock=utc_now)
    before = certificate_of(tls, made.ca)
    key = made.key.read_bytes()
    renew(made)
    new_key = made.key.read_bytes()
    made.key.write_bytes(key)  # of another certificate
    stamp = made.key.stat()

    tls.look_again()
    tls.look_again()

    assert certificate_of(tls, made.ca) == before
    assert caplog.text.count("renewed certificate not taken") == 1
    made.key.write_bytes(new_key)
    os.utime(made.key, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # as when only its owner changes
    tls.look_again()
    assert certificate_of(tls, made.ca) != before


X509_V3, X509_V8 = bytes.fromhex("a003020102"), bytes.fromhex("a003020107")


def test_a_certificate_of_no_known_version_is_told_by_its_file(tmp_path):
    files, made = renewable(tmp_path)
    der = x509.load_pem_x509_certificate(made.certificate.read_bytes()).public_bytes(Encoding.DER)
    strange = der.replace(X509_V3, X509_V8, 1)  # RFC 5280, section 4.1.2.1
    made.certificate.write_text(ssl.DER_cert_to_PEM_cert(strange), encoding="ascii")

    with pytest.raises(TlsError, match="no certificate in PEM"):
        Tls(files, clock=utc_now)
    made.ca.write_bytes(made.certificate.read_bytes())
    with pytest.raises(CertificateError, match="no certificate and key in PEM"):
        make_certificate(tmp_path, NAMES, now=utc_now())


def test_a_ca_key_of_an_unknown_kind_is_told_by_its_file(tmp_path):
    made = make_certificate(tmp_path, NAMES, now=utc_now())
    key = base64.b64encode(bytes.fromhex("302e020100300506032b656c04220420" + "20" * 32)).decode()
    made.ca_key.write_text(
        f"-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n", encoding="ascii"
    )

    with pytest.raises(CertificateError, match="no certificate and key in PEM"):
        make_certificate(tmp_path, NAMES, now=utc_now())


def test_a_certificate_that_may_sign_for_any_name_is_none_of_our_cas(tmp_path, capsys):
    ours = make_certificate(tmp_path, ["ankunft.example"], now=utc_now())
    for kind in ("pem", "key"):
        (tmp_path / f"server.{kind}").replace(tmp_path / f"ca.{kind}")

    assert main(["certificates", "--out", f"{tmp_path}", "--name", "ankunft.example"]) == 2

    assert f"{ours.ca}: may sign for any name, so it was not made here" in capsys.readouterr().err
    assert not ours.certificate.exists()


def test_a_ca_whose_making_was_cut_off_can_be_made_anew(tmp_path):
    ours = make_certificate(tmp_path, ["ankunft.example"], now=utc_now())
    ours.ca.unlink()  # as where the power fails between its two files

    with pytest.raises(CertificateError, match=r"where it never was there.* delete the key"):
        make_certificate(tmp_path, ["ankunft.example"], now=utc_now())

    ours.ca_key.unlink()
    assert make_certificate(tmp_path, ["ankunft.example"], now=utc_now()).new_ca


def renewable(folder: Path) -> tuple[TlsFiles, Made]:
    made = make_certificate(folder, NAMES, now=utc_now())
    return TlsFiles(made.certificate, made.key), made


def renew(made: Made) -> None:
    make_certificate(made.ca.parent, NAMES, now=utc_now())
    os.utime(made.certificate, ns=(1, 1))  # two writes may fall into one tick of the clock


def certificate_of(tls: Tls, ca: Path) -> bytes:
    return greet(tls.context, ca, name="localhost")


@pytest.mark.parametrize(
    ("ends_in", "level", "words"),
    [
        (timedelta(days=29), logging.WARNING, "certificate ends="),
        (timedelta(days=-1), logging.ERROR, "no kiosk connects"),
    ],
)
def test_the_log_speaks_of_a_certificate_that_ends(tmp_path, caplog, ends_in, level, words):
    files, made = renewable(tmp_path)

    tls = Tls(files, clock=lambda: made.ends - ends_in)

    assert tls.ends_soon
    assert [(r.levelno, words in r.getMessage()) for r in caplog.records] == [(level, True)]


def test_a_fresh_certificate_is_not_spoken_of(tmp_path, caplog):
    assert not Tls(renewable(tmp_path)[0], clock=utc_now).ends_soon
    assert not caplog.records


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda made: made.key.chmod(0o644), "others may read it"),
        (lambda made: made.key.unlink(), "cannot be read"),
        (lambda made: made.certificate.unlink(), "cannot be read"),
        (lambda made: made.certificate.write_text("no PEM"), "no certificate in PEM"),
        (lambda made: shutil.copy(made.ca_key, made.key), "not the key of"),
    ],
)
def test_files_that_cannot_be_used_are_told_in_one_sentence(tmp_path, spoil, words):
    files, made = renewable(tmp_path)
    spoil(made)

    with pytest.raises(TlsError, match=words):
        Tls(files, clock=utc_now)


def test_a_certificate_without_its_key_is_told_before_anything_starts(tmp_path, capsys):
    code = main(["serve", "--data", f"{tmp_path}", "--tls-certificate", "server.pem"])

    assert code == 2
    assert "go together" in capsys.readouterr().err


def test_the_command_says_where_each_file_belongs(tmp_path, capsys):
    assert main(["certificates", "--out", f"{tmp_path}", "--name", "ankunft.example"]) == 0

    said = capsys.readouterr().out
    assert "renew it before with the same command" in said
    assert "ca.key: the CA's key; move it" in said
    certificate = x509.load_pem_x509_certificate((tmp_path / "server.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["ankunft.example"]


@dataclass
class PostgresWithTls(PostgresStand):
    """A PostgreSQL that lets in who comes by TLS, or by its socket file."""

    port: int = 0

    def url(self, database: str) -> str:
        """Return the way by the socket file."""
        return f"{super().url(database)}&port={self.port}"

    def show(self, made: Made) -> None:
        """Take a certificate."""
        for file in (made.certificate, made.key):
            copy = shutil.copy(file, self.data / file.name)
            if os.getuid() == 0:
                shutil.chown(copy, UNPRIVILEGED)
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nssl = on\n")
            conf.write("ssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n")
        (self.data / "pg_hba.conf").write_text(
            "local all all trust\nhostssl all all 127.0.0.1/32 trust\n"
        )


def programs_with_tls() -> Path:
    """Return the folder of Debian's programs; the wheel's are built without TLS."""
    found = sorted(DEBIAN.glob("*/bin"))
    if not found:
        pytest.fail("no PostgreSQL with TLS here; Debian's package is postgresql-15")
    return found[-1]


@pytest.fixture
def guarded(made) -> Iterator[PostgresWithTls]:
    with tempfile.TemporaryDirectory(prefix="ankunft-pg-", dir="/tmp") as folder:
        stand = PostgresWithTls(Path(folder), programs_with_tls(), port=free_port())
        stand.make()
        stand.show(made)
        stand.start()
        yield stand
        stand.stop(how=signal.SIGQUIT)


@pytest.mark.postgresql
def test_a_database_across_the_network_is_believed_by_its_certificate_alone(
    tmp_path, site_file, made, guarded
):
    settings = Settings(data=tmp_path / "data", password_cost=CHEAP)
    settings.data.mkdir()
    other = make_certificate(tmp_path / "other", NAMES, now=utc_now())

    def url(host: str, *, ca: Path | str = made.ca, sslmode: str = "verify-full") -> str:
        told = f"sslmode={sslmode}&sslrootcert={ca}"
        return f"postgresql://ankunft@{host}:{guarded.port}/postgres?{told}"

    point_to(settings, url("localhost"))
    administration.init(settings, site_file)

    for wrong, words in {
        url("localhost", ca=other.ca): "certificate verify failed",
        url("other.example") + "&hostaddr=127.0.0.1": 'does not match host name "other.example"',
        url("localhost", sslmode="disable"): "no encryption",
    }.items():
        point_to(settings, wrong)
        with pytest.raises(StoreError, match=words), open_store(settings):
            pass


@pytest.mark.parametrize(
    ("url", "verified"),
    [
        ("postgresql://ankunft@/ankunft?host=/run/postgresql", True),
        ("postgresql:///ankunft", True),
        ("postgresql://ankunft@localhost/ankunft", True),
        ("postgresql://ankunft@db.example/ankunft", False),
        ("postgresql://ankunft@db.example/ankunft?sslmode=require", False),
        ("postgresql://ankunft@localhost,db.example/ankunft", False),
        ("postgresql://ankunft@localhost/ankunft?hostaddr=10.0.0.9", False),
        ("postgresql://ankunft@a.example,b.example/ankunft?sslmode=verify-full", True),
    ],
)
def test_a_database_that_anybody_could_stand_in_for_is_told_apart(url, verified):
    assert is_verified(url) is verified
