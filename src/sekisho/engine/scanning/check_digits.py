"""The check digits several recognisers share. Each takes plain digits."""

JAPANESE_PREFECTURES = 47


def luhn(digits: str) -> bool:
    """Whether the last digit closes the Luhn sum (cards, IMEI, ICCID, health insurers)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        doubled = int(char) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)  # noqa: PLR2004 the digits of a two-digit product, added
    return total % 10 == 0


def resident_digit(body: str) -> int:
    """The check digit of My Number (11 digits) and the resident record code (10): weights 2-7 from the right, modulo 11."""
    rest = sum(int(char) * (2 + place % 6) for place, char in enumerate(reversed(body))) % 11
    return 0 if rest <= 1 else 11 - rest


def is_prefecture(two_digits: str) -> bool:
    """Whether these are the digits of one of the 47 prefectures."""
    return 1 <= int(two_digits) <= JAPANESE_PREFECTURES


def only_digits(text: str) -> str:
    """The digits of what was matched."""
    return "".join(filter(str.isdecimal, text))
