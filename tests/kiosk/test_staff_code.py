import pytest

from kiosk.staff_code import check_hash, hash_code, is_code, matches

KEPT = hash_code("402671")
BROKEN = {
    "nothing": "",
    "the code": "402671",
    "no parts": "scrypt",
    "empty parts": "scrypt$$",
    "another kind": "md5$" + KEPT[7:],
    "cut": KEPT[:-4],
    "a part too many": KEPT + "$",
    "no base64": KEPT + "=!",
}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("402671", True),
        ("402671402671", True),
        ("40267", False),
        ("4026714026714", False),
        ("40267a", False),
        ("٤٠٢٦٧١", False),  # digits, but not on the pad
        ("402671\n", False),
        ("000000", False),
        ("", False),
    ],
)
def test_a_code_is_six_to_twelve_digits(text: str, *, fits: bool) -> None:
    assert is_code(text) is fits


def test_only_the_code_itself_matches() -> None:
    assert matches("402671", KEPT)
    assert not matches("402672", KEPT)
    assert not matches("4026711", KEPT)


def test_the_hash_tells_nothing_and_is_another_each_time() -> None:
    assert "402671" not in KEPT
    assert hash_code("402671") != KEPT
    assert check_hash(KEPT) == KEPT


@pytest.mark.parametrize("kept", BROKEN.values(), ids=BROKEN)  # a hash is another each time
def test_what_is_no_hash_is_refused_with_the_way_to_one(kept: str) -> None:
    with pytest.raises(ValueError, match="python -m kiosk staff-code"):
        check_hash(kept)
