"""Looks for what should be forgotten: in every object that Python still holds."""

import gc


def remains(canary: str) -> list[str]:
    """Return the kinds of object that still hold a text with the canary in it, or its bytes.

    Build the canary when the test runs: a text that stands in the code is held by the code.
    """
    gc.unfreeze()  # whatever was set aside as lasting may hold it too
    gc.collect()
    in_bytes = canary.encode()
    found = []
    for holder in gc.get_objects():
        for held in gc.get_referents(holder):
            if held is canary or held is in_bytes:
                continue
            kind = type(held)  # not isinstance: a weak proxy would ask what has gone
            if (issubclass(kind, str) and canary in held) or (
                issubclass(kind, bytes | bytearray) and in_bytes in held
            ):
                found.append(f"{type(holder).__name__}: {_told(holder)}")
    return found


def _told(holder: object) -> str:
    keys = list(holder)[:5] if isinstance(holder, dict) else ""
    return f"{str(keys)[:120]} held by {[type(r).__name__ for r in gc.get_referrers(holder)][:4]}"
