"""What every operation must answer: a plain model in memory, written without the store and without the gate."""

from collections import defaultdict
from typing import Any

from gdpr.workload import ELAPSED, Operation, Row, objected, record

METADATA_ONLY = frozenset({"data"})


class Expected:
    """The world as it should be. `is_gated`: what the policy refuses is not answered and not done."""

    def __init__(self, mix: str, records: int, *, is_gated: bool) -> None:
        self.mix, self.is_gated = mix, is_gated
        self.rows: dict[int, Row] = {}
        self.by: dict[str, dict[str, set[int]]] = {"pur": defaultdict(set), "usr": defaultdict(set)}
        self.objections: set[tuple[str, str]] = set()
        self.deleted: set[int] = set()
        self.lines = 1  # of the log, or sealed decisions: the first is that expired records went
        for number in range(records):
            row = record(number)
            if (purpose := objected(row["obj"])) is not None:
                self.objections.add((str(row["usr"]), purpose))
            if int(row["ttl"]) > ELAPSED:
                self._put(number, row)

    def answer(self, operation: Operation) -> Any:
        """The right answer, and the world changed accordingly."""
        return getattr(self, f"_{operation.kind}")(operation)

    def delete(self, number: int) -> int:
        """One record gone."""
        self.lines += 1
        if number in self.rows:
            self.deleted.add(number)
        return self._gone(number)

    def _insert(self, operation: Operation) -> int:
        self.lines += 1
        self._put(operation.key, record(operation.key))
        return 1

    def _delete(self, operation: Operation) -> int:
        if self.is_gated and operation.key not in self.rows:
            return 0  # nobody to ask about
        return self.delete(operation.key)

    def _gone(self, number: int) -> int:
        row = self.rows.pop(number, None)
        if row is None:
            return 0
        self.by["pur"][str(row["pur"])].discard(number)
        self.by["usr"][str(row["usr"])].discard(number)
        return 1

    def _read(self, operation: Operation) -> Row | None:
        row = self.rows.get(operation.key)
        self.lines += not self.is_gated or row is not None
        if row is None:
            return None
        return dict(row) if self._may(row, self._purpose(operation, operation.key)) else None

    def _update_data(self, operation: Operation) -> int:
        row = self.rows.get(operation.key)
        self.lines += not self.is_gated or row is not None
        if row is None:
            return 0
        row["data"] = record(operation.key + 1)["data"]
        return 1

    def _read_by_purpose(self, operation: Operation) -> list[Row]:
        return self._those("pur", operation.purpose, operation.purpose)

    def _read_by_user(self, operation: Operation) -> list[Row]:
        return self._those("usr", operation.user, self._purpose(operation, int(operation.user.removeprefix("usr"))))

    def _metadata_by_user(self, operation: Operation) -> list[Row]:
        return [
            {name: said for name, said in row.items() if name not in METADATA_ONLY}
            for row in self._those("usr", operation.user, "")
        ]

    def _update_by_purpose(self, operation: Operation) -> int:
        return self._set("pur", operation.purpose, operation)

    def _update_by_user(self, operation: Operation) -> int:
        return self._set("usr", operation.user, operation)

    def _log(self, operation: Operation) -> int:
        return min(operation.lines, self.lines)

    def _verify_deletion(self, operation: Operation) -> bool:
        return operation.key in self.deleted

    def _those(self, column: str, value: str, purpose: str) -> list[Row]:
        numbers = sorted(self.by[column][value])
        self._count(column, numbers)
        return [dict(self.rows[n]) for n in numbers if self._may(self.rows[n], purpose)]

    def _set(self, column: str, value: str, operation: Operation) -> int:
        numbers = sorted(self.by[column][value])
        self._count(column, numbers)
        for number in numbers:
            row = self.rows[number]
            if operation.field == "obj" and (purpose := objected(operation.value)) is not None:
                self.objections.add((str(row["usr"]), purpose))
            self._gone(number)
            self._put(number, row | {operation.field: operation.value})
        return len(numbers)

    def _count(self, column: str, numbers: list[int]) -> None:
        """One decision for all people of a purpose; for a person one for each purpose their records are for."""
        if not self.is_gated or (column == "pur" and numbers):
            self.lines += 1
        elif column == "usr" and self.mix == "processor":
            self.lines += len({self.rows[n]["pur"] for n in numbers})
        elif column == "usr" and numbers:
            self.lines += 1

    def _may(self, row: Row, purpose: str) -> bool:
        if not self.is_gated or self.mix != "processor":
            return True
        return row["pur"] == purpose and (str(row["usr"]), purpose) not in self.objections

    def _purpose(self, operation: Operation, collected: int) -> str:
        return f"pur{collected % 25}" if operation.as_collected else operation.purpose

    def _put(self, number: int, row: Row) -> None:
        self.rows[number] = row
        self.by["pur"][str(row["pur"])].add(number)
        self.by["usr"][str(row["usr"])].add(number)
