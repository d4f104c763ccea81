"""Presenting: from where the conversation is to the one screen that shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.contract.messages import SlipState
from kiosk.contract.questions import Digits, FreeText
from kiosk.conversation import Conversation, State
from kiosk.help_line import HelpProgress
from kiosk.language import Catalogue
from kiosk.screens.ask_staff import AskStaffScreen
from kiosk.screens.digits import DigitsScreen
from kiosk.screens.frame import Frame
from kiosk.screens.help import HelpScreen
from kiosk.screens.issuing import IssuingScreen
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.language import LanguageScreen
from kiosk.screens.notice import NoticeScreen
from kiosk.screens.party import PartyScreen
from kiosk.screens.places import PlacesScreen
from kiosk.screens.question import QuestionScreen
from kiosk.screens.text import TextScreen
from kiosk.screens.ticket_ready import TicketReadyScreen
from kiosk.ticket import Ticket

STEPS_BEFORE_QUESTIONS = 2
"""The notice and the party's size; the ticket is the last step."""


@dataclass(frozen=True, slots=True)
class Screens:
    """One of each; made once, filled and emptied for each party."""

    language: LanguageScreen
    notice: NoticeScreen
    party: PartyScreen
    question: QuestionScreen
    digits: DigitsScreen
    text: TextScreen
    places: PlacesScreen
    issuing: IssuingScreen
    ticket_ready: TicketReadyScreen
    help: HelpScreen
    ask_staff: AskStaffScreen

    def all(self) -> tuple[KioskScreen, ...]:
        """Return every screen."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class News:
    """What the desk knows beside the conversation.

    Attributes:
        ticket: Once there is one.
        slip: What became of its slip.
        help: How far a call is.

    """

    ticket: Ticket | None = None
    slip: SlipState = SlipState.WAITING
    help: HelpProgress = HelpProgress.CALLING


class Presenter:
    """Fills the screen of the moment and puts it into the frame.

    Args:
        frame: Where screens are shown.
        screens: The screens.
        catalogues: Gives the texts of a language.

    """

    def __init__(
        self, frame: Frame, screens: Screens, *, catalogues: Callable[[str], Catalogue]
    ) -> None:
        self.frame = frame
        self.screens = screens
        self._catalogues = catalogues

    def show(self, conversation: Conversation, news: News) -> None:
        """Show where the conversation is."""
        frame, state = self.frame, conversation.state
        frame.has_language = conversation.language is not None
        frame.can_go_back = conversation.can_go_back
        frame.can_cancel = conversation.can_go_back and state is not State.PLACES
        frame.steps = STEPS_BEFORE_QUESTIONS + len(conversation.site.questions) + 1
        frame.step = _steps_done(conversation)
        frame.screen = self._filled(state)(conversation, news)
        for screen in (self.screens.digits, self.screens.text):
            if screen is not frame.screen and screen.question is not None:
                screen.forget()

    def forget_answers(self) -> None:
        """Empty the screens that were answered."""
        screens = self.screens
        answered = (screens.party, screens.question, screens.digits, screens.text, screens.places)
        for screen in answered:
            screen.forget()

    def forget(self) -> None:
        """Empty every screen."""
        for screen in self.screens.all():
            screen.forget()

    def _filled(self, state: State) -> Callable[[Conversation, News], KioskScreen]:
        return {
            State.LANGUAGE: self._language,
            State.NOTICE: self._notice,
            State.PARTY: lambda *_: self.screens.party,
            State.QUESTION: self._question,
            State.PLACES: self._places,
            State.ISSUING: lambda *_: self.screens.issuing,
            State.TICKET_READY: self._ticket_ready,
            State.HELP: self._help,
            State.ASK_STAFF: lambda *_: self.screens.ask_staff,
        }[state]

    def _language(self, conversation: Conversation, _: News) -> KioskScreen:
        screen, site = self.screens.language, conversation.site
        screen.site_name = site.name
        screen.offer(site.languages)
        return screen

    def _notice(self, conversation: Conversation, _: News) -> KioskScreen:
        self.screens.notice.tell(conversation.site.privacy_notice)
        return self.screens.notice

    def _question(self, conversation: Conversation, _: News) -> KioskScreen:
        question, screens = conversation.question, self.screens
        if isinstance(question, Digits):
            screens.digits.ask(question)
            return screens.digits
        if isinstance(question, FreeText) and conversation.language:
            screens.text.ask(question, language=conversation.language)
            return screens.text
        if question is not None:
            screens.question.ask(question)
        return screens.question

    def _places(self, conversation: Conversation, _: News) -> KioskScreen:
        self.screens.places.show(conversation.places)
        return self.screens.places

    def _ticket_ready(self, _: Conversation, news: News) -> KioskScreen:
        screen = self.screens.ticket_ready
        if news.ticket is not None:
            screen.number, screen.url = news.ticket.number, news.ticket.url or ""
            screen.show_way(news.ticket.route)
            screen.show_places(news.ticket.places)
            screen.slip = news.slip
        return screen

    def _help(self, conversation: Conversation, news: News) -> KioskScreen:
        screen, site = self.screens.help, conversation.site
        languages = (conversation.language,) if conversation.language else site.languages
        screen.site_name = site.name
        screen.kind = conversation.help_kind
        screen.desk = site.desk
        screen.catalogues = [self._catalogues(language) for language in languages]
        screen.number = news.ticket.number if news.ticket else ""
        screen.progress = news.help
        return screen


def _steps_done(conversation: Conversation) -> int:
    """Return how far the party is; a question that is skipped counts as answered."""
    questions = conversation.site.questions
    asked = questions.index(conversation.question) if conversation.question else 0
    return {
        State.NOTICE: 1,
        State.PARTY: 2,
        State.QUESTION: STEPS_BEFORE_QUESTIONS + asked + 1,
        State.PLACES: STEPS_BEFORE_QUESTIONS + len(questions) + 1,
        State.ISSUING: STEPS_BEFORE_QUESTIONS + len(questions),
        State.TICKET_READY: STEPS_BEFORE_QUESTIONS + len(questions) + 1,
    }.get(conversation.state, 0)
