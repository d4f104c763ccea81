"""One serial line to a printer, with the flow control that printers need."""

import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import serial

from printer.transports.transport import PrinterUnreachableError, Transport

FLOWS = ("rtscts", "xonxoff", "none")
"""What `flow` may be. Linux has no DTR/DSR flow control: wire DSR to CTS and use rtscts."""

PARITIES: Mapping[str, str] = {
    "none": serial.PARITY_NONE,
    "even": serial.PARITY_EVEN,
    "odd": serial.PARITY_ODD,
}
"""What `parity` may be, and pyserial's word for it."""

_GONE = (serial.SerialException, termios.error, OSError)
"""What pyserial raises when a device is not there, or not any more."""

_LOOK_AGAIN = 0.01  # seconds between two looks at what the kernel still holds


@dataclass(frozen=True, slots=True)
class Framing:
    """How bytes go over the wire, as the printer's switches say; one stop bit.

    Attributes:
        baud: Bits a second.
        bits: Data bits of a byte, 8 or 7.
        parity: One of PARITIES.
        flow: One of FLOWS. Without flow control a full printer loses bytes.

    """

    baud: int = 9600
    bits: int = 8
    parity: str = "none"
    flow: str = "rtscts"

    @property
    def bytes_per_second(self) -> float:
        """The baud rate over the bits of one byte, with its start and stop bit."""
        return self.baud / (1 + self.bits + (self.parity != "none") + 1)


class SerialPort:
    """One serial line. Knows no ESC/POS.

    Args:
        device: For example ``/dev/ttyS0``.
        framing: Speed, form of a byte and flow control.
        timeout: Seconds that a whole write may take beyond its own time on the wire.

    Raises:
        PrinterUnreachableError: The device is not there or may not be opened.

    """

    def __init__(
        self, device: str, framing: Framing | None = None, *, timeout: float = 5.0
    ) -> None:
        framing = framing or Framing()
        self._device = device
        self._rate = framing.bytes_per_second
        self._timeout = timeout
        self._sent_at = time.monotonic()
        try:
            self._port = serial.Serial(
                device,
                framing.baud,
                bytesize=framing.bits,
                parity=PARITIES[framing.parity],
                timeout=0,
                write_timeout=timeout,
                rtscts=framing.flow == "rtscts",
                xonxoff=framing.flow == "xonxoff",
                exclusive=True,
            )
        except (*_GONE, ValueError) as error:
            raise PrinterUnreachableError(f"no printer at {device} ({error})") from error

    @property
    def bytes_per_second(self) -> float | None:
        """What the wire carries."""
        return self._rate

    def write(self, data: bytes) -> None:
        """Send all of `data` within its time on the wire and the time limit.

        The last 4 kB or so may still lie in the kernel when this returns: see `drain`.
        """
        on_the_wire = len(data) / self._rate
        self._sent_at = max(self._sent_at, time.monotonic()) + on_the_wire
        try:
            self._port.write_timeout = self._timeout + on_the_wire
            self._port.write(data)
        except _GONE as error:
            raise self._took_no_more(error) from error

    def drain(self) -> None:
        """Wait until the kernel holds nothing more, within the time limit of the last write.

        `close` gives the last bytes their time on the wire and no more, and a printer that
        pauses takes longer. (`tcdrain` would wait for ever where the printer holds the line.)
        """
        deadline = self._sent_at + self._timeout
        try:
            while self._port.out_waiting:
                if time.monotonic() >= deadline:
                    raise TimeoutError("it holds the line")
                time.sleep(_LOOK_AGAIN)
        except _GONE as error:
            raise self._took_no_more(error) from error

    def read(self, limit: int, *, timeout: float) -> bytes:
        """Return up to `limit` bytes; ``b""`` when nothing came within `timeout` seconds."""
        try:
            self._port.timeout = timeout
            first = self._port.read(1)
            return first + self._port.read(min(limit - 1, self._port.in_waiting))
        except _GONE as error:
            raise PrinterUnreachableError(f"{self._device} went away ({error})") from error

    def close(self) -> None:
        """Let go of the device, once what was written has had its time on the wire.

        What the printer holds back longer is dropped: Linux would wait 30 seconds for it.
        """
        if not self._port.is_open:
            return
        with suppress(*_GONE):  # already
            while self._port.out_waiting and time.monotonic() < self._sent_at:
                time.sleep(_LOOK_AGAIN)
            self._port.reset_output_buffer()
        self._port.close()

    def _took_no_more(self, error: Exception) -> PrinterUnreachableError:
        return PrinterUnreachableError(
            f"{self._device} took no more bytes ({error}); is the printer on and ready?"
        )


def await_sent(line: Transport) -> None:
    """Wait until `close` takes nothing back of what was written; no other line does that.

    For who asks the printer for no answer, which would come after all of it.

    Raises:
        PrinterUnreachableError: The printer does not take it in time.

    """
    if isinstance(line, SerialPort):
        line.drain()
