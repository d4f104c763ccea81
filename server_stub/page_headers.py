"""The headers that tell a browser what a page of this server may do: nothing but its own files."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Not no-referrer: under it browsers send "Origin: null" with a form, and over plain http,
    # where they send no Sec-Fetch-Site either, the origin check could not let anyone log in.
    "Referrer-Policy": "same-origin",
}

ONLY_TLS = "max-age=2592000"
"""For 30 days a browser that came by TLS comes by nothing else (RFC 6797)."""


class PageHeaders:
    """ASGI middleware that adds `HEADERS`, or other ones, to every answer.

    Pages are never stored by a browser or proxy in between unless they say so themselves.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app and add to what it answers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if scope.get("scheme") == "https":
                    headers["Strict-Transport-Security"] = ONLY_TLS
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
