"""Whether a page is one that came before: turned, copied, faxed, at another resolution.

A page becomes signs of a projection that only who holds the desk's key can make: what is stored says nothing of the
page to anybody else, and near pages still have near marks. How near is decided by a test on rasterised pages.
"""

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from sekisho.casework.subject_requests.rules.fraud import frauds

SIDE = 64  # cells of a page, across and down
LONGEST = 1000  # dots a page is brought to
TRIAL = 400  # dots when its turn is looked for
TURNS = np.arange(-3, 3.01, 0.25)  # degrees a page lies askew
LIGHT, SHARE, FEW = 40, 0.35, 2  # ink is darker than this, and a line of the page has more than so many dots of it
FINE, COARSE = 1.5, 8.0
Cells = NDArray[np.float64]


def mark(page: Image.Image, key: bytes) -> str:
    """The mark of a page as it lies; "" for a page with nothing on it."""
    found = cells(page)
    return "" if found is None else _signs(found, key)


def turned_marks(page: Image.Image, key: bytes) -> tuple[str, ...]:
    """The marks of a page as it lies and turned, to be compared with marks of others."""
    found = cells(page)
    return () if found is None else tuple(_signs(np.rot90(found, turn), key) for turn in range(4))


def is_alike(one: str, other: str) -> bool:
    """Whether two marks are of pages that a person should lay side by side."""
    return distance(one, other) < int(frauds()["limits"]["alike"])


def distance(one: str, other: str) -> int:
    """In how many signs two marks differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def cells(page: Image.Image) -> Cells | None:
    """What is drawn on a page, set straight and cut to its drawing: edges of middling size in a square of cells."""
    grey = page.convert("L")
    scale = LONGEST / max(grey.size)
    grey = _straight(grey.resize((max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))))
    ink = 255.0 - np.asarray(grey, np.float64)
    dark = ink > max(LIGHT, float(ink.max()) * SHARE)
    down, across = np.flatnonzero(dark.sum(1) > FEW), np.flatnonzero(dark.sum(0) > FEW)
    if not len(down) or not len(across):
        return None
    even = Image.fromarray(np.minimum(255, ink * 255 / float(ink.max())).astype(np.uint8))
    cut = even.crop((int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1))
    square = cut.resize((SIDE * 2, SIDE * 2), Image.Resampling.BOX)
    fine, coarse = (np.asarray(square.filter(ImageFilter.GaussianBlur(by)), np.float64) for by in (FINE, COARSE))
    found = (fine - coarse).reshape(SIDE, 2, SIDE, 2).mean(axis=(1, 3))
    return np.asarray(found - found.mean(), np.float64)


def _straight(page: Image.Image) -> Image.Image:
    """A page turned by the few degrees at which its lines stand out most."""
    scale = TRIAL / max(page.size)
    small = page.resize((max(1, round(page.width * scale)), max(1, round(page.height * scale))))
    best, turn = -1.0, 0.0
    for degrees in TURNS:
        lying = small.rotate(float(degrees), fillcolor=255, resample=Image.Resampling.BILINEAR)
        ink = 255.0 - np.asarray(lying, np.float64)
        stands_out = float(np.var(ink.sum(1)) + np.var(ink.sum(0)))
        if stands_out > best:
            best, turn = stands_out, float(degrees)
    return page.rotate(turn, fillcolor=255, resample=Image.Resampling.BILINEAR)


def _signs(found: Cells, key: bytes) -> str:
    bits = _projection(key) @ np.ascontiguousarray(found).ravel() > 0
    return np.packbits(bits).tobytes().hex()


@cache
def _projection(key: bytes) -> NDArray[np.int8]:
    """Rows of plus and minus one, drawn from the key alone: the same on every machine, unlike a library's generator."""
    count = frauds()["limits"]["bits"] * SIDE * SIDE
    stream = hashlib.shake_256(b"sekisho likeness" + key).digest(count // 8)
    signs = np.unpackbits(np.frombuffer(stream, np.uint8)).astype(np.int8) * 2 - 1
    return np.asarray(signs.reshape(-1, SIDE * SIDE), np.int8)
