from pathlib import Path

import pytest

from printer.profile import PROFILES, ProfileError, load_profile
from printer.sample import SampleError, load_sample


@pytest.mark.parametrize("name", sorted(path.stem for path in PROFILES.glob("*.toml")))
def test_each_shipped_profile_loads(name: str) -> None:
    assert load_profile(name).paper_dots in (576, 384)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name = ", "Invalid value"),
        ("paper_dots = 576", "'name' is missing"),
        ('name = "a"', "'paper_dots' is missing"),
        ('name = "a"\npaper_dots = 512', "must be 576 or 384"),
        ('name = "a"\npaper_dots = "576"', "must be a whole number"),
        ('name = "a"\npaper_dots = 576\nnative_qr = 1', "must be true or false"),
        ('name = "a"\npaper_dots = 576\nspeed = 0', "'speed' is 0: it must be 1 to 1000"),
        ('name = "a"\npaper_dots = 576\nqr = true', "unknown setting 'qr'"),
        ('name = "a"\npaper_dots = 576\ncode_pages = 3', "must be a table"),
        ('name = "a"\npaper_dots = 576\n[code_pages]\nCP1 = 3', "code page 'CP1' is unknown"),
        ('name = "a"\npaper_dots = 576\n[code_pages]\nCP1251 = 256', "it must be 0 to 255"),
    ],
)
def test_a_broken_profile_names_the_file_and_the_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)

    with pytest.raises(ProfileError, match=reason) as refused:
        load_profile(path)
    assert str(path) in str(refused.value)


def test_a_missing_profile_names_those_there_are() -> None:
    with pytest.raises(ProfileError, match=r"shipped profiles are: .*generic-80"):
        load_profile("no-such-printer")


def test_a_missing_sample_names_those_there_are() -> None:
    with pytest.raises(SampleError, match=r"there are: ar, az, de, .*, uk, vi"):
        load_sample("../printers/generic-80")
