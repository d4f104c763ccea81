"""The test slip: shows staff that slips come out, in every script. It has no number."""

from datetime import datetime
from zoneinfo import ZoneInfo

from kiosk.contract.site import Site
from printer.slip import Advice, Bilingual, Directions

SCRIPTS = "Привіт · Cześć · Əla · Việt · Ő"
"""Letters that a printer's own code pages may lack."""


def make_test_slip(site: Site, *, kiosk: str, now: datetime | None) -> Directions:
    """Return the slip.

    Args:
        site: For the name on top and the time zone.
        kiosk: Its name, for the one who collects test slips of many.
        now: Aware time, or None where the clock is not trusted: then no time is printed.

    """
    local = now.astimezone(ZoneInfo(site.time_zone)) if now else None
    return Directions(
        right_to_left=False,
        site_name=site.name,
        printed_at=f"{local:%d.%m.%Y %H:%M}" if local else "",
        heading=Bilingual("Test slip", "Probezettel"),
        opens=None,
        advice=(Advice("printer", Bilingual("Printed by", "Gedruckt von"), detail=kiosk),),
        no_number=Bilingual("This slip has no number.", "Dieser Zettel hat keine Nummer."),
        come_again=Bilingual(SCRIPTS, ""),
        emergency=Bilingual("Throw it away.", "Bitte wegwerfen."),
    )
