"""A QR code as SVG: drawn into the page, since pages load no pictures from elsewhere."""

from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET_ZONE = 4
"""Modules of white around it, without which readers do not find it (ISO/IEC 18004)."""


def qr_svg(text: str, *, label: str) -> Markup:
    """Return the QR code of a text as an SVG element; its size is the page's to set.

    Args:
        text: What it says, at most some hundred characters.
        label: What it is, for who cannot see it.

    """
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    side = len(rows)
    return Markup(
        '<svg class="qr" role="img" aria-label="{}" viewBox="0 0 {} {}" '
        'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{}v{}H0z"/>'
        '<path d="{}"/></svg>'
    ).format(label, side, side, side, side, path)
