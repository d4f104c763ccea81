from pathlib import Path

import pytest

from kiosk.contract.signs import LANDMARKS
from kiosk.contract.site import Site
from kiosk.contract.site_file import read_site_file
from server_stub.door_signs import signs_of

SITES = Path(__file__).parents[2] / "assets" / "sites"


@pytest.fixture(scope="module")
def site() -> Site:
    return read_site_file(SITES / "duesseldorf.toml")


def test_there_is_a_sign_for_each_door_that_a_slip_or_screen_names(site):
    doors = [(sign.landmark, sign.door) for sign in signs_of(site)]

    assert doors[:5] == [(stage.landmark, stage.door) for stage in site.stages]
    assert {("star", "10"), ("moon", "11"), ("cat", "12"), ("tulip", "14")} <= set(doors)
    assert len(doors) == len(set(doors)) == 9


def test_stages_behind_one_door_share_its_sign(site):
    other = site.stages[1].model_copy(update={"id": "other", "landmark": "bell"})
    same = site.stages[0].model_copy(update={"id": "same"})
    changed = site.model_copy(update={"stages": (*site.stages, other, same)})

    signs = {(s.landmark, s.door): [stage.id for stage in s.stages] for s in signs_of(changed)}

    assert signs["tree", "1"] == ["information", "same"]
    assert signs["bell", "2"] == ["other"]


def test_a_sign_says_the_same_in_every_language_of_the_site(site):
    for sign in signs_of(site):
        assert [line.language for line in sign.lines] == list(site.languages)
        assert all(line.landmark and line.door for line in sign.lines)


def test_arabic_and_persian_lines_begin_at_the_right(site):
    lines = signs_of(site)[0].lines

    assert {line.language for line in lines if line.direction == "rtl"} == {"ar", "fa"}


@pytest.mark.parametrize("landmark", LANDMARKS)
def test_what_a_picture_shows_is_written_as_on_doors(site, landmark):
    """With a capital where there are some, and without the vowels that only voices need."""
    stage = site.stages[0].model_copy(update={"landmark": landmark})
    sign = signs_of(site.model_copy(update={"stages": (stage,)}))[0]

    for line in sign.lines:
        assert line.landmark == line.landmark.strip()
        assert line.landmark[0].upper() == line.landmark[0] or line.language == "ka"
        assert not any("\u064b" <= letter <= "\u0652" for letter in line.landmark)
