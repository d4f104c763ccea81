"""A slip that came out of the virtual printer, for tests and people to look at."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image


@dataclass(frozen=True, slots=True)
class PrintedSlip:
    """One cut piece of paper.

    Attributes:
        picture: Mode '1', one pixel a dot.
        text: What was sent as text, decoded; pictures of text cannot be read back.
        qr_codes: Contents of the QR codes that the printer drew itself.
        unknown: Byte sequences that no table knows; a healthy job has none.
        drawer_kicks: How often a cash drawer was told to open; 0 in a healthy job.
        path: Where the PNG lies; None where no folder was given.
        remarks: What a real printer would have ignored or taken otherwise; a healthy job has none.
        stored: Keys of the pictures that came out of NV memory.

    """

    picture: Image.Image
    text: str
    qr_codes: tuple[str, ...]
    unknown: tuple[bytes, ...]
    drawer_kicks: int
    path: Path | None
    remarks: tuple[str, ...] = ()
    stored: tuple[bytes, ...] = ()

    def shows(self, picture: Image.Image) -> bool:
        """Whether a picture as wide as the paper (mode '1') stands on it, dot for dot."""
        if picture.width != self.picture.width:
            return False
        row_bytes = (picture.width + 7) // 8
        paper, wanted = self.picture.tobytes(), picture.tobytes()
        return any(paper.startswith(wanted, row) for row in range(0, len(paper), row_bytes))
