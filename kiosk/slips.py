"""From a ticket to its slip: every word in the party's language, with German beside it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from kiosk.contract.hours import Elsewhere
from kiosk.contract.messages import StageWait
from kiosk.contract.site import Site
from kiosk.hours import Opening
from kiosk.language import LANGUAGES, Catalogue, catalogue
from kiosk.moment import opens
from kiosk.ticket import Ticket
from printer.slip import Advice, Bilingual, Directions, Later, Place, Slip

GERMAN = "de"


def make_slip(
    ticket: Ticket, *, site: Site, made_at: datetime | None, wait: StageWait | None = None
) -> Slip:
    """Return the slip of a ticket, translated and ready to be laid out.

    Args:
        ticket: What the party holds.
        site: For the name on top and the time zone.
        made_at: Aware time, or None where the clock is not trusted: then no time is printed.
        wait: How long the first stage's queue is, where that is fresh.

    """
    own, german = catalogue(ticket.language), catalogue(GERMAN)
    language = LANGUAGES[ticket.language]

    def both(text: str) -> Bilingual:
        return _bilingual(own.text(text), german.text(text), ticket.language)

    return Slip(
        number=ticket.number,
        language=ticket.language,
        language_name=language.name,
        right_to_left=language.right_to_left,
        site_name=site.name,
        printed_at=_time_of(made_at, site) if made_at else "",
        heading=both("Your number"),
        adults=ticket.party.adults,
        children=ticket.party.children,
        places=tuple(Place(stage.landmark, stage.door) for stage in ticket.route),
        waiting=_bilingual(_waiting(own, wait), _waiting(german, wait), ticket.language)
        if wait
        else None,
        follow=both("Your turn on your phone") if ticket.url else None,
        ticket_url=ticket.url,
        keep=both("Please keep this slip."),
        later=_later(ticket),
    )


def make_directions(
    site: Site, opening: Opening, *, language: str, now: datetime | None
) -> Directions:
    """Return the slip without a number: what to do until the site opens.

    Args:
        site: What it says for when it is closed.
        opening: When it opens.
        language: The party's.
        now: Aware time, or None where the clock is not trusted: then no time is printed.

    """
    own, german = catalogue(language), catalogue(GERMAN)

    def both(text: str) -> Bilingual:
        return _bilingual(own.text(text), german.text(text), language)

    return Directions(
        right_to_left=LANGUAGES[language].right_to_left,
        site_name=site.name,
        printed_at=_time_of(now, site) if now else "",
        heading=both("Closed now"),
        opens=_opens(opening.opens_at, language, now=opening.at or now)
        if opening.opens_at
        else None,
        advice=tuple(_advice(line, own, german) for line in site.when_closed),
        no_number=both("This slip has no number."),
        come_again=both("Come again when it is open."),
        emergency=both("In danger to life call 112."),
    )


def _advice(line: Elsewhere, own: Catalogue, german: Catalogue) -> Advice:
    return Advice(
        icon=line.icon,
        text=_bilingual(own.of_site(line.text), german.of_site(line.text), own.language),
        detail=line.detail,
        place=Place(line.place.landmark, line.place.door) if line.place else None,
    )


def _later(ticket: Ticket) -> tuple[Later, ...]:
    """Return when the places of the route open that are closed now, where that is known."""
    return tuple(
        Later(
            tuple(Place(stage.landmark, stage.door) for stage in stages),
            _opens(moment, ticket.language, now=ticket.opening.at),
        )
        for moment, stages in ticket.closed_doors
        if moment
    )


def _opens(moment: datetime, language: str, *, now: datetime | None) -> Bilingual:
    own, german = (opens(catalogue(code), moment, now=now) for code in (language, GERMAN))
    return _bilingual(own, german, language)


def _bilingual(own: str, german: str, language: str) -> Bilingual:
    return Bilingual(own, "" if language == GERMAN else german)


def _waiting(words: Catalogue, wait: StageWait) -> str:
    if wait.minutes_from is None or wait.minutes_to is None:
        return words.plural(
            "{count} party ahead of you", "{count} parties ahead of you", wait.parties_ahead
        )
    # One line of a narrow slip: short, and without a noun that would have to agree.
    return words.text("Ahead of you: {count} · {low}–{high} min").format(  # noqa: RUF001  # a range
        count=wait.parties_ahead, low=wait.minutes_from, high=wait.minutes_to
    )


def _time_of(made_at: datetime, site: Site) -> str:
    # In German on every slip: staff read it, and digits are digits.
    local = made_at.astimezone(ZoneInfo(site.time_zone))
    return format_datetime(local, "EEE dd.MM.yyyy HH:mm", locale=GERMAN)
