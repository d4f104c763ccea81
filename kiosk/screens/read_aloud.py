"""Reading aloud: what the screens show, for the narrator, and what it does, for the screens."""

from typing import Any

from kiosk.contract.messages import SlipState
from kiosk.conversation import Conversation
from kiosk.screens.narration import View
from kiosk.screens.narrator import Narrator
from kiosk.screens.presenting import Presenter
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
    screens.ticket_ready.bind(
        news=lambda *_: narrator.tell_news(), asks=lambda *_: narrator.tell_news()
    )
    screens.closed.bind(news=lambda *_: narrator.tell_news())
    screens.help.bind(progress=lambda *_: narrator.tell_news())


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
