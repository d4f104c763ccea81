"""The narration: what is read aloud of each screen, and of each tile. Pure, no Kivy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from kiosk.contract.signs import Place
from kiosk.conversation import Conversation, State
from kiosk.entry import letters
from kiosk.language import spoken
from kiosk.questionnaire import Party
from kiosk.screens.marking import _
from kiosk.speech import sentences
from kiosk.speech.sentences import Utterances
from kiosk.speech.utterance import Utterance
from kiosk.ticket import Ticket

WAYS_ON = {"next": "Next", "done": "Done"}
"""What the large tile at the bottom is called, in English."""

TILES = {
    **WAYS_ON,
    "back": "Back",
    "cancel": "Cancel",
    "go-on": "Continue",
    "help:doctor": "Call a doctor",
    "help:person": "Call a person",
    "tool:ear": _("Read aloud"),
    "tool:large": _("Large letters"),
    "tool:contrast": _("Strong contrast"),
    "tool:low": _("Everything lower"),
    "tool:louder": _("Louder"),
    "tool:softer": _("Softer"),
    "page:before": _("The page before"),  # "Back" would be the question before
    "page:after": _("More"),
    "adults:more": _("Larger numbers"),
    "adults:less": _("Smaller numbers"),
    "children:more": "Larger numbers",
    "children:less": "Smaller numbers",
    "print": "Print this",
    "slip:yes": "Yes",
    "slip:no": "No",
    "key:back": _("Take back"),
    "key:space": _("Space"),
    "key:shift": _("Capital letter"),
    "key:page": _("Other keys"),
}
"""Tiles that show a picture, or a word of the catalogue, and what they are called in English."""

HOW_TO_GO_ON = _("Use the arrows, then the middle key.")

IN_THE_CODE = "en"
"""The language of the texts that need no file."""

PUBLIC = {*WAYS_ON, "back", "cancel", "go-on", "print", "help", "tool", "page", "language", "audio"}
"""Tiles that everyone may hear a hand is at. At every other one a hand may be about to answer."""


@dataclass(frozen=True, slots=True)
class View:
    """What the screen of the moment shows.

    Attributes:
        conversation: Where the dialogue is.
        ticket: The party's, once it has one.
        news: What it says of a slip or a call, in English, in order.
        way: The staffed desk, while the way there is shown.
        adults: As touched; less than 0 before.
        children: As touched.
        chosen: The options marked so far.
        entered: What was entered by keys so far.
        way_on: What the large tile at the bottom is, a key of `WAYS_ON`, or "".

    """

    conversation: Conversation
    ticket: Ticket | None = None
    news: tuple[str, ...] = ()
    way: Place | None = None
    adults: int = -1
    children: int = 0
    chosen: tuple[str, ...] = ()
    entered: str = ""
    way_on: str = ""

    @property
    def language(self) -> str:
        """The party's language, or the one that the first screen is written in."""
        return self.languages[0]

    @property
    def languages(self) -> tuple[str, ...]:
        """The party's, or all of the site's that have their texts, before one was chosen."""
        if self.conversation.language:
            return (self.conversation.language,)
        return spoken(self.conversation.site.languages) or (IN_THE_CODE,)


def whole(view: View) -> Utterances:
    """Return all that the screen shows, in the order in which it is read."""
    said = SCREENS[view.conversation.state](view)
    way_on = WAYS_ON.get(view.way_on) if view.conversation.language else None
    return said + (sentences.texts(view.language, way_on) if way_on else ())


def news(view: View) -> Utterances:
    """Return what the screen says of a slip or a call."""
    said: Utterances = ()
    for code in view.languages:
        said += sentences.texts(code, *view.news)
        said += sentences.way(code, view.way) if view.way else ()
    return said


def page(view: View, things: Iterable[Any]) -> Utterances:
    """Return what stands on a page, where a screen has several."""
    return tuple(one for thing in things for one in _called(view.language, thing))


def reminder(view: View) -> Utterances:
    """Return what is asked for, to a hand at a tile that offers nothing before it is answered."""
    asked = view.conversation.question
    if asked is not None:
        return sentences.of_site(view.language, asked.hint or asked.text)
    if view.conversation.state is State.PARTY:
        return sentences.texts(view.language, "How many are you together?")
    return ()


def marked(view: View, option: str, *, chosen: bool) -> Utterances:
    """Return that an option of the question was marked, or is no longer."""
    options = getattr(view.conversation.question, "options", ())
    found = (one for one in options if one.id == option)
    return tuple(
        said for one in found for said in sentences.option_chosen(view.language, one, chosen=chosen)
    )


def entered(view: View, *, before: str) -> Utterances:
    """Return what a key did to what was entered `before` it."""
    now, language = letters(view.entered), view.language
    gone = letters(before)[len(now) :]
    if gone:
        return sentences.texts(language, TILES["key:back"]) + sentences.entered(language, gone[-1])
    return sentences.entered(language, now[-1]) if now else ()


def focused(language: str, shown: Any, *, is_first: bool) -> Utterances:  # noqa: ANN401  # as below
    """Return what is said of the tile that a key has led to; with the first key, what keys do."""
    how = sentences.texts(language, HOW_TO_GO_ON) if is_first else ()
    return how + tile(language, shown)


def tile(language: str, shown: Any) -> Utterances:  # noqa: ANN401  # any tile of Kivy's
    """Return what a tile is called; personal where a hand on it may be about to answer."""
    said = _called(language, shown)
    if shown.tile.partition(":")[0] in PUBLIC:
        return said
    return tuple(replace(one, personal=True) for one in said)


def _called(language: str, shown: Any) -> Utterances:  # noqa: ANN401  # as above
    if (name := TILES.get(getattr(shown, "tile", ""))) is not None:
        return sentences.texts(language, name)
    for attribute, say in WHAT_IT_SHOWS.items():
        if what := getattr(shown, attribute, None):
            if attribute == "option" and getattr(shown, "chosen", False):
                return sentences.option_chosen(language, what)
            return say(language, what)
    return ()


WHAT_IT_SHOWS: dict[str, Callable[[str, Any], Utterances]] = {
    "option": lambda language, option: sentences.of_site(language, option.text),
    "language": lambda _, known: sentences.names([known.code]),
    "content": sentences.of_site,
    "advice": sentences.advice,
    "letter": sentences.entered,
    "text": lambda language, text: (Utterance(language, text),),
}
"""What a tile or another thing may hold, the first of it being what it is called."""


def names(view: View) -> Utterances:
    """Return the names of all languages that the first screen offers."""
    return sentences.names((*view.languages, *view.conversation.site.audio_languages))


def _closed(view: View) -> Utterances:
    dialogue = view.conversation
    return sentences.closed(view.language, dialogue.site, dialogue.opening) + news(view)


def _notice(view: View) -> Utterances:
    return sentences.notice(view.language, view.conversation.site)


def _party(view: View) -> Utterances:
    asked = sentences.how_many(view.language)
    if view.adults < 0:
        return asked
    return asked + sentences.party_chosen(view.language, Party(view.adults, view.children))


def _question(view: View) -> Utterances:
    asked = view.conversation.question
    if asked is None:
        return ()
    said = sentences.question(view.language, asked, view.conversation.opening)
    for option in view.chosen:
        said += marked(view, option, chosen=True)
    return said + sentences.entered(view.language, view.entered)


def _places(view: View) -> Utterances:
    return sentences.places(view.language, view.conversation.places)


def _issuing(view: View) -> Utterances:
    return sentences.issuing(view.language)


def _ticket_ready(view: View) -> Utterances:
    if view.ticket is None:
        return ()
    return sentences.ticket_ready(view.language, view.ticket, news=view.news)


def _help(view: View) -> Utterances:
    called = sentences.texts(view.language, "Help") if view.conversation.language else ()
    number = sentences.number(view.language, view.ticket.number) if view.ticket else ()
    return called + news(view) + number


def _ask_staff(view: View) -> Utterances:
    return sentences.ask_staff(view.language)


def _out_of_service(view: View) -> Utterances:
    desk = view.conversation.site.desk
    said: Utterances = ()
    for code in view.languages:
        said += sentences.texts(code, "Please ask a person", "This device does not work now.")
        said += sentences.way(code, desk) if desk else ()
    return said


SCREENS: dict[State, Callable[[View], Utterances]] = {
    State.LANGUAGE: names,
    State.CLOSED: _closed,
    State.NOTICE: _notice,
    State.PARTY: _party,
    State.QUESTION: _question,
    State.PLACES: _places,
    State.ISSUING: _issuing,
    State.TICKET_READY: _ticket_ready,
    State.HELP: _help,
    State.ASK_STAFF: _ask_staff,
    State.OUT_OF_SERVICE: _out_of_service,
}
"""Every state of the dialogue, and what is said of its screen."""
