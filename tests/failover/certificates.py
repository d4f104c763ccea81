"""The certificates of a cluster: a CA that lives for one run, and one certificate a machine."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=1)
BOTH_ENDS = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
"""A machine of the cluster is asked by the others, and asks them."""


def make(folder: Path, addresses: Sequence[str]) -> Path:
    """Write ``ca.pem`` and, for each address, ``ADDRESS.pem`` and ``ADDRESS.key``; return the CA's.

    Args:
        folder: Where to.
        addresses: IP addresses.

    """
    ca_key, ca_name = new_key(SECP256R1()), _name("Ankunft, a run of its failover")
    ca = _begun(ca_name, ca_name, ca_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    authority = folder / "ca.pem"
    authority.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    for address in addresses:
        key = new_key(SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        made = _begun(_name(address), ca_name, key).add_extension(names, critical=False)
        made = made.add_extension(x509.ExtendedKeyUsage(BOTH_ENDS), critical=False)
        signed = made.sign(ca_key, hashes.SHA256())
        (folder / f"{address}.pem").write_bytes(signed.public_bytes(Encoding.PEM))
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file = folder / f"{address}.key"
        file.touch(mode=0o600)
        file.write_bytes(private)
    return authority


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begun(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
    )
