"""Paper as files: the pages of a PDF, TIFF, JPEG or PNG as pictures, bounded in number and size.

What a fax machine or scanner drops in a folder comes from outside: nothing in it is run, and what is too large to be a
page is refused before it is unpacked.
"""

import io
from collections.abc import Iterator

import pylopdf_fonts_cjk
import pypdfium2
from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.connectors"
DOTS = 200  # per inch, as a fine fax has
MOST_PAGES = 200
MOST_BYTES = 200_000_000
MOST_DOTS = 60_000_000  # of one page: A3 at 600 dots per inch has 70 million, A4 35
POINTS = 72
PDF, PICTURES = b"%PDF-", ("TIFF", "JPEG", "PNG")
DARK = 128
UNEVEN = 0.1  # dots wider than high by more than this are set square


def pages_of(content: bytes, *, name: str) -> tuple[Image.Image, ...]:
    """Every page in order, in grey. `name` says in a refusal which file it was.

    Raises: connector.scan-unreadable, connector.scan-too-large.
    """
    if len(content) > MOST_BYTES:
        raise SekishoError("connector.scan-too-large", room=ROOM, name=name)
    found = tuple(_pdf(content, name) if content[:1024].lstrip().startswith(PDF) else _pictures(content, name))
    if not found:
        raise SekishoError("connector.scan-unreadable", room=ROOM, name=name)
    return found


def darkness(page: Image.Image) -> float:
    """How much of a page is dark, from 0 to 1: next to nothing is an empty page, half of it a bad copy."""
    small = page.convert("L").resize((200, 283))
    histogram = small.histogram()
    return sum(histogram[:DARK]) / (200 * 283)


def as_png(page: Image.Image) -> bytes:
    """A page as PNG, for the screen and for keeping."""
    out = io.BytesIO()
    page.save(out, format="PNG", optimize=True)
    return out.getvalue()


def with_mark(png: bytes, who: str) -> bytes:
    """The page with the viewer's name across it, so that a photograph of the screen says who took it."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        page = picture.convert("RGB")
    font = ImageFont.truetype(str(pylopdf_fonts_cjk.sans_path()), max(page.width // 40, 16))
    mark = Image.new("RGBA", page.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(mark)
    for down in range(page.height // 12, page.height, max(page.height // 5, 1)):
        pen.text((page.width // 16, down), f"{who}　　{who}", font=font, fill=(28, 74, 120, 64))
    page.paste(mark, (0, 0), mark)
    return as_png(page)


def _pdf(content: bytes, name: str) -> Iterator[Image.Image]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        raise SekishoError("connector.scan-unreadable", room=ROOM, name=name) from None
    try:
        if len(document) > MOST_PAGES:
            raise SekishoError("connector.scan-too-large", room=ROOM, name=name)
        for number in range(len(document)):
            page = document[number]
            width, height = page.get_size()
            if width * height * (DOTS / POINTS) ** 2 > MOST_DOTS:
                raise SekishoError("connector.scan-too-large", room=ROOM, name=name)
            yield page.render(scale=DOTS / POINTS).to_pil().convert("L")
            page.close()
    except pypdfium2.PdfiumError:
        raise SekishoError("connector.scan-unreadable", room=ROOM, name=name) from None
    finally:
        document.close()


def _pictures(content: bytes, name: str) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(content), formats=PICTURES) as picture:
            frames = getattr(picture, "n_frames", 1)
            if frames > MOST_PAGES:
                raise SekishoError("connector.scan-too-large", room=ROOM, name=name)
            for frame in range(frames):
                picture.seek(frame)
                if picture.width * picture.height > MOST_DOTS:
                    raise SekishoError("connector.scan-too-large", room=ROOM, name=name)
                yield _square(picture)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise SekishoError("connector.scan-unreadable", room=ROOM, name=name) from None


def _square(picture: Image.Image) -> Image.Image:
    """In grey, with dots as wide as high: a coarse fax has twice as many across as down."""
    grey = picture.convert("L")
    across, down = (float(value) for value in picture.info.get("dpi", (1, 1)))
    if across > 0 and down > 0 and abs(across / down - 1) > UNEVEN:
        grey = grey.resize((grey.width, round(grey.height * across / down)))
    return grey
