"""Printer addresses as URLs, and the line that each one opens."""

from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, urlsplit

from printer.transports.serial_port import FLOWS, SerialPort
from printer.transports.tcp_port import TcpPort
from printer.transports.transport import AddressError, Transport


def open_transport(address: str, *, timeout: float = 5.0) -> Transport:
    """Open the line that `address` names.

    Args:
        address: ``tcp://host:9100`` or ``serial:///dev/ttyS0?baud=115200&flow=rtscts``.
        timeout: Seconds for connecting and for writing.

    Raises:
        AddressError: The address cannot be understood; trying again will not help.
        PrinterUnreachableError: Nobody answers there now.

    """
    return parse_address(address)(timeout)


def parse_address(address: str) -> Callable[[float], Transport]:
    """Return what opens the line to `address`, given a time limit; raise AddressError.

    Lets a program refuse a wrong address when it starts, not when the first slip is due.
    """
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise AddressError(f"printer address {address!r}: {error}") from None
    reader = _SCHEMES.get(parts.scheme)
    if reader is None:
        known = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
        raise AddressError(f"printer address {address!r}: known are {known}")
    return reader(parts)


def _tcp(parts: SplitResult) -> Callable[[float], Transport]:
    host, port = parts.hostname, parts.port or 9100
    if not host or parts.path not in ("", "/") or parts.query:
        raise AddressError(f"printer address {parts.geturl()!r}: write tcp://host:9100")
    return lambda timeout: TcpPort(host, port, timeout=timeout)


def _serial(parts: SplitResult) -> Callable[[float], Transport]:
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    baud, flow = options.pop("baud", "9600"), options.pop("flow", "rtscts")
    if parts.netloc or not parts.path or options or not baud.isdecimal() or flow not in FLOWS:
        raise AddressError(
            f"printer address {parts.geturl()!r}: "
            f"write serial:///dev/ttyS0?baud=9600&flow={'|'.join(FLOWS)}"
        )
    device = parts.path
    return lambda timeout: SerialPort(device, baud=int(baud), flow=flow, timeout=timeout)


_SCHEMES: dict[str, Callable[[SplitResult], Callable[[float], Transport]]] = {
    "tcp": _tcp,
    "serial": _serial,
}
