"""One device file of the kernel: a USB printer's ``/dev/usb/lp0``, or wherever bytes shall go.

What the kernel's USB printer driver does, from its source (drivers/usb/class/usblp.c): a write
that does not wait is taken at once and sent afterwards, and closing takes back what is not yet
sent, so a write ends when the device is ready for the next; reading from a printer that only
listens is EINVAL; a read may return nothing at all though it was announced; after unplugging,
everything is ENODEV.
"""

import errno
import os
import select
import time

from printer.transports.transport import PrinterUnreachableError, write_limit

_ANSWERS_NOTHING = frozenset({errno.EIO, errno.EINVAL})
_PAUSE = 0.05  # seconds before asking again a device that announced what it then had not


class DevicePort:
    """One device or file. Knows no ESC/POS.

    Args:
        path: For example ``/dev/usb/lp0``.
        answers: Whether to read from it as well. Without, a regular file is appended to and
            made where it is missing.
        timeout: Seconds without progress after which a write has failed.

    Raises:
        PrinterUnreachableError: It is not there, or may not be opened.

    """

    def __init__(self, path: str, *, answers: bool, timeout: float = 5.0) -> None:
        self._path = path
        self._answers = answers
        self._timeout = timeout
        way = os.O_RDWR if answers else os.O_WRONLY | os.O_APPEND
        if not answers and not path.startswith("/dev/"):
            way |= os.O_CREAT
        try:
            self._fd: int | None = os.open(
                path, way | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, mode=0o600
            )
        except OSError as error:
            raise PrinterUnreachableError(_not_opened(path, error)) from error

    @property
    def bytes_per_second(self) -> float | None:
        """None: USB outruns every print head."""
        return None

    def write(self, data: bytes) -> None:
        """Send all of `data`; raise PrinterUnreachableError when it stalls or drags on."""
        rest = memoryview(data)
        deadline = time.monotonic() + write_limit(len(data), self._timeout)
        try:
            while rest:
                self._await_room(deadline)
                try:
                    rest = rest[os.write(self._open_fd(), rest) :]
                except BlockingIOError:  # usblp announces room while it is out of paper
                    _rest_until(min(deadline, time.monotonic() + _PAUSE))
            self._await_room(deadline)
        except OSError as error:
            reason = error.strerror or error
            raise PrinterUnreachableError(
                f"{self._path} took no more bytes ({reason}); is the printer on and ready?"
            ) from error

    def read(self, limit: int, *, timeout: float) -> bytes:
        """Return up to `limit` bytes; ``b""`` when nothing came within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        if not self._answers:
            _rest_until(deadline)
            return b""
        while True:
            left = max(0.0, deadline - time.monotonic())
            events = self._poll(select.POLLIN, left)
            data = self._read_now(limit, hung_up=bool(events & select.POLLHUP)) if events else b""
            if data or time.monotonic() >= deadline:
                return data
            if events:
                _rest_until(min(deadline, time.monotonic() + _PAUSE))

    def close(self) -> None:
        """Let go of the device."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _read_now(self, limit: int, *, hung_up: bool) -> bytes:
        try:
            data = os.read(self._open_fd(), limit)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno in _ANSWERS_NOTHING and not hung_up:
                return b""
            raise PrinterUnreachableError(f"{self._path} went away ({error.strerror})") from error
        if not data and hung_up:
            raise PrinterUnreachableError(f"{self._path} went away")
        return data

    def _await_room(self, deadline: float) -> None:
        """Return when the device takes bytes; raise OSError when it does not in time."""
        left = deadline - time.monotonic()
        events = self._poll(select.POLLOUT, min(left, self._timeout)) if left > 0 else 0
        if not events:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        if not events & select.POLLOUT:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def _poll(self, event: int, seconds: float) -> int:
        poll = select.poll()
        poll.register(self._open_fd(), event)
        return next((told for _, told in poll.poll(seconds * 1000)), 0)

    def _open_fd(self) -> int:
        if self._fd is None:
            raise PrinterUnreachableError(f"{self._path} is closed")
        return self._fd


def _rest_until(deadline: float) -> None:
    time.sleep(max(0.0, deadline - time.monotonic()))


def _not_opened(path: str, error: OSError) -> str:
    """Return what is wrong, with the next step where there is one."""
    hints = {
        errno.EACCES: "; add this user to the device's group (`lp`) and log in again",
        errno.EBUSY: "; another program holds it, perhaps CUPS",
        errno.ENXIO: "; nothing reads from it",
    }
    return f"no printer at {path} ({error.strerror}){hints.get(error.errno or 0, '')}"
