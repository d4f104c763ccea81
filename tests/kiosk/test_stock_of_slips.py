import importlib.util
import tomllib
from pathlib import Path

from kiosk.language import LANGUAGES

SLIPS = Path(__file__).parents[2] / "assets" / "slips"


def test_what_slips_have_in_common_is_what_the_kiosk_can_print():
    """Languages, and the routes that answers to the shipped site's questions can give."""
    spec = importlib.util.spec_from_file_location("build_slips", SLIPS / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)

    shipped = (SLIPS / "stock" / "use.toml").read_text(encoding="utf-8")
    content = tomllib.loads(shipped)

    assert shipped == build.stock(), "write it anew: python assets/slips/build.py"
    assert content["languages"] == list(LANGUAGES)
    assert len(content["routes"]) > 5
    assert len({str(route) for route in content["routes"]}) == len(content["routes"])
