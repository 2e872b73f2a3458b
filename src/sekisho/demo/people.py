"""The carrier's customers as columns: who they are, since when, and what happened to them.

Columns are NumPy arrays of one length, so that a million people are drawn in seconds.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sekisho.demo import words

Texts = npt.NDArray[np.object_]
Days = npt.NDArray[np.datetime64]
Numbers = npt.NDArray[np.int64]
NEVER = np.datetime64("NaT", "D")
MAJORITY = 18  # of the people drawn; what counts as of age is the law pack's to say


@dataclass(slots=True, kw_only=True)
class Customers:
    """Contract holders, persons and companies. A day that never came is NaT; nobody is -1."""

    no: list[str]
    ref: list[str]
    name: Texts
    kana: Texts
    sex: Texts  # female, male, or None for a company
    born: Days
    postal: Texts
    address: Texts
    mail: list[str]
    registered: Days
    corporate: npt.NDArray[np.bool_]
    protected: npt.NDArray[np.bool_]
    deceased: Days
    guardian: Numbers  # index of the guardian, for minors
    shop: Texts
    renamed: Days  # 改姓: the day, and the name before
    old_name: Texts
    old_kana: Texts

    def __len__(self) -> int:
        return len(self.no)


def reference(seed: int, value: str) -> str:
    """An opaque reference such as P-7f3a-20c1-9be4-0d52, the same in every build from one seed."""
    digest = hashlib.blake2b(f"{seed}:{value}".encode(), digest_size=8).hexdigest()
    return f"P-{digest[:4]}-{digest[4:8]}-{digest[8:12]}-{digest[12:]}"


def customers(count: int, today: np.datetime64, seed: int, rng: np.random.Generator) -> Customers:
    """`count` customers as of `today`."""
    no = [f"C{100_000 + i:08d}" for i in range(count)]
    corporate = rng.random(count) < 0.03
    name, kana, sex = persons(count, rng)
    company = companies(count, rng)
    name[corporate], kana[corporate], sex[corporate] = company[corporate], "カブシキガイシャ", None
    age_days = np.clip(rng.normal(46, 17, count), 19, 97) * 365.25
    minor = (rng.random(count) < 0.02) & ~corporate
    age_days[minor] = rng.uniform(9, 17.7, int(minor.sum())) * 365.25
    born = today - age_days.astype("timedelta64[D]")
    tomorrow = today + np.timedelta64(1, "D")
    born[np.flatnonzero(minor)[-1:]] = years_before(
        tomorrow, MAJORITY
    )  # comes of age tomorrow: the guardian acts today
    born[corporate] = NEVER
    registered = today - rng.integers(20, 6 * 365, count).astype("timedelta64[D]")
    late = ~corporate & (registered < born + np.timedelta64(9 * 365, "D"))
    registered[late] = born[late] + np.timedelta64(9 * 365, "D")
    adults = np.flatnonzero(~corporate & ~minor)
    guardian = np.full(count, -1)
    guardian[minor] = rng.choice(adults, int(minor.sum()))
    deceased = np.full(count, NEVER)
    dead = (rng.random(count) < 0.005) & ~corporate & ~minor
    deceased[dead] = today - rng.integers(10, 300, int(dead.sum())).astype("timedelta64[D]")
    deceased[deceased < registered] = NEVER
    renamed, old_name, old_kana = _renamings(name, kana, sex, registered, today, rng)
    postal, address = addresses(count, rng)
    return Customers(
        no=no,
        ref=[reference(seed, value) for value in no],
        name=name,
        kana=kana,
        sex=sex,
        born=born,
        postal=postal,
        address=address,
        mail=[f"{value.lower()}@mail.example" for value in no],
        registered=registered,
        corporate=corporate,
        protected=(rng.random(count) < 0.003) & ~corporate,
        deceased=deceased,
        guardian=guardian,
        shop=np.array([*words.SHOPS, None, None], object)[rng.integers(len(words.SHOPS) + 2, size=count)],
        renamed=renamed,
        old_name=old_name,
        old_kana=old_kana,
    )


def years_before(day: np.datetime64, years: int) -> np.datetime64:
    """The same day of the year so many years before; 29 February becomes 1 March."""
    months = day.astype("datetime64[M]")
    earlier: np.datetime64 = (months - np.timedelta64(12 * years, "M")).astype("datetime64[D]") + (
        day - months.astype("datetime64[D]")
    )
    return earlier


def persons(count: int, rng: np.random.Generator) -> tuple[Texts, Texts, Texts]:
    """Names, their readings, and sexes."""
    family = np.array(words.pairs(words.FAMILY_NAMES), object)
    women = np.array(words.pairs(words.GIVEN_NAMES_F), object)
    men = np.array(words.pairs(words.GIVEN_NAMES_M), object)
    is_woman = rng.random(count) < 0.51
    chosen = family[rng.integers(len(family), size=count)]
    given = np.where(
        is_woman[:, None], women[rng.integers(len(women), size=count)], men[rng.integers(len(men), size=count)]
    )
    full: Texts = np.add(np.add(chosen, " "), given).astype(object)
    return (
        full[:, 0],
        full[:, 1],
        np.where(is_woman, "female", "male").astype(object),
    )


def companies(count: int, rng: np.random.Generator) -> Texts:
    """Company names."""
    first = np.array(words.COMPANY_WORDS.split(","), object)[rng.integers(16, size=count)]
    trade = np.array(words.COMPANY_TRADES.split(","), object)[rng.integers(10, size=count)]
    made: Texts = np.add(np.add("株式会社", first), trade).astype(object)
    return made


def addresses(count: int, rng: np.random.Generator) -> tuple[Texts, Texts]:
    """Postal codes and addresses."""
    places = np.array(words.pairs(words.PLACES), object)[rng.integers(words.PLACES.count(",") + 1, size=count)]
    lots = rng.integers(1, 30, size=(count, 3))
    houses = np.array([*words.BUILDINGS.split(","), "", "", "", ""], object)[rng.integers(9, size=count)]
    lot = np.array([f"{a % 9 + 1}-{b}-{c}" for a, b, c in lots.tolist()], object)
    room = np.array(
        [
            f" {house}{a}0{b % 9 + 1}号室" if house else ""
            for house, (a, b, _) in zip(houses, lots % 9 + 1, strict=True)
        ],
        object,
    )
    return places[:, 0], places[:, 1] + lot + room


def _renamings(
    name: Texts, kana: Texts, sex: Texts, registered: Days, today: np.datetime64, rng: np.random.Generator
) -> tuple[Days, Texts, Texts]:
    count = len(name)
    chosen = np.flatnonzero((rng.random(count) < 0.02) & (sex != None))  # noqa: E711  elementwise
    renamed = np.full(count, NEVER)
    span = (today - registered[chosen]).astype(int)
    renamed[chosen] = registered[chosen] + (span * rng.uniform(0.2, 0.9, len(chosen))).astype("timedelta64[D]")
    before, before_kana, _ = persons(len(chosen), rng)
    old_name, old_kana = np.full(count, None, object), np.full(count, None, object)
    for place, other, other_kana in zip(chosen.tolist(), before, before_kana, strict=True):
        old_name[place] = other.split(" ")[0] + " " + name[place].split(" ")[1]
        old_kana[place] = other_kana.split(" ")[0] + " " + kana[place].split(" ")[1]
    return renamed, old_name, old_kana
