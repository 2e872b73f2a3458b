"""Check the ledger from what was read of it: rows, checkpoints, files, the witness's copies. Knows no database.

The stand-alone verifier does the same with code of its own; neither imports the other.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sekisho.engine.errors import SekishoError, text
from sekisho.engine.merkle import tiles
from sekisho.engine.merkle.checkpoint import Checkpoint, read_checkpoint
from sekisho.engine.merkle.note import Verifier
from sekisho.engine.merkle.tree import HASH_SIZE, Tree, leaf_hash
from sekisho.evidence.body import ROOM, instant
from sekisho.evidence.folder import CHECKPOINT, Folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry as the database holds it. `id` is the order of insertion."""

    id: int
    entry: str
    kind: str
    leaf: bytes
    leaf_hash: bytes
    at: datetime
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One checkpoint as the database holds it."""

    size: int
    root: bytes
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the ledger, with its place."""

    code: str
    values: dict[str, str] = field(default_factory=dict)

    def message(self, language: str = "ja") -> str:
        """What is wrong, in one sentence."""
        return text(ROOM, self.code, language, self.values)

    def remedy(self, language: str = "ja") -> str:
        """What can be done about it."""
        return text(ROOM, self.code, f"{language}_remedy", self.values)

    def as_json(self, language: str = "ja") -> dict[str, object]:
        """The shape `ledger verify --json` prints, one object per problem."""
        return {
            "code": self.code,
            **self.values,
            "message": self.message(language),
            "remedy": self.remedy(language),
        }


@dataclass(slots=True, kw_only=True)
class Check:
    """What a check found, and over how much."""

    entries: int = 0
    size: int = 0
    waiting: int = 0
    checkpoints: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, **values: object) -> None:
        """Note a problem."""
        self.problems.append(Problem(code=code, values={key: str(value) for key, value in values.items()}))


def check(
    *,
    rows: Iterable[Row],
    heads: Sequence[Head],
    verifier: Verifier | None,
    folder: Folder | None,
    seen: Sequence[str] = (),
) -> Check:
    """Check everything against everything. `rows` in order of index; `seen` are notes that outsiders hold."""
    found = Check(checkpoints=len(heads))
    signed = _signed(heads, verifier, found)
    found.size = max((head.size for head in signed), default=0)
    kept, tree, gaps = _read_rows(rows, found)
    _check_roots(signed, kept, tree, gaps, found)
    _check_hashes(kept, found, roots_hold=not any(p.code.startswith("ledger.r") for p in found.problems))
    if found.entries > found.size and not gaps:
        found.add("ledger.beyond-checkpoint", index=found.size)
    if folder is not None and found.size and not gaps and tree.size >= found.size:
        _check_files(folder, kept, tree, heads, found)
    _check_seen(seen, verifier, tree, gaps, found)
    return found


@dataclass(slots=True)
class _Kept:
    """What stays of a row while checking: not its content."""

    id: int
    true_hash: bytes
    stored_hash: bytes
    columns_hold: bool


def _signed(heads: Sequence[Head], verifier: Verifier | None, found: Check) -> list[Checkpoint]:
    signed: list[Checkpoint] = []
    for head in heads:
        try:
            read = read_checkpoint(head.note, verifier) if verifier else None
        except SekishoError:
            read = None
        if read is None or (read.size, read.root) != (head.size, head.root):
            found.add("ledger.checkpoint-invalid", size=head.size)
        if read is not None:
            signed.append(read)
    return sorted(signed, key=lambda head: head.size)


def _read_rows(rows: Iterable[Row], found: Check) -> tuple[list[_Kept], Tree, bool]:
    kept: list[_Kept] = []
    tree, expected, gaps = Tree(), 0, False
    for row in rows:
        for missing in range(expected, min(row.index, found.size)):
            found.add("ledger.row-missing", index=missing)
            gaps = True
        expected = row.index + 1
        found.entries += 1
        kept.append(_Kept(row.id, leaf_hash(row.leaf), row.leaf_hash, _columns_hold(row)))
        tree.append(kept[-1].true_hash)
    if expected < found.size:
        found.add("ledger.truncated", old=found.size, new=expected)
        gaps = True
    return kept, tree, gaps


def _columns_hold(row: Row) -> bool:
    try:
        said = json.loads(row.leaf)
        return (said["id"], said["kind"], said["at"]) == (row.entry, row.kind, instant(row.at))
    except (ValueError, KeyError, TypeError):
        return False


def _check_roots(signed: Sequence[Checkpoint], kept: list[_Kept], tree: Tree, gaps: bool, found: Check) -> None:
    """The first checkpoint that does not hold says between which two the ledger was changed."""
    if gaps:
        return  # the places are already named; with a hole no root can hold
    held = 0
    for head in signed:
        if tree.size >= head.size and tree.root(head.size) == head.root:
            held = head.size
            continue
        stored = Tree()
        for row in kept[: head.size]:
            stored.append(row.stored_hash)
        span = kept[held : head.size]
        if stored.size == head.size and stored.root() == head.root:
            for index in range(held, head.size):
                if kept[index].true_hash != kept[index].stored_hash:
                    found.add("ledger.entry-altered", index=index)
        elif _root_of([*kept[:held], *sorted(span, key=lambda row: row.id)]) == head.root:
            order = sorted(span, key=lambda row: row.id)
            moved = [held + place for place, row in enumerate(span) if row is not order[place]]
            found.add("ledger.reordered", index=moved[0], last=moved[-1])
        else:
            found.add("ledger.root-differs", index=held, last=head.size - 1)
        return


def _root_of(rows: Sequence[_Kept]) -> bytes:
    tree = Tree()
    for row in rows:
        tree.append(row.true_hash)
    return tree.root()


def _check_hashes(kept: list[_Kept], found: Check, *, roots_hold: bool) -> None:
    named = {problem.values.get("index") for problem in found.problems if problem.code == "ledger.entry-altered"}
    for index, row in enumerate(kept):
        if row.true_hash != row.stored_hash and str(index) not in named:
            found.add("ledger.hash-altered" if roots_hold and not named else "ledger.entry-altered", index=index)
        elif not row.columns_hold:
            found.add("ledger.columns-differ", index=index)


def _check_files(folder: Folder, kept: list[_Kept], tree: Tree, heads: Sequence[Head], found: Check) -> None:
    for path in tiles.paths(found.size):
        try:
            contents = folder.read(path)
        except FileNotFoundError:
            found.add("ledger.file-missing", path=path)
            continue
        if not _file_holds(path, contents, kept, tree, found.size):
            found.add("ledger.file-differs", path=path)
    if folder.read_text(CHECKPOINT) not in {head.note for head in heads}:
        found.add("ledger.file-differs", path=CHECKPOINT)


def _file_holds(path: str, contents: bytes, kept: list[_Kept], tree: Tree, size: int) -> bool:
    level, number = _place(path)
    if level is None:
        try:
            entries = tiles.unbundle(contents)
        except ValueError:
            return False
        first = number * tiles.WIDTH
        expected = [row.true_hash for row in kept[first : min(first + tiles.WIDTH, size)]]
        return [leaf_hash(entry) for entry in entries] == expected
    width = tiles.width_at(level, number, size)
    return len(contents) == width * HASH_SIZE and contents == b"".join(
        tree.node(level * tiles.HEIGHT, number * tiles.WIDTH + offset) for offset in range(width)
    )


def _place(path: str) -> tuple[int | None, int]:
    """Level (None: an entry bundle) and number of a tile's path."""
    whole, _, _ = path.partition(".p/")
    _, level, *groups = whole.split("/")
    return (None if level == "entries" else int(level)), int("".join(group.removeprefix("x") for group in groups))


def _check_seen(seen: Sequence[str], verifier: Verifier | None, tree: Tree, gaps: bool, found: Check) -> None:
    for note in seen:
        try:
            head = read_checkpoint(note, verifier) if verifier else None
        except SekishoError:
            head = None
        if head is None:
            found.add("ledger.checkpoint-invalid", size="?")
        elif head.size > found.size or (head.size > tree.size and not gaps):
            if not any(problem.code == "ledger.truncated" for problem in found.problems):
                found.add("ledger.truncated", old=head.size, new=min(tree.size, found.size))
        elif not gaps and tree.root(head.size) != head.root:
            found.add("ledger.rewritten", old=head.size)


def add_waiting(found: Check, written: Sequence[datetime], at: datetime, limit: timedelta) -> None:
    """Entries that no sequencer has numbered in time."""
    found.waiting = len(written)
    late = sum(at - instant_written > limit for instant_written in written)
    if late:
        found.add("ledger.waiting-too-long", count=late)
