"""The app: Kivy's life cycle, the texts of the moment, and the shell that nobody gets out of.

The only door between the program's other threads and the widgets: the app asks the desk, from
Kivy's own clock; what the speaker tells waits here for the next frame.
"""

from collections.abc import Callable
from pathlib import Path
from time import monotonic as system_monotonic
from typing import Any

from kivy.app import App
from kivy.base import ExceptionManager
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.properties import AliasProperty, StringProperty

from kiosk.contract.messages import Trouble
from kiosk.contract.signs import Text
from kiosk.language import LANGUAGES, Catalogue, catalogue
from kiosk.screens.ask_staff import AskStaffScreen
from kiosk.screens.closed import ClosedScreen
from kiosk.screens.desk import Desk
from kiosk.screens.digits import DigitsScreen
from kiosk.screens.ending import refuse, stopped_by_signals
from kiosk.screens.flow import Flow
from kiosk.screens.frame import Frame
from kiosk.screens.garbage import GarbageCollector
from kiosk.screens.help import HelpScreen
from kiosk.screens.issuing import IssuingScreen
from kiosk.screens.keypad import Keypad
from kiosk.screens.language import LanguageScreen
from kiosk.screens.narrator import Speech
from kiosk.screens.notice import NoticeScreen
from kiosk.screens.out_of_service import OutOfServiceScreen
from kiosk.screens.pace import Pace
from kiosk.screens.party import PartyScreen
from kiosk.screens.places import PlacesScreen
from kiosk.screens.presenting import Presenter, Screens
from kiosk.screens.question import QuestionScreen
from kiosk.screens.rehearsal import Rehearsal
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.staff_door import StaffDoor
from kiosk.screens.stumbles import Stumbles
from kiosk.screens.text import TextScreen
from kiosk.screens.theme import Theme
from kiosk.screens.ticket_ready import TicketReadyScreen
from kiosk.screens.widgets import register_font

TICK_SECONDS = 0.1

MARKUP = (
    *("widgets", "pages", "frame", "keys", "field"),  # first: what later rules build on
    *("language", "notice", "party", "question", "digits", "text", "issuing", "ticket_ready"),
    *("places", "help", "ask_staff", "closed", "door_opens", "out_of_service"),
    *("staff_pad", "staff_menu", "touch_test"),
)


class KioskApp(App):
    """The touchscreen program.

    Args:
        desk: The reception behind the screens.
        catalogues: Gives the texts of a language.
        settings: The screen's.
        speech: Reads the screens aloud; None where it cannot.
        monotonic: Seconds that never jump; times touches and silence.
        on_shown: Called once, after the first picture: what can wait until people see something.

    Attributes:
        language: What every text is shown in.
        tr: Returns an English text in this language; rules bind to it.
        words: Returns a text of the site file in this language.
        mirrored: True where this language is read from the right.

    """

    title = "Ankunft"
    language = StringProperty("en")

    def _tr(self) -> Callable[[str], str]:
        return self._catalogues(self.language).text

    def _words(self) -> Callable[[Text], str]:
        return self._catalogues(self.language).of_site

    def _mirrored(self) -> bool:
        return LANGUAGES[self.language].right_to_left

    tr = AliasProperty(_tr, bind=["language"])
    words = AliasProperty(_words, bind=["language"])
    mirrored = AliasProperty(_mirrored, bind=["language"])

    def __init__(
        self,
        desk: Desk,
        *,
        catalogues: Callable[[str], Catalogue] = catalogue,
        settings: ScreenSettings,
        speech: Speech | None = None,
        monotonic: Callable[[], float] = system_monotonic,
        on_shown: Callable[[], None] = lambda: None,
        **kwargs: Any,  # noqa: ANN401  # Kivy's
    ) -> None:
        self._catalogues = catalogues
        super().__init__(**kwargs)
        self._desk = desk
        self.settings = settings
        self._speech = speech
        self._monotonic = monotonic
        self._on_shown = on_shown
        self._pace = Pace()
        self._garbage = GarbageCollector()
        self._ticking = Clock.create_trigger(lambda _: self._tick(), TICK_SECONDS, interval=True)

    def build(self) -> Frame:
        """Make every screen once; they are filled and emptied, never made again."""
        register_font()
        for name in MARKUP:
            path = str(Path(__file__).with_name(f"{name}.kv"))
            if path not in Builder.files:
                Builder.load_file(path)
        self.theme = Theme(self.settings)
        self.theme.bind(palette=self._colour_background)
        self._colour_background()
        self.theme.scale()
        self.frame = Frame(monotonic=self._monotonic)
        screens = _make_screens()
        self._rehearsal = Rehearsal(screens.party, screens.question, site=lambda: self._desk.site)
        self.flow = Flow(
            self._desk,
            Presenter(self.frame, screens, catalogues=self._catalogues),
            settings=self.settings,
            speak=self._speak,
            reset_look=self._reset_look,
            speech=self._speech,
            monotonic=self._monotonic,
        )
        if self._speech is not None:
            self._speech.speaker.on_utterance = _in_our_thread(self.flow.narrator.uttered)
            self._speech.speaker.on_headphones = _in_our_thread(self.flow.plug_headphones)
        self.keypad = Keypad(
            self.frame,
            self.theme,
            settings=self.settings,
            is_mirrored=lambda: self.mirrored,
            monotonic=self._monotonic,
            on_focus=self._say_focus,
        )
        self.staff_door = StaffDoor(
            self.frame, self.flow, self._desk.staff, stop=self.stop, monotonic=self._monotonic
        )
        return self.frame

    def run(self) -> None:
        """Show the kiosk until `stop`, SIGTERM or SIGINT; raise what it cannot recover from."""
        stumbles = Stumbles(self._recover, monotonic=self._monotonic)
        ExceptionManager.add_handler(stumbles)
        try:
            with stopped_by_signals(self.stop):
                super().run()
        finally:
            ExceptionManager.remove_handler(stumbles)

    def on_start(self) -> None:
        """Begin to listen for news, and refuse to be closed by Alt-F4."""
        Window.bind(on_request_close=refuse)
        self.keypad.open()
        self._ticking()
        self._garbage.start()
        self._pace.start()
        Window.bind(on_flip=self._shown)

    def on_stop(self) -> None:
        """Ask the desk no more."""
        Window.unbind(on_flip=self._shown)
        self._rehearsal.end()
        self._pace.stop()
        self._garbage.stop()
        self._ticking.cancel()
        self.keypad.close()
        Window.unbind(on_request_close=refuse)

    def rehearse(self) -> None:
        """Make what the first party would otherwise wait for, a little at a time."""
        self._rehearsal.begin()

    def open_settings(self, *_: object) -> bool:
        """Open nothing: F1 is nobody's way out."""
        return False

    def _shown(self, *_: object) -> None:
        Window.unbind(on_flip=self._shown)
        Clock.schedule_once(lambda _: self._on_shown())  # the picture is there after this event

    def _recover(self) -> None:
        self.staff_door.shut()
        self.flow.break_down()
        self._desk.tell_staff(Trouble.SCREENS)
        # Kivy's clock drops an interval whose callback raises.
        Clock.schedule_once(lambda _: self._ticking())

    def _tick(self) -> None:
        self.flow.tick()
        self.staff_door.tick()

    def _say_focus(self, tile: object, **how: bool) -> None:
        if not self.staff_door.is_open:  # a code is said to nobody
            self.flow.narrator.focus(tile, **how)

    def _colour_background(self, *_: object) -> None:
        # Without a graphics card a rectangle behind everything takes a third of each frame's time.
        Window.clearcolor = self.theme.colour("background", self.theme.palette)

    def _reset_look(self) -> None:
        self.theme.reset()
        self.keypad.hide()

    def _speak(self, language: str) -> None:
        self.language = language


def _make_screens() -> Screens:
    return Screens(
        language=LanguageScreen(),
        closed=ClosedScreen(),
        notice=NoticeScreen(),
        party=PartyScreen(),
        question=QuestionScreen(),
        digits=DigitsScreen(),
        text=TextScreen(),
        places=PlacesScreen(),
        issuing=IssuingScreen(),
        ticket_ready=TicketReadyScreen(),
        help=HelpScreen(),
        ask_staff=AskStaffScreen(),
        out_of_service=OutOfServiceScreen(),
    )


def _in_our_thread(work: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return what lets another thread have something done here, with the next frame."""

    def later(what: object) -> None:
        Clock.schedule_once(lambda _: work(what))

    return later
