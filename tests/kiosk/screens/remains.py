"""Looks for what should be forgotten: in every object that Python still holds."""

import gc

AT_ONCE = 2_000
"""There are a million objects: so many are looked through together, and alone only on a find."""


def remains(canary: str) -> list[str]:
    """Return the kinds of object that still hold a text with the canary in it, or its bytes.

    Build the canary when the test runs: a text that stands in the code is held by the code.
    """
    gc.unfreeze()  # whatever was set aside as lasting may hold it too
    gc.collect()
    in_bytes = canary.encode()

    def have_it(*holders: object) -> bool:
        held = gc.get_referents(*holders)
        # By the type, not isinstance: a weak proxy would ask what has gone.
        kinds = set(map(type, held))
        texts = {kind for kind in kinds if issubclass(kind, str)}
        octets = {kind for kind in kinds if issubclass(kind, bytes | bytearray)}
        return canary in "\n".join(
            one for one in held if type(one) in texts and one is not canary
        ) or in_bytes in b"\n".join(
            one for one in held if type(one) in octets and one is not in_bytes
        )

    holders = gc.get_objects()
    return [
        f"{type(holder).__name__}: {_told(holder)}"
        for first in range(0, len(holders), AT_ONCE)
        if have_it(*holders[first : first + AT_ONCE])
        for holder in holders[first : first + AT_ONCE]
        if have_it(holder)
    ]


def _told(holder: object) -> str:
    keys = list(holder)[:5] if isinstance(holder, dict) else ""
    return f"{str(keys)[:120]} held by {[type(r).__name__ for r in gc.get_referrers(holder)][:4]}"
