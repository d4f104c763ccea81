from PIL import Image, ImageChops

from tests.printer.draw_slips import FOLDER, slip_pictures

LEAST = 0.995
"""Share of dots that must be the same: another FreeType may round an edge elsewhere."""


def test_the_pictures_of_slips_are_what_is_printed_today() -> None:
    """Where this fails after a change that is wanted: make pictures, and look at them."""
    drawn = dict(slip_pictures())

    assert sorted(drawn) == sorted(path.stem for path in FOLDER.glob("*.png"))
    for name, picture in drawn.items():
        with Image.open(FOLDER / f"{name}.png") as kept:
            assert kept.mode == "1", name
            assert kept.size == picture.size, name
            other = ImageChops.logical_xor(kept, picture).histogram()[255]
            assert other <= (1 - LEAST) * picture.width * picture.height, name
