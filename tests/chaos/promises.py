"""What must hold after every touch, and how it is found out from the screen itself."""

import logging
import re
import sys
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from kivy.base import EventLoop
from kivy.core.window import Window

from kiosk.conversation import Conversation, State
from tests.chaos.reception_point import NotedDesk

SCREENS = {State.QUESTION: ("QuestionScreen", "DigitsScreen", "TextScreen")}
"""States with more than one screen; every other has the one that is called like it."""

AT_REST = ("language", "out of service")
"""Where a kiosk is when nobody stands in front of it."""

CHOSEN_FOR_ALL = {"children:0"}
"""Tiles that are chosen before anybody has touched anything."""

INSIDE = ("StaffMenu", "TouchTest")
"""What only staff may see."""

SHORTEST_SECRET = 4
"""Letters of an entry that no key has on it: one says 123."""

OWN_MISTAKES = re.compile("stumbled|no slip|not prepared|not tended|not kept")
"""Errors in the log that are the program's own: what faults of others bring is no error."""


class BrokenPromiseError(AssertionError):
    """Something happened that must not happen; the message says what."""


class Promises:
    """Watches a kiosk's screen, threads and log, from the time it is entered.

    Args:
        app: The kiosk.
        desk: Behind it.

    """

    def __init__(self, app: Any, desk: NotedDesk) -> None:
        self._app = app
        self._desk = desk
        self._mistakes: list[str] = []
        self._log = _Listener(self._mistakes)
        self._present: set[str] = set()
        self._earlier: set[str] = set()
        self._was_at_rest = True
        self._help_calls = desk.help_calls
        self._at_start = self._tiles_of(app.frame)

    def __enter__(self) -> Self:
        self._hook, threading.excepthook = threading.excepthook, self._thread_died
        logging.getLogger().addHandler(self._log)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        logging.getLogger().removeHandler(self._log)
        threading.excepthook = self._hook

    @property
    def state(self) -> str:
        """Where the conversation is."""
        return str(self._app.flow.conversation.state.value)

    def check(self, *, touched_help: int) -> None:
        """Raise BrokenPromiseError where something is not as it must be.

        Args:
            touched_help: How many touches since the last check could have called somebody.

        """
        found = (
            *self._mistakes,
            *self._window(),
            *self._screen(),
            *self._staff(),
            *self._help(touched_help),
            *self._parties(),
        )
        if found:
            raise BrokenPromiseError("; ".join(found))

    def check_left_alone(self) -> None:
        """The same for a kiosk that nobody has touched for minutes."""
        self.check(touched_help=0)
        if self.state not in AT_REST:
            raise BrokenPromiseError(f"nobody is there, and it stays at {self.state!r}")
        other = self._tiles_of(self._app.frame) ^ self._at_start
        if self.state == "language" and other and not self._desk.is_closed:
            raise BrokenPromiseError(f"the first screen is not what it was at first: {other}")
        theme = self._app.theme
        if theme.large or theme.low or theme.palette != "light":
            raise BrokenPromiseError("the next party finds the look of an earlier one")

    def _window(self) -> Iterator[str]:
        if EventLoop.status != "started" or EventLoop.quit:
            yield f"the event loop is {EventLoop.status}"
        if Window.children != [self._app.root]:
            yield f"the window shows {[type(child).__name__ for child in Window.children]}"
        if self._app.root is not self._app.frame:
            yield "the app has another root"

    def _screen(self) -> Iterator[str]:
        state, frame = self._app.flow.conversation.state, self._app.frame
        name = "".join(word.capitalize() for word in state.value.split()) + "Screen"
        shown = type(frame.screen).__name__
        if shown not in SCREENS.get(state, (name,)):
            yield f"state {state.value!r} shows {shown}"
        tiles = {widget.tile for widget in _tiles(frame) if widget.offered}
        if not {"help:doctor", "help:person"} <= tiles:
            yield f"nobody can be called at {state.value!r}"

    @property
    def asks_for_code(self) -> bool:
        """Whether staff are asked for their code."""
        return any(type(child).__name__ == "StaffPad" for child in self._app.frame.children)

    def _staff(self) -> Iterator[str]:
        if any(type(child).__name__ in INSIDE for child in self._app.frame.children):
            yield "somebody without the code is in the menu of staff"

    def _help(self, touched_help: int) -> Iterator[str]:
        calls = self._desk.help_calls - self._help_calls
        self._help_calls = self._desk.help_calls
        if calls > touched_help:
            yield f"{calls} help calls after {touched_help} touches on help"

    def _parties(self) -> Iterator[str]:
        """Yield what an earlier party left on the screen."""
        at_rest = self.state in AT_REST
        if at_rest:
            self._earlier |= self._present
            self._earlier |= {text for one in self._desk.given for text in (one.number, one.url)}
            self._present = set()
        else:
            self._present |= self._secrets()
        shown = _shown_by(self._app.frame)
        if left := (shown & self._earlier) - self._present:
            yield f"of an earlier party: {sorted(left)}"
        if at_rest and not self._was_at_rest:
            yield from self._forgotten()
        self._was_at_rest = at_rest

    def _secrets(self) -> set[str]:
        """Return what belongs to the present party alone."""
        flow = self._app.flow
        told = {text for options in flow.conversation.chosen.values() for text in options}
        options = {
            option.id
            for question in flow.conversation.site.questions
            for option in getattr(question, "options", ())
        }
        entered = {str(getattr(screen, "entered", "")) for screen in self._screens()}
        secrets = {text for text in (told - options) | entered if len(text) >= SHORTEST_SECRET}
        if flow.ticket:
            secrets |= {flow.ticket.number, flow.ticket.url or flow.ticket.number}
        return secrets

    def _forgotten(self) -> Iterator[str]:
        """Yield what is not forgotten where the next party begins, on screens not shown too."""
        flow = self._app.flow
        talk = flow.conversation
        if talk != Conversation(talk.site, talk.state, opening=talk.opening):
            yield "the conversation begins with something of an earlier one"
        kept = [name for name in ("ticket", "_issuing", "_help", "_wanted") if vars(flow)[name]]
        if kept:
            yield f"kept from the last party: {kept}"
        for screen in self._screens():
            name = type(screen).__name__
            if chosen := _chosen(screen) - CHOSEN_FOR_ALL:
                yield f"{name} keeps {sorted(chosen)}"
            if left := _shown_by(screen) & self._earlier:
                yield f"{name} keeps {sorted(left)}"

    def _screens(self) -> tuple[Any, ...]:
        screens: tuple[Any, ...] = self._app.flow._presenter.screens.all()
        return screens

    def _tiles_of(self, frame: Any) -> set[tuple[str, bool, bool]]:
        return {
            (tile.tile, bool(tile.offered), bool(tile.chosen))
            for tile in _tiles(frame)
            if not tile.tile.startswith("page:")
        }

    def _thread_died(self, died: threading.ExceptHookArgs) -> None:
        name = died.thread.name if died.thread else "?"
        self._mistakes.append(f"thread {name} died of {died.exc_type.__name__}: {died.exc_value}")
        sys.__excepthook__(died.exc_type, died.exc_value or died.exc_type(), died.exc_traceback)


class _Listener(logging.Handler):
    """Keeps what the log says of the program's own mistakes."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._mistakes = mistakes

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if OWN_MISTAKES.search(said) or record.name.startswith("kivy"):
            self._mistakes.append(f"in the log: {said}")


def _tiles(root: Any) -> Iterator[Any]:
    return (widget for widget in root.walk(restrict=True) if getattr(widget, "tile", ""))


def _chosen(screen: Any) -> set[str]:
    return {tile.tile for tile in _tiles(screen) if tile.chosen}


def _shown_by(root: Any) -> set[str]:
    """Return every text below a widget, whole and by words, and what its codes hold."""
    shown = set()
    for widget in root.walk(restrict=True):
        for name in ("text", "url", "number"):
            text = getattr(widget, name, "")
            if isinstance(text, str) and text:
                shown |= {text, *text.split()}
    return shown
