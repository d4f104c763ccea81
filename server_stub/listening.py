"""The listening socket: taken before anything else, so that a taken port stops nothing halfway."""

import socket


class AddressError(Exception):
    """The server cannot listen there. The message says why, and what to do."""


def listen(host: str, *, port: int, of: str = "") -> socket.socket:
    """Return a socket that listens; port 0 takes a free one. Raise AddressError.

    `of` is what the options are called by: ``"ticket-"`` for ``--ticket-port``.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):
        raise AddressError(
            f"--{of}host {host}: no address of this machine; try 127.0.0.1"
        ) from None
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise AddressError(
            f"cannot listen on {host}:{port}: {error.strerror}; "
            f"choose another with --{of}port (0 takes a free one)"
        ) from None
    return listening


def address_of(listening: socket.socket, *, scheme: str = "http") -> str:
    """Return the address under which browsers on this machine reach the socket."""
    host, port = listening.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
