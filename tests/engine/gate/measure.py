"""How long deciding takes: `.venv/bin/python tests/engine/gate/measure.py [policy folder]`. Not a test: a shared machine varies."""

import sys
import timeit
from datetime import UTC, date, datetime
from pathlib import Path

from sekisho.engine.gate import SLOTS, Act, Ask, Facts, RowFacts, compile_table, decide, facts_words
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load

ROOT = Path(__file__).resolve().parents[3]
ROUNDS = 50_000
ON = date(2026, 11, 20)


def main(folder: Path) -> None:
    """Print the best of seven runs in microseconds for some asks."""
    policy = load({file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.yaml")})
    table = compile_table([policy], law())
    known, value = facts_words({slot.name: slot.want for slot in SLOTS})

    def measure(name: str, items: tuple[str, ...], purpose: str, value: int, channel: str | None = None) -> None:
        at = datetime(2026, 11, 20, 3, tzinfo=UTC)
        ask = Ask(actor="a", act=Act.USE, data_subjects=("p",), items=items, purpose=purpose, at=at, channel=channel)
        rows = tuple(
            RowFacts(data_subject="p", subject_kind="customer", item=item, era=policy.era, known=known, value=value)
            for item in items
        )
        facts = Facts(in_force=policy.era, rows=rows)
        answer = type(decide(table, ask, facts)).__name__
        best = min(timeit.repeat(lambda: decide(table, ask, facts), number=ROUNDS, repeat=7)) / ROUNDS
        print(f"{name:28} {answer:8} {best * 1e6:6.2f} µs")  # noqa: T201

    measure("one class", ("bill",), "billing", value)
    measure("three classes", ("identity", "bill", "traffic.charged"), "billing", value)
    measure("one, channel to look at", ("identity.mail",), "marketing", value, "mail")
    measure("one, refused", ("bill",), "billing", 0)

    def compile_one() -> None:
        fresh = compile_table([policy], law())
        fresh.cell(in_force=policy.era, era=policy.era, purpose="billing", item="bill", subject_kind="customer", on=ON)

    made = min(timeit.repeat(compile_one, number=1, repeat=50))
    print(f"{'table and its first cell':28} {'':8} {made * 1e6:6.0f} µs")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "golden" / "gate-policy" / "1")
