"""Acts of administration over a store of the test's own, one transaction each."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from server_stub import tables
from server_stub.admin_act import AdminAct
from tests.server_stub.enrolled import StandingClock

T = TypeVar("T")

SITE = "duesseldorf"


class Office:
    """Lets somebody administer a site.

    Attributes:
        by: Who does it.
        press: The id of the button, where there is one.

    """

    def __init__(self, engine: Engine, clock: StandingClock) -> None:
        self._engine = engine
        self._clock = clock
        self.by = "olga"
        self.press: UUID | None = None

    def do(self, change: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a change in a transaction, and take it back where it is refused."""
        with self._engine.execution_options(writes=True).begin() as connection:
            act = AdminAct(connection, SITE, by=self.by, now=self._clock.now, press=self.press)
            act.require_new()
            return change(act, *args, **kwargs)

    def read(self, look: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return look(connection)

    def noted(self) -> list[tuple[str, str, str | None, str | None]]:
        """Return who did what to whom, in order."""
        t = tables.audit.c
        entries = select(t.staff, t.act, t.about, t.detail).order_by(t.at, t.act)
        return [tuple(row) for row in self.read(lambda c: list(c.execute(entries)))]
