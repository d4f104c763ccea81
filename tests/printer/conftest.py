"""What printer tests share: fonts loaded once, sample slips, a layout of each."""

from functools import partial

import pytest

from printer.artwork import Artwork, default_artwork
from printer.marks import Layout
from printer.profile import Profile, load_profile
from printer.raster import measure
from printer.sample import load_sample
from printer.slip import Slip
from printer.slip_layout import lay_out
from tests.printer.functions import LayOut


@pytest.fixture(scope="session")
def artwork() -> Artwork:
    return default_artwork()


@pytest.fixture(scope="session")
def laid_out(artwork: Artwork) -> LayOut:
    """Return a function from slip and paper to layout."""

    def lay(slip: Slip, paper_dots: int = 576) -> Layout:
        return lay_out(slip, paper_dots, partial(measure, artwork))

    return lay


@pytest.fixture
def slip() -> Slip:
    return load_sample("uk")


@pytest.fixture(scope="session")
def able() -> Profile:
    """A printer that can do everything a profile can say."""
    return load_profile("virtual-80")


@pytest.fixture(scope="session")
def plain() -> Profile:
    """A printer of which nothing is known but its paper."""
    return load_profile("generic-80")
