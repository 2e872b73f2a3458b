"""Width and kana folding: the same word written in full or half width, katakana or hiragana, becomes one.

Rare kanji (𠮷, 髙) are left as they are: they tell people apart.
"""

import re
import unicodedata

import jaconv

# What people type for a hyphen: hyphens, dashes, minus signs, the long vowel mark, box lines.
HYPHENS = "-‐‑‒–—―−﹘﹣－ーｰ─━⁃˗"
_HYPHEN = re.compile(f"[{re.escape(HYPHENS)}]")
_SPACE = re.compile(r"\s+")


def fold_width(text: str) -> str:
    """NFKC: full-width letters and digits to ASCII, half-width kana to full width, the ideographic space to a space."""
    return unicodedata.normalize("NFKC", text)


def fold_kana(text: str) -> str:
    """Hiragana and half-width kana to full-width katakana: ﾀﾅｶ, たなか and タナカ are one reading."""
    return str(jaconv.hira2kata(fold_width(text)))


def fold_hyphens(text: str) -> str:
    """Every kind of hyphen to `-`. Only for numbers and addresses: in words the long vowel mark is a letter."""
    return _HYPHEN.sub("-", text)


def fold_spaces(text: str) -> str:
    """Runs of white space to one space, none at the ends."""
    return _SPACE.sub(" ", text).strip()


def fold_name(text: str) -> str:
    """A person's name for comparison: width folded, spaces gone, kanji untouched."""
    return _SPACE.sub("", fold_width(text))


def fold_number(text: str) -> str:
    """Digits only: `０９０ー０１２３ー４５６７` is `09001234567`; a leading +81 becomes 0."""
    folded = fold_hyphens(fold_width(text)).strip()
    digits = re.sub(r"\D", "", folded)
    return f"0{digits[2:]}" if folded.startswith("+81") else digits
