"""The people the story follows, written over the last four customers: one to be erased, two on one recycled number, a friend."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sekisho.demo import words
from sekisho.demo.lines import Lines, append
from sekisho.demo.people import NEVER, Customers

STORY, FORMER, NEXT, FRIEND = -4, -3, -2, -1
STORY_NUMBER, RECYCLED_NUMBER, FRIEND_NUMBER = "09007654321", "08002468135", "07001357924"
APPLICANT_NO = "A90001"
WRITTEN = {  # index from the end -> name, reading, sex, birth date, address
    STORY: (
        "塚﨑 𠮷乃",
        "ツカサキ ヨシノ",
        "female",
        "1988-04-12",
        "171-0021",
        "東京都豊島区西池袋9-88-7 メゾン常盤203号室",
    ),
    FORMER: ("髙𣘺 彗一", "タカハシ スイイチ", "male", "1979-11-03", "420-0857", "静岡県静岡市葵区御幸町9-77-1"),
    NEXT: ("曻田 すみれ", "ノボリダ スミレ", "female", "1995-01-30", "730-0011", "広島県広島市中区基町9-66-2"),
    FRIEND: ("勅使河原 凜", "テシガワラ リン", "female", "1986-07-21", "154-0004", "東京都世田谷区太子堂9-55-3"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the story's people stand: indexes of customers and of lines."""

    customers: dict[int, int]  # STORY, FORMER, … -> index of the customer
    lines: dict[int, int]  # STORY, FORMER, … -> index of the line


def write(people: Customers, made: Lines, today: np.datetime64) -> Places:
    """Put them in. All former customers' lines carry data and SMS only, so that no identity record is owed by law."""
    count, first = len(people), len(made)
    spans = {  # line from, to, in days before today
        STORY: (900, 75, "assigned", "returned"),
        FORMER: (1_100, 130, "port_in", "returned"),
        NEXT: (60, None, "recycled", None),
        FRIEND: (1_300, None, "assigned", None),
    }
    fresh: dict[str, list[Any]] = {
        key: [] for key in ("customer", "number", "plan", "started", "ended", "how_in", "how_out")
    }
    for offset, (name, kana, sex, born, postal, address) in WRITTEN.items():
        place = count + offset
        since, until, how_in, how_out = spans[offset]
        people.name[place], people.kana[place], people.sex[place] = name, kana, sex
        people.born[place], people.postal[place], people.address[place] = np.datetime64(born), postal, address
        people.registered[place] = today - np.timedelta64(since, "D")
        people.corporate[place] = people.protected[place] = False
        people.deceased[place] = people.renamed[place] = NEVER
        people.guardian[place], people.shop[place] = -1, words.SHOPS[4]
        people.old_name[place] = people.old_kana[place] = None
        fresh["customer"].append(place)
        fresh["started"].append(today - np.timedelta64(since, "D"))
        fresh["ended"].append(NEVER if until is None else today - np.timedelta64(until, "D"))
        fresh["how_in"].append(how_in)
        fresh["how_out"].append(how_out)
        fresh["plan"].append(words.DATA_PLAN if until else "スマートM")
    fresh["number"] = [STORY_NUMBER, RECYCLED_NUMBER, RECYCLED_NUMBER, FRIEND_NUMBER]
    _make_way(made)
    append(made, fresh)
    return Places(
        customers={offset: count + offset for offset in WRITTEN},
        lines={offset: first + i for i, offset in enumerate(WRITTEN)},
    )


def _make_way(made: Lines) -> None:
    """Nobody else holds the story's numbers: whoever drew one gets a number the drawing can't reach twice."""
    taken = {STORY_NUMBER, RECYCLED_NUMBER, FRIEND_NUMBER}
    for i, number in enumerate(made.number):
        if number in taken:
            made.number[i] = f"0600{number[4:]}"
