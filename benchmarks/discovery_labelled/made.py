"""Run by the peers' own interpreter: values of known kinds, made by Faker and by python-stdnum's check digits, as JSON.

Standard input {"count": n}. Knows nothing of Sekisho: what a name, an address, a check digit is, others have written.
"""

import importlib.metadata
import json
import random
import sys
from collections.abc import Callable

from faker import Faker
from stdnum import luhn
from stdnum.jp import cn, in_

CARDS = ("visa16", "mastercard", "jcb16", "amex", "diners")


def main() -> None:
    """Kind -> who made it, and the values."""
    count = json.load(sys.stdin)["count"]
    fake = Faker("ja_JP")
    fake.seed_instance(46)
    draw = random.Random(46)

    def digits(many: int) -> str:
        return "".join(draw.choice("0123456789") for _ in range(many))

    def checked(body: str, check: Callable[[str], str]) -> str:
        return body + check(body)

    makers: dict[str, tuple[str, Callable[[], str]]] = {
        "person_name": ("Faker", fake.name),
        "kana_name": ("Faker", fake.kana_name),
        "address": ("Faker", fake.address),
        "postal_code": ("Faker", fake.zipcode),
        "mail_address": ("Faker", fake.email),
        "ip_address": ("Faker", lambda: fake.ipv6() if draw.random() < 0.5 else fake.ipv4_public()),
        "credit_card": ("Faker", lambda: fake.credit_card_number(draw.choice(CARDS))),
        "birth_date": ("Faker", lambda: fake.date_of_birth().strftime(draw.choice(("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")))),
        "mobile_number": ("Faker", lambda: _until(fake.phone_number, lambda said: said[:3] in ("070", "080", "090"))),
        "my_number": ("python-stdnum", lambda: checked(digits(11), in_.calc_check_digit)),
        "corporate_number": ("python-stdnum", lambda: _corporate(digits(12))),
        "imei": ("python-stdnum", lambda: checked("35" + digits(12), luhn.calc_check_digit)),
        "iccid": ("python-stdnum", lambda: checked("8981" + digits(14), luhn.calc_check_digit)),
        "imsi": ("python-stdnum's table of networks", lambda: "440" + draw.choice(("10", "20", "50")) + digits(10)),
    }
    made = {kind: {"by": by, "values": [make() for _ in range(count)]} for kind, (by, make) in makers.items()}
    versions = {name: importlib.metadata.version(name) for name in ("faker", "python-stdnum")}
    json.dump({"made": made, "versions": versions}, sys.stdout)


def _corporate(body: str) -> str:
    return cn.calc_check_digit(body) + body


def _until(make: Callable[[], str], fits: Callable[[str], bool]) -> str:
    while not fits(said := make()):
        pass
    return said


if __name__ == "__main__":
    main()
