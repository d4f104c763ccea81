"""The shots: the screens of a site file as pictures, drawn with no screen and nobody at it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from PIL import Image

from kiosk.contract.messages import SlipState
from kiosk.contract.site import Site
from kiosk.conversation import State
from kiosk.help_line import HelpProgress
from kiosk.hours import Opening
from kiosk.scenes import Scene, scenes
from kiosk.screens.app import KioskApp
from kiosk.screens.presenting import News
from kiosk.screens.screen_settings import ScreenSettings

MOST_PAGES = 4
"""Of one screen: a question with twelve options in large letters has three."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One screen as it is drawn.

    Attributes:
        name: Its scene; with ``"/2"`` behind it for the second page of one.
        picture: What is seen.
        words: Every text on it, from top to bottom.

    """

    name: str
    picture: Image.Image
    words: tuple[str, ...]


class _NobodyAtTheDesk:
    """A desk of which the app only asks how things are."""

    trouble: str | None = None
    staff: Any = None

    def __init__(self, site: Site) -> None:
        self.site = site
        self.opening = Opening()


def shots(site: Site, language: str, *, settings: ScreenSettings, now: datetime) -> Iterator[Shot]:
    """Yield every screen of a site in a language; once a process, after `window.prepare`."""
    app = KioskApp(_NobodyAtTheDesk(site), settings=settings)  # type: ignore[arg-type]
    with_window(app)
    try:
        app.frame.has_sound = True
        for scene in scenes(site, language, now=now):
            yield from _pages(app, scene)
    finally:
        app.stop()


def with_window(app: KioskApp) -> None:
    """Open an app and draw its first frames; it runs no further by itself."""
    EventLoop.ensure_window()
    settings = app.settings
    if Window.size != (settings.width, settings.height):
        Window.size = (settings.width, settings.height)
    if EventLoop.status != "started":
        EventLoop.start()
    app._run_prepare()  # noqa: SLF001  # App.run without its loop
    draw_frames(3)


def draw_frames(count: int) -> None:
    """Draw so many frames."""
    for _ in range(count):
        EventLoop.idle()


def picture_of_window() -> Image.Image:
    """Return what the window shows."""
    draw_frames(2)
    Window.canvas.ask_update()
    Window.dispatch("on_draw")
    width, height = Window.size
    pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
    upside_down = Image.frombytes("RGB", (width, height), bytes(pixels))
    return upside_down.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def _pages(app: KioskApp, scene: Scene) -> Iterator[Shot]:
    dialogue = scene.dialogue
    if dialogue.language:
        app.language = dialogue.language
    news = News(scene.ticket, slip=SlipState.PRINTED, help=HelpProgress.CALLED)
    app.flow._presenter.show(dialogue, news)  # noqa: SLF001  # no party, so nothing follows
    yield _shot(app, scene.name)
    screen = app.frame.screen
    for page in range(2, MOST_PAGES + 1):
        if not screen.further or dialogue.state is State.LANGUAGE:
            return
        screen.pages.turn(1)
        yield _shot(app, f"{scene.name}/{page}")


def _shot(app: KioskApp, name: str) -> Shot:
    picture = picture_of_window()
    return Shot(name, picture, tuple(_words(app.frame)))


def _words(frame: Any) -> Iterator[str]:  # noqa: ANN401  # Kivy has no types
    """Yield the texts that stand on the screen, the highest first."""
    shown = [w for w in frame.walk(restrict=True) if getattr(w, "text", "") and w.opacity]
    shown.sort(key=lambda w: -w.to_window(*w.center)[1])
    yield from dict.fromkeys(w.text for w in shown)


def as_png(picture: Image.Image, *, width: int) -> bytes:
    """Return a picture so many pixels wide, as PNG in few colours."""
    height = round(width * picture.height / picture.width)
    small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    png = io.BytesIO()
    small.quantize(96, dither=Image.Dither.NONE).save(png, "PNG", optimize=True)
    return png.getvalue()
