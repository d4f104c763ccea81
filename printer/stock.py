"""The stock: the pictures that slips have in common, for printers that can keep them.

Nothing is laid out or written down for it. Slips as they will be printed are laid out twice,
with other numbers, times and waits, and cut into steps for the printer at hand; the pictures
that stay the same are the stock. What leads to a party cannot get into it: it differs.
"""

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from printer.artwork import Artwork
from printer.compact import PictureStep, compact_steps
from printer.profile import Profile
from printer.raster import Raster, measure, to_raster
from printer.raster_commands import columns, good_height, inked_bytes
from printer.sample import SAMPLES, load_sample
from printer.slip import Bilingual, Place, Slip
from printer.slip_layout import LONGEST, lay_out
from printer.slip_picture import draw_block

USE = SAMPLES / "stock" / "use.toml"
"""Languages, parties and routes, the most used first."""

PICTURES = range(ord("a"), ord("z") + 1)
"""First bytes of the keys of pictures."""

LABELS = range(ord("{"), ord("~") + 1)
"""First bytes of the four keys that together tell which stock a printer holds."""

_SECOND = range(0x21, 0x7F)
_MOST = len(PICTURES) * len(_SECOND)

LABEL = Raster(1, 1, b"\0")
"""The picture under each label: nothing to see, its key says it all."""


class StockError(Exception):
    """What slips have in common cannot be read; the message names the file."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What a printer should keep.

    The pictures are numbered; which number is which picture depends on the stock. So a printer
    that holds all four `labels`, and no other, holds this stock and nothing of another one: 78
    million to one, and nothing to remember on this side.

    Attributes:
        keys: The key of each picture, the most worthwhile first.
        labels: The four keys that name this stock.

    """

    keys: Mapping[PictureStep, bytes]
    labels: frozenset[bytes]


def is_ours(key: bytes) -> bool:
    """Whether a key is one that stocks use; a shop's own logo under another one is left alone."""
    return key[0] in PICTURES or is_label(key)


def is_label(key: bytes) -> bool:
    """Whether a key is one of those that name a stock."""
    return key[0] in LABELS


def stock_for(profile: Profile, artwork: Artwork, *, use: Path = USE) -> Stock:
    """Return the stock for printers of this profile, or raise StockError; takes 0.3 s."""
    worth: dict[PictureStep, float] = defaultdict(float)
    for share, slip in _slips(use):
        for step in _lasting(slip, profile, artwork):
            worth[step] += share * _size(step, profile)
    steps = sorted(worth, key=lambda step: (-worth[step], repr(step)))[:_MOST]
    keys = {step: _key(number) for number, step in enumerate(steps)}
    return Stock(keys, _labels(steps, profile, artwork))


def stored_raster(step: PictureStep, profile: Profile, artwork: Artwork) -> Raster:
    """Return the dots to keep: the whole height of the step, blank rows and all.

    At half the resolution where the step is coarse. Ends at the last byte with ink; begins at
    the paper's edge, so that printing it needs no margin.
    """
    ink = draw_block(step.block, profile.paper_dots, artwork)
    raster = to_raster(ink.reduce(2) if step.coarse else ink)
    raster = columns(raster, 0, inked_bytes(raster)[1])
    if raster.rows != good_height(raster.rows) and raster.rows <= 255:
        return Raster(raster.row_bytes, raster.rows + 1, raster.data + bytes(raster.row_bytes))
    return raster


def _lasting(slip: Slip, profile: Profile, artwork: Artwork) -> set[PictureStep]:
    """Return the pictures that stay when number, time, wait and address are others."""
    other = replace(
        slip,
        number=_other(slip.number),
        printed_at=_other(slip.printed_at),
        waiting=slip.waiting and Bilingual(_other(slip.waiting.own), _other(slip.waiting.german)),
        ticket_url=slip.ticket_url and slip.ticket_url.swapcase(),
    )
    return _pictures(slip, profile, artwork) & _pictures(other, profile, artwork)


def _pictures(slip: Slip, profile: Profile, artwork: Artwork) -> set[PictureStep]:
    layout = lay_out(slip, profile.paper_dots, partial(measure, artwork))
    steps = compact_steps(layout, profile, longest=LONGEST)
    return {step for step in steps if isinstance(step, PictureStep)}


_OTHER_DIGITS = str.maketrans("0123456789", "1234567890")


def _other(text: str) -> str:
    return text.translate(_OTHER_DIGITS)


def _slips(use: Path) -> Iterator[tuple[float, Slip]]:
    """Yield slips and the share of all slips that each stands for, about.

    Parties differ by language, whose name stands beside them; routes only by its direction.
    """
    try:
        content = tomllib.loads(use.read_text("utf-8"))
        parties = [(int(adults), int(children)) for adults, children in content["parties"]]
        routes = [tuple(Place(*place) for place in places) for places in content["routes"]]
        samples = [load_sample(language) for language in content["languages"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StockError(f"{use}: {error}") from error
    directions: set[bool] = set()
    for rank, slip in enumerate(samples, 1):
        for place, (adults, children) in zip(count(1), parties, strict=False):
            yield 1 / rank / place, replace(slip, adults=adults, children=children)
        if slip.right_to_left not in directions:
            directions.add(slip.right_to_left)
            for place, places in zip(count(1), routes, strict=False):
                yield 1 / rank / place, replace(slip, places=places)


def _size(step: PictureStep, profile: Profile) -> int:
    """Return about how many bytes the step takes as a raster."""
    right = max(mark.x + mark.width for mark in step.block.marks)
    dots = min(right, profile.paper_dots) * step.block.height
    return dots // 32 if step.coarse else dots // 8


def _key(number: int) -> bytes:
    return bytes([PICTURES[number // len(_SECOND)], _SECOND[number % len(_SECOND)]])


def _labels(steps: list[PictureStep], profile: Profile, artwork: Artwork) -> frozenset[bytes]:
    """Return the keys that name exactly these pictures in this order, drawn with this artwork."""
    content = repr((profile.paper_dots, artwork.fingerprint, steps))
    number = int.from_bytes(hashlib.sha256(content.encode()).digest()[:16], "big")
    labels = []
    for first in LABELS:
        number, second = divmod(number, len(_SECOND))
        labels.append(bytes([first, _SECOND[second]]))
    return frozenset(labels)
