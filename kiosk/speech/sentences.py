"""What is said of each screen, in the order in which it is read: pure, from what the screen shows.

Everything that a party told or got is marked personal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from kiosk.contract.hours import Elsewhere
from kiosk.contract.messages import StageWait
from kiosk.contract.questions import Choices, Option, Question
from kiosk.contract.signs import Place, Text
from kiosk.contract.site import Site
from kiosk.hours import Opening
from kiosk.language import AUDIO_LANGUAGES, spoken
from kiosk.moment import told
from kiosk.questionnaire import Party
from kiosk.speech.utterance import Utterance
from kiosk.speech.wording import messages, wording
from kiosk.ticket import Ticket

Utterances = tuple[Utterance, ...]


def names(languages: Iterable[str]) -> Utterances:
    """Return the languages' own names, each in its language, in the order of the picker."""
    return tuple(Utterance(language, _stop(_name(language))) for language in languages)


def texts(language: str, *english: str) -> Utterances:
    """Return texts of the catalogue, as any screen shows them: "Please wait"."""
    said = wording(language)
    return tuple(Utterance(language, _stop(said.text(message))) for message in english)


def of_site(language: str, *shown: Text) -> Utterances:
    """Return texts of the site file."""
    return tuple(_of_site(language, text) for text in shown)


def notice(language: str, site: Site) -> Utterances:
    """Return the notice: its heading, its sentences, and that a phone can read more."""
    more = texts(language, "All about your data") if site.privacy_address else ()
    return texts(language, "Good to know") + of_site(language, *site.privacy_notice) + more


def closed(language: str, site: Site, opening: Opening) -> Utterances:
    """Return that the site is closed, when it opens, and what to do until then."""
    said = wording(language)
    opens: Utterances = ()
    if opening.opens_at:
        when = said.date(told(opening.opens_at, language, now=opening.at))
        opens = (Utterance(language, _stop(said.text("Opens: {when}").format(when=when))),)
    lines = tuple(one for line in site.when_closed for one in advice(language, line))
    until = texts(language, "What you can do until then") if lines else ()
    danger = texts(language, "In danger to life call 112.")
    return texts(language, "Closed now") + opens + until + lines + danger


def advice(language: str, line: Elsewhere) -> Utterances:
    """Return one line of what to do while it is closed; an address is said as Germans say it."""
    address = (Utterance("de", _stop(line.detail)),) if line.detail else ()
    door = (Utterance(language, _at(language, line.place)),) if line.place else ()
    return of_site(language, line.text) + address + door


def how_many(language: str) -> Utterances:
    """Return the question for the party's size."""
    return texts(
        language,
        "How many are you together?",
        "One slip is for all of you.",
        "Adults, 18 years and older",
        "Children, under 18 years",
    )


def counted(language: str, whom: str, count: int) -> Utterances:
    """Return how many were touched; `whom` is "adults" or "children"."""
    return (Utterance(language, wording(language).sentence(whom, count=count), personal=True),)


def party_chosen(language: str, party: Party) -> Utterances:
    """Return the answer to it."""
    adults = counted(language, "adults", party.adults)
    return adults + counted(language, "children", party.children)


def question(language: str, asked: Question, opening: Opening | None = None) -> Utterances:
    """Return a question, its hint and what can be chosen; places after the rest, as shown.

    Args:
        language: The party's.
        asked: The question.
        opening: What is open now; an option that leads only to what is closed says so.

    """
    hint = () if asked.hint is None else (asked.hint,)
    options = asked.options if isinstance(asked, Choices) else ()
    said = of_site(language, asked.text, *hint)
    for option in options:
        if not option.place:
            said += of_site(language, option.text)
            is_closed, opens = opening.opens(option.stages) if opening else (False, None)
            said += (_closed_until(language, opens, opening),) if is_closed and opening else ()
    beside = [option.text for option in options if option.place]
    apart = beside and len(beside) < len(options)
    return (
        said + (texts(language, "Without a number") if apart else ()) + of_site(language, *beside)
    )


def option_chosen(language: str, option: Option, *, chosen: bool = True) -> Utterances:
    """Return that this option was chosen, or is no longer."""
    what = _of_site(language, option.text)
    if what.language != language:  # a voice cannot change its language within a sentence
        return (Utterance(what.language, what.text, personal=True),)
    name = "chosen" if chosen else "dropped"
    said = wording(language).sentence(name, what=what.text.rstrip("."))
    return (Utterance(language, said, personal=True),)


def entered(language: str, signs: str) -> Utterances:
    """Return what was entered by keys, sign by sign; nothing for nothing."""
    spelled = wording(language).spelled(signs)
    return (Utterance(language, _stop(spelled), personal=True),) if spelled else ()


def places(language: str, wanted: Iterable[Option]) -> Utterances:
    """Return where the party finds what needs no number."""
    heading = texts(language, "Here you find it", "You need no number for this.")
    return heading + tuple(_places(language, wanted))


def ticket_ready(language: str, ticket: Ticket, *, news: Iterable[str]) -> Utterances:
    """Return number, way and wait, then what became of the slip.

    Args:
        language: The party's.
        ticket: What it holds.
        news: What the screen says of the slip, in English: "Please take your slip."

    """
    phone = ("Your turn on your phone",) if ticket.url else ()
    return (
        *number(language, ticket.number),
        *texts(language, "Follow the pictures, one after the other."),
        *_way(language, ticket),
        *_waiting(language, ticket.wait),
        *_places(language, ticket.places),
        *texts(language, *phone, *news),
    )


def number(language: str, printed: str) -> Utterances:
    """Return the party's number, letter and digits one by one."""
    said = wording(language)
    spoken = f"{said.text('Your number')}: {said.spelled(printed)}."
    return (Utterance(language, spoken, personal=True),)


def way(language: str, desk: Place) -> Utterances:
    """Return where the staffed desk is: its landmark and its door."""
    return (Utterance(language, _at(language, desk)),)


def called_in(language: str) -> Utterances:
    """Return that help was called, in a language that is only spoken, where people recorded it.

    No voice speaks it and no catalogue writes it, so the texts are the English ones and stand
    only for what is said.
    """
    return (
        Utterance(language, "We have called someone."),
        Utterance(language, "Please stay here."),
    )


def ask_staff(language: str) -> Utterances:
    """Return that people help where the kiosk cannot."""
    return texts(
        language,
        "Please ask a person",
        "This device cannot give you a number now.",
        "You still get help here.",
    )


def issuing(language: str) -> Utterances:
    """Return that the number is on its way."""
    return texts(language, "Please wait", "We are preparing your number.")


def still_there(language: str) -> Utterances:
    """Return the question before everything is forgotten."""
    return texts(language, "Are you still there?", "Otherwise your answers will be deleted.")


def fixed(site: Site) -> Utterances:
    """Return all that can be said before anyone has answered: names, then language by language.

    Worth rendering ahead; none of it is personal.
    """
    languages = spoken(site.languages)
    found = dict.fromkeys(names(languages))
    for language in languages:
        found |= dict.fromkeys(texts(language, *messages(language)))
        found |= dict.fromkeys(of_site(language, *site.privacy_notice))
        found |= dict.fromkeys(way(language, site.desk) if site.desk else ())
        for line in site.when_closed:
            found |= dict.fromkeys(advice(language, line))
        for asked in site.questions:
            found |= dict.fromkeys(question(language, asked))
    return tuple(found)


def _name(language: str) -> str:
    known = AUDIO_LANGUAGES.get(language)
    return known.name if known else wording(language).name


def _of_site(language: str, text: Text) -> Utterance:
    written, words = wording(language).of_site(text)
    return Utterance(written, _stop(words))


def _way(language: str, ticket: Ticket) -> Iterator[Utterance]:
    said = wording(language)
    for index, stage in enumerate(ticket.route):
        sentence = said.sentence(
            "then" if index else "first",
            landmark=said.landmarks[stage.landmark],
            door=said.door(stage.door),
        )
        yield Utterance(language, sentence, personal=True)
        if stage.id in ticket.opening.closed_stages:
            opens = ticket.opening.closed_stages[stage.id]
            yield replace(_closed_until(language, opens, ticket.opening), personal=True)


def _closed_until(language: str, moment: datetime | None, opening: Opening) -> Utterance:
    """Return that something is closed now, and when it opens where that is known."""
    said = wording(language)
    if moment is None:
        return Utterance(language, _stop(said.text("Closed now")))
    when = said.date(told(moment, language, now=opening.at))
    return Utterance(language, _stop(said.text("Closed. Opens: {when}").format(when=when)))


def _places(language: str, wanted: Iterable[Option]) -> Iterator[Utterance]:
    for option in wanted:
        if option.place is None:
            continue
        what = _of_site(language, option.text)
        if what.language != language:
            yield Utterance(what.language, what.text, personal=True)
        words = what.text.rstrip(".") if what.language == language else ""
        yield Utterance(language, _at(language, option.place, what=words), personal=True)


def _at(language: str, place: Place, *, what: str = "") -> str:
    """Return what is where; of nothing named, where alone, without the colon before it."""
    said = wording(language)
    landmark, door = said.landmarks[place.landmark], said.door(place.door)
    return said.sentence("at", what=what, landmark=landmark, door=door).lstrip(": \u202f")


def _waiting(language: str, wait: StageWait | None) -> Iterator[Utterance]:
    if wait is None:
        return
    said = wording(language)
    yield Utterance(language, said.sentence("ahead", count=wait.parties_ahead), personal=True)
    if wait.minutes_from is not None and wait.minutes_to is not None:
        minutes = said.sentence("minutes", low=wait.minutes_from, high=wait.minutes_to)
        yield Utterance(language, minutes, personal=True)


def _stop(text: str) -> str:
    """End a text where a voice should fall."""
    return text if text.endswith((".", "?", "!", "؟", "…")) else f"{text}."
