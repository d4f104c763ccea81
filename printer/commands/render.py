"""`render`: a sample slip as picture and bytes, without a printer."""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

from printer.artwork import default_artwork
from printer.commands.command import add_profile, chosen_profile
from printer.escpos_codec import Rendition, encode_slip
from printer.marks import DOTS_PER_MM
from printer.raster import measure
from printer.sample import load_sample, sample_languages
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip

_EXAMPLES = """\
examples:
  python -m printer render --language uk --number D214 --png slip.png
  python -m printer render --language ar --paper 58 --rendition compact --out slip.bin
  python -m printer render --language de --rendition compact --profile entrance.toml
      tells how many bytes a slip has on your printer

exit codes:
  0  done
  2  nothing could be done: an unknown language, a broken profile, a file that cannot be written
"""


def add_render(command: argparse.ArgumentParser) -> None:
    """Set up `render`."""
    command.set_defaults(run=_render)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    languages = ", ".join(sample_languages())
    command.add_argument("--language", default="uk", metavar="CODE", help=languages)
    command.add_argument("--number", metavar="D214", help="another number than the sample's")
    command.add_argument("--copy", type=int, choices=(1, 2), default=1, help="mark it as a copy")
    command.add_argument("--rendition", choices=[r.value for r in Rendition], default="drawn")
    command.add_argument("--png", type=Path, metavar="FILE", help="write the picture there")
    command.add_argument("--out", type=Path, metavar="FILE", help="write the ESC/POS bytes there")
    add_profile(command)


def _render(options: argparse.Namespace) -> int:
    profile, artwork = chosen_profile(options), default_artwork()
    slip = load_sample(options.language)
    slip = replace(slip, number=options.number or slip.number, copy=options.copy)
    layout = lay_out(slip, profile.paper_dots, partial(measure, artwork))
    data = encode_slip(layout, profile, artwork, rendition=Rendition(options.rendition))
    if options.png:
        draw_slip(layout, artwork).save(options.png, format="PNG")
    if options.out:
        options.out.write_bytes(data)
    millimetres = layout.height / DOTS_PER_MM
    print(f"{layout.width} x {layout.height} dots, {millimetres:.0f} mm, {len(data)} bytes")
    return 0
