"""What a table is as a whole: its columns judged one by one, and whether together they are call records.

Two numbers and an instant in a row are a secret of communications, whatever the columns are called. Source: TBA 4; LAW.md 3.
"""

from collections.abc import Collection, Mapping, Sequence

from sekisho.engine.scanning.columns import ColumnFinding, conclude, is_named, plain_name
from sekisho.engine.scanning.measures import NOTHING, Measures, measure
from sekisho.engine.scanning.recogniser import Words
from sekisho.engine.scanning.recognisers import call_record
from sekisho.engine.scanning.weighing import CHECKED, CHECKED_AND_NEAR, FORM_AND_NEAR, THRESHOLD

NUMBERS = frozenset({"mobile_number", "landline_number", "other_number"})
PARTIES = 2
INSTANT_NAMES = (
    "started_at",
    "start_time",
    "call_time",
    "called_at",
    "begin",
    "timestamp",
    "開始日時",
    "発信日時",
    "通話開始",
    "日時",
)
MOST = 0.6
WHOLE = ""  # the name of the table itself among its columns


def judge_table(
    columns: Mapping[str, Sequence[str] | None], *, threshold: float = THRESHOLD, own_numbers: Collection[str] = ()
) -> dict[str, tuple[ColumnFinding, ...]]:
    """Column -> what it holds; under `WHOLE` what the table is. Columns that hold nothing are left out."""
    seen = {
        name: None if values is None else measure(values, own_numbers=own_numbers) for name, values in columns.items()
    }
    return conclude_table(seen, threshold=threshold)


def conclude_table(
    columns: Mapping[str, Measures | None], *, threshold: float = THRESHOLD
) -> dict[str, tuple[ColumnFinding, ...]]:
    """The same from what was counted; None where only the name is known."""
    found = {
        name: judged
        for name, seen in columns.items()
        if (judged := conclude(name, NOTHING if seen is None else seen, threshold=threshold))
    }
    calls = _calls(columns, found)
    if calls is not None and calls.score >= threshold:
        found[WHOLE] = (calls,)
    return found


def _calls(
    columns: Mapping[str, Measures | None], found: Mapping[str, tuple[ColumnFinding, ...]]
) -> ColumnFinding | None:
    parties = [
        name
        for name in columns
        if any(one.type in NUMBERS for one in found.get(name, ())) or is_named(call_record.RECOGNISER, plain_name(name))
    ]
    instant = next((name for name, seen in columns.items() if _holds_instants(name, seen)), None)
    if len(parties) < PARTIES or instant is None:
        return None
    named = sum(is_named(call_record.RECOGNISER, plain_name(name)) for name in parties) >= PARTIES
    seen = all(columns[name] is not None for name in parties)
    return ColumnFinding(
        type=call_record.RECOGNISER.type,
        label=call_record.RECOGNISER.label,
        grade=call_record.RECOGNISER.grade,
        score=CHECKED_AND_NEAR if named and seen else CHECKED if seen else FORM_AND_NEAR,
        why=Words(
            f"電話番号の列が{len(parties)}つ({'、'.join(parties)})と日時の列({instant})が一つの表にある。",
            f"{len(parties)} columns of phone numbers ({', '.join(parties)}) and one of instants ({instant}) in one table",
        ),
    )


def _holds_instants(name: str, seen: Measures | None) -> bool:
    plain = plain_name(name)
    if any(plain == one or plain.endswith(f"_{one}") for one in INSTANT_NAMES):
        return True
    return seen is not None and bool(seen.distinct) and seen.instants >= MOST * seen.distinct
