"""The flow: carries one party from screen to screen, and asks the desk for what it needs.

It is driven by touches and by the app's clock, all in Kivy's thread. It asks the conversation
before each step, so that a second finger on a screen that has just gone changes nothing.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from kiosk.contract.messages import HelpKind
from kiosk.conversation import NEXT, Conversation, State, Step
from kiosk.language import Catalogue
from kiosk.screens.ask_staff import AskStaffScreen
from kiosk.screens.attention import Attention, Presence
from kiosk.screens.desk import Desk, HelpWatch
from kiosk.screens.frame import Frame
from kiosk.screens.help import HelpScreen
from kiosk.screens.issuing import IssuingScreen
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.language import LanguageScreen
from kiosk.screens.notice import NoticeScreen
from kiosk.screens.party import PartyScreen
from kiosk.screens.question import QuestionScreen
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.ticket_ready import TicketReadyScreen
from kiosk.ticket import Ticket

log = logging.getLogger(__name__)

STEPS_BEFORE_QUESTIONS = 2
"""The notice and the party's size; the ticket is the last step."""


@dataclass(frozen=True, slots=True)
class Screens:
    """One of each; made once, filled and emptied for each party."""

    language: LanguageScreen
    notice: NoticeScreen
    party: PartyScreen
    question: QuestionScreen
    issuing: IssuingScreen
    ticket_ready: TicketReadyScreen
    help: HelpScreen
    ask_staff: AskStaffScreen

    def all(self) -> tuple[KioskScreen, ...]:
        """Return every screen."""
        return tuple(getattr(self, name) for name in self.__slots__)


class Flow:
    """Shows what the conversation is at, and takes it on.

    Args:
        desk: The reception behind the screens.
        frame: Where screens are shown.
        screens: The screens.
        settings: How long to wait.
        catalogues: Gives the texts of a language.
        speak: Takes the language that every text is to be in from now.
        monotonic: Seconds that never jump.

    """

    def __init__(  # noqa: PLR0913  # all by name; the app puts them together in one place
        self,
        desk: Desk,
        *,
        frame: Frame,
        screens: Screens,
        settings: ScreenSettings,
        catalogues: Callable[[str], Catalogue],
        speak: Callable[[str], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._desk = desk
        self._frame = frame
        self._screens = screens
        self._settings = settings
        self._catalogues = catalogues
        self._speak = speak
        self.conversation = Conversation(desk.site)
        self.ticket: Ticket | None = None
        self._issuing: Future[Ticket] | None = None
        self._help: HelpWatch | None = None
        self._wanted: HelpKind | None = None
        self._dialogue = Attention(
            settings.idle_seconds, settings.warning_seconds, monotonic=monotonic
        )
        self._reading = Attention(settings.ticket_seconds, 0, monotonic=monotonic)
        self._listen()
        self._start()

    # What a touch does

    def choose_language(self, language: str) -> None:
        """Speak the party's language from now."""
        if self._can(Step.CHOOSE_LANGUAGE):
            self._speak(language)
            self._take(self.conversation.choose_language(language))

    def go_on(self) -> None:
        """Leave the notice, once read."""
        if self._can(Step.GO_ON):
            self._take(self.conversation.go_on())

    def answer_party(self) -> None:
        """Take how many they are; a child alone is a call for help."""
        party = self._screens.party.party
        if self.conversation.state is not State.PARTY or party is None:
            return
        if party.is_child_alone:
            self._call_help(HelpKind.CHILD_ALONE)
        else:
            self._take(self.conversation.answer_party(party))

    def answer(self, chosen: tuple[str, ...]) -> None:
        """Take the answer to the present question."""
        if self.conversation.state is State.QUESTION and chosen:
            self._take(self.conversation.answer(chosen))

    def back(self) -> None:
        """Go one screen back."""
        if not self._can(Step.BACK):
            return
        self._take(self.conversation.back())
        if self.conversation.state is State.LANGUAGE:
            # Nobody has left, yet the first screen knows no language.
            self.conversation = self.conversation.leave(self._desk.site)
            self._start()

    def leave(self) -> None:
        """Forget everything; the next party begins, by the newest site file."""
        if not self._can(Step.LEAVE):
            return
        if self.conversation.state is not State.LANGUAGE:
            self._desk.party_left(self.ticket)
        self.conversation = self.conversation.leave(self._desk.site)
        self.ticket = self._help = self._wanted = None
        self._start()

    def call_help(self, kind: HelpKind) -> None:
        """Call staff. While a number is being written down, the screen follows after it."""
        if self.conversation.state is State.ISSUING:
            self._help = self._desk.call_help(kind, self.conversation.language)
            self._wanted = kind
        elif self._can(Step.CALL_HELP):
            self._call_help(kind)

    def say_slip_came_out(self, came_out: bool) -> None:  # noqa: FBT001  # an event's argument
        """Tell the desk what the party saw of its slip."""
        if self.ticket is not None:
            self._desk.slip_came_out(self.ticket, came_out=came_out)

    def sign_of_life(self) -> None:
        """Someone has touched the screen."""
        self._dialogue.sign_of_life()
        self._reading.sign_of_life()
        self._frame.stop_asking()

    # What time does

    def tick(self) -> None:
        """Look for news, and whether anyone is still there."""
        ask = {
            State.LANGUAGE: self._look_for_site,
            State.ISSUING: self._look_for_ticket,
            State.TICKET_READY: self._look_for_slip,
            State.HELP: self._look_for_help,
        }.get(self.conversation.state)
        if ask:
            ask()
        self._look_for_party()

    def _look_for_site(self) -> None:
        if self._desk.site != self.conversation.site:
            self.leave()

    def _look_for_ticket(self) -> None:
        if self._issuing is None or not self._issuing.done():
            return
        future, self._issuing = self._issuing, None
        try:
            self.ticket = future.result()
        except Exception as error:  # noqa: BLE001  # whatever it was, people help instead
            log.error("no number given out reason=%s", type(error).__name__)  # noqa: TRY400
            self._take(self.conversation.not_issued())
        else:
            self._take(self.conversation.issued())
        if self._wanted:
            self._take(self.conversation.call_help(self._wanted))

    def _look_for_slip(self) -> None:
        screen = self._screens.ticket_ready
        if self.ticket and screen.slip is not (state := self._desk.slip_state(self.ticket)):
            screen.slip = state
            self._reading.sign_of_life()

    def _look_for_help(self) -> None:
        if self._help and self._screens.help.progress is not self._help.state:
            self._screens.help.progress = self._help.state
            self._dialogue.sign_of_life()

    def _look_for_party(self) -> None:
        state = self.conversation.state
        if state in {State.LANGUAGE, State.ISSUING}:
            return
        attention = self._reading if state is State.TICKET_READY else self._dialogue
        if attention.presence is Presence.GONE:
            self._frame.stop_asking()
            self.leave()
        elif attention.presence is Presence.ASKED:
            self._frame.ask_still_there(attention.seconds_left)

    # What is shown

    def _start(self) -> None:
        for screen in self._screens.all():
            screen.forget()
        self._speak(self.conversation.site.languages[0])
        self._frame.stop_asking()
        self._show()

    def _take(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self._show()

    def _show(self) -> None:
        self.sign_of_life()
        state, site = self.conversation.state, self.conversation.site
        frame = self._frame
        frame.has_language = self.conversation.language is not None
        frame.can_go_back = self.conversation.can_go_back
        frame.can_cancel = frame.can_go_back
        frame.steps = STEPS_BEFORE_QUESTIONS + len(site.questions) + 1
        frame.step = self._step(state)
        frame.screen = self._fill(state)

    def _step(self, state: State) -> int:
        answered = STEPS_BEFORE_QUESTIONS + len(self.conversation.chosen)
        return {
            State.NOTICE: 1,
            State.PARTY: 2,
            State.QUESTION: answered + 1,
            State.ISSUING: answered,
            State.TICKET_READY: self._frame.steps,
        }.get(state, 0)

    def _fill(self, state: State) -> KioskScreen:
        fill: dict[State, Callable[[], KioskScreen]] = {
            State.LANGUAGE: self._fill_language,
            State.NOTICE: self._fill_notice,
            State.PARTY: lambda: self._screens.party,
            State.QUESTION: self._fill_question,
            State.ISSUING: self._fill_issuing,
            State.TICKET_READY: self._fill_ticket,
            State.HELP: self._fill_help,
            State.ASK_STAFF: lambda: self._screens.ask_staff,
        }
        return fill[state]()

    def _fill_language(self) -> KioskScreen:
        screen, site = self._screens.language, self.conversation.site
        screen.site_name = site.name
        screen.offer(site.languages, landscape=self._settings.is_landscape)
        return screen

    def _fill_notice(self) -> KioskScreen:
        self._screens.notice.tell(self.conversation.site.privacy_notice)
        return self._screens.notice

    def _fill_question(self) -> KioskScreen:
        screen, question = self._screens.question, self.conversation.question
        if question is not None:
            screen.ask(question, landscape=self._settings.is_landscape)
        return screen

    def _fill_issuing(self) -> KioskScreen:
        if self._issuing is None:
            self._issuing = self._desk.check_in(self.conversation.answers)
            self._forget_answers()
        return self._screens.issuing

    def _fill_ticket(self) -> KioskScreen:
        screen = self._screens.ticket_ready
        if self.ticket is not None:
            screen.number, screen.url = self.ticket.number, self.ticket.url or ""
            screen.show_way(self.ticket.route)
            screen.slip = self._desk.slip_state(self.ticket)
        return screen

    def _fill_help(self) -> KioskScreen:
        screen, conversation = self._screens.help, self.conversation
        languages = (conversation.language,) if conversation.language else conversation.site.languages
        screen.site_name = conversation.site.name
        screen.kind = conversation.help_kind
        screen.catalogues = [self._catalogues(language) for language in languages]
        screen.number = self.ticket.number if self.ticket else ""
        if self._help:
            screen.progress = self._help.state
        return screen

    # How it hangs together

    def _listen(self) -> None:
        screens, frame = self._screens, self._frame
        frame.bind(
            on_back=lambda *_: self.back(),
            on_cancel=lambda *_: self.leave(),
            on_help=lambda _, kind: self.call_help(kind),
            on_sign_of_life=lambda *_: self.sign_of_life(),
        )
        screens.language.bind(on_language=lambda _, code: self.choose_language(code))
        screens.notice.bind(on_go_on=lambda *_: self.go_on())
        screens.party.bind(on_go_on=lambda *_: self.answer_party())
        screens.question.bind(
            on_go_on=lambda screen: self.answer(tuple(screen.chosen)),
            on_answer=lambda _, chosen: self.answer(chosen),
        )
        screens.ticket_ready.bind(
            on_go_on=lambda *_: self.leave(),
            on_slip_answer=lambda _, came_out: self.say_slip_came_out(came_out),
        )
        screens.help.bind(on_go_on=lambda *_: self.leave())
        screens.ask_staff.bind(on_go_on=lambda *_: self.leave())

    def _can(self, step: Step) -> bool:
        return (self.conversation.state, step) in NEXT

    def _call_help(self, kind: HelpKind) -> None:
        self._help = self._desk.call_help(kind, self.conversation.language)
        self._forget_answers()
        self._take(self.conversation.call_help(kind))

    def _forget_answers(self) -> None:
        self._screens.party.forget()
        self._screens.question.forget()
