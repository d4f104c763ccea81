"""Reading aloud: what the screens show, for the narrator, and what it does, for the screens."""

from typing import Any

from kivy.clock import Clock

from kiosk.contract.messages import SlipState
from kiosk.conversation import Conversation
from kiosk.screens.frame import Frame
from kiosk.screens.narration import View
from kiosk.screens.narrator import Narrator
from kiosk.screens.pages import Arrows, Pages
from kiosk.screens.presenting import Presenter
from kiosk.screens.widgets import Tile
from kiosk.ticket import Ticket


def view_of(presenter: Presenter, conversation: Conversation, ticket: Ticket | None) -> View:
    """Return what the screen of the moment shows."""
    frame, screens = presenter.frame, presenter.screens
    shown = frame.screen
    return View(
        conversation,
        ticket,
        news=_news(presenter),
        way=screens.help.way if shown is screens.help else None,
        adults=int(screens.party.adults),
        children=int(screens.party.children_count),
        chosen=tuple(screens.question.chosen) if shown is screens.question else (),
        entered=getattr(shown, "entered", ""),
        way_on=str(frame.primary),
    )


def show(narrator: Narrator, presenter: Presenter) -> None:
    """Show that the narrator reads, and which language's name is being said."""
    presenter.frame.speaks = narrator.speaks
    presenter.frame.has_sound = narrator.has_sound
    presenter.screens.language.light(narrator.spoken)


def listen(narrator: Narrator, presenter: Presenter) -> None:
    """Tell the narrator from now on what is touched and what is new on the screens."""
    frame, screens = presenter.frame, presenter.screens
    frame.bind(
        on_ear=lambda *_: narrator.begin(),
        on_louder=lambda *_: narrator.louder(),
        on_softer=lambda *_: narrator.softer(),
    )
    for row in (screens.party.ids.adults, screens.party.ids.children):
        row.bind(on_number=lambda row, count: narrator.count(row.counted, count))
    screens.question.bind(
        on_mark=lambda _, option, chosen: narrator.mark(option, chosen=chosen),
    )
    for screen in (screens.digits, screens.text):
        _follow_entry(screen, narrator)
    paged = (screen.pages for screen in screens.all() if screen.pages is not None)
    for pages in (screens.language.ids.grid, *paged):
        _follow_pages(pages, narrator)
    frame.bind(on_touch_up=lambda _, touch: _refuse(frame, touch, narrator))
    screens.ticket_ready.bind(
        news=lambda *_: narrator.tell_news(), asks=lambda *_: narrator.tell_news()
    )
    screens.closed.bind(news=lambda *_: narrator.tell_news())
    screens.help.bind(progress=lambda *_: narrator.tell_news())


def _follow_pages(pages: Pages, narrator: Narrator) -> None:
    before = [0]

    def tell(_: float) -> None:
        if narrator.arrivals == before[0]:  # else a screen has come, and begins with its first
            things = reversed(pages.children)
            narrator.turn_page([thing for thing in things if not isinstance(thing, Arrows)])

    told = Clock.create_trigger(tell, -1)  # the page is filled after its number has changed

    def turned(*_: object) -> None:
        if narrator.spoken is None:  # else a name that is being said has turned it
            before[0] = narrator.arrivals
            told()

    pages.bind(page=turned)


def _refuse(frame: Frame, touch: Any, narrator: Narrator) -> None:  # noqa: ANN401  # Kivy's
    """Tell the narrator of a touch that counts on a tile that offers nothing."""
    if not narrator.speaks or not touch.ud.get("counts"):
        return
    tiles = (tile for tile in frame.walk(restrict=True) if isinstance(tile, Tile))
    if any(tile.collide_point(*tile.to_widget(*touch.pos)) and not tile.offered for tile in tiles):
        narrator.refuse()


def _follow_entry(screen: Any, narrator: Narrator) -> None:  # noqa: ANN401  # Kivy's
    entered = [""]

    def tell(_: object, now: str) -> None:
        before, entered[0] = entered[0], now
        if screen.question is not None:  # else it is forgetting
            narrator.enter(before=before)

    screen.bind(entered=tell)


def _news(presenter: Presenter) -> tuple[str, ...]:
    """Return what a screen says of a slip or a call, in English."""
    ticket, called = presenter.screens.ticket_ready, presenter.screens.help
    if presenter.frame.screen is presenter.screens.closed:
        return (presenter.screens.closed.news,) if presenter.screens.closed.news else ()
    if presenter.frame.screen is called:
        stay = ("Please stay here.",) if called.hint else ()
        return (*called.news, *stay)
    if presenter.frame.screen is not ticket:
        return ()
    valid = ticket.slip is SlipState.FAILED
    more = ("The number is valid without a slip.",) if valid else ()
    return (ticket.news, *more, *(("Yes", "No") if ticket.asks else ()))
