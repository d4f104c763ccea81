"""Rights: what a member of staff may see and do, by the role of their account. Pure."""

from enum import StrEnum

from kiosk.contract.questions import Role

__all__ = ["ROLES", "Right", "Role", "rights_of"]


class Right(StrEnum):
    """Something that not everybody may."""

    SEE_LIST = "see-list"
    """See of a visit what it takes to find and bring a party: number, language, size, priority."""
    SEE_VISITS = "see-visits"
    """See more of a visit than that."""
    CALL = "call"
    """Call numbers and serve parties."""
    ANSWER_HELP = "answer-help"
    """Go to a help call."""
    LEAD = "lead"
    """See hall and figures, correct what was recorded, close days."""
    ADMINISTER = "administer"
    """Change accounts, kiosks, displays, the site file, retention; read the audit log."""


_HELPER = frozenset({Right.SEE_LIST, Right.ANSWER_HELP})
_COUNTER = _HELPER | {Right.SEE_VISITS, Right.CALL}
_LEAD = _COUNTER | {Right.LEAD}

ROLES: dict[Role, frozenset[Right]] = {
    Role.HELPER: _HELPER,
    Role.COUNTER: _COUNTER,
    Role.LEAD: _LEAD,
    Role.ADMIN: _LEAD | {Right.ADMINISTER},
}
"""The rights of each role."""


def rights_of(role: str) -> frozenset[Right]:
    """Return the rights of a role as the store names it; none where it is not known."""
    return ROLES[Role(role)] if role in ROLES else frozenset()
