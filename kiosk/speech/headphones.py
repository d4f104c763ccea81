"""Headphones: whether a plug is in the jack, as Linux tells it, and who therefore hears what.

The kernel reports a jack as a switch of an input device (``linux/input.h``,
``linux/input-event-codes.h``): an event whenever it changes, and its state on demand.
"""

import fcntl
import logging
import os
import select
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)

EV_SW = 0x05
SW_HEADPHONE_INSERT = 0x02
SWITCH_BYTES = 8
"""Room for 64 switches; the kernel has fewer than 20."""

EVENT = struct.Struct("@llHHi")
"""``struct input_event``: seconds, microseconds, type, code, value."""

EVENTS_AT_ONCE = 64


def _read_request(number: int) -> int:
    """Return ``_IOC(_IOC_READ, 'E', number, SWITCH_BYTES)``."""
    return 2 << 30 | SWITCH_BYTES << 16 | ord("E") << 8 | number


EVIOCGSW = _read_request(0x1B)
"""Asks for the state of all switches."""

EVIOCGBIT_SW = _read_request(0x20 + EV_SW)
"""Asks which switches a device has."""


class Outlet:
    """Where sound comes out, and who hears it.

    Args:
        loudspeaker: True where everyone around hears what is said without headphones.
        handset: True where sound only ever reaches one ear, and there is no plug to watch.

    """

    def __init__(self, *, loudspeaker: bool = True, handset: bool = False) -> None:
        if loudspeaker and handset:
            raise ValueError("a handset and a loudspeaker are never on the same device")
        self._loudspeaker = loudspeaker
        self._handset = handset
        self.plugged = False

    def lets(self, *, personal: bool) -> bool:
        """Return whether something may be said now."""
        private = self.plugged or self._handset
        return private or (self._loudspeaker and not personal)


class Jack(Protocol):
    """Something that knows whether headphones are plugged in."""

    def states(self) -> Iterator[bool]:
        """Yield the state at first and after each change, until `close`."""

    def close(self) -> None:
        """End `states`, from any thread."""


class Watcher:
    """A thread that follows a jack.

    Args:
        jack: The jack.
        on_change: Told the state at first where a plug is in, and each change; in the
            watcher's thread.

    """

    def __init__(self, jack: Jack, on_change: Callable[[bool], None]) -> None:
        self._jack = jack
        self._on_change = on_change
        self._thread = threading.Thread(target=self._run, name="speech-jack", daemon=True)

    def open(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._jack.close()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        before = False
        for plugged in self._jack.states():
            if plugged != before:
                log.info("headphones %s", "in" if plugged else "out")
                self._on_change(plugged)
            before = plugged


class SwitchJack:
    """The headphone switches among the machine's input devices.

    A user needs the group ``input`` to read them. Where there is none, nothing is ever plugged.

    Args:
        devices: Open files of input devices that have the switch; closed at the end.
        asks: Returns the state of a device's switch; another one in tests.

    """

    def __init__(
        self, devices: Iterable[int], *, asks: Callable[[int], bool] | None = None
    ) -> None:
        self._asks = asks or switch_is_on
        self._plugged = dict.fromkeys(devices, False)
        self._woken, self._wake = os.pipe()

    def states(self) -> Iterator[bool]:
        """Yield whether a plug is in any of the jacks, whenever that may have changed."""
        try:
            for device in list(self._plugged):
                self._look(device)
            yield any(self._plugged.values())
            while self._wait():
                yield any(self._plugged.values())
        finally:
            for device in self._plugged:
                os.close(device)
            self._plugged.clear()
            os.close(self._woken)

    def close(self) -> None:
        """End the states."""
        os.close(self._wake)  # the other end becomes readable, at its end

    def _wait(self) -> bool:
        poll = select.poll()
        for file in (self._woken, *self._plugged):
            poll.register(file, select.POLLIN)
        ready = [file for file, _ in poll.poll()]
        if self._woken in ready:
            return False
        for device in ready:
            self._take(device)
        return True

    def _take(self, device: int) -> None:
        try:
            events = os.read(device, EVENT.size * EVENTS_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            events = b""
        if len(events) < EVENT.size:
            self._forget(device)
            return
        for event in EVENT.iter_unpack(events[: len(events) // EVENT.size * EVENT.size]):
            _, _, kind, code, value = event
            if (kind, code) == (EV_SW, SW_HEADPHONE_INSERT):
                self._plugged[device] = bool(value)

    def _look(self, device: int) -> None:
        try:
            self._plugged[device] = self._asks(device)
        except OSError:
            self._forget(device)

    def _forget(self, device: int) -> None:
        """A device that went away has no plug in it."""
        del self._plugged[device]
        os.close(device)


def switch_is_on(device: int) -> bool:
    """Return whether the headphone switch of an input device is on. Raises OSError."""
    return _has_bit(fcntl.ioctl(device, EVIOCGSW, bytes(SWITCH_BYTES)))


def find_switches(folder: Path = Path("/dev/input")) -> list[int]:
    """Return open files of all input devices with a headphone switch."""
    found = []
    for path in sorted(folder.glob("event*")):
        try:
            device = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            log.warning("input device not readable file=%s", path.name)
            continue
        try:
            has_switch = _has_bit(fcntl.ioctl(device, EVIOCGBIT_SW, bytes(SWITCH_BYTES)))
        except OSError:
            has_switch = False
        if has_switch:
            found.append(device)
        else:
            os.close(device)
    return found


def _has_bit(switches: bytes) -> bool:
    return bool(switches[SW_HEADPHONE_INSERT // 8] >> SW_HEADPHONE_INSERT % 8 & 1)
