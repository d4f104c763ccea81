"""Sample slips: what a technician prints to look at, as data in `assets/slips`."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from printer.slip import Advice, Bilingual, Directions, Place, Slip

Sample = TypeVar("Sample", Slip, Directions)

SAMPLES = Path(__file__).resolve().parent.parent / "assets" / "slips"
"""Where the samples lie, one ``LANGUAGE.toml`` each."""


DIRECTIONS = SAMPLES / "directions"
"""The same of slips without a number."""


class SampleError(ValueError):
    """There is no such sample, or its file is broken; the message says which."""


def sample_languages() -> list[str]:
    """Return the codes of the languages that there are samples for."""
    return sorted(path.stem for path in SAMPLES.glob("*.toml"))


def load_sample(language: str) -> Slip:
    """Return the sample slip of a language, or raise SampleError."""
    return _load(SAMPLES, language, _slip)


def load_directions(language: str) -> Directions:
    """Return the sample of a slip without a number, or raise SampleError."""
    return _load(DIRECTIONS, language, _directions)


def _load(folder: Path, language: str, read: Callable[[dict[str, Any]], Sample]) -> Sample:
    path = folder / f"{language}.toml"
    if language not in sample_languages():
        raise SampleError(
            f"no sample slip in {language!r}; there are: {', '.join(sample_languages())}"
        )
    try:
        return read(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SampleError(f"sample slip {path}: {error}") from error


def _slip(content: dict[str, Any]) -> Slip:
    pairs = {
        key: Bilingual(**content[key]) if key in content else None
        for key in ("heading", "waiting", "follow", "keep")
    }
    places = tuple(Place(**place) for place in content["places"])
    return Slip(**{"ticket_url": None, **content, **pairs, "places": places})


def _directions(content: dict[str, Any]) -> Directions:
    pairs = {
        key: Bilingual(**content[key])
        for key in ("heading", "opens", "no_number", "come_again", "emergency")
    }
    return Directions(**{**content, **pairs, "advice": tuple(map(_advice, content["advice"]))})


def _advice(content: dict[str, Any]) -> Advice:
    text = Bilingual(content["own"], content["german"])
    place = Place(content["landmark"], content["door"]) if "door" in content else None
    return Advice(content["icon"], text, content["detail"], place)
