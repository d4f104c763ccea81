"""The flow: carries one party from screen to screen, and asks the desk for what it needs.

It is driven by touches and by the app's clock, all in Kivy's thread. It asks the conversation
before each step, so that a second finger on a screen that has just gone changes nothing.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future

from kiosk.contract.messages import HelpKind, SlipState, Trouble
from kiosk.conversation import NEXT, Conversation, State, Step
from kiosk.help_line import HelpProgress
from kiosk.screens.attention import Attention, Presence
from kiosk.screens.attract import Attract
from kiosk.screens.bell import Bell
from kiosk.screens.desk import Desk, DirectionsWatch, HelpWatch
from kiosk.screens.narrator import Narrator, Speech
from kiosk.screens.presenting import News, Presenter
from kiosk.screens.read_aloud import listen, show, view_of
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.ticket import Ticket

log = logging.getLogger(__name__)

ISSUING_SECONDS = 20.0
"""A disk that takes longer is broken; people help instead."""

CALM_SECONDS = 15.0
"""So long a kiosk whose screens stumbled sends people to staff, at least."""

PAPER_SECONDS = 180.0
"""So long each step of a slip may take before its party counts as gone: a slow line takes most of
a minute, and there may be two. A printer that hangs for longer does not keep the screen."""

SAYS_NOTHING = {Trouble.TAKEN_OUT, Trouble.TEXTS, Trouble.FONT}
"""Troubles in which a kiosk does not tell either what to do while it is closed."""

NOTHING_GIVEN_UP = {State.LANGUAGE, State.CLOSED, State.PLACES, State.OUT_OF_SERVICE}
"""Whoever leaves here was shown a place, or no way in."""


class Flow:
    """One party after the other, from the first screen back to it.

    Args:
        desk: The reception behind the screens.
        presenter: Shows where the conversation is.
        settings: How long to wait.
        speak: Takes the language that every text is to be in from now.
        reset_look: Makes the screens look as usual for the next party.
        speech: Reads the screens aloud; None where it cannot.
        monotonic: Seconds that never jump.

    Attributes:
        conversation: Where the present party is.
        ticket: Its ticket, once it has one.
        narrator: Reads to it.

    """

    def __init__(  # noqa: PLR0913  # all that it brings together
        self,
        desk: Desk,
        presenter: Presenter,
        *,
        settings: ScreenSettings,
        speak: Callable[[str], None],
        reset_look: Callable[[], None],
        speech: Speech | None = None,
        monotonic: Callable[[], float],
    ) -> None:
        self._desk = desk
        self._presenter = presenter
        self._speak = speak
        self._reset_look = reset_look
        self.conversation = Conversation(desk.site, opening=desk.opening)
        self.ticket: Ticket | None = None
        self._issuing: Future[Ticket] | None = None
        self._help: HelpWatch | None = None
        self._wanted: HelpKind | None = None
        self._directions: DirectionsWatch | None = None
        self._attract = Attract(monotonic)
        self._dialogue = Attention(
            settings.idle_seconds, settings.warning_seconds, monotonic=monotonic
        )
        self._reading = Attention(settings.ticket_seconds, 0, monotonic=monotonic)
        self._patience = Attention(ISSUING_SECONDS, 0, monotonic=monotonic)
        self._calm = Attention(CALM_SECONDS, 0, monotonic=monotonic)
        self._listening_seconds = settings.listening_seconds
        self._bell = Bell(speech.speaker.ring if speech else lambda: None, monotonic=monotonic)
        self.narrator = Narrator(
            speech,
            view=lambda: view_of(presenter, self.conversation, self.ticket),
            on_change=lambda: show(self.narrator, presenter),
            monotonic=monotonic,
        )
        self._listen()
        self._start()

    # What a touch does

    def choose_language(self, language: str) -> None:
        """Speak the party's language from now."""
        if self._can(Step.CHOOSE_LANGUAGE):
            self._bell.silence()
            self._speak(language)
            self._take(self.conversation.choose_language(language))

    def go_on(self) -> None:
        """Leave the notice, once read."""
        if self._can(Step.GO_ON):
            self._take(self.conversation.go_on())

    def answer_party(self) -> None:
        """Take how many they are; a child alone is a call for help."""
        party = self._presenter.screens.party.party
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
        before = self.conversation.back()
        if before.state is State.LANGUAGE:
            # Nobody has left, yet the first screen knows no language.
            self.conversation = before.leave(self._desk.site, self._desk.opening)
            self._start()
        else:
            self._take(before)

    def leave(self, *, by_hand: bool = True) -> None:
        """Forget everything; the next party begins, by the newest site file."""
        if not self._can(Step.LEAVE):
            return
        if by_hand:
            self._bell.silence()
        if self.ticket or self.conversation.state not in NOTHING_GIVEN_UP:
            self._desk.party_left(self.ticket)
        if self._directions:
            self._directions.party_left()
        self.conversation = self.conversation.leave(self._desk.site, self._desk.opening)
        self.ticket = self._help = self._wanted = self._directions = None
        self._reset_look()
        self.narrator.leave()
        self._start()

    def print_directions(self) -> None:
        """Print what to do until the site opens, once for each party."""
        dialogue = self.conversation
        if dialogue.state is State.CLOSED and dialogue.language and self._directions is None:
            self._directions = self._desk.print_directions(
                dialogue.language, site=dialogue.site, opening=dialogue.opening
            )

    def call_help(self, kind: HelpKind) -> None:
        """Call staff. While a number is being written down, the screen follows after it."""
        if self.conversation.state is State.ISSUING:
            self._call(kind)
            self._wanted = kind
        elif self._can(Step.CALL_HELP):
            self._call_help(kind)

    def call_in(self, language: str) -> None:
        """Call a person who speaks a language that is only spoken, and say so in it."""
        if self.conversation.state is State.LANGUAGE:
            self._call(HelpKind.PERSON, language)
            self._take(self.conversation.call_help(HelpKind.PERSON))
            self.narrator.tell_called(language)

    def break_down(self) -> None:
        """Forget the party after the screens stumbled; a calm screen stays for a while."""
        issuing, self._issuing = self._issuing, None
        if issuing and not issuing.cancel():
            issuing.add_done_callback(self._too_late)
        if self.ticket:
            self._desk.party_left(self.ticket)
        if self._directions:
            self._directions.party_left()
        self.conversation = self.conversation.stop()
        self.ticket = self._help = self._wanted = self._directions = None
        self._calm.sign_of_life()
        self._reset_look()
        self.narrator.leave()
        self._start()

    def say_slip_came_out(self, came_out: bool) -> None:  # noqa: FBT001  # an event's argument
        """Tell the desk what the party saw of its slip."""
        if self.ticket is not None:
            self._desk.slip_came_out(self.ticket, came_out=came_out)

    def sign_of_life(self) -> None:
        """Someone has touched the screen."""
        self.narrator.hush()
        self._dialogue.sign_of_life()
        self._reading.sign_of_life()
        self._attract.sign_of_life()
        self._presenter.frame.stop_asking()

    def plug_headphones(self, plugged: bool) -> None:  # noqa: FBT001  # the speaker's callback
        """Headphones were plugged in, or pulled out: someone is there."""
        self.sign_of_life()
        self.narrator.plug(plugged)

    # What time does

    def tick(self) -> None:
        """Look for news, and whether anyone is still there."""
        ask = {
            State.LANGUAGE: self._look_for_site,
            State.OUT_OF_SERVICE: self._look_for_service,
            State.CLOSED: self._look_for_directions,
            State.ISSUING: self._look_for_ticket,
            State.TICKET_READY: self._look_for_slip,
            State.HELP: self._look_for_help,
        }.get(self.conversation.state)
        if ask:
            ask()
        self._look_for_party()
        self.narrator.tick()
        self._bell.tick()

    def _look_for_site(self) -> None:
        now = self._desk.site, self._desk.opening
        if now != (self.conversation.site, self.conversation.opening) and not self.narrator.speaks:
            self.leave(by_hand=False)
        elif self._is_out_of_service:
            self._start()
        self._presenter.attract(self.conversation, self._attract, hold=self.narrator.speaks)

    @property
    def _is_out_of_service(self) -> bool:
        """While it is closed, what to do until it opens is said without any number."""
        trouble = self._desk.trouble
        return trouble is not None and (self._desk.opening.is_open or trouble in SAYS_NOTHING)

    def _look_for_service(self) -> None:
        is_calm = self._calm.presence is Presence.GONE
        # The desk that it sends people to may be at another door by now.
        is_old = self._desk.site != self.conversation.site and not self.narrator.speaks
        if is_calm and (is_old or not self._is_out_of_service):
            self.leave(by_hand=False)

    def _look_for_ticket(self) -> None:
        if self._issuing is None:
            return
        if self._issuing.done():
            future, self._issuing = self._issuing, None
            self._take_ticket(future)
        elif self._patience.presence is Presence.GONE:
            future, self._issuing = self._issuing, None
            log.error("no number given out reason=%r", f"not within {ISSUING_SECONDS:.0f} s")
            if not future.cancel():
                future.add_done_callback(self._too_late)
            self._take(self.conversation.not_issued())
            self._follow_help()

    def _take_ticket(self, future: Future[Ticket]) -> None:
        try:
            self.ticket = future.result()
        except Exception as error:  # noqa: BLE001  # whatever it was, people help instead
            log.error("no number given out reason=%s", type(error).__name__)  # noqa: TRY400
            self._take(self.conversation.not_issued())
        else:
            self._take(self.conversation.issued())
        self._follow_help()

    def _follow_help(self) -> None:
        if self._wanted:
            self._take(self.conversation.call_help(self._wanted))

    def _too_late(self, future: Future[Ticket]) -> None:
        """Take back a number that nobody waits for any more; in the desk's own thread."""
        if not future.cancelled() and not future.exception():
            self._desk.party_left(future.result())

    def _look_for_directions(self) -> None:
        screen = self._presenter.screens.closed
        if self._directions and screen.slip is not (state := self._directions.state):
            screen.slip = state
            self._reading.sign_of_life()

    def _look_for_slip(self) -> None:
        screen = self._presenter.screens.ticket_ready
        if self.ticket and screen.slip is not (state := self._desk.slip_state(self.ticket)):
            screen.slip = state
            self._reading.sign_of_life()

    def _look_for_help(self) -> None:
        screen = self._presenter.screens.help
        if self._help and screen.progress is not (state := self._help.state):
            screen.progress = state
            self._dialogue.sign_of_life()
            self._presenter.frame.stop_asking()  # or it would hide the news
            self.narrator.stop_asking()

    def _look_for_party(self) -> None:
        state = self.conversation.state
        listening = self._listening_seconds if self.narrator.speaks else 0
        self._dialogue.least_quiet = listening
        self._reading.least_quiet = max(listening, PAPER_SECONDS if self._is_printing else 0)
        at_rest = state in {State.LANGUAGE, State.OUT_OF_SERVICE}
        if at_rest and self._dialogue.presence is Presence.GONE:
            self._reset_look()  # whoever switched it has gone without a word
            if self._directions:  # of who went back here
                self._directions.party_left()
                self._directions = None
            if self.narrator.speaks:
                self.narrator.leave()
            self._presenter.turn_back()
        if at_rest or state is State.ISSUING:
            return
        reads = state in {State.CLOSED, State.TICKET_READY, State.PLACES}
        attention = self._reading if reads else self._dialogue
        if attention.presence is Presence.GONE:
            self._presenter.frame.stop_asking()
            self.leave(by_hand=False)
        elif attention.presence is Presence.ASKED:
            self._presenter.frame.ask_still_there(attention.seconds_left)
            self.narrator.ask_still_there()

    @property
    def _is_printing(self) -> bool:
        """While a party waits for its paper, it has nothing to touch."""
        screens = self._presenter.screens
        slips = {State.CLOSED: screens.closed, State.TICKET_READY: screens.ticket_ready}
        screen = slips.get(self.conversation.state)
        return screen is not None and screen.slip in {SlipState.WAITING, SlipState.SENDING}

    # What is shown

    def _start(self) -> None:
        if self._is_out_of_service and self.conversation.state is State.LANGUAGE:
            self.conversation = self.conversation.stop()
        self._presenter.forget()
        self._speak(self.conversation.site.languages[0])
        self._show()

    def _take(self, conversation: Conversation) -> None:
        self.conversation = conversation
        if conversation.state is State.ISSUING:
            self._issuing = self._desk.check_in(conversation.answers)
            self._patience.sign_of_life()
            self._presenter.forget_answers()
        self._show()

    def _show(self) -> None:
        self.sign_of_life()
        news = News(
            ticket=self.ticket,
            slip=self._desk.slip_state(self.ticket) if self.ticket else SlipState.WAITING,
            help=self._help.state if self._help else HelpProgress.CALLING,
        )
        self._presenter.show(self.conversation, news)
        self.narrator.arrive()

    # How it hangs together

    def _listen(self) -> None:
        screens, frame = self._presenter.screens, self._presenter.frame
        listen(self.narrator, self._presenter)
        frame.bind(
            on_back=lambda *_: self.back(),
            on_cancel=lambda *_: self.leave(),
            on_help=lambda _, kind: self.call_help(kind),
            on_sign_of_life=lambda *_: self.sign_of_life(),
        )
        screens.language.bind(
            on_language=lambda _, code: self.choose_language(code),
            on_audio_language=lambda _, code: self.call_in(code),
        )
        screens.notice.bind(on_go_on=lambda *_: self.go_on())
        screens.party.bind(on_go_on=lambda *_: self.answer_party())
        screens.question.bind(
            on_go_on=lambda screen: self.answer(tuple(screen.chosen)),
            on_answer=lambda _, chosen: self.answer(chosen),
        )
        for screen in (screens.digits, screens.text):
            screen.bind(on_go_on=lambda screen: self.answer((screen.answer,)))
        screens.places.bind(on_go_on=lambda *_: self.leave())
        screens.ticket_ready.bind(
            on_go_on=lambda *_: self.leave(),
            on_slip_answer=lambda _, came_out: self.say_slip_came_out(came_out),
        )
        screens.closed.bind(
            on_go_on=lambda *_: self.leave(), on_print=lambda *_: self.print_directions()
        )
        screens.help.bind(on_go_on=lambda *_: self.leave())
        screens.ask_staff.bind(on_go_on=lambda *_: self.leave())

    def _can(self, step: Step) -> bool:
        return (self.conversation.state, step) in NEXT

    def _call(self, kind: HelpKind, language: str | None = None) -> None:
        self._help = self._desk.call_help(kind, language or self.conversation.language)
        self._bell.attend(self._help)

    def _call_help(self, kind: HelpKind) -> None:
        self._call(kind)
        self._presenter.forget_answers()
        self._take(self.conversation.call_help(kind))
