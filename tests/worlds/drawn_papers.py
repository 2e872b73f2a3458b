"""Copies of identity papers, drawn as they come: level and clean, or faxed black on white, noisy and askew. Everybody is invented.

Each drawing says where on the page stands what nobody may keep, by the law pack's names of the parts.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pylopdf_fonts_cjk
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from sekisho.engine.scanning.check_digits import luhn, resident_digit

DOTS, POINTS = 200, 72
A4 = (1654, 2339)


@dataclass
class Drawn:
    """A page, and the boxes (in dots) of what must go."""

    page: Image.Image
    secret: list[tuple[str, tuple[float, float, float, float]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # of those

    def put(self, x: int, y: int, text: str, points: float, part: str = "") -> None:
        """Write a text; with a part it is one that must go."""
        font = ImageFont.truetype(str(pylopdf_fonts_cjk.sans_path()), round(points * DOTS / POINTS))
        pen = ImageDraw.Draw(self.page)
        pen.text((x, y), text, font=font, fill=0)
        if part:
            self.words.append(text)
            self.secret.append((part, pen.textbbox((x, y), text, font=font)))

    def frame(self, box: tuple[int, int, int, int]) -> None:
        """A line round something."""
        ImageDraw.Draw(self.page).rectangle(box, outline=0, width=2)


def empty(size: tuple[int, int] = A4) -> Drawn:
    """A page with nothing on it."""
    return Drawn(Image.new("L", size, 255))


def my_number(drawn: random.Random) -> str:
    """A My Number in three groups, whose check digit fits."""
    body = "9" + digits(drawn, 10)
    whole = body + str(resident_digit(body))
    return f"{whole[:4]} {whole[4:8]} {whole[8:]}"


def insurer_number(drawn: random.Random) -> str:
    """A number of a health insurer, whose check digit fits."""
    body = "06" + digits(drawn, 5)
    return next(body + last for last in "0123456789" if luhn(body + last))


def digits(drawn: random.Random, count: int) -> str:
    """So many digits."""
    return "".join(drawn.choices("0123456789", k=count))


def insurance_card(drawn: random.Random, *, size: tuple[int, int] = A4) -> Drawn:
    """A health insurance card or certificate of eligibility, in its true size (small print)."""
    page, left, top, step = empty(size), 120, 120, 34
    page.frame((left, top, left + 675, top + 425))
    rows = (
        ("健康保険", "被保険者証　本人（被保険者）", ""),
        ("氏名", "関所　花子", ""),
        ("生年月日", "昭和60年3月4日　性別　女", ""),
        ("資格取得年月日", "平成25年4月1日", ""),
        ("事業所名称", "株式会社見本", ""),
        ("保険者番号", insurer_number(drawn), "insurer_number"),
        ("保険者名称", "見本健康保険組合", ""),
        ("保険者所在地", "東京都千代田区見本町1-2-3", ""),
    )
    for number, (label, value, part) in enumerate(rows):
        down = top + 15 + (number + (number > 0)) * step
        page.put(left + 20, down, label, 7)
        page.put(left + 190, down, value, 7, part)
    page.put(left + 20, top + 15 + step, "記号", 7)
    page.put(left + 100, top + 15 + step, digits(drawn, 4), 7, "insured_number")
    page.put(left + 220, top + 15 + step, "番号", 7)
    page.put(left + 300, top + 15 + step, digits(drawn, drawn.choice((2, 3, 5))), 7, "insured_number")
    page.put(left + 420, top + 15 + step, "（枝番）00", 7)
    return page


def residence_record(drawn: random.Random, *, size: tuple[int, int] = A4) -> Drawn:
    """A copy of the residence record with everything on it that may be left off."""
    page, left, top = empty(size), 120, 160
    page.put(left + 400, 60, "住　民　票", 16)
    rows = (
        ("氏名", "関所　花子", ""),
        ("生年月日", "昭和60年3月4日", ""),
        ("住所", "東京都千代田区見本町一丁目2番3号", ""),
        ("世帯主", "関所　太郎", ""),
        (
            "本籍",
            drawn.choice(("長野県見本市大字見本1234番地", "京都府見本町字奥5番地の6", "北海道見本郡見本村7丁目")),
            "registered_domicile",
        ),
        ("筆頭者", "関所　太郎", ""),
        ("個人番号", my_number(drawn), "my_number"),
        ("住民となった年月日", "平成25年4月1日", ""),
    )
    for number, (label, value, part) in enumerate(rows):
        down = top + number * 80
        page.frame((left, down, left + 1250, down + 80))
        page.put(left + 15, down + 22, label, 10)
        page.put(left + 350, down + 22, value, 10, part)
    return page


def my_number_card(drawn: random.Random, *, size: tuple[int, int] = A4) -> Drawn:
    """The back of a My Number card."""
    page, left, top = empty(size), 150, 150
    page.frame((left, top, left + 675, top + 425))
    page.put(left + 200, top + 20, "個人番号", 7)
    page.put(left + 200, top + 60, my_number(drawn), 12, "my_number")
    page.put(left + 40, top + 150, "氏名　関所　花子", 7)
    page.put(left + 40, top + 200, "平成元年3月31日生", 7)
    return page


def pension_book(drawn: random.Random, *, size: tuple[int, int] = A4) -> Drawn:
    """A page of the pension book."""
    page, left, top = empty(size), 150, 150
    page.put(left, top, "年金手帳", 14)
    page.put(left, top + 120, "基礎年金番号", 9)
    page.put(left + 220, top + 120, f"{digits(drawn, 4)}-{digits(drawn, 6)}", 9, "basic_pension_number")
    page.put(left, top + 180, "氏名　関所　花子", 9)
    page.put(left, top + 240, "生年月日　昭和60年3月4日", 9)
    return page


def old_licence(drawn: random.Random, *, size: tuple[int, int] = A4) -> Drawn:
    """A driving licence of the time when the domicile was printed on it, in its true size."""
    page, left, top = empty(size), 150, 150
    page.frame((left, top, left + 675, top + 425))
    page.put(left + 15, top + 15, "氏名　関所　花子　　昭和60年3月4日生", 7)
    page.put(left + 15, top + 75, "本籍", 7)
    page.put(
        left + 85,
        top + 75,
        drawn.choice(("長野県見本市大字見本1234番地", "京都府見本町字奥5番地の6")),
        7,
        "registered_domicile",
    )
    page.put(left + 15, top + 135, "住所　東京都千代田区見本町1-2-3", 7)
    page.put(left + 15, top + 195, "交付　平成20年5月6日　12345", 7)
    page.put(left + 15, top + 255, "平成25年4月4日まで有効", 7)
    page.put(left + 15, top + 315, f"番号　第　30{digits(drawn, 10)}　号", 7)
    return page


def harmless(drawn: random.Random, *, size: tuple[int, int] = A4) -> Drawn:
    """A letter with numbers of every sort and no part that must go: also words that speak of the parts."""
    page, left, top = empty(size), 120, 150
    rows = (
        "開示等請求書　2026年11月23日",
        f"お客様番号　{digits(drawn, 10)}　電話　090-0{digits(drawn, 3)}-{digits(drawn, 4)}",
        "住所　東京都千代田区見本町一丁目2番3号",
        f"お問い合わせ番号　{digits(drawn, 12)[:4]}-{digits(drawn, 4)}-{digits(drawn, 3)}",
        "本籍、個人番号、保険者番号は黒く塗ってお送りください。",
        f"請求書番号　{digits(drawn, 8)}　金額　6,600円　口座番号　{digits(drawn, 7)}",
        "生年月日　昭和60年3月4日　郵便番号　100-0001",
    )
    for number, text in enumerate(rows):
        page.put(left, top + number * 80, text, 10.5)
    return page


PAPERS: dict[str, Callable[..., Drawn]] = {
    "insurance card": insurance_card,
    "residence record": residence_record,
    "my number card": my_number_card,
    "pension book": pension_book,
    "old licence": old_licence,
}


def faxed(page: Image.Image, *, askew: float, seed: int) -> Image.Image:
    """The page as a fine fax leaves it: askew, smeared, noisy, and black or white."""
    smeared = page.rotate(askew, resample=Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(0.8))
    noise = Image.frombytes("L", page.size, random.Random(seed).randbytes(page.width * page.height))
    noisy = ImageChops.add(smeared, noise.point(lambda value: 128 + (value - 128) // 2), scale=1, offset=-128)
    return noisy.point(lambda value: 255 if value > 140 else 0)


def faxed_box(
    box: tuple[float, float, float, float], size: tuple[int, int], askew: float
) -> tuple[float, float, float, float]:
    """Where a box of a page stands once the page is faxed askew: its own size round its middle, wherever that went."""
    middle, centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), (size[0] / 2, size[1] / 2)
    across, down, angle = middle[0] - centre[0], middle[1] - centre[1], math.radians(-askew)
    x = centre[0] + across * math.cos(angle) - down * math.sin(angle)
    y = centre[1] + across * math.sin(angle) + down * math.cos(angle)
    half = ((box[2] - box[0]) / 2, (box[3] - box[1]) / 2)
    return x - half[0], y - half[1], x + half[0], y + half[1]
