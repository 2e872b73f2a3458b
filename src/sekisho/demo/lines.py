"""Contracts and who held which number when: new lines, ports, returns, recycling, transfers, family and company lines."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sekisho.demo import numbers, words
from sekisho.demo.people import NEVER, Customers, Days, Numbers, Texts, persons, reference

OPENS = np.timedelta64(3600, "s")  # a line opens at 10:00 Tokyo, which is 01:00 UTC, and closes at 18:00
CLOSES = np.timedelta64(9 * 3600, "s")
RESTS = np.timedelta64(61, "D")  # a returned number rests before it is given out again


@dataclass(slots=True, kw_only=True)
class Lines:
    """One row per contract: a customer, a number, an interval. `user` is an index into the users, -1 for none."""

    contract_no: list[str]
    customer: Numbers
    number: list[str]
    plan: Texts
    started: Days
    ended: Days
    how_in: Texts  # assigned, recycled, port_in, transferred, succeeded
    how_out: Texts  # returned, port_out, transferred, succeeded, or None
    user: Numbers
    users: list[dict[str, Any]]  # user_no, ref, name, kana, born, relation

    def __len__(self) -> int:
        return len(self.contract_no)

    @property
    def since(self) -> npt.NDArray[np.datetime64]:
        """First instant of each line, UTC."""
        opened: npt.NDArray[np.datetime64] = np.add(self.started.astype("datetime64[s]"), OPENS)
        return opened

    @property
    def until(self) -> npt.NDArray[np.datetime64]:
        """First instant after each line, UTC; NaT while it lives."""
        closed: npt.NDArray[np.datetime64] = np.add(self.ended.astype("datetime64[s]"), CLOSES)
        return closed


def lines(people: Customers, today: np.datetime64, seed: int, rng: np.random.Generator) -> Lines:
    """The contracts of these customers. The last four customers are left out: the story's people are written there."""
    count = len(people) - 4
    second = np.flatnonzero(rng.random(count) < 0.08)
    customer = np.concatenate([np.arange(count), second])
    total = len(customer)
    started = people.registered[customer].copy()
    span = (today - started).astype(int)
    started[count:] += (span[count:] * rng.uniform(0.1, 0.8, total - count)).astype("timedelta64[D]")
    ended, how_out = _endings(people, customer, started, today, rng)
    how_in = np.where(rng.random(total) < 0.2, "port_in", "assigned").astype(object)
    plans = np.array([*words.PLANS.split(","), words.DATA_PLAN], object)
    number = numbers.ours(total, rng)
    _recycle(number, started, ended, how_in, how_out, today, rng)
    made = Lines(
        contract_no=[f"K{500_000 + i:08d}" for i in range(total)],
        customer=customer,
        number=number,
        plan=plans[rng.integers(len(plans), size=total)],
        started=started,
        ended=ended,
        how_in=how_in,
        how_out=how_out,
        user=np.full(total, -1),
        users=[],
    )
    _hand_over(made, people, today, rng)
    _give_users(made, people, today, seed, rng)
    return made


def _endings(
    people: Customers, customer: Numbers, started: Days, today: np.datetime64, rng: np.random.Generator
) -> tuple[Days, Texts]:
    total = len(customer)
    ended, how_out = np.full(total, NEVER), np.full(total, None, object)
    leaving = np.flatnonzero(rng.random(total) < 0.12)
    span = np.minimum((today - started[leaving]).astype(int) - 1, 1_000)
    ended[leaving] = today - (span * rng.uniform(0.02, 0.98, len(leaving))).astype("timedelta64[D]")
    how_out[leaving] = np.where(rng.random(len(leaving)) < 0.4, "port_out", "returned")
    dead = ~np.isnat(people.deceased[customer])
    ended[dead], how_out[dead] = NEVER, None  # these wait for an heir (承継) or stand still
    return ended, how_out


def _recycle(
    number: list[str],
    started: Days,
    ended: Days,
    how_in: Texts,
    how_out: Texts,
    today: np.datetime64,
    rng: np.random.Generator,
) -> None:
    """Give returned numbers, rested, to contracts that began later."""
    returned = np.flatnonzero((how_out == "returned") & (ended < today - np.timedelta64(120, "D")))
    newcomers = np.flatnonzero((how_in == "assigned") & np.isnat(ended))
    newcomers = newcomers[np.argsort(started[newcomers], kind="stable")]
    returned = returned[np.argsort(ended[returned], kind="stable")]
    begun, place = started[newcomers], 0
    for giver in returned.tolist():
        place = max(place, int(np.searchsorted(begun, ended[giver] + RESTS)))
        if place >= len(newcomers):
            return
        if rng.random() < 0.4:
            taker = int(newcomers[place])
            number[taker], how_in[taker] = number[giver], "recycled"
            place += 1


def _hand_over(made: Lines, people: Customers, today: np.datetime64, rng: np.random.Generator) -> None:
    """譲渡 and 承継: the line goes on under another customer; a new contract follows the old one the same day."""
    free = np.isnat(made.ended) & ~people.corporate[made.customer] & (people.guardian[made.customer] < 0)
    dead = np.flatnonzero(free & ~np.isnat(people.deceased[made.customer]))
    living = np.flatnonzero(free & np.isnat(people.deceased[made.customer]))
    given = rng.choice(living, max(1, len(living) // 200), replace=False)
    takers = rng.choice(living, len(dead) + len(given), replace=False)
    fresh: dict[str, list[Any]] = {"customer": [], "number": [], "plan": [], "started": [], "how_in": []}
    for line, taker, how in [
        *((int(i), int(t), "succeeded") for i, t in zip(dead[: len(dead) // 2], takers, strict=False)),
        *((int(i), int(t), "transferred") for i, t in zip(given, takers[len(dead) :], strict=True)),
    ]:
        since = made.started[line]
        if how == "succeeded":
            since = people.deceased[made.customer[line]]
        on = since + np.timedelta64(max(1, int((today - since).astype(int) * 0.6)), "D")
        new_owner = int(made.customer[taker])
        if new_owner == made.customer[line] or on >= today:
            continue
        made.ended[line], made.how_out[line] = on, how
        fresh["customer"].append(new_owner)
        fresh["number"].append(made.number[line])
        fresh["plan"].append(made.plan[line])
        fresh["started"].append(on + np.timedelta64(1, "D"))
        fresh["how_in"].append(how)
    append(made, fresh)


def append(made: Lines, fresh: dict[str, list[Any]]) -> None:
    """Add contracts: lists of customer, number, plan, started, how_in, and optionally ended, how_out."""
    count = len(fresh["customer"])
    first = len(made)
    made.contract_no += [f"K{500_000 + first + i:08d}" for i in range(count)]
    made.customer = np.concatenate([made.customer, np.array(fresh["customer"], np.int64)])
    made.number += fresh["number"]
    made.plan = np.concatenate([made.plan, np.array(fresh["plan"], object)])
    made.started = np.concatenate([made.started, np.array(fresh["started"], "datetime64[D]")])
    made.ended = np.concatenate([made.ended, np.array(fresh.get("ended", [NEVER] * count), "datetime64[D]")])
    made.how_in = np.concatenate([made.how_in, np.array(fresh["how_in"], object)])
    made.how_out = np.concatenate([made.how_out, np.array(fresh.get("how_out", [None] * count), object)])
    made.user = np.concatenate([made.user, np.full(count, -1)])


def _give_users(made: Lines, people: Customers, today: np.datetime64, seed: int, rng: np.random.Generator) -> None:
    """Every company line has an employee on it; one personal line in twenty a member of the family."""
    company = people.corporate[made.customer]
    plain = (
        np.isin(made.how_in, ["assigned", "port_in"]) & (made.how_out != "transferred") & (made.how_out != "succeeded")
    )
    family = ~company & plain & (people.guardian[made.customer] < 0) & (rng.random(len(made)) < 0.05)
    chosen = np.flatnonzero(company | family)
    names, kanas, _ = persons(len(chosen), rng)
    relations = np.array(["spouse", "child", "parent"], object)[rng.integers(3, size=len(chosen))]
    ages = rng.integers(12, 80, len(chosen))
    for i, line in enumerate(chosen.tolist()):
        is_company = bool(company[line])
        surname = str(people.name[made.customer[line]]).split(" ", maxsplit=1)[0]
        reading = str(people.kana[made.customer[line]]).split(" ", maxsplit=1)[0]
        user_no = f"U{100_000 + i:08d}"
        made.user[line] = i
        made.users.append(
            {
                "user_no": user_no,
                "ref": reference(seed, user_no),
                "name": names[i] if is_company else f"{surname} {names[i].split(' ')[1]}",
                "kana": kanas[i] if is_company else f"{reading} {kanas[i].split(' ')[1]}",
                "born": today - np.timedelta64(int(max(ages[i], 20) if is_company else ages[i]) * 366, "D"),
                "relation": "employee" if is_company else str(relations[i]),
                "line": line,
            }
        )
