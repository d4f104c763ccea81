"""How long a code, a request, a nonce and a token are good for, and who is told what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_stub.enrolment_rules import (
    ANSWERED,
    CLOCK_STEP,
    CODE_LASTS,
    REQUEST_LASTS,
    CodeThere,
    RequestThere,
    Verdict,
    is_good,
    judge,
)

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
CODE = CodeThere(NOON + CODE_LASTS)
ASKED = RequestThere("key", asked_at=NOON, approved=False, refused=False)
SECOND = timedelta(seconds=1)

spans = st.integers(1, 10**6).map(lambda s: timedelta(seconds=s))


@given(spans, st.integers(-(10**7), 10**7))
def test_what_was_made_for_a_while_is_good_for_exactly_that(lasts, seconds):
    now = NOON + timedelta(seconds=seconds)

    good = is_good(NOON + lasts, now=now, made_for=lasts)

    assert good == (-CLOCK_STEP <= now - NOON < lasts)


@given(spans, spans)
def test_no_clock_that_was_wrong_makes_anything_last_longer_than_it_may(lasts, wrong):
    """Made by a clock that was ahead, and looked at when the clock was put right."""
    good = is_good(NOON + wrong + lasts, now=NOON, made_for=lasts)

    assert good == (wrong <= CLOCK_STEP)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(0), Verdict.NEW),
        (CODE_LASTS - SECOND, Verdict.NEW),
        (CODE_LASTS, Verdict.LAPSED),
    ],
)
def test_a_code_may_be_used_for_15_minutes(after, said):
    assert judge(CODE, None, public_key="key", now=NOON + after) is said


@pytest.mark.parametrize(
    ("after", "said"),
    [(REQUEST_LASTS - SECOND, Verdict.WAITING), (REQUEST_LASTS, Verdict.LAPSED)],
)
def test_a_request_waits_for_24_hours_however_long_its_code_was_good(after, said):
    assert judge(CODE, ASKED, public_key="key", now=NOON + after) is said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (replace(ASKED, approved=True), Verdict.APPROVED),
        (replace(ASKED, refused=True), Verdict.REFUSED),
        (replace(ASKED, approved=True, refused=True), Verdict.REFUSED),
    ],
)
def test_an_answer_is_the_same_for_as_long_as_it_is_known(asked, said):
    for after in (timedelta(0), REQUEST_LASTS, 6 * REQUEST_LASTS):
        assert judge(CODE, asked, public_key="key", now=NOON + after) is said


@given(
    st.builds(
        RequestThere,
        st.just("key"),
        asked_at=st.just(NOON),
        approved=st.booleans(),
        refused=st.booleans(),
    ),
    spans,
)
def test_another_key_is_never_told_anything_of_the_first(asked, after):
    assert judge(CODE, asked, public_key="other", now=NOON + after) is Verdict.USED
    assert Verdict.USED not in ANSWERED


def test_a_code_that_nobody_made_is_unknown():
    assert judge(None, None, public_key="key", now=NOON) is Verdict.UNKNOWN
