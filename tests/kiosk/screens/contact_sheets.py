"""Contact sheets: every screen on one picture, so that a person sees what no measure tells.

python -m tests.kiosk.screens.contact_sheets writes them for four languages into
assets/pictures/kiosk; with --all for all fourteen into build/sheets, and there also with large
letters, strong contrast, everything lower, and all three.
"""

import os
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont

from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.site_file import read_site_file
from kiosk.conversation import State
from kiosk.help_line import HelpProgress
from kiosk.hours import Opening
from kiosk.language import LANGUAGES
from kiosk.questionnaire import Party
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.window import prepare
from tests.kiosk.screens.draw_pictures import FOLDER, LANDSCAPE, PORTRAIT, opened
from tests.kiosk.screens.fake_desk import FakeDesk
from tests.stand.touch import KioskDriver

ROOT = Path(__file__).parents[3]
FONT = ROOT / "assets" / "fonts" / "AnkunftSans-Regular.ttf"
SHOWN = ("uk", "ar", "de", "ka")
OWN_QUESTIONS = ROOT / "assets" / "sites" / "own-questions.toml"
SUNDAY = datetime(2026, 11, 22, 19, 0, tzinfo=ZoneInfo("Europe/Berlin"))
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=SUNDAY.tzinfo)
URL = "https://ankunft.example/t/0123456789abcdefghijkl"
ACROSS, WIDTH, GAP, LABEL = 5, 300, 16, 30
MODES = {
    "usual": (False, False, "light"),
    "large letters": (True, False, "light"),
    "strong contrast": (False, False, "contrast"),
    "everything lower": (False, True, "light"),
    "all three": (True, True, "contrast"),
}

See = Callable[[str], None]


def walk(driver: KioskDriver, language: str, see: See) -> None:
    """Show every screen in a language, and call `see` with the name of each."""
    driver.app.frame.has_sound = True
    _until_the_ticket(driver, language, see)
    _with_the_ticket(driver, see)
    _without_a_number(driver, language, see)
    _entered_by_keys(driver, language, see)
    _when_it_cannot_serve(driver, language, see)


def _until_the_ticket(driver: KioskDriver, language: str, see: See) -> None:
    flow = driver.app.flow
    screens = flow._presenter.screens
    see("language")
    flow.choose_language(language)
    see("notice")
    driver.app.frame.ask_still_there(17)
    see("still there?")
    driver.app.frame.stop_asking()
    flow.go_on()
    screens.party.ids.adults.count, screens.party.ids.children.count = 2, 1
    see("party")
    flow._take(flow.conversation.answer_party(Party(2, 1)))
    see("question, one answer")
    flow.answer(("no",))
    screens.question.chosen = ["sleep", "toilet"]
    see("question, several answers")
    flow.answer(("sleep", "register", "toilet"))
    see("question, who cannot wait")
    driver.app._desk.holds_back = True
    flow.answer(("baby",))
    see("issuing")
    driver.app._desk.issue()
    driver.wait_until(lambda: "done" in driver.tiles())


def _with_the_ticket(driver: KioskDriver, see: See) -> None:
    flow = driver.app.flow
    screens = flow._presenter.screens
    for state in (SlipState.PRINTED, SlipState.UNCONFIRMED, SlipState.FAILED):
        driver.app._desk.slip = screens.ticket_ready.slip = state
        see(f"ticket, {state.value}")
    flow.call_help(HelpKind.PERSON)
    for progress in (HelpProgress.CALLED, HelpProgress.NOT_REACHED):
        driver.app._desk.watch.state = screens.help.progress = progress
        see(f"help, {progress.value}")
    flow.leave()


def _without_a_number(driver: KioskDriver, language: str, see: See) -> None:
    flow, stand = driver.app.flow, driver.app._desk
    flow.choose_language(language)
    flow.go_on()
    flow._take(flow.conversation.answer_party(Party(1, 0)))
    flow.answer(("no",))
    flow.answer(("food", "toilet"))
    see("places")
    flow.leave()
    flow.call_help(HelpKind.DOCTOR)
    see("help before a language")
    flow.leave()
    stand.opening = Opening(is_open=False, opens_at=MONDAY, at=SUNDAY)
    flow.leave()
    flow.choose_language(language)
    see("closed")
    stand.opening = Opening()
    flow.leave()


def _entered_by_keys(driver: KioskDriver, language: str, see: See) -> None:
    """Show a site of its own questions: digits and letters."""
    flow, stand = driver.app.flow, driver.app._desk
    shipped, stand.site = stand.site, read_site_file(OWN_QUESTIONS)
    flow.leave()
    screens = flow._presenter.screens
    flow.choose_language(language)
    flow.go_on()
    flow._take(flow.conversation.answer_party(Party(1, 0)))
    flow.answer(("collect",))
    for digit in "4026":
        screens.digits.enter(digit)
    see("question, digits")
    flow.back()
    flow.answer(("no",))
    see("question, letters")
    flow.leave()
    stand.site = shipped
    flow.leave()


def _when_it_cannot_serve(driver: KioskDriver, language: str, see: See) -> None:
    flow, stand = driver.app.flow, driver.app._desk
    stand.fails, stand.holds_back = True, False
    flow.choose_language(language)
    flow.go_on()
    flow._take(flow.conversation.answer_party(Party(1, 0)))
    flow.answer(("appointment",))
    flow.answer(("nobody",))
    driver.wait_until(lambda: flow.conversation.state is State.ASK_STAFF)
    see("ask a person")
    flow.leave()
    stand.trouble = "disk-full"
    driver.wait_until(lambda: flow.conversation.state is State.OUT_OF_SERVICE)
    see("out of service")


def sheet(pictures: list[tuple[str, Image.Image]], *, across: int) -> Image.Image:
    """Return the pictures in rows, each below its name."""
    rows = [pictures[first : first + across] for first in range(0, len(pictures), across)]
    heights = [max(drawn.height for _, drawn in row) + LABEL + GAP for row in rows]
    whole = Image.new("RGB", (across * (WIDTH + GAP) + GAP, sum(heights) + GAP), "#8A93A3")
    pen, font = ImageDraw.Draw(whole), ImageFont.truetype(str(FONT), 20)
    y = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, (name, drawn) in enumerate(row):
            x = GAP + column * (WIDTH + GAP)
            pen.text((x, y), name, fill="#10203B", font=font)
            whole.paste(drawn, (x, y + LABEL))
        y += height
    return whole


def write(path: Path, drawn: Image.Image) -> None:
    """Write a sheet, small enough for a repository."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def picture(driver: KioskDriver, folder: Path) -> Image.Image:
    """Return what is shown, as wide as it stands on a sheet."""
    driver.frames(3)
    with Image.open(driver.picture(folder / "screen.png")) as drawn:
        small = drawn.convert("RGB")
    height = round(WIDTH * small.height / small.width)
    return small.resize((WIDTH, height), Image.Resampling.LANCZOS)


def desk() -> FakeDesk:
    """Return a desk whose tickets have a page."""
    made = FakeDesk(url=URL)
    made.slip = SlipState.PRINTED
    return made


def draw_language(language: str, folder: Path, scratch: Path, *, mode: str = "usual") -> None:
    """Write the sheet of one language, in one of the modes."""
    taken: list[tuple[str, Image.Image]] = []
    with opened(PORTRAIT, desk()) as driver:

        def see(name: str) -> None:
            set_mode(driver, mode)  # every party's end sets it back
            taken.append((name, picture(driver, scratch)))

        walk(driver, language, see)
    name = f"contact-{language}" if mode == "usual" else f"{mode.replace(' ', '-')}-{language}"
    write(folder / f"{name}.png", sheet(taken, across=ACROSS))


def set_mode(driver: KioskDriver, mode: str) -> None:
    """Look at the screen in this mode."""
    theme = driver.app.theme
    theme.large, theme.low, theme.palette = MODES[mode]


def draw_modes(settings: ScreenSettings) -> list[tuple[str, Image.Image]]:
    """Return the first screen in every mode; once a process, whose window keeps its shape."""
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    prepare(settings)
    with TemporaryDirectory() as scratch, opened(settings, desk()) as driver:
        return list(_in_modes(driver, settings, Path(scratch)))


def _in_modes(
    driver: KioskDriver, settings: ScreenSettings, scratch: Path
) -> Iterator[tuple[str, Image.Image]]:
    driver.app.frame.has_sound = True
    for name in MODES:
        set_mode(driver, name)
        yield f"{name}, {settings.width} by {settings.height}", picture(driver, scratch)


def main() -> None:
    """Write the sheets of four languages, or of all."""
    every = "--all" in sys.argv
    folder = ROOT / "build" / "sheets" if every else FOLDER
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        standing, lying = pool.map(draw_modes, (PORTRAIT, LANDSCAPE), chunksize=1)
    write(folder / "picker-modes.png", sheet([*standing, *lying], across=len(MODES)))
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    prepare(PORTRAIT)
    with TemporaryDirectory() as scratch:
        for language in LANGUAGES if every else SHOWN:
            for mode in MODES if every else ("usual",):
                draw_language(language, folder, Path(scratch), mode=mode)


if __name__ == "__main__":
    main()
