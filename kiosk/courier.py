"""The courier: carries the outbox to the server, in order, until each check-in is confirmed.

`deliver_next` is one attempt and decides what its result means; `Courier` is the thread that
makes attempts, with a growing pause while the server cannot be reached.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Protocol
from uuid import UUID

from kiosk.clock import KioskClock
from kiosk.contract.messages import HeartbeatAnswer, SlipOutcome
from kiosk.journal import Journal, JournalDoor, JournalError
from kiosk.server_link import (
    LinkError,
    NotEnrolledError,
    NotNowError,
    RefusedError,
    ServerLink,
    TryLaterError,
)
from kiosk.stops import stop_if_behind
from kiosk.trouble import trouble

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
HEARTBEAT_SECONDS = 15.0

MOST_FAILED = 3
"""How many may fail one after the other before the courier rests."""


class Delivery(Enum):
    """What became of one attempt."""

    NOTHING_WAITING = "nothing waiting"
    DELIVERED = "delivered"
    SET_ASIDE = "set aside"
    PUT_BACK = "put back"


@dataclass(frozen=True, slots=True)
class Route:
    """What one attempt needs: where entries lie, and the line that they go out on.

    Attributes:
        unnoted: Check-ins that the server has, while the disk takes no note of it, and the
            highest sequence that it had seen then. In one thread only.

    """

    journal: JournalDoor
    link: ServerLink
    clock: KioskClock
    kiosk: str
    unnoted: dict[UUID, int] = field(default_factory=dict)


def deliver_next(route: Route) -> Delivery:
    """Deliver one check-in, or else one slip's outcome.

    Raises NotNowError when the server takes nothing now: the entry keeps its place, so that
    the order of arrival stays. One that fails while others may get through goes to the back.
    """
    if (delivery := _deliver_check_in(route)) is not Delivery.NOTHING_WAITING:
        return delivery
    return _deliver_slip_outcome(route)


def deliver_all(
    route: Route, *, closing: threading.Event, enough: Callable[[], bool] = lambda: False
) -> bool:
    """Deliver what gets through now; return whether nothing failed. Raises NotNowError.

    Check-ins that fail again and again end it, and hold up no slip's outcome.

    Args:
        route: Where entries lie and where they go.
        closing: Ends it after the attempt that is under way.
        enough: Asked after each that got through: whether the rest is for another time.

    """
    if _deliver_each(deliver_next, route, closing, enough):
        return True
    _deliver_each(_deliver_slip_outcome, route, closing, enough)
    return False


def _deliver_each(
    deliver: Callable[[Route], Delivery],
    route: Route,
    closing: threading.Event,
    enough: Callable[[], bool],
) -> bool:
    failed = 0
    while failed < MOST_FAILED and not closing.is_set():
        delivery = deliver(route)
        if delivery is Delivery.NOTHING_WAITING:
            break
        failed = failed + 1 if delivery is Delivery.PUT_BACK else 0
        if not failed and enough():
            break
    return not failed


def _deliver_check_in(route: Route) -> Delivery:
    _note_delivered(route)
    entry = route.journal(lambda journal: journal.next_waiting(but=route.unnoted))
    if entry is None:
        return Delivery.NOTHING_WAITING
    age = route.clock.age(boot=entry.boot, made=entry.made)
    try:
        receipt = route.link.put_check_in(entry.id, entry.body, age=age)
    except RefusedError as error:
        log.error("check-in refused id=%s reason=%r", entry.id, f"{error}")  # noqa: TRY400
        reason = f"{error}"
        route.journal(lambda journal: journal.refuse(entry.id, reason=reason))
        return Delivery.SET_ASIDE
    except NotNowError:
        raise
    except TryLaterError as error:
        log.warning("check-in put back id=%s reason=%r", entry.id, f"{error}")
        route.journal(lambda journal: journal.put_back(entry.id))
        return Delivery.PUT_BACK
    route.unnoted[entry.id] = receipt.highest_sequence
    _note_delivered(route)
    return Delivery.DELIVERED


def _note_delivered(route: Route) -> None:
    """Note what the server has; a disk that takes no note holds up no other check-in.

    It is noted once the disk takes it, or sent again after the next start.
    """

    def confirm(journal: Journal) -> None:
        for check_in, highest in tuple(route.unnoted.items()):
            journal.confirm(check_in)
            stop_if_behind(journal, highest_at_server=highest)
            del route.unnoted[check_in]

    if not route.unnoted:
        return
    try:
        route.journal(confirm)
    except JournalError as error:
        log.error("delivery not noted count=%s reason=%r", len(route.unnoted), f"{error}")  # noqa: TRY400


def _deliver_slip_outcome(route: Route) -> Delivery:
    slip = route.journal(Journal.next_unreported_slip)
    if slip is None:
        return Delivery.NOTHING_WAITING
    outcome = SlipOutcome.model_validate(
        {
            "id": slip.id,
            "kiosk": route.kiosk,
            "outcome": slip.state,
            "copies": slip.copies,
            "revision": slip.revision,
        }
    )
    delivery = Delivery.DELIVERED
    try:
        route.link.put_slip(outcome)
    except RefusedError as error:
        log.error("slip outcome refused reason=%r", f"{error}")  # noqa: TRY400
        delivery = Delivery.SET_ASIDE
    except NotNowError:
        raise
    except TryLaterError as error:
        log.warning("slip outcome put back reason=%r", f"{error}")
        route.journal(lambda journal: journal.put_back(slip.id))
        return Delivery.PUT_BACK
    route.journal(lambda journal: journal.slip_reported(slip.id, revision=slip.revision))
    return delivery


def forget_confirmed(route: Route, *, refused: bool = False) -> None:
    """Forget what was confirmed seven days ago, as the server last told the time.

    Before it was heard nobody knows the time, and a clock that is wrong by days would forget what
    a restored server misses. Only where the server has `refused` this kiosk, which it may never
    hear again, the kiosk's own clock must do, unless that is known to be wrong.
    """
    clock = route.clock
    now = clock.known_now()
    if now is None and refused and clock.trusted:
        now = clock.now()
    if now is not None:
        route.journal(partial(Journal.forget_confirmed, now=now))


def longer(pause: float) -> float:
    """Return the pause, in seconds, after one that was not long enough."""
    return min(LONGEST_PAUSE_SECONDS, max(FIRST_PAUSE_SECONDS, 2 * pause))


class OnEnrolment(Protocol):
    """Takes in whether the server knows this kiosk."""

    def __call__(self, *, enrolled: bool) -> None:
        """Take it in; called in the courier's thread."""


def _nobody(*, enrolled: bool) -> None:
    del enrolled


class Courier:
    """The thread that carries the outbox and the heartbeats.

    Args:
        route: Where entries lie and where they go.
        report: Makes and sends a heartbeat, returns the server's answer.
        heed: Takes in what the server answered.
        on_enrolment: Takes in whether the server knows this kiosk, whenever it has said so.

    """

    def __init__(
        self,
        route: Route,
        *,
        report: Callable[[ServerLink], HeartbeatAnswer],
        heed: Callable[[ServerLink, HeartbeatAnswer], None],
        on_enrolment: OnEnrolment = _nobody,
    ) -> None:
        self._route = route
        self._report = report
        self._heed = heed
        self._on_enrolment = on_enrolment
        self._something_new = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._heartbeat_due = 0.0
        self._server_away = False

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new in the outbox."""
        self._something_new.set()

    def report_soon(self) -> None:
        """Something that staff should know has changed: do not wait for the next heartbeat."""
        self._heartbeat_due = 0.0
        self._something_new.set()

    def close(self) -> None:
        """End after the attempt that is under way; what is not confirmed stays in the outbox."""
        self._closing.set()
        self._something_new.set()
        if self._thread.ident is not None:  # it was started
            self._thread.join()

    def _run(self) -> None:
        pause = 0.0
        while not self._closing.is_set():
            self._rest(pause)
            if self._closing.is_set():
                break
            self._something_new.clear()
            pause = 0.0 if self._round() else longer(pause)

    def _rest(self, pause: float) -> None:
        pause *= random.uniform(0.75, 1.0)  # noqa: S311  # 20 kiosks, not one knock
        if self._server_away:  # nothing new makes it come back
            self._closing.wait(pause)
        else:
            self._something_new.wait(pause or self._until_heartbeat())

    def _until_heartbeat(self) -> float:
        return max(0.0, self._heartbeat_due - self._route.clock.monotonic())

    def _round(self) -> bool:
        """Deliver what gets through and report; return whether nothing was left over."""
        try:
            return self._meet_server()
        except Exception as error:  # noqa: BLE001  # the thread must outlive every entry
            log.error("courier stumbled error=%r", trouble(error))  # noqa: TRY400
            return False

    def _meet_server(self) -> bool:
        self._server_away = False
        try:
            all_through = self._deliver_what_can_be_noted()
            if not self._until_heartbeat():
                answer = self._tell()
                self._on_enrolment(enrolled=True)
                self._heed(self._route.link, answer)
        except NotEnrolledError as error:
            self._server_away = True
            log.error("server refuses this kiosk reason=%r", f"{error}")  # noqa: TRY400
            self._on_enrolment(enrolled=False)
            self._forget_confirmed(refused=True)
            return False
        except LinkError as error:
            self._server_away = isinstance(error, NotNowError)
            log.warning("server unreachable reason=%r", f"{error}")
            self._forget_confirmed(refused=False)
            return False
        return all_through

    def _forget_confirmed(self, *, refused: bool) -> None:
        try:
            forget_confirmed(self._route, refused=refused)
        except JournalError as error:  # it is tried again with the next round
            log.error("confirmed ones not forgotten reason=%r", f"{error}")  # noqa: TRY400

    def _tell(self) -> HeartbeatAnswer:
        """Report; what changes meanwhile is told in a report of its own, at once."""
        self._heartbeat_due = self._route.clock.monotonic() + HEARTBEAT_SECONDS
        try:
            return self._report(self._route.link)
        except BaseException:
            self._heartbeat_due = 0.0
            raise

    def _deliver_what_can_be_noted(self) -> bool:
        try:
            return self._deliver()
        except JournalError as error:
            # It is tried again with the next round; staff must hear of the disk all the same.
            log.error("delivery not noted reason=%r", f"{error}")  # noqa: TRY400
            return False

    def _deliver(self) -> bool:
        """Deliver until a report is due: of thousands of check-ins, the rest goes on after it."""
        clock = self._route.clock
        end = clock.monotonic() + HEARTBEAT_SECONDS

        def is_due() -> bool:
            return clock.monotonic() >= end

        all_through = deliver_all(self._route, closing=self._closing, enough=is_due)
        if all_through and is_due():
            self._something_new.set()
        return all_through
