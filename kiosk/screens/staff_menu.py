"""The staff menu: how the kiosk is, and what staff can do at it; in English and German."""

from collections.abc import Iterator

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.back_office import Condition
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.widgets import Tile

UNKNOWN = "?"

ACTIONS = {
    "empty": ("Printer is empty", "Drucker ist leer"),
    "slip": ("Print a test slip", "Probezettel drucken"),
    "service": ("Out of service", "Außer Betrieb nehmen"),
    "sound": ("Try sound", "Ton prüfen"),
    "touch": ("Try touch", "Touch prüfen"),
    "end": ("End the program", "Programm beenden"),
    "close": ("Close", "Schließen"),
}

BACK_INTO_SERVICE = ("Back into service", "Wieder in Betrieb")

SURE = {
    "empty": ("Does no paper hang out?", "Hängt kein Papier heraus?"),
    "end": ("Really end it?", "Wirklich beenden?"),
}
"""What is asked before it is done: touched again, it is."""


class StaffLine(BoxLayout):
    """One thing to know: what it is, and how it is."""

    name = StringProperty()
    value = StringProperty()


class StaffTile(Tile):
    """One thing to do, in English with German below."""

    english = StringProperty()
    german = StringProperty()


class StaffMenu(KioskScreen):
    """Shows and offers; does nothing itself.

    Attributes:
        condition: How the kiosk is; None until that is known.
        says: What became of what was done last.
        landscape: True where the screen is wider than high.

    """

    condition: Condition | None = ObjectProperty(None, allownone=True)
    says = StringProperty()
    landscape = BooleanProperty(defaultvalue=False)

    __events__ = ("on_action",)

    def __init__(self, **kwargs: object) -> None:
        self._unsure = ""
        super().__init__(**kwargs)
        for name in ACTIONS:
            tile = StaffTile(tile=f"staff:{name}")
            tile.bind(on_release=lambda tile: self._touched(tile.tile.removeprefix("staff:")))
            self.ids.actions.add_widget(tile)
        self._write()

    def on_condition(self, *_: object) -> None:
        """Show how the kiosk is."""
        lines = self.ids.lines
        known = list(_lines(self.condition)) if self.condition else []
        if len(lines.children) != len(known):
            lines.clear_widgets()
            for name, value in known:
                lines.add_widget(StaffLine(name=name, value=value))
        for line, (_name, value) in zip(reversed(lines.children), known, strict=True):
            line.value = value
        self._write()

    def forget(self) -> None:
        """Show nothing of what was done."""
        self.says, self._unsure = "", ""
        self._write()

    def on_touch_down(self, touch: object) -> bool:
        """Let no touch through to what is below."""
        super().on_touch_down(touch)
        return True

    def on_action(self, name: str) -> None:
        """Tell what is to be done, a key of `ACTIONS`."""

    def _touched(self, name: str) -> None:
        if name in SURE and self._unsure != name:
            self._unsure = name
        else:
            self._unsure = ""
            self.dispatch("on_action", name)
        self._write()

    def _write(self) -> None:
        taken_out = self.condition is not None and self.condition.taken_out
        for tile in self.ids.actions.children:
            name = tile.tile.removeprefix("staff:")
            words = SURE[name] if name == self._unsure else ACTIONS[name]
            if name == "service" and taken_out:
                words = BACK_INTO_SERVICE
            tile.english, tile.german = words
            tile.chosen = name == self._unsure


def _lines(condition: Condition) -> Iterator[tuple[str, str]]:
    """Yield what there is to know: its name, and how it is."""
    yield "Program / Programm", condition.program
    yield "Site file / Standortdatei", condition.site
    yield "Server", _since(condition.server_seconds)
    yield "Not sent / Nicht gesendet", _outbox(condition)
    yield "Numbers given / Nummern vergeben", _count(condition.sequence)
    yield "Printer / Drucker", condition.printer
    yield "Disk free / Speicher frei", _bytes(condition.disk_free_bytes)
    yield "Clock / Uhr", "right / richtig" if condition.clock_trusted else "wrong / falsch"
    yield "Sound / Ton", condition.sound
    yield "Memory / Arbeitsspeicher", _bytes(condition.memory_bytes)
    yield "Troubles / Störungen", ", ".join(condition.troubles) or "none / keine"


def _since(seconds: float | None) -> str:
    if seconds is None:
        return "never reached / nie erreicht"
    if seconds < 120:
        return f"{seconds:.0f} s ago / vor {seconds:.0f} s"
    return f"{seconds / 60:.0f} min ago / vor {seconds / 60:.0f} min"


def _outbox(condition: Condition) -> str:
    if condition.refused:
        return f"{condition.outbox}, refused / abgelehnt: {condition.refused}"
    return _count(condition.outbox)


def _count(number: int | None) -> str:
    return UNKNOWN if number is None else str(number)


def _bytes(number: int | None) -> str:
    if number is None:
        return UNKNOWN
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
