"""The front desk: all that the screens may ask of the rest of the kiosk.

Every call returns at once. Behind it, one thread owns the journal, one prints, one delivers;
each help call has its own.
"""

import logging
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from kiosk import equipment
from kiosk.back_office import BackOffice, SoundCheck, Ways
from kiosk.clock import KioskClock
from kiosk.contract.messages import (
    Heartbeat,
    HeartbeatAnswer,
    HelpKind,
    SlipState,
    StageWait,
    Trouble,
)
from kiosk.contract.sealing import SiteKey
from kiosk.contract.series import Series
from kiosk.contract.site import Site, SiteAnswer
from kiosk.courier import Courier, Route
from kiosk.directions import DirectionsPrint
from kiosk.earlier_outbox import EarlierOutbox
from kiosk.early_close import EarlyClose
from kiosk.health import Told, take_heartbeat
from kiosk.help_line import HelpLine, HelpWatch
from kiosk.hours import Opening, Timetable
from kiosk.journal import Journal, JournalError
from kiosk.language import unspoken
from kiosk.last_store import LastStore
from kiosk.leftovers import Leftovers
from kiosk.questionnaire import Answers
from kiosk.reception import Reception
from kiosk.server_link import ServerLink
from kiosk.service import Service, prove
from kiosk.slips import make_directions, make_slip
from kiosk.spool import SlipPrinter, Spool
from kiosk.staff_lock import StaffLock
from kiosk.stops import stop_if_behind
from kiosk.test_slip import make_test_slip
from kiosk.ticket import Ticket
from kiosk.trouble import trouble

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FRESH = timedelta(minutes=2)
"""A wait that is older is not printed."""


class JournalThread:
    """The one thread that owns the journal; opens it at once, and raises what opening raises."""

    def __init__(self, open_journal: Callable[[], Journal]) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="journal")
        try:
            self._journal = self._executor.submit(open_journal).result()
        except BaseException:
            self._executor.shutdown()
            raise

    def submit(self, work: Callable[[Journal], Result]) -> Future[Result]:
        """Do something with the journal when its turn comes."""
        return self._executor.submit(work, self._journal)

    def __call__(self, work: Callable[[Journal], Result]) -> Result:
        """Do something with the journal, and wait for it."""
        return self.submit(work).result()

    def close(self) -> None:
        """Close the journal after what was submitted."""
        self._executor.submit(self._journal.close)
        self._executor.shutdown()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this kiosk is, and the hash of the code that its staff are known by."""

    name: str
    series: Series
    data: Path
    staff_code: str | None = None


@dataclass(frozen=True, slots=True)
class SiteInForce:
    """The site file that the next party is asked by, and the key to seal its answers to."""

    site: Site
    key: SiteKey


class FrontDesk:
    """What the screens talk to; see the module's text.

    Args:
        identity: Who this kiosk is.
        in_force: The site, as it is known before the server was reached.
        journal: The journal's thread.
        printer: Where slips go.
        open_link: Makes a line to the server; each thread has its own.
        clock: The kiosk's clocks.
        earlier: What this kiosk's earlier enrolments still owe the server.

    """

    def __init__(  # noqa: PLR0913  # all that it brings together
        self,
        identity: Identity,
        in_force: SiteInForce,
        *,
        journal: JournalThread,
        printer: SlipPrinter,
        open_link: Callable[[], ServerLink],
        clock: KioskClock,
        earlier: Sequence[EarlierOutbox] = (),
    ) -> None:
        self._identity = identity
        self._in_force = in_force
        self._journal = journal
        self._clock = clock
        self._earlier = earlier
        self._last_store = LastStore(identity.data)
        self._awaits_server = journal(lambda there: there.awaits_server)
        self._timetable = Timetable(lambda: clock.now() if clock.trusted else None)
        self._early_close: EarlyClose | None = None
        self._waits: HeartbeatAnswer | None = None
        self._waits_heard = 0.0
        self._issued_since: Tally[str] = Tally()  # at which first stage; the journal's thread
        self._link = open_link()
        self._courier = Courier(
            Route(journal, self._link, clock, identity.name),
            report=self._report,
            heed=self._heed,
            on_enrolment=self._hear_of_enrolment,
        )
        leftovers = Leftovers(identity.data)
        self._spool = Spool(
            printer,
            journal=journal,
            on_outcome=self._courier.wake,
            on_printer_state=self._courier.report_soon,
            emptied=leftovers.staff_spoke,
            printing=leftovers.printing,
        )
        self._help_line = HelpLine(identity.name, open_link=open_link, monotonic=clock.monotonic)
        self._service = Service(
            identity.data,
            prove=lambda: journal.submit(prove),
            on_change=self._courier.report_soon,
            monotonic=clock.monotonic,
            check=lambda: equipment.troubles(self._in_force.site),
            enrolled=not self._awaits_server,
        )
        self._server_heard: float | None = None
        self._sound = SoundCheck()
        self.staff = self._open_back_office()

    def _open_back_office(self) -> BackOffice:
        """Return what staff see and do."""
        who, clock = self._identity, self._clock
        lock = None
        if who.staff_code is not None:
            lock = StaffLock(
                who.staff_code, data=who.data, boot=clock.boot, monotonic=clock.monotonic
            )
        ways = Ways(
            site_version=lambda: self._in_force.site.version,
            server_heard=lambda: self._server_heard,
            printer_report=lambda: self._spool.printer_report,
            print_test_slip=self._print_test_slip,
            sound=lambda: self._sound,
        )
        return BackOffice(
            lock, who.data, journal=self._journal, service=self._service, clock=clock, ways=ways
        )

    def connect_sound(self, sound: SoundCheck) -> None:
        """Take what knows of the sound device, for staff."""
        self._sound = sound

    def open(self) -> None:
        """Begin to print and to deliver, and to look whether numbers can be given out."""
        self._spool.start()
        self._courier.start()
        self._service.start()
        for outbox in self._earlier:
            outbox.start()

    def close(self) -> None:
        """End all threads in order; what was not delivered stays in the outbox."""
        self.staff.close()
        self._service.close()
        self._help_line.close()
        self._spool.close()
        self._courier.close()
        for outbox in self._earlier:
            outbox.close()
        self._link.close()
        self._journal.close()

    @property
    def site(self) -> Site:
        """The newest site file; a dialogue keeps the one it began with."""
        return self._in_force.site

    @property
    def opening(self) -> Opening:
        """What is open now, by the server's last word or else by the hours of the site.

        While the clock cannot be trusted the hours say that everything is.
        """
        early = self._early_close
        if early and early.holds(at=self._clock.monotonic()):
            return early.opening
        return self._timetable.opening(self.site)

    def check_in(self, answers: Answers) -> Future[Ticket]:
        """Give a party its number; once the future has it, its slip is on the way to paper."""
        opening = self._timetable.opening(answers.site)

        def receive(journal: Journal) -> Ticket:
            # Asked here, in the journal's thread: what a report says of keys stays true.
            key = self._in_force.key
            reception = Reception(self._identity.name, self._identity.series, journal, self._clock)
            ticket = reception.receive(answers, key=key)
            ticket = replace(
                ticket,
                wait=self._wait_at(ticket.route[0].id),
                opening=opening,
            )
            self._print(ticket, answers.site)
            self._issued_since[ticket.route[0].id] += 1
            self._courier.wake()
            return ticket

        issuing = self._journal.submit(receive)
        issuing.add_done_callback(self._notice_failure)
        return issuing

    def _notice_failure(self, issuing: Future[Ticket]) -> None:
        if not issuing.cancelled() and (error := issuing.exception()):
            self._service.not_issued(error)

    @property
    def trouble(self) -> str | None:
        """Why no numbers are given out now; None where they are."""
        return self._service.trouble

    def tell_staff(self, trouble: str) -> None:
        """Take in what the screens found wrong with themselves."""
        if trouble == Trouble.SCREENS:
            self._service.screens_stumbled()
        else:
            self._service.tell(trouble)

    def slip_state(self, ticket: Ticket) -> SlipState:
        """Return how the ticket's slip is."""
        return self._spool.state(ticket.id)

    def slip_came_out(self, ticket: Ticket, *, came_out: bool) -> None:
        """Take the party's answer to "Did your slip come out?"."""
        self._spool.came_out(ticket.id, came_out=came_out)

    def print_directions(self, language: str, *, site: Site, opening: Opening) -> DirectionsPrint:
        """Print what to do until the site opens; nothing of it is kept or sent."""
        now = self._clock.now() if self._clock.trusted else None
        try:
            slip = make_directions(site, opening, language=language, now=now)
        except Exception as error:  # noqa: BLE001  # the screen itself says all of it
            log.error("no slip without a number error=%r", trouble(error))  # noqa: TRY400
            return DirectionsPrint(self._spool, None)
        return DirectionsPrint(self._spool, slip)

    def party_left(self, ticket: Ticket | None) -> None:
        """Forget the party; None where it left without a ticket, which is counted."""
        if ticket is None:
            self._journal.submit(lambda journal: journal.count("abandoned"))
        else:
            self._spool.party_left(ticket.id)

    def call_help(self, kind: HelpKind, language: str | None) -> HelpWatch:
        """Call staff to this kiosk; the watch tells how far the call is."""
        self._journal.submit(lambda journal: journal.count("help_calls"))
        return self._help_line.call(kind, language=language)

    def _print(self, ticket: Ticket, site: Site) -> None:
        try:
            slip = make_slip(
                ticket,
                site=site,
                made_at=self._clock.now() if self._clock.trusted else None,
                wait=ticket.wait,
            )
        except Exception as error:  # noqa: BLE001  # the number is given out: the party must see it
            log.error("no slip id=%s error=%r", ticket.id, trouble(error))  # noqa: TRY400
            self._spool.give_up(ticket.id)
        else:
            self._spool.put(ticket.id, slip)

    def _print_test_slip(self) -> None:
        now = self._clock.now() if self._clock.trusted else None
        DirectionsPrint(self._spool, make_test_slip(self.site, kiosk=self._identity.name, now=now))

    def _wait_at(self, stage: str) -> StageWait | None:
        heard = self._waits
        if heard is None or self._clock.monotonic() - self._waits_heard > FRESH.total_seconds():
            return None
        wait = next((wait for wait in heard.waits if wait.stage == stage), None)
        if wait is None:
            return None
        ahead = wait.parties_ahead + self._issued_since[stage]
        return wait.model_copy(update={"parties_ahead": ahead})

    # --- in the courier's thread --------------------------------------------------------------

    def _report(self, link: ServerLink) -> HeartbeatAnswer:
        def take(journal: Journal) -> Heartbeat:
            return take_heartbeat(
                journal,
                Told(
                    kiosk=self._identity.name,
                    data=self._identity.data,
                    site_version=self.site.version,
                    key_id=self._in_force.key.key_id,
                    printer=self._spool.printer_report,
                    clock_trusted=self._clock.trusted,
                    sound=self._sound.state(),
                    troubles=self._service.troubles,
                ),
            )

        return link.post_heartbeat(self._journal(take))

    def _hear_of_enrolment(self, *, enrolled: bool) -> None:
        if not enrolled:
            self._service.heard_of_enrolment(enrolled=False)
            self._awaits_server = True
            self._note_refusal()
        elif not self._awaits_server:  # else what it has seen of this kiosk comes first
            self._service.heard_of_enrolment(enrolled=True)

    def _note_refusal(self) -> None:
        """Note, for a start without a server, that it does not know this kiosk any more."""
        try:
            self._journal(Journal.server_refused)
        except JournalError as error:  # it is tried again at the server's next refusal
            log.error("refusal not noted reason=%r", f"{error}")  # noqa: TRY400

    def _heed(self, link: ServerLink, answer: HeartbeatAnswer) -> None:
        self._server_heard = self._clock.monotonic()
        self._clock.compare(answer.as_of)
        self._take_early_close(answer)
        self._journal(lambda _: self._take_waits(answer))
        self._send_again(answer)
        for outbox in self._earlier:
            outbox.hear_of_store(answer.store_id)

        def settle(journal: Journal) -> str:
            stop_if_behind(journal, highest_at_server=answer.highest_sequence)
            journal.server_heard()
            journal.forget_confirmed(now=answer.as_of)  # of this kiosk's clock nothing is asked
            return journal.stopped

        if self._journal(settle):
            self._service.look_soon()
        if self._awaits_server:
            self._awaits_server = False
            self._service.heard_of_enrolment(enrolled=True)
        key_id = self._in_force.key.key_id
        if (answer.site_version, answer.key_id or key_id) != (self.site.version, key_id):
            self._take_site(link.get_site())

    def _send_again(self, answer: HeartbeatAnswer) -> None:
        """Let what the server misses wait again, once all that another store has confirmed.

        It names the lowest that it misses only: they may be ones that were forgotten here long
        ago, and would hide for ever what came after them.
        """
        missing = answer.missing_sequences
        is_another = bool(missing) and not self._last_store.has_all(answer.store_id)
        again = self._journal(
            lambda journal: journal.send_again(journal.confirmed() if is_another else missing)
        )
        if again:
            log.warning("server misses check-ins, sending again count=%s", again)
            self._courier.wake()
        self._last_store.keep(answer.store_id)  # after it: cut off in between, it is done once more

    def _take_early_close(self, answer: HeartbeatAnswer) -> None:
        before = self._early_close
        after = EarlyClose.heard(answer, self.site, at=self._clock.monotonic())
        self._early_close = after
        if (before is None) != (after is None):
            log.info("staff give out numbers=%s", "no" if after else "yes")

    def _take_waits(self, answer: HeartbeatAnswer) -> None:
        # In the journal's thread, like the issuing: a party is counted once, here or there.
        self._waits, self._waits_heard = answer, self._clock.monotonic()
        self._issued_since.clear()

    def _take_site(self, answer: SiteAnswer) -> None:
        if unknown := unspoken(answer.site.languages, answer.site.audio_languages):
            log.error("site file not taken, update the program for languages=%s", unknown)
            # Its key all the same: the one before may be in strange hands.
            site = self.site
            answer = answer.model_copy(update={"version": site.version, "site": site})
            if answer.key_id == self._in_force.key.key_id:
                return
        key = SiteKey.from_text(answer.key_id, answer.public_key)
        self._journal(lambda journal: journal.keep_site(answer.to_bytes()))
        self._in_force = SiteInForce(answer.site, key)
        for name in equipment.damaged_texts(answer.site):
            self._service.tell(name)
        log.info("site file taken version=%s key=%s", answer.version, answer.key_id)
