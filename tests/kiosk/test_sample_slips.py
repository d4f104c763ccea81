import importlib.util
from pathlib import Path

import pytest

from kiosk.language import LANGUAGES

SLIPS = Path(__file__).parents[2] / "assets" / "slips"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_slip_is_what_the_kiosk_would_print(language):
    spec = importlib.util.spec_from_file_location("build_slips", SLIPS / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)

    shipped = (SLIPS / f"{language}.toml").read_text(encoding="utf-8")

    assert shipped == build.sample(language), "write them anew: python assets/slips/build.py"
    shipped = (SLIPS / "directions" / f"{language}.toml").read_text(encoding="utf-8")
    assert shipped == build.directions(language), "write them anew: python assets/slips/build.py"
