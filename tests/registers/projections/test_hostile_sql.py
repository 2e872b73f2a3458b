"""Our own list of attacks (tests/golden/hostile-sql): each is refused before anything runs, and no refusal quotes a value."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.query import plan_query
from sekisho.engine.gate.query_schema import QueryRefused
from sekisho.registers.projections.actions import Asked, run
from sekisho.registers.projections.actions.running import result_hash
from sekisho.registers.projections.models import Projection
from sekisho.registers.projections.queries.seeing import seen_by

CORPUS = Path(__file__).resolve().parents[2] / "golden" / "hostile-sql"
LEAST = 300
CANARY = "山田"


def attacks(name: str) -> Iterator[tuple[str, str, str]]:
    """(purpose, kind, query) of every line."""
    purpose = kind = ""
    for line in (CORPUS / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            purpose, _, kind = line.strip("[]").partition(" ")
        elif line and not line.startswith("#"):
            text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), line)
            yield purpose, kind, text.replace("\\n", "\n")


def test_every_attack_is_refused_before_it_runs(sql_world: ModuleType) -> None:
    listed = list(attacks("refused.txt"))
    assert len(listed) >= LEAST
    seen = {purpose: seen_by(purpose, at=sql_world.AT) for purpose in {purpose for purpose, _, _ in listed}}
    passed, quoted = [], []
    for purpose, kind, query in listed:
        at = seen[purpose]
        try:
            plan = plan_query(query, at.schema, minimum_group=at.minimum_group)
            passed.append((kind, query, plan.text))
        except QueryRefused as refused:
            quoted += [query] if CANARY in f"{refused} {refused.message()} {refused.as_json()}" else []
    assert (passed, quoted) == ([], [])


def test_hidden_values_change_no_byte(sql_module: ModuleType, db: None, tmp_path: Path, settings: Any) -> None:
    changed = sql_module.Hidden(
        names={number: f"佐藤 {number * 7}" for number in range(sql_module.PEOPLE)},
        phones={number: f"0800{number:07d}" for number in range(sql_module.PEOPLE)},
        memos={number: "秘密" * number for number in range(sql_module.PEOPLE)},
    )
    told: list[list[str]] = []
    for place, hidden in enumerate((None, changed)):
        home = tmp_path / str(place)
        sql_module.write_stores(home, hidden)
        settings.HOME = home
        if place == 0:
            sql_module.fill_registers()
        Projection.objects.all().delete()
        told.append([_answer(sql_module, purpose, query) for purpose, _, query in attacks("same.txt")])
    assert told[0] == told[1]
    assert sum(answer.startswith("rows ") for answer in told[0]) >= len(told[0]) // 2


def _answer(world: Any, purpose: str, query: str) -> str:
    asked = Asked(query=query, purpose=purpose, actor="s-analyst", at=world.AT)
    try:
        return f"rows {result_hash(run(asked).rows)}"
    except SekishoError as error:
        return error.code
