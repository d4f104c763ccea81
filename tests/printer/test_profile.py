import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printer.profile import (
    CODECS,
    PAPER_DOTS,
    PROFILES,
    Clear,
    Profile,
    ProfileError,
    load_profile,
    parse_profile,
    profile_toml,
)
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
        ('name = "a"\npaper_dots = 576\ncapital_dots = 25', "'capital_dots' is 25"),
        ('name = "a"\npaper_dots = 576\nclear = "never"', "must be one of 'dle-enq-2'"),
        ('name = "a"\npaper_dots = 576\nclear = []', "'clear' is \\[\\]"),
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


PROFILE = st.builds(
    Profile,
    name=st.text(),
    paper_dots=st.sampled_from(sorted(PAPER_DOTS.values())),
    code_pages=st.dictionaries(st.sampled_from(sorted(CODECS)), st.integers(0, 255)),
    speed=st.integers(1, 1000),
    capital_dots=st.integers(0, 24),
    clear=st.sampled_from(Clear),
)
"""Any profile; Hypothesis finds the yes-or-no settings by their types."""


@settings(derandomize=True, max_examples=50)
@given(PROFILE, st.dictionaries(st.sampled_from(["name", "code_pages", "blind"]), st.text()))
def test_a_profile_that_is_written_is_read_back_as_the_same(
    profile: Profile, notes: dict[str, str]
) -> None:
    written = profile_toml(profile, notes)

    assert parse_profile(tomllib.loads(written)) == profile
    read = parse_profile(tomllib.loads(written))
    assert list(read.code_pages) == list(profile.code_pages)  # the first page that covers wins


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PROFILES.glob("*.toml")) if not path.stem.startswith("virtual-")],
    ids=lambda path: path.stem,
)
def test_a_shipped_profile_claims_nothing_that_nobody_has_seen(path: Path) -> None:
    profile = load_profile(path)

    assert profile == Profile(
        profile.name, profile.paper_dots, blind=path.stem.startswith("blind-")
    )
    assert path.stem.endswith("-80") is (profile.paper_dots == 576)
