"""Strangers: what answers on a line instead of our server, word for word as they do.

Captive portals, proxies before a server that is away, and proxies that mix up two answers.
"""

import json
from uuid import UUID

from kiosk.contract import paths
from tests.chaos.http_wire import message, path_of

NOBODY = UUID("0190a000-0000-7000-8000-0000000000ff")
"""An id that no kiosk has made."""

PORTAL = b"<!doctype html><title>Welcome</title><p>Accept our terms to use the Wi-Fi.</p>"
GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\r\n"

PORTALS = (
    message("HTTP/1.1 200 OK", PORTAL, Content_Type="text/html"),
    message("HTTP/1.1 201 Created", PORTAL, Content_Type="text/html"),
    message("HTTP/1.1 200 OK", b"{}", Content_Type="application/json"),
    message("HTTP/1.1 302 Found", b"", Location="http://portal.example/login"),
    message("HTTP/1.1 307 Temporary Redirect", b"", Location="http://portal.example/login"),
    message("HTTP/1.1 511 Network Authentication Required", PORTAL, Content_Type="text/html"),
    message("HTTP/1.1 401 Unauthorized", PORTAL, WWW_Authenticate="Basic"),
    message("HTTP/1.1 403 Forbidden", b"blocked by policy", Content_Type="text/plain"),
    message("HTTP/1.1 404 Not Found", b'{"error": "no such host"}'),
    message("HTTP/1.1 204 No Content", b""),
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",  # and then it hangs up
    b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
)
GATEWAYS = (
    message("HTTP/1.1 502 Bad Gateway", GATEWAY, Content_Type="text/html"),
    message("HTTP/1.1 504 Gateway Timeout", GATEWAY, Content_Type="text/html"),
    message("HTTP/1.1 503 Service Unavailable", b"busy", Retry_After="1"),
    message("HTTP/1.1 500 Internal Server Error", b"", Connection="close"),
    message("HTTP/1.1 409 Conflict", GATEWAY, Content_Type="text/html"),
    message("HTTP/1.1 422 Unprocessable Content", b'{"detail": "not ours"}'),
    message("HTTP/1.1 413 Request Entity Too Large", GATEWAY, Content_Type="text/html"),
)


def answers_to(request: bytes) -> tuple[bytes, ...]:
    """Return all that a stranger may answer to a request, also what was meant for another one."""
    return PORTALS + GATEWAYS + _mixed_up(path_of(request))


def _mixed_up(path: str) -> tuple[bytes, ...]:
    """Return the server's own words about somebody else's message."""
    told: dict[str, object] = {"id": str(NOBODY)}
    if path.startswith(paths.CHECK_INS):
        told |= {"sha256": 64 * "0", "highest_sequence": 10**6}
    elif path.startswith(paths.SLIPS):
        told |= {"revision": 10**6}
    elif path.startswith(paths.HELP_CALLS):
        told |= {"state": "acknowledged"}
    else:
        return ()
    body = json.dumps(told).encode()
    return (message("HTTP/1.1 201 Created", body, Content_Type="application/json"),)
