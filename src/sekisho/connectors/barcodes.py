"""Codes on paper: written as SVG for a form, read from the picture of a page, however it lies."""

from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageFilter

QR = zxingcpp.barcode_formats_from_str("QRCode")
LEVEL = "Q"  # a quarter of the code may be lost: faxes smear
TURNS = (3.0, -3.0, 6.0, -6.0)  # degrees, tried when a page cannot be read as it lies


def written(text: str) -> str:
    """The code of a text as SVG, quiet zone included."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.QRCode, ec_level=LEVEL)
    return str(zxingcpp.write_barcode_to_svg(barcode, scale=4, add_quiet_zones=True))


def read(page: Image.Image) -> tuple[str, ...]:
    """The texts of the codes on a page, from top to bottom; none where nothing can be read.

    What a plain look misses is looked for again softened, larger, and turned a little: fax lines tear edges.
    """
    grey = page.convert("L")
    for picture in _looks(grey):
        found = zxingcpp.read_barcodes(picture, formats=QR)
        if found:
            ordered = sorted(found, key=lambda one: one.position.top_left.y)
            return tuple(dict.fromkeys(str(one.text) for one in ordered))
    return ()


def _looks(grey: Image.Image) -> Iterator[Image.Image]:
    """The same page in several ways, each made only when needed."""
    yield grey
    soft = grey.filter(ImageFilter.GaussianBlur(1.2))
    yield soft
    yield soft.resize((soft.width * 2, soft.height * 2))
    for turn in TURNS:
        yield soft.rotate(turn, fillcolor=255, expand=True)
