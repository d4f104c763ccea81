"""Printer addresses as URLs, and the line that each one opens."""

from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, urlsplit

from printer.transports.device_port import DevicePort
from printer.transports.serial_port import FLOWS, PARITIES, Framing, SerialPort
from printer.transports.tcp_port import TcpPort, open_tcp
from printer.transports.transport import AddressError, Transport

Opener = Callable[[float], Transport]
"""What opens a line, given its time limit in seconds; raises PrinterUnreachableError."""


def open_transport(address: str, *, timeout: float = 5.0) -> Transport:
    """Open the line that `address` names.

    Args:
        address: ``tcp://host:9100``, ``serial:///dev/ttyS0?baud=115200&flow=rtscts``,
            ``usb:///dev/usb/lp0``, ``file:///path`` or ``virtual:``.
        timeout: Seconds for connecting, and without progress for writing.

    Raises:
        AddressError: The address cannot be understood; trying again will not help.
        PrinterUnreachableError: Nobody answers there now.

    """
    return parse_address(address)(timeout)


def parse_address(address: str) -> Opener:
    """Return what opens the line to `address`, given a time limit; raise AddressError.

    Lets a program refuse a wrong address when it starts, not when the first slip is due.
    """
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise AddressError(f"printer address {address!r}: {error}") from None
    if "\0" in address or parts.fragment:
        raise AddressError(f"printer address {address!r}: no '#' and no NUL can stand in it")
    reader = _SCHEMES.get(parts.scheme)
    if reader is None:
        known = ", ".join(_EXAMPLES.values())
        raise AddressError(f"printer address {address!r}: known are {known}")
    return reader(parts)


FASTEST_BAUD = 4_000_000
"""More than any line of the kernel is set to."""

_EXAMPLES = {
    "tcp": "tcp://host:9100",
    "serial": f"serial:///dev/ttyS0?baud=9600&flow={'|'.join(FLOWS)}",
    "usb": "usb:///dev/usb/lp0",
    "file": "file:///path",
    "virtual": "virtual:?out=FOLDER&fault=NAME&paper=80|58",
}
"""What to write, by scheme."""


def _wrong(parts: SplitResult) -> AddressError:
    return AddressError(f"printer address {parts.geturl()!r}: write {_EXAMPLES[parts.scheme]}")


def _options(parts: SplitResult) -> dict[str, str]:
    options = parse_qs(parts.query, keep_blank_values=True)
    return {key: values[-1] for key, values in options.items()}


def _tcp(parts: SplitResult) -> Opener:
    host, port = parts.hostname, 9100 if parts.port is None else parts.port
    if not host or not port or "@" in parts.netloc or parts.path not in ("", "/") or parts.query:
        raise _wrong(parts)
    try:
        host.encode("idna")  # what the resolver does first; it fails without asking anybody
    except UnicodeError:
        raise _wrong(parts) from None
    return lambda timeout: open_tcp(host, port, timeout=timeout)


def _serial(parts: SplitResult) -> Opener:
    options = _options(parts)
    baud, bits = options.pop("baud", "9600"), options.pop("bits", "8")
    flow, parity = options.pop("flow", "rtscts"), options.pop("parity", "none")
    if parts.netloc or not parts.path or options or not baud.isdecimal():
        raise _wrong(parts)
    if not 1 <= int(baud) <= FASTEST_BAUD:
        raise _wrong(parts)
    if flow not in FLOWS or parity not in PARITIES or bits not in ("7", "8"):
        raise AddressError(
            f"{_wrong(parts)}, and where the printer wants it &parity={'|'.join(PARITIES)}&bits=8|7"
        )
    framing = Framing(int(baud), int(bits), parity, flow)
    return lambda timeout: SerialPort(parts.path, framing, timeout=timeout)


def _usb(parts: SplitResult) -> Opener:
    return _device(parts, answers=True)


def _file(parts: SplitResult) -> Opener:
    return _device(parts, answers=False)


def _device(parts: SplitResult, *, answers: bool) -> Opener:
    if parts.netloc or len(parts.path) < 2 or parts.query:
        raise _wrong(parts)
    return lambda timeout: DevicePort(parts.path, answers=answers, timeout=timeout)


def _virtual(parts: SplitResult) -> Opener:
    options = _options(parts)
    if parts.netloc or parts.path:
        raise _wrong(parts)
    # Loaded only where such an address is used: a kiosk needs no printer made of software.
    from printer.virtual_printer import open_line  # noqa: PLC0415

    try:
        open_line(options).close()
    except (ValueError, OSError) as error:
        raise AddressError(f"printer address {parts.geturl()!r}: {error}") from None
    return lambda timeout: TcpPort(open_line(options), parts.geturl(), timeout=timeout)


_SCHEMES: dict[str, Callable[[SplitResult], Opener]] = {
    "tcp": _tcp,
    "serial": _serial,
    "usb": _usb,
    "file": _file,
    "virtual": _virtual,
}
