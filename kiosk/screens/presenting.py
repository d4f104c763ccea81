"""Presenting: from where the conversation is to the one screen that shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.contract.messages import SlipState
from kiosk.contract.questions import Choices, Digits, FreeText, Question
from kiosk.contract.site import Site
from kiosk.conversation import Conversation, State
from kiosk.help_line import HelpProgress
from kiosk.language import Catalogue, spoken
from kiosk.moment import closed_until, opens
from kiosk.screens.ask_staff import AskStaffScreen
from kiosk.screens.attract import Attract
from kiosk.screens.closed import ClosedScreen
from kiosk.screens.digits import DigitsScreen
from kiosk.screens.door_opens import DoorOpens
from kiosk.screens.frame import Frame
from kiosk.screens.help import HelpScreen
from kiosk.screens.issuing import IssuingScreen
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.language import LanguageScreen
from kiosk.screens.notice import NoticeScreen
from kiosk.screens.out_of_service import OutOfServiceScreen
from kiosk.screens.party import PartyScreen
from kiosk.screens.places import PlacesScreen
from kiosk.screens.question import QuestionScreen
from kiosk.screens.text import TextScreen
from kiosk.screens.ticket_ready import TicketReadyScreen
from kiosk.ticket import Ticket

IN_THE_CODE = "en"
"""The language of the texts that need no file."""

STEPS_BEFORE_QUESTIONS = 2
"""The notice and the party's size; the ticket is the last step."""


@dataclass(frozen=True, slots=True)
class Screens:
    """One of each; made once, filled and emptied for each party."""

    language: LanguageScreen
    closed: ClosedScreen
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
    out_of_service: OutOfServiceScreen

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
        frame.let_go()
        frame.has_language = conversation.language is not None
        frame.can_go_back = conversation.can_go_back
        frame.can_cancel = conversation.can_go_back and state not in {State.CLOSED, State.PLACES}
        frame.steps = STEPS_BEFORE_QUESTIONS + len(conversation.site.questions) + 1
        frame.step = _steps_done(conversation)
        frame.screen = self._filled(state)(conversation, news)
        for screen in (self.screens.digits, self.screens.text):
            if screen is not frame.screen and screen.question is not None:
                screen.forget()

    def attract(self, conversation: Conversation, attract: Attract, *, hold: bool) -> None:
        """Write the first screen's heading in the language of the moment, unless on `hold`."""
        screen, is_open = self.screens.language, conversation.opening.is_open
        languages = self._spoken(conversation.site)
        code = None if hold else attract.language(languages, at_once=not is_open)
        if conversation.state is State.LANGUAGE and code != screen.attracts:
            screen.attract(self._catalogues(code) if code else None)

    def turn_back(self) -> None:
        """Show the first page of what stands there while nobody is."""
        for pages in (self.screens.language.ids.grid, self.screens.out_of_service.ids.lines):
            if pages.page:
                pages.turn(-pages.page)

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
            State.CLOSED: self._closed,
            State.NOTICE: self._notice,
            State.PARTY: self._party,
            State.QUESTION: self._question,
            State.PLACES: self._places,
            State.ISSUING: lambda *_: self.screens.issuing,
            State.TICKET_READY: self._ticket_ready,
            State.HELP: self._help,
            State.ASK_STAFF: lambda *_: self.screens.ask_staff,
            State.OUT_OF_SERVICE: self._out_of_service,
        }[state]

    def _language(self, conversation: Conversation, _: News) -> KioskScreen:
        screen, site = self.screens.language, conversation.site
        screen.site_name, screen.is_open = site.name, conversation.opening.is_open
        screen.offer(self._spoken(site), site.audio_languages)
        return screen

    def _closed(self, conversation: Conversation, _: News) -> KioskScreen:
        screen, opening = self.screens.closed, conversation.opening
        if conversation.language:
            words, moment = self._catalogues(conversation.language), opening.opens_at
            screen.opens = opens(words, moment, now=opening.at) if moment else ""
        screen.show(conversation.site.when_closed)
        return screen

    def _notice(self, conversation: Conversation, _: News) -> KioskScreen:
        site, language = conversation.site, conversation.language
        about = site.privacy_page(language) if language else None
        self.screens.notice.tell(site.privacy_notice, about=about)
        return self.screens.notice

    def _party(self, _conversation: Conversation, _news: News) -> KioskScreen:
        self.screens.party.prepare()
        return self.screens.party

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
            screens.question.annotate(self._notes(conversation, question))
        return screens.question

    def _notes(self, conversation: Conversation, question: Question) -> dict[str, str]:
        """Return what to say of the options that lead only to what is closed now."""
        if not isinstance(question, Choices) or conversation.language is None:
            return {}
        words, opening = self._catalogues(conversation.language), conversation.opening
        found = ((option.id, opening.opens(option.stages)) for option in question.options)
        return {
            option: closed_until(words, moment, now=opening.at)
            for option, (is_closed, moment) in found
            if is_closed
        }

    def _places(self, conversation: Conversation, _: News) -> KioskScreen:
        self.screens.places.show(conversation.places)
        return self.screens.places

    def _ticket_ready(self, _: Conversation, news: News) -> KioskScreen:
        screen = self.screens.ticket_ready
        if news.ticket is not None:
            screen.number, screen.url = news.ticket.number, news.ticket.url or ""
            screen.show_way(news.ticket.route)
            screen.show_later(self._closed_doors(news.ticket))
            screen.show_places(news.ticket.places)
            screen.slip = news.slip
        return screen

    def _closed_doors(self, ticket: Ticket) -> tuple[DoorOpens, ...]:
        words, now = self._catalogues(ticket.language), ticket.opening.at
        return tuple(
            DoorOpens(stages=list(stages), text=closed_until(words, moment, now=now))
            for moment, stages in ticket.closed_doors
        )

    def _help(self, conversation: Conversation, news: News) -> KioskScreen:
        screen, site = self.screens.help, conversation.site
        languages = (conversation.language,) if conversation.language else self._spoken(site)
        screen.site_name = site.name
        screen.kind = conversation.help_kind
        screen.desk = site.desk
        screen.catalogues = [self._catalogues(language) for language in languages]
        screen.number = news.ticket.number if news.ticket else ""
        screen.progress = news.help
        return screen

    def _out_of_service(self, conversation: Conversation, _: News) -> KioskScreen:
        screen, site = self.screens.out_of_service, conversation.site
        screen.site_name, screen.desk = site.name, site.desk
        screen.catalogues = [self._catalogues(language) for language in self._spoken(site)]
        return screen

    def _spoken(self, site: Site) -> tuple[str, ...]:
        """Return the site's languages that have their texts; English ones where none has."""
        return spoken(site.languages, catalogues=self._catalogues) or (IN_THE_CODE,)


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
