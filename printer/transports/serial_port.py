"""One serial line to a printer, with the flow control that printers need."""

import serial

from printer.transports.transport import PrinterUnreachableError

FLOWS = ("rtscts", "xonxoff", "none")
"""What `flow` may be. Linux has no DTR/DSR flow control: wire DSR to CTS and use rtscts."""


class SerialPort:
    """One serial line, eight data bits, no parity, one stop bit. Knows no ESC/POS.

    Args:
        device: For example ``/dev/ttyS0``.
        baud: Bits a second; a byte takes ten.
        flow: One of FLOWS. Without flow control a full printer loses bytes.
        timeout: Seconds that a whole write may take beyond its own time on the wire.

    Raises:
        PrinterUnreachableError: The device is not there or may not be opened.

    """

    def __init__(
        self, device: str, *, baud: int = 9600, flow: str = "rtscts", timeout: float = 5.0
    ) -> None:
        self._device = device
        self._baud = baud
        self._timeout = timeout
        try:
            self._port = serial.Serial(
                device,
                baud,
                timeout=0,
                write_timeout=timeout,
                rtscts=flow == "rtscts",
                xonxoff=flow == "xonxoff",
                exclusive=True,
            )
        except (serial.SerialException, ValueError, OSError) as error:
            raise PrinterUnreachableError(f"no printer at {device} ({error})") from error

    @property
    def bytes_per_second(self) -> float | None:
        """A tenth of the baud rate: eight bits with a start and a stop bit."""
        return self._baud / 10

    def write(self, data: bytes) -> None:
        """Send all of `data` within its time on the wire and the time limit."""
        try:
            self._port.write_timeout = self._timeout + len(data) * 10 / self._baud
            self._port.write(data)
        except (serial.SerialException, OSError) as error:
            raise PrinterUnreachableError(
                f"{self._device} took no more bytes ({error}); is the printer on and ready?"
            ) from error

    def read(self, limit: int, *, timeout: float) -> bytes:
        """Return up to `limit` bytes; ``b""`` when nothing came within `timeout` seconds."""
        try:
            self._port.timeout = timeout
            first = self._port.read(1)
            return first + self._port.read(min(limit - 1, self._port.in_waiting))
        except (serial.SerialException, OSError) as error:
            raise PrinterUnreachableError(f"{self._device} went away ({error})") from error

    def close(self) -> None:
        """Let go of the device."""
        self._port.close()
