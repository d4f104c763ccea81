"""The staff door: five touches on the head, a code, and the menu behind it."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import cached_property
from math import ceil
from typing import Any

from kiosk.back_office import BackOffice
from kiosk.conversation import State
from kiosk.screens.attention import Attention, Presence
from kiosk.screens.flow import Flow
from kiosk.screens.frame import Frame
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.staff_menu import StaffMenu
from kiosk.screens.staff_pad import StaffPad
from kiosk.screens.touch_test import TouchTest
from kiosk.staff_lock import Verdict

TOUCHES, WITHIN_SECONDS = 5, 5.0
"""The hidden sign: so many touches on the head, within so many seconds."""

IDLE_SECONDS = 60.0
"""Without a touch, the menu closes by itself."""

LOOK_SECONDS = 2.0
"""How often the menu shows anew how the kiosk is."""

OPENS_AT = {State.LANGUAGE, State.OUT_OF_SERVICE}
"""Where nothing of a party is on the screen."""

DONE = "Done / Erledigt"
ON_ITS_WAY = "On its way to the printer / Unterwegs zum Drucker"


class StaffDoor:
    """Lets staff in, and closes behind them. All of it runs in Kivy's thread.

    Args:
        frame: Above which the menu is shown.
        flow: The party's dialogue, which staff leave as they find it: fresh.
        office: What staff see and do.
        stop: Ends the program.
        monotonic: Seconds that never jump.

    """

    def __init__(
        self,
        frame: Frame,
        flow: Flow,
        office: BackOffice,
        *,
        stop: Callable[[], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._frame = frame
        self._flow = flow
        self._office = office
        self._stop = stop
        self._monotonic = monotonic
        self._touches: deque[float] = deque(maxlen=TOUCHES)
        self._attention = Attention(IDLE_SECONDS, 0, monotonic=monotonic)
        self._shown: KioskScreen | None = None
        self._waiting: dict[Future[Any], Callable[[Future[Any]], None]] = {}
        self._looked_at = 0.0
        frame.bind(
            on_head_touched=lambda _: self._head_touched(),
            on_sign_of_life=lambda _: self._attention.sign_of_life(),
        )

    # Made when staff first come: the first picture does not wait for them.

    @cached_property
    def _pad(self) -> StaffPad:
        pad = StaffPad()
        pad.bind(on_try=lambda _: self._try(), on_close=lambda _: self.close())
        return pad

    @cached_property
    def _menu(self) -> StaffMenu:
        menu = StaffMenu()
        menu.bind(on_action=lambda _, name: self._do(name))
        return menu

    @cached_property
    def _touch_test(self) -> TouchTest:
        test = TouchTest()
        test.bind(on_close=lambda _: self._show(self._menu))
        return test

    @property
    def is_open(self) -> bool:
        """Whether staff are in, or at the code."""
        return self._shown is not None

    def close(self) -> None:
        """Show the first screen again."""
        self.shut()
        self._flow.leave()

    def shut(self) -> None:
        """Show what is below."""
        self._show(None)
        self._waiting.clear()

    def tick(self) -> None:
        """Look what became of what was asked, and whether anyone is still there."""
        while done := next((future for future in self._waiting if future.done()), None):
            self._waiting.pop(done)(done)
        if self._shown is None:
            return
        if self._attention.presence is Presence.GONE:
            self.close()
        elif self._shown is self._pad:
            self._show_lock()
        elif self._monotonic() - self._looked_at >= LOOK_SECONDS:
            self._look()

    def _head_touched(self) -> None:
        self._touches.append(self._monotonic())
        enough = len(self._touches) == TOUCHES
        if not enough or self._touches[-1] - self._touches[0] > WITHIN_SECONDS:
            return
        is_free = self._flow.conversation.state in OPENS_AT and self._shown is None
        if is_free and self._office.has_code:
            self._touches.clear()
            self._flow.leave()  # also what somebody switched there
            self._show(self._pad)
            self._show_lock()

    def _show(self, screen: KioskScreen | None) -> None:
        if self._shown is not None:
            self._frame.remove_widget(self._shown)
            self._shown.forget()
        self._shown = screen
        if screen is not None:
            self._attention.sign_of_life()
            screen.forget()
            self._frame.add_widget(screen)

    # The code

    def _show_lock(self) -> None:
        minutes = ceil(self._office.seconds_locked / 60)
        if minutes:
            self._pad.says = f"Locked: {minutes} min / Gesperrt: {minutes} min"
        elif self._pad.locked:
            self._pad.says = ""
        self._pad.locked = bool(minutes)

    def _try(self) -> None:
        self._then(self._office.try_code(self._pad.take_code()), self._take_verdict)

    def _take_verdict(self, future: Future[Verdict]) -> None:
        if self._shown is not self._pad:
            return
        if future.exception() is None and future.result() is Verdict.RIGHT:
            self._menu.condition = None
            self._show(self._menu)
            self._look()
        else:
            self._pad.says = "Wrong code / Falscher Code"
            self._show_lock()

    # The menu

    def _look(self) -> None:
        self._looked_at = self._monotonic()
        self._then(self._office.look(), self._take_condition)

    def _take_condition(self, future: Future[Any]) -> None:
        if future.exception() is None:
            self._menu.condition = future.result()

    def _do(self, name: str) -> None:
        """Do what a tile of the menu says."""
        office = self._office
        condition = self._menu.condition
        do: dict[str, Callable[[], None]] = {
            "empty": lambda: self._report(office.say_printer_is_empty()),
            "slip": lambda: self._report(office.print_test_slip(), yes=ON_ITS_WAY),
            "service": lambda: self._report(
                office.take_out(out=not (condition is not None and condition.taken_out))
            ),
            "sound": lambda: self._report(
                office.try_sound(), no="No sound / Kein Ton", yes="A tone was played / Ton gespielt"
            ),
            "touch": lambda: self._show(self._touch_test),
            "end": self._stop,
            "close": self.close,
        }
        do[name]()

    def _report(self, doing: Future[Any], *, no: str = "", yes: str = DONE) -> None:
        """Say what becomes of it, once that is known."""
        self._menu.says = "…"

        def report(future: Future[Any]) -> None:
            error = future.exception()
            if error is None:
                self._menu.says = no if future.result() is False else yes
            else:
                reason = getattr(error, "strerror", None) or type(error).__name__
                self._menu.says = f"Not done / Nicht ausgeführt: {reason}"
            self._look()

        self._then(doing, report)

    def _then(self, future: Future[Any], then: Callable[[Future[Any]], None]) -> None:
        self._waiting[future] = then
