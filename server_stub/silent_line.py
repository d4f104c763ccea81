"""The silent line: a session with PostgreSQL that is given up where no answer comes.

A host that is gone is noticed by TCP. One that hangs behind a proxy which still acknowledges, or
a firewall that forgets one direction, is not: the writer would wait for ever, and all behind it.
What was asked may have been done, so whoever waits is told to send it again.
"""

from collections.abc import Generator
from functools import cache
from time import monotonic
from typing import Any

ANSWER_SECONDS = 40.0
"""More than a statement of a server may take: it waits 15 seconds for a row."""


@cache
def session_class() -> Any:  # noqa: ANN401  # psycopg may not be installed
    """Return the driver's kind of connection, with an end to its patience."""
    import psycopg  # noqa: PLC0415  # a server on SQLite does without

    class Session(psycopg.Connection[Any]):
        """A connection that is closed where no answer comes."""

        def wait(self, gen: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  # as psycopg has it
            """Wait for what a statement needs, and no longer than that."""
            try:
                return super().wait(in_time(gen), *arguments, **named)
            except SilentError as error:
                self.pgconn.finish()
                raise psycopg.OperationalError(f"{error}") from None

    return Session


class SilentError(Exception):
    """No answer came in time."""


def in_time(waits: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Pass on what the driver waits for, and what has come; raise SilentError when it is over.

    The driver looks up several times a second, and says then that nothing has come: 0.
    """
    until = monotonic() + ANSWER_SECONDS
    come = None
    while True:
        try:
            wanted = waits.send(come)
        except StopIteration as done:
            return done.value
        come = yield wanted
        if not come and monotonic() > until:
            waits.close()
            raise SilentError(f"no answer within {ANSWER_SECONDS:.0f} s")
