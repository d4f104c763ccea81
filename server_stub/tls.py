"""The server's certificate: what it speaks TLS with, and reads anew when it was renewed."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 30.0
"""How soon a renewed certificate is in use."""

ENDS_SOON = timedelta(days=30)
"""So long before its end the log and the health of the server speak of it."""


class TlsError(Exception):
    """The server cannot speak TLS with these files. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate and its private key, both PEM.

    Attributes:
        certificate: The server's own first; then others up to the CA, if there are any.
        key: Readable by its owner alone, and without a password.

    """

    certificate: Path
    key: Path

    def stamp(self) -> tuple[int, int] | None:
        """Return what changes when a file does; None while one is missing."""
        try:
            return self.certificate.stat().st_mtime_ns, self.key.stat().st_mtime_ns
        except OSError:
            return None


class Tls:
    """TLS as the server speaks it: at least version 1.2, and no certificate of clients.

    Args:
        files: Of the certificate.
        clock: Tells the present moment.

    Raises:
        TlsError: The files cannot be used.

    """

    def __init__(self, files: TlsFiles, *, clock: Callable[[], datetime]) -> None:
        self._files = files
        self._clock = clock
        self._stamp = files.stamp()
        self._told = self._stamp
        self.ends = _require_usable(files)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(files.certificate, files.key)
        self._tell_age()

    @property
    def ends_soon(self) -> bool:
        """Whether it is time to renew the certificate."""
        return self.ends - self._clock() < ENDS_SOON

    async def follow(self) -> None:
        """Use a renewed certificate for whoever connects from then on, until cancelled."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            self.look_again()

    def look_again(self) -> None:
        """Read the files again where they have changed; keep the old where the new are unusable."""
        stamp = self._files.stamp()
        if stamp is None or stamp == self._stamp:
            return
        try:
            # Tried beside first: what fails halfway would leave connections without a key.
            ends = _require_usable(self._files)
            self.context.load_cert_chain(self._files.certificate, self._files.key)
        except (TlsError, OSError) as error:
            # Tried again each time: its owner or mode may be put right, which no stamp tells.
            if stamp != self._told:
                log.error("renewed certificate not taken reason=%r", f"{error}")  # noqa: TRY400
            self._told = stamp
            return
        self._stamp, self.ends = stamp, ends
        log.info("certificate taken ends=%s", ends.date())
        self._tell_age()

    def _tell_age(self) -> None:
        if self.ends <= self._clock():
            log.error("certificate over since=%s, no kiosk connects: renew it", self.ends.date())
        elif self.ends_soon:
            log.warning("certificate ends=%s: renew it", self.ends.date())


def _require_usable(files: TlsFiles) -> datetime:
    """Return when the certificate ends; raise TlsError where the two files do not serve."""
    try:
        if files.key.stat().st_mode & 0o077:
            raise TlsError(f"{files.key}: others may read it; run: chmod 600 {files.key}")
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        files.key.read_bytes()
    except OSError as error:
        raise TlsError(f"{error.filename}: cannot be read: {error.strerror}") from None
    except (ValueError, x509.InvalidVersion):
        raise TlsError(f"{files.certificate}: no certificate in PEM") from None
    trial = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        trial.load_cert_chain(files.certificate, files.key, password=_no_password)
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        raise TlsError(
            f"{files.key}: not the key of {files.certificate}, or it has a password: "
            "name the key that was made with the certificate"
        ) from None
    return certificate.not_valid_after_utc.astimezone(UTC)


def _no_password() -> str:
    """Answer what OpenSSL would ask on the terminal, for nobody sits there."""
    return ""
