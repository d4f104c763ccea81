"""Sample slips: what a technician prints to look at, as data in `assets/slips`."""

import tomllib
from pathlib import Path
from typing import Any

from printer.slip import Bilingual, Place, Slip

SAMPLES = Path(__file__).resolve().parent.parent / "assets" / "slips"
"""Where the samples lie, one ``LANGUAGE.toml`` each."""


class SampleError(ValueError):
    """There is no such sample, or its file is broken; the message says which."""


def sample_languages() -> list[str]:
    """Return the codes of the languages that there are samples for."""
    return sorted(path.stem for path in SAMPLES.glob("*.toml"))


def load_sample(language: str) -> Slip:
    """Return the sample slip of a language, or raise SampleError."""
    path = SAMPLES / f"{language}.toml"
    if language not in sample_languages():
        raise SampleError(
            f"no sample slip in {language!r}; there are: {', '.join(sample_languages())}"
        )
    try:
        return _slip(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SampleError(f"sample slip {path}: {error}") from error


def _slip(content: dict[str, Any]) -> Slip:
    pairs = {
        key: Bilingual(**content[key]) if key in content else None
        for key in ("heading", "waiting", "follow", "keep")
    }
    places = tuple(Place(**place) for place in content["places"])
    return Slip(**{"ticket_url": None, **content, **pairs, "places": places})
