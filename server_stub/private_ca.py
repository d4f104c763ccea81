"""A private CA: certificates for a house whose servers have no public name.

The CA may only sign for the names that it was made for (RFC 5280, section 4.2.1.10): who steals
its key can impersonate this server, and none of the bank of whoever trusts the CA.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server_stub.unfinished import in_the_making

CA_LASTS = timedelta(days=3650)
SERVER_LASTS = timedelta(days=825)
"""No browser and no phone takes one that lasts longer."""

CLOCKS_DIFFER = timedelta(hours=1)
"""A kiosk whose clock is a little behind must not refuse a certificate made this minute."""

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)*{_LABEL}")
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CertificateError(Exception):
    """No certificate can be made so. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate that was made, and the files that it takes.

    Attributes:
        ca: The CA's certificate: what kiosks, browsers and PostgreSQL's clients must trust.
        ca_key: The CA's private key, to be kept apart.
        certificate: The server's.
        key: Its private key.
        ends: When the certificate is over.
        new_ca: Whether the CA was made as well.

    """

    ca: Path
    ca_key: Path
    certificate: Path
    key: Path
    ends: datetime
    new_ca: bool


def make_certificate(
    folder: Path,
    names: Sequence[str],
    *,
    now: datetime,
    ca_key: Path | None = None,
    file_name: str = "server",
    peer: bool = False,
) -> Made:
    """Make a server's certificate in `folder`; the CA too, where there is none yet.

    Made again, it is renewed: a new key and certificate in place of the old, of the same CA.

    Args:
        folder: For the files; it is made where there is none.
        names: How clients call the server: names, IP addresses.
        now: The present moment.
        ca_key: Where the CA's private key lies; None for in the folder.
        file_name: Of certificate and key, without ending.
        peer: Whether it asks others by it as well, as the machines of a cluster do.

    Raises:
        CertificateError: Nothing is made.

    """
    wanted = [_name(name) for name in names]
    if not wanted:
        raise CertificateError("name the server as its clients call it: --name ankunft.example")
    if not FILE_NAME.fullmatch(file_name) or file_name == "ca":
        raise CertificateError(f"{file_name!r}: small letters, digits and hyphens, and not ca")
    ca_path, ca_key = folder / "ca.pem", ca_key or folder / "ca.key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new_ca = not ca_path.exists()
        if new_ca:
            _make_ca(ca_path, ca_key, wanted, now=now)
        ca, signing = _read_ca(ca_path, ca_key)
        _require_permitted(ca, ca_path, wanted)
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(wanted, key, authority=(ca, signing), now=now, peer=peer)
        paths = folder / f"{file_name}.pem", folder / f"{file_name}.key"
        # A server that looks in between finds two that do not fit, and keeps what it has.
        _write(paths[1], _pem_of_key(key), mode=0o600)
        _write(paths[0], made.public_bytes(Encoding.PEM), mode=0o644)
    except OSError as error:
        raise CertificateError(f"{error.filename}: {error.strerror}") from None
    return Made(ca_path, ca_key, *paths, ends=made.not_valid_after_utc, new_ca=new_ca)


def _name(text: str) -> x509.DNSName | x509.IPAddress:
    """Return a name as certificates have it."""
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    if not HOST_NAME.fullmatch(text.lower()):
        raise CertificateError(f"{text!r}: no name of a server; like ankunft.example or 10.0.0.5")
    return x509.DNSName(text.lower())


def _make_ca(
    path: Path, key_path: Path, names: Sequence[x509.DNSName | x509.IPAddress], *, now: datetime
) -> None:
    if key_path.exists():
        raise CertificateError(
            f"{key_path}: is there already, without {path}: put that back; where it never was "
            "there, for the power failed, delete the key"
        )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Ankunft CA {now:%Y-%m-%d}")])
    public = key.public_key()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + CA_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_constraints(names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(key_path, _pem_of_key(key), mode=0o600)
    _write(path, made.public_bytes(Encoding.PEM), mode=0o644)


def _constraints(names: Sequence[x509.DNSName | x509.IPAddress]) -> x509.NameConstraints:
    """Permit these names; of a kind that none of them is, exclude all."""
    permitted: list[x509.GeneralName] = []
    for name in names:
        if isinstance(name, x509.IPAddress):
            permitted.append(x509.IPAddress(ipaddress.ip_network(str(name.value))))
        else:
            permitted.append(name)
    excluded: list[x509.GeneralName] = []
    if not any(isinstance(name, x509.DNSName) for name in names):
        excluded.append(x509.DNSName(""))
    for version, everything in ((4, "0.0.0.0/0"), (6, "::/0")):
        if not any(
            isinstance(name, x509.IPAddress) and name.value.version == version for name in names
        ):
            excluded.append(x509.IPAddress(ipaddress.ip_network(everything)))
    return x509.NameConstraints(permitted, excluded or None)


def _read_ca(path: Path, key_path: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    if not key_path.exists():
        raise CertificateError(
            f"{key_path}: not here; name where the CA's key is kept: --ca-key FILE"
        )
    try:
        ca = x509.load_pem_x509_certificate(path.read_bytes())
        key = load_pem_private_key(key_path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError, x509.InvalidVersion):
        raise CertificateError(f"{path}, {key_path}: no certificate and key in PEM") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != ca.public_key():
        raise CertificateError(f"{key_path}: not the key of {path}")
    return ca, key


def _require_permitted(
    ca: x509.Certificate, path: Path, names: Sequence[x509.DNSName | x509.IPAddress]
) -> None:
    try:
        permitted = ca.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        raise CertificateError(
            f"{path}: may sign for any name, so it was not made here: let whoever runs that CA "
            "sign for this server, or make another one, in a folder of its own"
        ) from None
    for name in names:
        if not any(_is_within(name, one) for one in permitted.permitted_subtrees or ()):
            of = ", ".join(str(one.value) for one in permitted.permitted_subtrees or ())
            raise CertificateError(
                f"{name.value}: this CA ({path}) may only sign for {of}; "
                "make another one for all names, in a folder of its own"
            )


def _is_within(name: x509.DNSName | x509.IPAddress, permitted: x509.GeneralName) -> bool:
    if isinstance(name, x509.DNSName) and isinstance(permitted, x509.DNSName):
        return name.value == permitted.value or name.value.endswith(f".{permitted.value}")
    if isinstance(name, x509.IPAddress) and isinstance(permitted, x509.IPAddress):
        network, value = permitted.value, name.value
        return (
            isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network)
            and isinstance(value, Address)
            and value in network
        )
    return False


def _certificate(
    names: Sequence[x509.DNSName | x509.IPAddress],
    key: ec.EllipticCurvePrivateKey,
    *,
    authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey],
    now: datetime,
    peer: bool,
) -> x509.Certificate:
    ca, signing = authority
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, *([ExtendedKeyUsageOID.CLIENT_AUTH] if peer else [])]
    # Where there is no DNS name, OpenSSL takes a subject that looks like one for it, "10.0.0.5"
    # too, and holds it against the names that the CA may sign for: a blank keeps it from that.
    hosts = [name.value for name in names if isinstance(name, x509.DNSName)]
    common = (hosts[0] if hosts else f"Ankunft at {names[0].value}")[:64]
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]))
        .issuer_name(ca.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(min(now + SERVER_LASTS, ca.not_valid_after_utc))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()),
            critical=False,
        )
        .sign(signing, hashes.SHA256())
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file whole or not at all; until it is whole its owner alone may read it."""
    with in_the_making(path, replaces=True) as made:
        made.write_bytes(content)
        made.chmod(mode)
