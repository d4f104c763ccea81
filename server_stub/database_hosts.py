"""The hosts of a database: in which order to try them, so that a dead one is asked last."""

import threading
from collections.abc import Mapping

BY_HOST = ("host", "hostaddr", "port")
"""What a URL may say for each host, or once for all."""

Parameters = Mapping[str, str]


class DatabaseHosts:
    """Remembers which host answered: the next connection begins there.

    A host that was switched off answers nothing, and each try waits for it in vain. As long as
    nobody has answered, each try begins at another one, so that whoever leads next is found soon.
    Any thread may ask.

    Args:
        parameters: Of the connection, as libpq names them.

    """

    def __init__(self, parameters: Parameters) -> None:
        self._lists = {
            name: parameters[name].split(",") for name in BY_HOST if parameters.get(name)
        }
        self._count = max(map(len, self._lists.values()), default=1)
        self._first = 0
        self._lock = threading.Lock()

    def in_order(self) -> tuple[int, dict[str, str]]:
        """Return the number of the first host to try, and what replaces the parameters."""
        with self._lock:
            first = self._first
        return first, {
            name: ",".join(values[first:] + values[:first]) if len(values) > 1 else values[0]
            for name, values in self._lists.items()
        }

    def answered(self, parameters: Parameters) -> None:
        """Note which host has answered: what is said of a connection that stands."""
        with self._lock:
            for number in range(self._count):
                if all(
                    values[number % len(values)] == parameters.get(name)
                    for name, values in self._lists.items()
                ):
                    self._first = number
                    return

    def nobody_answered(self, first: int) -> None:
        """Note that none did, of whom that one was tried first; others may have noted it too."""
        with self._lock:
            if self._first == first:
                self._first = (first + 1) % self._count
