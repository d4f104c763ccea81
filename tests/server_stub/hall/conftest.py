from pathlib import Path

import pytest

from kiosk.contract.site import Site
from kiosk.contract.site_file import read_site_file

SITES = Path(__file__).parents[3] / "assets" / "sites"


@pytest.fixture(scope="session")
def plain_site() -> Site:
    """The shipped site."""
    return read_site_file(SITES / "duesseldorf.toml")
