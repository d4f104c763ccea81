"""What happens on a service day, made up: by hand for one small day, at random for the rest."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from kiosk.contract.site import Site
from kiosk.contract.site_file import read_site_file
from server_stub.arrival import beginning_of
from server_stub.figures import KioskCounts
from server_stub.figures_of_day import Achieved, Arrival, Happenings, Passage, StockCount

DAY = date(2026, 11, 23)
BERLIN = ZoneInfo("Europe/Berlin")


def shipped_site() -> Site:
    return read_site_file(Path(__file__).parents[2] / "assets" / "sites" / "duesseldorf.toml")


def at(clock: str, day: date = DAY) -> datetime:
    """Return a time on the wall of Düsseldorf, as ``"9:05"`` or ``"9:05:30"``."""
    hour, minute, second = (*map(int, clock.split(":")), 0)[:3]
    local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=BERLIN)
    return local.astimezone(UTC)


def passage(  # a line of the day's book
    stage: str,
    persons: int,
    *,
    came: str,
    called: str | None = None,
    served: str | None = None,
    gone: str,
    by: str = "forward",
    visit: object = None,
) -> Passage:
    return Passage(
        visit=visit or uuid4(),
        stage=stage,
        persons=persons,
        waited_from=at(came),
        first_called_at=at(called) if called else None,
        served_at=at(served) if served else None,
        ended_at=at(gone),
        ended_by=by,
    )


SMALL_DAY = Happenings(
    arrivals=(
        Arrival(at("8:00"), adults=2, children=1, language="uk"),
        Arrival(at("8:59:59"), adults=1, children=0, language="ru", priority=True),
        Arrival(at("9:00"), adults=2, children=2, language="uk", carried_over=True),
        Arrival(at("9:30"), adults=0, children=0, language=None),  # could not be read
        Arrival(at("9:40"), adults=1, children=0, language="de", by_hand=True),
        # One of the first three went on alone; the second joined the fourth.
        Arrival(at("8:00"), adults=1, children=0, language="uk", split=True),
        Arrival(at("9:45"), adults=1, children=0, language="uk", merged=True),
    ),
    passages=(
        passage("information", 3, came="8:00", called="8:04", served="8:05", gone="8:09"),
        passage("information", 1, came="8:59:59", called="9:10", served="9:10", gone="9:12"),
        passage("information", 4, came="9:00", gone="11:00", by="leave"),
        passage(
            "housing", 3, came="8:09", called="9:39", served="9:40", gone="10:00:01", by="finish"
        ),
    ),
    achieved=(
        Achieved("housed", 3, at("10:00")),
        Achieved("housed", 2, at("12:00")),
        Achieved("moved-out", 1, at("13:00")),
        Achieved("permit-issued", 3, at("9:00")),
        Achieved("permit-issued", -1, at("9:05")),  # it was two
        Achieved("no-longer-in-the-site-file", 7, at("9:06")),
    ),
    stock_counts=(
        StockCount("housed", 400, at("8:00")),
        StockCount("housed", 3655, at("11:30")),
    ),
    no_shows=("housing", "information", "housing"),
    kiosks=(KioskCounts(5, 2, 1), KioskCounts(1, 1, 0)),
    help_calls=("doctor", "person"),
)

names = st.sampled_from(["information", "housing", "registration"])
few = st.integers(0, 4)


def moments(day: date):
    began = beginning_of(day, "Europe/Berlin")
    ended = beginning_of(day + timedelta(days=1), "Europe/Berlin")
    seconds = int((ended - began).total_seconds())
    return st.integers(0, seconds - 1).map(lambda s: began + timedelta(seconds=s))


def happenings(day: date):
    """Return a strategy of what may happen on a service day."""
    moment = moments(day)
    arrivals = st.builds(
        Arrival,
        moment,
        adults=few,
        children=few,
        language=st.sampled_from(["uk", "ru", "de", None]),
        priority=st.booleans(),
        by_hand=st.booleans(),
        carried_over=st.booleans(),
        split=st.booleans(),
        merged=st.booleans(),
    )
    passages = st.builds(
        Passage,
        visit=st.uuids(),
        stage=names,
        persons=few,
        waited_from=moment,
        first_called_at=st.none() | moment,
        served_at=st.none() | moment,
        ended_at=moment,
        ended_by=st.sampled_from(["forward", "finish", "leave", "merge", "served-by-hand"]),
        overnight=st.booleans(),
    )
    achieved = st.builds(
        Achieved,
        outcome=st.sampled_from(["housed", "moved-out", "permit-issued", "unknown"]),
        persons=st.integers(-3, 5),
        at=moment,
    )
    stock_counts = st.builds(StockCount, figure=st.just("housed"), persons=few, at=moment)
    return st.builds(
        Happenings,
        arrivals=st.lists(arrivals, max_size=8),
        passages=st.lists(passages, max_size=8),
        achieved=st.lists(achieved, max_size=6),
        # Two counts at one instant are told apart by their ids, which are the writer's.
        stock_counts=st.lists(stock_counts, max_size=2, unique_by=lambda count: count.at),
        no_shows=st.lists(names, max_size=3),
        kiosks=st.lists(st.builds(KioskCounts, few, few, few), max_size=2),
        help_calls=st.lists(st.sampled_from(["doctor", "person"]), max_size=4),
    )
