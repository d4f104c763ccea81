"""Tokens for kiosks that sign: a nonce is given, comes back signed once, and opens for a day."""

import hashlib
import secrets
from base64 import b64encode
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select

from kiosk.contract.enrolling import NONCE_BYTES, TokenRequest
from server_stub import door_limits, tables
from server_stub.device_tokens import new_token, store_token
from server_stub.door_limits import CHALLENGES, STRANGERS
from server_stub.enrolment_rules import NONCE_LASTS, TOKEN_LASTS, is_good
from server_stub.refusals import ChallengeLapsedError, NotEnrolledError

t = tables.challenge.c


def new_nonce() -> str:
    """Return something to sign that nobody has signed before."""
    return b64encode(secrets.token_bytes(NONCE_BYTES)).decode()


def give_nonce(  # to whom, from where and when
    connection: Connection,
    site: str,
    *,
    enrolment: UUID,
    nonce: str,
    address: str,
    now: datetime,
) -> None:
    """Let an enrolment sign a nonce, in the writer. For one that nobody has nothing is stored.

    Raises:
        TooManyError: The enrolment, or strangers at this address, came too often of late.

    """
    known = public_key_of(connection, site, enrolment) is not None
    limit, who = (CHALLENGES, f"{enrolment}") if known else (STRANGERS, door_limits.who_at(address))
    door_limits.check(connection, site, limit, who=who, now=now)
    door_limits.count(connection, site, limit, who=who, now=now)
    if known:
        connection.execute(
            tables.challenge.insert().values(
                site=site,
                nonce_sha256=_sha256(nonce),
                enrolment=enrolment,
                expires_at=now + NONCE_LASTS,
            )
        )


def check_signature(
    connection: Connection, site: str, *, request: TokenRequest, now: datetime
) -> None:
    """Look whether a kiosk may have a token; changes nothing.

    Raises:
        NotEnrolledError: There is no such kiosk, or it is revoked, or another key has signed.
        ChallengeLapsedError: It was not given this nonce in the last minute.

    """
    public_key = public_key_of(connection, site, request.enrolment)
    if public_key is None:
        raise NotEnrolledError("no such kiosk is enrolled, or it is revoked: enrol it again")
    expires_at = connection.execute(
        select(t.expires_at).where(
            t.site == site,
            t.nonce_sha256 == _sha256(request.nonce),
            t.enrolment == request.enrolment,
        )
    ).scalar_one_or_none()
    if expires_at is None or not is_good(expires_at, now=now, made_for=NONCE_LASTS):
        raise ChallengeLapsedError("this was signed already, or too late: ask for a new challenge")
    if not request.is_signed_by(public_key):
        raise NotEnrolledError("another key than this kiosk's has signed: enrol it again")


def give_token(connection: Connection, site: str, *, request: TokenRequest, now: datetime) -> str:
    """Return a new token for a kiosk whose signature was checked, in the writer.

    Raises:
        NotEnrolledError: It was revoked a moment ago.
        ChallengeLapsedError: Somebody else came with the same signature a moment ago.

    """
    used = connection.execute(
        delete(tables.challenge).where(
            t.site == site,
            t.nonce_sha256 == _sha256(request.nonce),
            t.enrolment == request.enrolment,
        )
    )
    if not used.rowcount:
        raise ChallengeLapsedError("this was signed already: ask for a new challenge")
    if public_key_of(connection, site, request.enrolment) is None:
        raise NotEnrolledError("this kiosk is revoked: enrol it again")
    token = new_token()
    store_token(
        connection,
        site,
        enrolment=request.enrolment,
        token=token,
        issued_at=now,
        expires_at=now + TOKEN_LASTS,
    )
    return token


def public_key_of(connection: Connection, site: str, enrolment: UUID) -> str | None:
    """Return the key of a kiosk that may have tokens; None where there is none such."""
    k = tables.kiosk.c
    return connection.execute(
        select(k.public_key).where(k.site == site, k.enrolment == enrolment, k.revoked_at.is_(None))
    ).scalar_one_or_none()


def _sha256(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()
