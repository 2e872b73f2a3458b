"""The same page again is known whether turned, copied, faxed or at another resolution; another person's page is another's.

A page that is a form and nothing else is not known again by fax: its lines drown what is written. Papers are what counts.
"""

import io
import random
from collections.abc import Iterator

import pylopdf_fonts_cjk
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sekisho.casework.subject_requests.rules.fraud import frauds
from sekisho.casework.subject_requests.rules.fraud_likeness import distance, is_alike, mark, turned_marks

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
SIGNS = "山川田中佐藤鈴木高橋伊渡辺小林加吉𠮷1234567890町丁目"


def page(who: int, *, form: bool, card: bool) -> Image.Image:
    """A page at 200 dots per inch: a form filled in by somebody, a copy of their card, or both."""
    drawn = random.Random(who)
    found = Image.new("L", (1654, 2339), 255)
    pen, font = ImageDraw.Draw(found), ImageFont.truetype(str(pylopdf_fonts_cjk.sans_path()), 40)
    for line in range(8 if form else 0):
        pen.rectangle((150, 300 + line * 90, 1500, 390 + line * 90), outline=0, width=3)
        pen.text((160, 320 + line * 90), "氏名住所生年"[line % 3 : line % 3 + 3], font=font, fill=0)
        pen.text((520, 320 + line * 90), "".join(drawn.choices(SIGNS, k=18)), font=font, fill=40)
    if card:
        pen.rectangle((200, 1300, 1300, 2000), outline=0, width=6)
        for line in range(6):
            pen.text((240, 1330 + line * 100), "".join(drawn.choices(SIGNS, k=16)), font=font, fill=0)
        for _ in range(12):
            left, top = 950 + drawn.randint(0, 200), 1500 + drawn.randint(0, 300)
            pen.ellipse(
                (left, top, left + drawn.randint(20, 80), top + drawn.randint(20, 80)), fill=drawn.randint(0, 255)
            )
    return found


def again(found: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    """The same paper as it comes a second time."""
    packed = io.BytesIO()
    found.save(packed, "JPEG", quality=35)
    yield "recompressed", Image.open(packed)
    yield "150 dots per inch", found.resize((found.width * 3 // 4, found.height * 3 // 4))
    grey = found.rotate(1.7, fillcolor=255, expand=True).filter(ImageFilter.GaussianBlur(0.7))
    yield "fax", grey.resize((grey.width, grey.height // 2)).convert("1").convert("L").resize(grey.size)
    for degrees in (90, 180, 270):
        yield f"turned {degrees}", found.rotate(degrees, expand=True)
    yield "askew", found.rotate(-1.2, fillcolor=250)
    moved = Image.new("L", found.size, 255)
    moved.paste(found, (25, -18))
    yield "moved", moved
    yield "pale", found.point(lambda value: min(255, int(value * 0.8 + 45)))


@pytest.mark.parametrize(("form", "card"), [(True, True), (False, True), (True, False)])
def test_the_same_page_is_known_again_and_no_other_is(form: bool, card: bool) -> None:
    first = mark(page(0, form=form, card=card), KEY)
    for how, came in again(page(0, form=form, card=card)):
        if how == "fax" and not card:
            continue
        assert any(is_alike(first, turn) for turn in turned_marks(came, KEY)), how
    others = [turned_marks(page(who, form=form, card=card), KEY) for who in range(1, 5)]
    assert not any(is_alike(first, turn) for turns in others for turn in turns)


def test_a_mark_says_nothing_without_the_key_and_an_empty_page_has_none() -> None:
    found = page(3, form=False, card=True)
    bits = frauds()["limits"]["bits"]
    assert bits * 0.35 < distance(mark(found, KEY), mark(found, OTHER_KEY)) < bits * 0.65, "as far apart as by chance"
    assert mark(Image.new("L", (400, 600), 255), KEY) == ""
    assert turned_marks(Image.new("L", (400, 600), 255), KEY) == ()
