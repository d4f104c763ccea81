"""Where contract v1 is spoken: paths, headers and limits that both ends must agree on."""

from uuid import UUID

SITE = "/v1/site"
CHECK_INS = "/v1/check-ins"
HELP_CALLS = "/v1/help-calls"
SLIPS = "/v1/slips"
HEARTBEATS = "/v1/heartbeats"
ENROLMENTS = "/v1/enrolments"
CHALLENGES = "/v1/challenges"
TOKENS = "/v1/tokens"

AGE_HEADER = "Ankunft-Age"
"""Seconds since the message was made, by the kiosk's monotonic clock.

It travels beside the body, not in it: the body's bytes stay the same at every attempt.
Absent when the kiosk has restarted since and cannot know.
"""

LARGEST_BODY = 64 * 1024
"""Bytes of the largest body that a server must take; a check-in has about 1,000."""


def check_in(check_in_id: UUID) -> str:
    """Return the path of one check-in."""
    return f"{CHECK_INS}/{check_in_id}"


def help_call(help_call_id: UUID) -> str:
    """Return the path of one help call."""
    return f"{HELP_CALLS}/{help_call_id}"


def slip(check_in_id: UUID) -> str:
    """Return the path of the outcome of one check-in's slip."""
    return f"{SLIPS}/{check_in_id}"
