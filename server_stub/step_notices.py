"""The notices of steps: what a press came to, why a party is next, and why a step is not taken."""

from gettext import NullTranslations

from kiosk.contract.site import Site
from server_stub.calling import Called, NobodyWaits
from server_stub.hindrances import SENTENCES
from server_stub.hindrances import Reason as Obstacle
from server_stub.local_time import clock_time, day_and_time
from server_stub.parties import Parties
from server_stub.queue_rules import CallsPaused, Reason, Why
from server_stub.snapshot import VisitRow
from server_stub.staff_notices import Notice
from server_stub.step_errors import (
    CounterBusyError,
    DayClosedError,
    EmptyPartyError,
    FarAppointmentError,
    LeadNeededError,
    NoLetterError,
    NothingChosenError,
    NotOfThisSiteError,
    OtherCounterError,
    OtherStageError,
    StaleActionError,
    UnknownCounterError,
    UnknownVisitError,
)
from server_stub.visit import IllegalStepError, Step, StepError


class StepNotices:
    """What is said of steps, in one language.

    Args:
        site: For the names of stages and its clocks.
        texts: The catalogue.
        language: Its language.

    """

    def __init__(self, site: Site, texts: NullTranslations, language: str) -> None:
        self._site = site
        self._texts = texts
        self._language = language

    def came(self, step: str, came: Called | CallsPaused | NobodyWaits | VisitRow) -> Notice:
        """Say what a press came to that is about one party at most.

        Args:
            step: What the button said.
            came: What the use case answered.

        """
        match came:
            case NobodyWaits():
                return self.nobody_waits()
            case CallsPaused():
                return self.paused(came)
            case Called():
                return self.called(came)
            case VisitRow():
                return Notice("done", self._done(step, came))

    def came_to_two(self, step: str, came: Parties) -> Notice:
        """Say what splitting and merging came to."""
        _ = self._texts.gettext
        if step == Step.SPLIT:
            said = _("%(other)s goes on by itself, %(number)s stays.")
        else:
            said = _("%(number)s goes on with %(other)s: call and serve %(other)s.")
        return Notice("done", said % {"number": came.visit.number, "other": came.other.number})

    def called(self, answer: Called) -> Notice:
        """Say who is called, before whom, and why."""
        said = self._texts.gettext("%(number)s is called to counter %(counter)s.")
        told = {"number": answer.visit.number, "counter": answer.visit.counter}
        return Notice("done", said % told, self.reasons(answer.why))

    def reasons(self, why: Why) -> str:
        """Return before whom a party is called, and why; "" where nobody waits behind it."""
        _ = self._texts.gettext
        sentences = {
            Reason.PRIORITY: _("Before %(numbers)s: priority."),
            Reason.CARRIED_OVER: _("Before %(numbers)s: waits since an earlier day."),
            Reason.TURN: _("Before %(numbers)s: two with priority went before."),
            Reason.LANGUAGE: _("Before %(numbers)s: its language is spoken here."),
            Reason.INSIDE: _("Before %(numbers)s: is in the hall already, which is full."),
            Reason.APPOINTMENT: _("Before %(numbers)s: has an appointment."),
            Reason.WAITS_LONGER: _("Before %(numbers)s: waits longer."),
        }
        return " ".join(
            sentence % {"numbers": ", ".join(numbers)}
            for reason, sentence in sentences.items()
            if (numbers := [b.number for b in why.before if b.reason is reason])
        )

    def paused(self, pause: CallsPaused) -> Notice:
        """Say why nobody is called although somebody waits."""
        _ = self._texts.gettext
        if pause.stage is None:
            said = _("Calls pause: %(persons)d of at most %(most)d persons are in the hall.")
        else:
            said = _("Calls pause: %(persons)d of at most %(most)d persons are at %(stage)s.")
        told = {"persons": pause.persons, "most": pause.most, "stage": self._stage(pause.stage)}
        wanted = self._texts.ngettext(
            "%(number)s waits for room for %(num)d person. Call again when somebody has gone.",
            "%(number)s waits for room for %(num)d persons. Call again when somebody has gone.",
            pause.party,
        )
        return Notice("calm", said % told, wanted % {"number": pause.number, "num": pause.party})

    def nobody_waits(self) -> Notice:
        """Say that there is nobody to call."""
        _ = self._texts.gettext
        what = _("No one is waiting here.")
        return Notice("calm", what, _("A new party appears by itself as it arrives."))

    def last_step(self, step: Step, visit: VisitRow) -> str:
        """Return what was done with a party, for who may want to take it back."""
        _ = self._texts.gettext
        sentences = {
            Step.CALL: _("%(number)s was called."),
            Step.RECALL: _("%(number)s was called again."),
            Step.NO_SHOW: _("%(number)s did not come."),
            Step.SERVE: _("%(number)s is here."),
            Step.PARK: _("%(number)s was put back."),
            Step.READMIT: _("%(number)s waits again."),
            Step.OUTCOME: _("Outcomes of %(number)s were noted."),
            Step.FORWARD: _("%(number)s was sent on to %(stage)s."),
            Step.FINISH: _("%(number)s was finished."),
            Step.LEAVE: _("%(number)s has left."),
            Step.REROUTE: _("The route of %(number)s was changed."),
            Step.PRIORITY: _("The priority of %(number)s was changed."),
            Step.APPOINTMENT: _("The appointment of %(number)s was changed."),
            Step.CORRECT: _("%(number)s was corrected."),
        }
        told = {"number": visit.number, "stage": self._stage(visit.stage)}
        return sentences[step] % told if step in sentences else ""

    def refused(self, error: StepError) -> Notice:
        """Say why a step is not taken, and what to do."""
        return Notice("trouble", *self._why_not(error))

    def _done(self, step: str, visit: VisitRow) -> str:
        _ = self._texts.gettext
        time = (
            clock_time(visit.appointment_at, self._site.time_zone) if visit.appointment_at else ""
        )
        sentences: dict[str, str] = {
            Step.RECALL: _("%(number)s is called again."),
            Step.NO_SHOW: _("%(number)s did not come and is put back."),
            Step.SERVE: _("%(number)s is here."),
            Step.PARK: _("%(number)s is put back."),
            Step.READMIT: _("%(number)s waits again, near the front."),
            Step.OUTCOME: _("Noted for %(number)s."),
            Step.FORWARD: _("%(number)s goes on to %(stage)s."),
            Step.FINISH: _("%(number)s is finished."),
            Step.LEAVE: _("%(number)s has left."),
            Step.REROUTE: _("%(number)s has a new route."),
            Step.PRIORITY: _("%(number)s has priority.")
            if visit.priority
            else _("%(number)s has no priority any more."),
            Step.APPOINTMENT: _("%(number)s has an appointment at %(time)s.")
            if visit.appointment_at
            else _("%(number)s has no appointment any more."),
            Step.UNDO: _("Taken back: %(number)s is as before."),
            Step.CORRECT: _("%(number)s is corrected."),
            Step.BY_HAND: _("%(number)s waits at %(stage)s."),
        }
        told = {"number": visit.number, "stage": self._stage(visit.stage), "time": time}
        return sentences[step] % told

    def _why_not(self, error: StepError) -> tuple[str, str]:
        """Return what is in the way, and what to do now."""
        _ = self._texts.gettext
        told: dict[str, object] = {}
        match error:
            case StaleActionError():
                return self._somebody_was_faster(error)
            case CounterBusyError(counter=counter, number=number):
                told = {"counter": counter, "number": number}
                said = _("Counter %(counter)s still has %(number)s.")
                then = _("Send it on or finish it, then call the next.")
            case OtherCounterError(counter=counter, number=number):
                told = {"counter": counter, "number": number}
                said = _("%(number)s was already called by counter %(counter)s.")
                then = _("Leave it to that counter.")
            case OtherStageError(number=number, stage=stage):
                told = {"number": number, "stage": self._stage(stage)}
                said = _("%(number)s is at %(stage)s now.")
                then = _("A counter there can call it.")
            case IllegalStepError(number=number, reason=reason):
                told = {"number": number}
                said = _("That cannot be done with %(number)s now.")
                then = self._sentence(reason) or _("This page now shows how it stands.")
            case FarAppointmentError(number=number, ends=ends):
                until = day_and_time(ends, self._site.time_zone, language=self._language)
                told = {"number": number, "time": until}
                said = _("The number %(number)s is only good until %(time)s.")
                then = _("For a later appointment the party gets a new number on that day.")
            case _:
                said, then = self._why_not_at_all(error)
        return said % told, then

    def _why_not_at_all(self, error: StepError) -> tuple[str, str]:
        """Return the same of what is about no party."""
        _ = self._texts.gettext
        match error:
            case UnknownCounterError():
                told = _("No counter is chosen."), _("Choose your counter, then call the next.")
            case NotOfThisSiteError(reason=reason) | NoLetterError(reason=reason):
                told = _("That cannot be done."), self._sentence(reason)
            case EmptyPartyError():
                told = _("A number is for one person or more."), _("Say how many they are.")
            case NothingChosenError():
                told = _("Nothing is filled in."), _("Fill it in, then press again.")
            case LeadNeededError():
                told = _("Only a shift lead may do that."), _("Please ask the shift lead.")
            case DayClosedError():
                again = _("A shift lead opens it again first.")
                told = _("The day is closed, and its figures stand."), again
            case UnknownVisitError():
                now = _("This page now shows how it stands.")
                told = _("This party is not known any more."), now
            case _:
                again = _("This page now shows how it stands. Press again if it is still needed.")
                told = _("This button is out of date."), again
        return told

    def _somebody_was_faster(self, error: StaleActionError) -> tuple[str, str]:
        _ = self._texts.gettext
        at_counter = {
            Step.CALL: _("%(number)s was already called by counter %(counter)s at %(time)s."),
            Step.RECALL: _(
                "%(number)s was already called again by counter %(counter)s at %(time)s."
            ),
            Step.FORWARD: _("%(number)s was already sent on by counter %(counter)s at %(time)s."),
            Step.FINISH: _("%(number)s was already finished by counter %(counter)s at %(time)s."),
        }
        anyone = _("%(number)s was changed by %(name)s at %(time)s.")
        said = at_counter.get(error.step, anyone) if error.counter else anyone
        told = {
            "number": error.number,
            "counter": error.counter,
            "name": error.staff or _("the server"),
            "time": clock_time(error.at, self._site.time_zone),
        }
        return said % told, _("This page now shows how it stands.")

    def _sentence(self, reason: Obstacle | None) -> str:
        """Return what is in the way as a sentence; "" where the state alone says it."""
        if reason is None:
            return ""
        parts = {
            name: self._stages(part) if name in ("stage", "stages") else part
            for name, part in reason.parts.items()
        }
        said = self._texts.gettext(SENTENCES[reason.hindrance]) % parts
        return f"{said[0].upper()}{said[1:]}."

    def _stages(self, named: object) -> str:
        names = named if isinstance(named, tuple) else (str(named),)
        return ", ".join(self._stage(name) for name in names)

    def _stage(self, stage: str | None) -> str:
        known = self._site.stage(stage or "")
        return known.name[self._language] if known else stage or ""
