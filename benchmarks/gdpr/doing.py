"""The operations done: straight on the store, and with the product's gate asked before the store is touched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from gdpr.store import Store
from gdpr.workload import Operation, Row, objected, record

if TYPE_CHECKING:
    from sekisho.client import Answer, Gate

ITEMS = ("record",)
TOLD = {"received": "2026-11-20", "acquired": "2026-11-20"}
PURPOSES = {"controller": "upkeep", "customer": "own_page", "regulator": "audit"}  # mix -> purpose asked for
ASKING = {purpose: mix for mix, purpose in PURPOSES.items()}  # purpose -> who asks for it; else the processor


class Doing(Protocol):
    """One way of doing the operations."""

    def purge(self) -> int: ...
    def delete(self, number: int) -> int: ...
    def do(self, operation: Operation) -> object: ...


@dataclass
class Plain:
    """Nobody is asked; a line in the store's own log."""

    store: Store

    def purge(self) -> int:
        return self.store.purge()

    def delete(self, number: int) -> int:
        return self.store.delete(number, "")

    def do(self, operation: Operation) -> object:
        kind, store = operation.kind, self.store
        match kind:
            case "insert":
                return store.insert(operation.key, record(operation.key))
            case "delete":
                return store.delete(operation.key, "")
            case "read":
                store.note("read", operation.key, "")
                return store.read(operation.key)
            case "update_data":
                return store.update_data(operation.key, "", str(record(operation.key + 1)["data"]))
            case "update_by_purpose" | "update_by_user":
                column, value = _where(operation)
                return store.update_where(column, value, operation.field, operation.value, None)
            case "log":
                return len(store.log(operation.lines))
            case "verify_deletion":
                return store.read(operation.key) is None and store.was_deleted(operation.key)
            case _:
                column, value = _where(operation)
                store.note("read", -1, value)
                return _shown(operation, store.read_where(column, value))


@dataclass
class Gated:
    """Every operation is permitted first, by a decision that is sealed; the sealed decisions are the log."""

    store: Store
    gate: "Gate"
    mix: str
    evidence: dict[int, str] = field(default_factory=dict)  # key -> the decision that its deletion rests on

    def purge(self) -> int:
        users = self.store.users_overdue()
        return self.store.purge() if len(self._permitted("upkeep", users)) == len(users) else 0

    def delete(self, number: int) -> int:
        return self._delete(number, "upkeep")

    def do(self, operation: Operation) -> object:
        return getattr(self, f"_do_{_family(operation.kind)}")(operation)

    def _do_insert(self, operation: Operation) -> int:
        row = record(operation.key)
        asked = self._ask(self._purpose(operation), str(row["usr"]))
        return self.store.insert(operation.key, row) if asked.permitted else 0

    def _do_delete(self, operation: Operation) -> int:
        return self._delete(operation.key, self._purpose(operation))

    def _delete(self, number: int, purpose: str) -> int:
        row = self.store.read(number)
        if row is None or not (asked := self._ask(purpose, str(row["usr"]))).permitted:
            return 0
        self.evidence[number] = asked.evidence
        return self.store.delete(number, str(row["usr"]))

    def _do_read(self, operation: Operation) -> Row | None:
        row = self.store.read(operation.key)
        if row is None:
            return None
        asked = self._ask(self._purpose(operation), str(row["usr"]), pur=str(row["pur"]))
        return row if asked.permitted else None

    def _do_update_data(self, operation: Operation) -> int:
        row = self.store.read(operation.key)
        if row is None or not self._ask(self._purpose(operation), str(row["usr"])).permitted:
            return 0
        return self.store.update_data(operation.key, str(row["usr"]), str(record(operation.key + 1)["data"]))

    def _do_update(self, operation: Operation) -> int:
        column, value = _where(operation)
        users = self.store.users_where(column, value)
        permitted = self._those_permitted(operation, users)
        changed = self.store.update_where(
            column, value, operation.field, operation.value, None if len(permitted) == len(users) else permitted
        )
        if operation.field == "obj" and (purpose := objected(operation.value)) is not None and permitted:
            object_to((usr, purpose) for usr in permitted)
        return changed

    def _do_those(self, operation: Operation) -> list[Row]:
        column, value = _where(operation)
        rows = self.store.read_where(column, value)
        if self.mix == "processor" and column == "usr":
            purpose = self._purpose(operation)
            collected = {str(row["pur"]) for row in rows}
            fit = {pur for pur in sorted(collected) if self._ask(purpose, value, pur=pur).permitted}
            return [row for row in rows if row["pur"] in fit]
        permitted = set(self._those_permitted(operation, sorted({str(row["usr"]) for row in rows})))
        return _shown(operation, [row for row in rows if row["usr"] in permitted])

    def _do_log(self, operation: Operation) -> int:
        from sekisho.registers.decisions.queries import sealed

        return sum(1 for _ in sealed(newest=operation.lines))

    def _do_verify_deletion(self, operation: Operation) -> bool:
        """The record is gone, and the decision its deletion rests on is in the ledger, with its proof."""
        from sekisho.registers.decisions.queries import receipt

        evidence = self.evidence.get(operation.key)
        if self.store.read(operation.key) is not None or evidence is None:
            return False
        told = receipt(evidence)["record"]
        return isinstance(told, dict) and (told["answer"], told["purpose"]) == ("permit", "upkeep")

    def _those_permitted(self, operation: Operation, users: Sequence[str]) -> Sequence[str]:
        purpose = self._purpose(operation)
        if not users:
            return ()
        if operation.kind.endswith("user"):
            return [usr for usr in users if self._ask(purpose, usr).permitted]
        return self._permitted(purpose, users)

    def _permitted(self, purpose: str, users: Sequence[str]) -> list[str]:
        from sekisho.engine.gate.ask import Act, BulkAsk
        from sekisho.registers.decisions.actions import decide_many

        told = {**TOLD, "record.pur": purpose}
        ask = BulkAsk(
            actor=ASKING.get(purpose, "processor"),
            act=Act.USE,
            items=ITEMS,
            purpose=purpose,
            at=datetime.now(UTC),
            resource=told,
        )
        return list(decide_many(ask, users).permitted.to_pylist())

    def _ask(self, purpose: str, usr: str, *, pur: str = "") -> "Answer":
        with self.gate.purpose(purpose, actor=ASKING.get(purpose, "processor")):
            return self.gate.ask(usr, ITEMS, resource={**TOLD, "record.pur": pur or purpose})

    def _purpose(self, operation: Operation) -> str:
        if self.mix != "processor":
            return PURPOSES[self.mix]
        number = int(operation.user.removeprefix("usr")) if operation.kind.endswith("user") else operation.key
        is_free = operation.as_collected and operation.kind != "read_by_purpose"
        return f"pur{number % 25}" if is_free else operation.purpose


def object_to(objections: Iterable[tuple[str, str]]) -> None:
    """Write objections into the consent register: they bind every decision that begins after."""
    from sekisho.registers.consents.actions import NewConsent, import_events
    from sekisho.registers.consents.rules import ConsentKind

    now = datetime.now(UTC)
    import_events(
        consents=(
            NewConsent(
                person=usr, kind=ConsentKind.OBJECTION, scope=purpose, given=True, notice_era="gdprbench@1",
                channel="web", at=now,
            )
            for usr, purpose in objections
        ),
        at=now,
        acting_user="benchmark",
    )  # fmt: skip


def _where(operation: Operation) -> tuple[str, str]:
    return ("usr", operation.user) if operation.kind.endswith("user") else ("pur", operation.purpose)


def _family(kind: str) -> str:
    if kind in ("read_by_purpose", "read_by_user", "metadata_by_user"):
        return "those"
    return "update" if kind in ("update_by_purpose", "update_by_user") else kind


def _shown(operation: Operation, rows: list[Row]) -> list[Row]:
    if operation.kind != "metadata_by_user":
        return rows
    return [{name: said for name, said in row.items() if name != "data"} for row in rows]
