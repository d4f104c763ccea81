"""Known browsers: those in which somebody has logged in before, and may try while others may not.

Whoever knows a name can make its door shut by wrong passwords. So a browser that once had the
right one keeps a token for that name, and counts for itself: a stranger's attempts, from the same
hall or from all over the world, do not shut out who works there.

The token is made with the password's hash as its key. So nothing is stored of it here, and it is
worth nothing any more as soon as the password is another one. It opens no door: all that it says
is whose attempts are counted apart.
"""

import hashlib
import hmac
import secrets

from server_stub.staff_sessions import BROWSER

COOKIE = "ankunft-known"
PATH = "/staff/login"
KEPT_SECONDS = 90 * 24 * 3600

MOST = 12
"""Who shares a browser at a counter; the one that was there longest ago is forgotten."""

NONCE_BYTES = 12


def known_as(cookie: str, *, name: str, password_hash: str | None) -> str | None:
    """Return what a browser's attempts for a name are counted under; None for a stranger."""
    if password_hash is None:
        return None
    for token in _tokens(cookie):
        nonce, _, mac = token.partition(".")
        if hmac.compare_digest(mac, _mac(nonce, name=name, password_hash=password_hash)):
            return f"{BROWSER}{nonce}"
    return None


def remembered(cookie: str, *, name: str, password_hash: str) -> str:
    """Return the cookie of a browser in which somebody has just logged in."""
    others = [
        token
        for token in _tokens(cookie)
        if known_as(token, name=name, password_hash=password_hash) is None
    ]
    nonce = secrets.token_hex(NONCE_BYTES)
    new = f"{nonce}.{_mac(nonce, name=name, password_hash=password_hash)}"
    return "~".join([new, *others][:MOST])


def _tokens(cookie: str) -> list[str]:
    return [token for token in cookie.split("~")[:MOST] if token.isascii() and "." in token]


def _mac(nonce: str, *, name: str, password_hash: str) -> str:
    key = hashlib.sha256(b"ankunft known browser v1\0" + password_hash.encode()).digest()
    return hmac.new(key, f"{nonce}\0{name}".encode(), hashlib.sha256).hexdigest()
