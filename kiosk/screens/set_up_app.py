"""The set-up app: the window in which a machine is enrolled, before there is a kiosk to open."""

from pathlib import Path
from typing import Any, Protocol

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from kiosk.enrolment_progress import Progress
from kiosk.screens.ending import refuse, stopped_by_signals
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.set_up import SetUpScreen
from kiosk.screens.theme import Theme
from kiosk.screens.widgets import register_font

TICK_SECONDS = 0.1

MARKUP = ("widgets", "set_up")


class Watch(Protocol):
    """Enrolling, as the window knows it. Nothing here waits for anything."""

    @property
    def progress(self) -> Progress:
        """How far it is."""

    def enter(self, code: str) -> None:
        """Ask by this code from now on."""


class SetUpApp(App):
    """Shows the set-up screen until the machine is a kiosk and somebody has read it.

    Args:
        watch: Behind the screen.
        server: The server's address.
        settings: The screen's.

    Attributes:
        mirrored: Never: English and German are read from the left.
        language: For the rules that ask.

    """

    title = "Ankunft"
    mirrored = BooleanProperty(defaultvalue=False)
    language = StringProperty("en")

    def __init__(
        self,
        watch: Watch,
        *,
        server: str,
        settings: ScreenSettings,
        **kwargs: Any,  # noqa: ANN401  # Kivy's
    ) -> None:
        super().__init__(**kwargs)
        self._watch = watch
        self._server = server
        self.settings = settings
        self._seen: Progress | None = None
        self._ticking = Clock.create_trigger(lambda _: self._tick(), TICK_SECONDS, interval=True)

    def build(self) -> SetUpScreen:
        """Make the screen."""
        register_font()
        for name in MARKUP:
            path = str(Path(__file__).with_name(f"{name}.kv"))
            if path not in Builder.files:
                Builder.load_file(path)
        self.theme = Theme(self.settings)
        Window.clearcolor = self.theme.colour("background", self.theme.palette)
        self.theme.scale()
        screen = SetUpScreen(server=self._server)
        screen.bind(on_code=lambda _, code: self._enter(code))
        screen.bind(on_done=lambda _: self.stop())
        return screen

    def run(self) -> None:
        """Show it until `stop`, SIGTERM or SIGINT."""
        with stopped_by_signals(self.stop):
            super().run()

    def on_start(self) -> None:
        """Begin to look how far it is."""
        Window.bind(on_request_close=refuse)
        self._ticking()

    def on_stop(self) -> None:
        """Look no more."""
        self._ticking.cancel()
        Window.unbind(on_request_close=refuse)

    def _enter(self, code: str) -> None:
        self._watch.enter(code)
        self._seen = None

    def _tick(self) -> None:
        progress = self._watch.progress
        if progress != self._seen:  # else it would take a half entered code away
            self._seen = progress
            self.root.progress = progress
