"""Pictures as they come over the line: their bytes as masks of dots."""

from collections.abc import Callable

import qrcode
from PIL import Image


def dots(data: bytes, columns: int, rows: int) -> Image.Image:
    """Return rows of dots, eight to a byte and the first the highest bit, as a mask ('L')."""
    return Image.frombytes("1", (columns, rows), data).convert("L")


def scaled(mask: Image.Image, across: int, down: int) -> Image.Image:
    """Return the mask with each dot repeated."""
    size = (mask.width * across, mask.height * down)
    return mask.resize(size, Image.Resampling.NEAREST)


def raster(data: bytes) -> Image.Image | None:
    """GS v 0 m xL xH yL yH d...: bit 0 of m doubles the width, bit 1 the height."""
    row_bytes = int.from_bytes(data[1:3], "little")
    rows = int.from_bytes(data[3:5], "little")
    if not row_bytes or not rows:
        return None
    mask = dots(data[5:], row_bytes * 8, rows)
    return scaled(mask, 1 + (data[0] & 1), 1 + (data[0] >> 1 & 1))


# ESC * m: dots of a column, and how often a dot is repeated across and down. At 203 dpi an
# 8-dot column is as high as a 24-dot one.
_COLUMNS = {0: (8, 2, 3), 1: (8, 1, 3), 32: (24, 2, 1), 33: (24, 1, 1)}


def bit_image(data: bytes) -> Image.Image | None:
    """ESC * m nL nH d...: n columns, each from top to bottom, the first dot the highest bit."""
    columns = int.from_bytes(data[1:3], "little")
    if data[0] not in _COLUMNS or not columns:
        return None
    column, across, down = _COLUMNS[data[0]]
    lying = dots(data[3:], column, columns)
    return scaled(lying.transpose(Image.Transpose.TRANSPOSE), across, down)


class QrSymbol:
    """The QR code that GS ( k describes, command by command."""

    def __init__(self) -> None:
        self._module, self._level = 3, 48
        self.content = b""

    def obey(self, data: bytes) -> Callable[[], Image.Image] | None:
        """Take cn fn ...; return what draws the code where fn 81 says to print it.

        Raises:
            ValueError: It is no function of a QR code that is known here.

        """
        if len(data) < 3 or data[0] != 49 or data[1] not in (65, 67, 69, 80, 81):
            raise ValueError("GS ( k: only the functions 65, 67, 69, 80 and 81 of QR codes")
        function, parameters = data[1], data[2:]
        if function == 67:
            self._module = parameters[0]
        elif function == 69:
            self._level = parameters[0]
        elif function == 80:
            self.content = parameters[1:]
        return self._draw if function == 81 and self.content else None

    def _draw(self) -> Image.Image:
        code = qrcode.QRCode(error_correction=_QR_LEVELS.get(self._level, 1), border=0)
        code.add_data(self.content)
        code.make()
        rows = code.get_matrix()
        flat = bytes(255 if dark else 0 for row in rows for dark in row)
        mask = Image.frombytes("L", (len(rows), len(rows)), flat)
        return scaled(mask, self._module, self._module)


_QR_LEVELS = {48: 1, 49: 0, 50: 3, 51: 2}
"""ESC/POS counts L M Q H from 48; qrcode's own constants are 1, 0, 3 and 2."""
