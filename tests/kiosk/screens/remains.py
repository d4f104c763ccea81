"""Looks for what should be forgotten: in every object that Python still holds."""

import gc


def remains(canary: str) -> list[str]:
    """Return the kinds of object that still hold a text with the canary in it, or its bytes.

    Build the canary when the test runs: a text that stands in the code is held by the code.
    """
    gc.unfreeze()  # whatever was set aside as lasting may hold it too
    gc.collect()
    in_bytes = canary.encode()
    sought: dict[type, str | bytes | None] = {}

    def has_it(held: object) -> bool:
        kind = type(held)  # not isinstance: a weak proxy would ask what has gone
        if kind not in sought:
            in_text = canary if issubclass(kind, str) else None
            sought[kind] = in_bytes if issubclass(kind, bytes | bytearray) else in_text
        what = sought[kind]
        return what is not None and what in held and held is not canary and held is not in_bytes

    holders = gc.get_objects()
    if not any(map(has_it, gc.get_referents(*holders))):  # all at once: they are millions
        return []
    return [
        f"{type(holder).__name__}: {_told(holder)}"
        for holder in holders
        if any(map(has_it, gc.get_referents(holder)))
    ]


def _told(holder: object) -> str:
    keys = list(holder)[:5] if isinstance(holder, dict) else ""
    return f"{str(keys)[:120]} held by {[type(r).__name__ for r in gc.get_referrers(holder)][:4]}"
