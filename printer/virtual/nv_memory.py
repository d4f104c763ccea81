"""NV memory: pictures kept by key, through power cuts and ESC @, as far as there is room."""

from collections.abc import Iterator

from PIL import Image

CONTROL_BYTES = 24
"""What a picture takes beside its own bytes (Epson TM-T81: data and 24 bytes of control)."""

KEYS_IN_A_BLOCK = 40
"""So many keys does one block of the key list hold (Epson, GS ( L fn 64)."""


class NvMemory:
    """Pictures by their keys of two bytes.

    Args:
        capacity: Bytes in all.

    Attributes:
        writes: How often it was written to; real memories wear out (10 a day, Citizen).

    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.writes = 0
        self._pictures: dict[bytes, Image.Image] = {}

    def __getitem__(self, key: bytes) -> Image.Image:
        return self._pictures[key]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pictures)

    def __len__(self) -> int:
        return len(self._pictures)

    @property
    def free(self) -> int:
        """Bytes that are left."""
        return self.capacity - sum(map(_size, tuple(self._pictures.values())))

    def define(self, key: bytes, picture: Image.Image) -> bool:
        """Keep a picture, in place of the one of the same key; False where it does not fit."""
        old = self._pictures.get(key)
        if _size(picture) > self.free + (_size(old) if old else 0):
            return False
        self._pictures[key] = picture
        self.writes += 1
        return True

    def delete(self, key: bytes) -> None:
        """Forget one picture."""
        if self._pictures.pop(key, None) is not None:
            self.writes += 1

    def clear(self) -> None:
        """Forget all pictures."""
        self._pictures.clear()
        self.writes += 1

    def key_list(self) -> list[bytes]:
        """Return the answer to fn 64, block by block: ``37 72``, 41 or 40, keys, ``00``.

        41 says that another block follows, 40 that this is the last.
        """
        keys = list(self._pictures)
        starts = range(0, len(keys), KEYS_IN_A_BLOCK) or range(1)
        groups = [b"".join(keys[start : start + KEYS_IN_A_BLOCK]) for start in starts]
        more = [b"\x41"] * (len(groups) - 1) + [b"\x40"]
        return [
            b"\x37\x72" + status + group + b"\x00"
            for status, group in zip(more, groups, strict=True)
        ]


def _size(picture: Image.Image) -> int:
    return (picture.width + 7) // 8 * picture.height + CONTROL_BYTES
