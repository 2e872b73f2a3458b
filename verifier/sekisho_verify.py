#!/usr/bin/env python3
"""Check Sekisho's evidence without Sekisho: one file, the standard library and `cryptography`.

    python sekisho_verify.py FOLDER         an exported ledger (`sekisho ledger export FOLDER`) or any tlog-tiles log
    python sekisho_verify.py FILE.json      a receipt, a certificate of erasure, a decision's receipt
    python sekisho_verify.py X.manifest.json  the manifest of a list; X.parquet is looked for beside it
    python sekisho_verify.py FILE.sqlite3   a product database; its tiles beside it (`ledger/`) or --tiles help to say where

    --key KEY     the log's public key, as text or a file, got from somewhere else than the log. Without it the key that
                  comes with the evidence is used: then order and integrity are shown, not whose log it is.
    --last FILE   the last checkpoint you know of. Without it nobody can see that the end was cut off.

Exit code: 0 everything holds, 1 something is wrong and is named, 2 nothing could be read.
Formats: RFC 6962 / RFC 9162 hash tree, c2sp.org/tlog-tiles, c2sp.org/signed-note (Ed25519), RFC 8785 canonical JSON.
"""

# ruff: noqa: T201, TRY301 -- a program that prints; a fault found while reading is one kind of fault
import argparse
import base64
import binascii
import hashlib
import json
import sqlite3
import sys
import uuid
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SAYINGS = {
    "row-missing": ("番号 {index} の証跡が削除されています", "entry number {index} was deleted"),
    "entry-altered": ("番号 {index} の証跡が書き換えられています", "entry number {index} was altered"),
    "entry-twice": ("番号 {index} の証跡は、ほかの番号にもあります", "entry number {index} stands elsewhere as well"),
    "hash-altered": (
        "番号 {index} の証跡のハッシュ欄が書き換えられています（内容は正しい）",
        "the stored hash of entry number {index} was altered (its content is right)",
    ),
    "columns-differ": (
        "番号 {index} の証跡の列が、署名された内容と違います",
        "the columns of entry number {index} differ from its signed content",
    ),
    "reordered": (
        "証跡の順番が入れ替えられています: 番号 {index} にあるのは番号 {place} の証跡です",
        "entries were reordered: at number {index} stands what belongs at {place}",
    ),
    "span-altered": (
        "番号 {first} から {last} までのどこかが、署名されたものと違います",
        "something among entries number {first} to {last} is not what was signed",
    ),
    "beyond-checkpoint": (
        "番号 {index} の証跡は、どのチェックポイントにも含まれていません",
        "entry number {index} is covered by no checkpoint",
    ),
    "truncated": (
        "台帳が切り詰められています: {old} 件あったものが {new} 件しかありません",
        "the ledger was truncated: it had {old} entries and has {new}",
    ),
    "rewritten": (
        "台帳が、以前のチェックポイント（{old} 件）から続いていません",
        "the ledger does not continue the earlier checkpoint over {old} entries",
    ),
    "checkpoint-invalid": (
        "チェックポイント {path} の署名または内容が正しくありません",
        "the checkpoint {path} is not validly signed",
    ),
    "tile-altered": ("ファイル {path} が書き換えられています", "the file {path} was altered"),
    "file-missing": ("ファイル {path} がありません", "the file {path} is missing"),
    "file-malformed": ("ファイル {path} の形が壊れています", "the file {path} is malformed"),
    "key-invalid": ("公開鍵の形が正しくありません", "the public key is malformed"),
    "key-differs": (
        "証拠に付いている公開鍵が、指定された公開鍵と違います",
        "the key that comes with the evidence is not the key given",
    ),
    "receipt-malformed": ("受領証 {path} の形が正しくありません", "the receipt {path} is malformed"),
    "receipt-hash": (
        "受領証 {path} の証跡とハッシュが合いません",
        "the entry of the receipt {path} does not have the hash it states",
    ),
    "not-included": (
        "受領証 {path} の証跡は、このチェックポイントの台帳に含まれていません",
        "the entry of the receipt {path} is not in the ledger of its checkpoint",
    ),
    "body-differs": (
        "文書 {path} の本文が、証跡に記されたものと違います",
        "the body of {path} is not the one its entry was sealed for",
    ),
    "batch-differs": (
        "判断 {path} が、封印された束に含まれていません",
        "the decision {path} is not in the batch that was sealed",
    ),
    "manifest-malformed": ("送り状 {path} の形が正しくありません", "the manifest {path} is malformed"),
    "manifest-invalid": ("送り状 {path} の署名が正しくありません", "the manifest {path} is not validly signed"),
    "list-altered": (
        "名簿 {path} は、送り状に記されたファイルではありません",
        "the list {path} is not the file its manifest was signed for",
    ),
}
WIDTH, HASH = 256, 32


class Unreadable(Exception):
    """Nothing could be read: not evidence of anything."""


class Report:
    """What was found, and over how much."""

    def __init__(self) -> None:
        self.problems: list[dict[str, object]] = []
        self.notes: list[tuple[str, str]] = []
        self.entries = 0
        self.what = ""

    def add(self, code: str, **values: object) -> None:
        if {"code": code, **values} not in self.problems:
            self.problems.append({"code": code, **values})

    def note(self, ja: str, en: str) -> None:
        self.notes.append((ja, en))


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Roots:
    """Roots over every prefix of a list of leaf hashes, each in one pass over what is new."""

    def __init__(self, hashes: list[bytes]) -> None:
        self.levels = [hashes]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            self.levels.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])

    def over(self, size: int) -> bytes:
        """The root over the first `size` hashes."""
        if size == 0:
            return hashlib.sha256(b"").digest()
        reached, taken, peaks = b"", 0, []
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                peaks.append(self.levels[level][taken >> level])
                taken += 1 << level
        reached = peaks.pop()
        while peaks:
            reached = node_hash(peaks.pop(), reached)
        return reached


def root_of_proof(hashed: bytes, index: int, size: int, proof: list[bytes]) -> bytes | None:
    """Where an inclusion proof leads. Source: RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        return None
    first, second, reached = index, size - 1, hashed
    for sibling in proof:
        if second == 0:
            return None
        if first & 1 or first == second:
            reached = node_hash(sibling, reached)
            while not first & 1 and first:
                first >>= 1
                second >>= 1
        else:
            reached = node_hash(reached, sibling)
        first >>= 1
        second >>= 1
    return reached if second == 0 else None


class Key:
    """A verifier key `name+id+base64`."""

    def __init__(self, text: str) -> None:
        try:
            self.name, rest = text.strip().split("+", 1)
            key_id, encoded = rest.split("+", 1)
            raw = unbase64(encoded)
        except ValueError:
            raise ValueError("key") from None
        self.id = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        if raw[:1] != b"\x01" or len(raw) != 1 + HASH or self.id.hex() != key_id:
            raise ValueError("key")
        self.public = Ed25519PublicKey.from_public_bytes(raw[1:])
        self.text = text.strip()

    def open(self, note: str) -> tuple[int, bytes]:
        """Size and root of a checkpoint that this key signed. Raises ValueError."""
        origin, size, root = self.signed(note).split("\n")[:3]
        if origin != self.name or str(int(size)) != size or int(size) < 0 or len(unbase64(root)) != HASH:
            raise ValueError("checkpoint")
        return int(size), unbase64(root)

    def signed(self, note: str) -> str:
        """The text of a note that this key signed. Raises ValueError."""
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise ValueError("note")
        for line in lines.splitlines():
            mark, name, encoded = line.split(" ")
            signature = unbase64(encoded)
            if mark != "—":
                raise ValueError("signature line")
            if name == self.name and signature[:4] == self.id:
                break
        else:
            raise ValueError("not signed")
        try:
            self.public.verify(signature[4:], f"{text}\n".encode())
        except InvalidSignature:
            raise ValueError("signature") from None
        return text


def unbase64(text: str) -> bytes:
    """Strict base64: one value, one spelling. Raises ValueError."""
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("base64") from None
    if base64.b64encode(value).decode() != text:
        raise ValueError("base64")
    return value


def canonical(value: object) -> bytes:
    """The canonical bytes. Raises ValueError for what could be written in two ways."""
    return canonical_text(value).encode()


def canonical_text(value: object) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical_text(item) for item in value) + "]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical_text(key)}:{canonical_text(value[key])}" for key in keys) + "}"
    raise ValueError("not canonical JSON")


def tile_path(kind: str, index: int, width: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{kind}/{'/'.join(groups)}" + ("" if width == WIDTH else f".p/{width}")


def tiles_at(level: int, size: int) -> list[tuple[int, int]]:
    """(index, width) of every tile of a level in a log of `size`."""
    hashes = size >> 8 * level
    return [(at, min(WIDTH, hashes - at * WIDTH)) for at in range((hashes + WIDTH - 1) // WIDTH)]


def read_bundles(folder: Path, size: int, report: Report) -> list[bytes | None]:
    """The entries, None where one cannot be read."""
    entries: list[bytes | None] = []
    for index, width in tiles_at(0, size):
        path = tile_path("entries", index, width)
        found = [] if (contents := read(folder, path, report)) is None else unbundle(contents)
        if found is None:
            report.add("file-malformed", path=path)
            found = []
        if contents is not None and len(found) > width:
            report.add("file-malformed", path=path)
        entries += [*found, *[None] * width][:width]
    return entries


def unbundle(contents: bytes) -> list[bytes] | None:
    found, at = [], 0
    while at < len(contents):
        length = int.from_bytes(contents[at : at + 2], "big")
        if at + 2 + length > len(contents):
            return None
        found.append(contents[at + 2 : at + 2 + length])
        at += 2 + length
    return found


def read_leaf_tiles(folder: Path, size: int, report: Report) -> list[bytes] | None:
    """All leaf hashes as the tiles have them, None where a tile is gone or cut."""
    hashes: list[bytes] = []
    whole = True
    for index, width in tiles_at(0, size):
        path = tile_path("0", index, width)
        contents = read(folder, path, report)
        if contents is not None and len(contents) != width * HASH:
            report.add("file-malformed", path=path)
        if contents is None or len(contents) != width * HASH:
            whole = False
            continue
        hashes += [contents[at : at + HASH] for at in range(0, len(contents), HASH)]
    return hashes if whole else None


def read(folder: Path, path: str, report: Report) -> bytes | None:
    try:
        return (folder / path).read_bytes()
    except OSError:
        report.add("file-missing", path=path)
        return None


def check_folder(folder: Path, key: Key | None, last: str | None, report: Report) -> None:
    """Check a whole log."""
    report.what = f"{folder}"
    key = own_key(folder / "key", key, report)
    note = read(folder, "checkpoint", report)
    head = open_note(key, note, "checkpoint", report)
    if head is None:
        return
    size, root = head
    report.entries = size
    entries = read_bundles(folder, size, report)
    hashes = [None if entry is None else leaf_hash(entry) for entry in entries]
    tiles = read_leaf_tiles(folder, size, report)
    truth = compare(hashes, tiles, root, report)
    check_ids(entries, report)
    if truth is None:
        return
    roots = Roots(truth)
    check_upper_tiles(folder, roots, size, report)
    for path in sorted(folder.glob("checkpoints/*")):
        name = str(path.relative_to(folder))
        known(roots, size, open_note(key, path.read_bytes(), name, report), report)
    for path in sorted(folder.glob("receipts/*.json")):
        check_document(path, path.read_bytes(), key, None, report, str(path.relative_to(folder)))
    check_last(roots, size, key, last, report)


def compare(hashes: list[bytes | None], tiles: list[bytes] | None, root: bytes, report: Report) -> list[bytes] | None:
    """Entries against tiles against the signed root; names what differs and returns the signed hashes."""
    own = [hashed for hashed in hashes if hashed is not None]
    own_root = Roots(own).over(len(own)) if len(own) == len(hashes) else None
    tiles_hold = tiles is not None and len(tiles) == len(hashes) and Roots(tiles).over(len(tiles)) == root
    if own_root == root:
        if tiles is not None and not tiles_hold:
            for at in range(0, len(own), WIDTH):
                if tiles[at : at + WIDTH] != own[at : at + WIDTH]:
                    report.add("tile-altered", path=tile_path("0", at // WIDTH, len(own[at : at + WIDTH])))
        return own
    if not tiles_hold or tiles is None:
        report.add("span-altered", first=0, last=len(hashes) - 1)
        for index, hashed in enumerate(hashes):
            if tiles is not None and hashed != tiles[index]:
                report.add("entry-altered" if hashed else "row-missing", index=index)
        return None
    blame(hashes, tiles, report)
    return tiles


def blame(hashes: list[bytes | None], signed: list[bytes], report: Report) -> None:
    """Which entries are gone, moved or changed, against the signed hashes."""
    place_of = {hashed: index for index, hashed in enumerate(signed)}
    present = {hashed for hashed in hashes if hashed is not None}
    absent = [index for index, hashed in enumerate(signed) if hashed not in present]
    strangers = [index for index, hashed in enumerate(hashes) if hashed is not None and hashed not in place_of]
    # A changed entry stands at its own number; a signed hash that nothing stands for any more was deleted.
    for index in absent:
        report.add("entry-altered" if index in strangers else "row-missing", index=index)
    for index in strangers:
        report.add("entry-altered", index=index)
    if len(absent) == len(strangers):
        for index, hashed in enumerate(hashes):
            if hashed is not None and place_of.get(hashed, index) != index:
                report.add("reordered", index=index, place=place_of[hashed])


def check_ids(entries: list[bytes | None], report: Report) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        try:
            said = json.loads(entry) if entry is not None else None
            if said is not None and said["id"] in seen:
                report.add("entry-twice", index=index)
            seen |= {said["id"]} if said else set()
        except (ValueError, KeyError, TypeError):
            continue  # another product's log may hold other entries; ours are judged by their hash


def check_upper_tiles(folder: Path, roots: Roots, size: int, report: Report) -> None:
    level = 1
    while size >> 8 * level:
        for index, width in tiles_at(level, size):
            path = tile_path(str(level), index, width)
            contents = read(folder, path, report)
            right = b"".join(roots.levels[8 * level][index * WIDTH : index * WIDTH + width])
            if contents is not None and contents != right:
                report.add("tile-altered", path=path)
        level += 1


def known(roots: Roots, size: int, head: tuple[int, bytes] | None, report: Report) -> None:
    """A checkpoint known from elsewhere must be a beginning of this log."""
    if head is None:
        return
    if head[0] > size:
        report.add("truncated", old=head[0], new=size)
    elif roots.over(head[0]) != head[1]:
        report.add("rewritten", old=head[0])


def check_last(roots: Roots, size: int, key: Key | None, last: str | None, report: Report) -> None:
    if last is None:
        report.note(
            "最後に知っているチェックポイント（--last）がないため、末尾の切り詰めは確かめられません",
            "without the last checkpoint you know of (--last) nobody can see that the end was cut off",
        )
        return
    known(roots, size, open_note(key, Path(last).read_bytes(), "--last", report), report)


def own_key(path: Path, given: Key | None, report: Report) -> Key | None:
    """The key to check with: the one given, else the one that comes with the evidence."""
    try:
        own = Key(path.read_text(encoding="utf-8")) if path.exists() else None
    except ValueError:
        report.add("key-invalid")
        return given
    return choose_key(own, given, report)


def choose_key(own: Key | None, given: Key | None, report: Report) -> Key | None:
    if given is None:
        report.note(
            "公開鍵は証拠に付いていたものです。誰の台帳かは、別の所から得た公開鍵（--key）で確かめてください",
            "the key came with the evidence; whose log it is shows only a key got from elsewhere (--key)",
        )
    elif own is not None and own.text != given.text:
        report.add("key-differs")
    return given or own


def open_note(key: Key | None, note: bytes | None, path: str, report: Report) -> tuple[int, bytes] | None:
    if note is None:
        return None
    try:
        if key is None:
            raise ValueError("key")
        return key.open(note.decode())
    except ValueError:
        report.add("checkpoint-invalid", path=path)
        return None


def check_document(
    path: Path, contents: bytes, key: Key | None, last: str | None, report: Report, name: str = ""
) -> None:
    """Check one receipt, certificate or decision."""
    name = name or path.name
    report.what = report.what or name
    try:
        said = json.loads(contents)
        if "manifest" in said:
            check_manifest(path, said, key, report)
            return
        if said["format"] not in ("sekisho-receipt-1", "sekisho-certificate-1", "sekisho-decision-1"):
            raise ValueError("format")
        leaf = said["entry"].encode() if isinstance(said["entry"], str) else canonical(said["entry"])
        entry = json.loads(leaf)
        index, proof = said["index"], [unbase64(node) for node in said["proof"]]
        stated, sealed, kind = said["entry_hash"], entry["body"], entry["kind"]
        if canonical(entry) != leaf or not isinstance(index, int) or not isinstance(kind, str):
            raise ValueError("entry")
        key = choose_key(Key(said["key"]), key, report)
        note = said["checkpoint"].encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        report.add("receipt-malformed", path=name)
        return
    report.entries = report.entries or 1
    if leaf_hash(leaf).hex() != stated:
        report.add("receipt-hash", path=name)
    head = open_note(key, note, f"{name}: checkpoint", report)
    if head is not None and root_of_proof(leaf_hash(leaf), index, head[0], proof) != head[1]:
        report.add("not-included", path=name)
    if last is not None and head is not None:
        seen = open_note(key, Path(last).read_bytes(), "--last", report)
        if seen is not None and seen[0] == head[0] and seen[1] != head[1]:
            report.add("rewritten", old=seen[0])
    try:
        if said["format"] == "sekisho-certificate-1":
            if hashlib.sha256(canonical(said["body"])).hexdigest() != sealed["certificate"]:
                report.add("body-differs", path=name)
        elif said["format"] == "sekisho-decision-1" and not in_batch(said, sealed):
            report.add("batch-differs", path=name)
    except (ValueError, KeyError, TypeError, AttributeError):
        report.add("receipt-malformed", path=name)


def check_manifest(path: Path, said: dict[str, Any], key: Key | None, report: Report) -> None:
    """Check the manifest of a list, and the list where it stands beside it."""
    report.entries = 1
    try:
        told = said["manifest"]
        if told["format"] != "sekisho-list-1" or not isinstance(told["sha256"], str):
            raise ValueError("format")
        text, until = canonical_text(told), str(told["expires_at"])
        key = choose_key(Key(said["key"]), key, report)
        note = f"{text}\n\n{said['signature']}\n"
    except (ValueError, KeyError, TypeError, AttributeError):
        report.add("manifest-malformed", path=path.name)
        return
    try:
        if key is None or key.signed(note) != text:
            raise ValueError("text")
    except ValueError:
        report.add("manifest-invalid", path=path.name)
        return
    report.note(f"名簿の期限は {until} です", f"the list is not to be used from {until} on")
    listed = path.with_name(path.name.removesuffix(".manifest.json") + ".parquet")
    if not listed.exists():
        report.note(f"名簿 {listed.name} が隣にないので、送り状だけを確かめました", f"no {listed.name} beside it")
    elif hashlib.sha256(listed.read_bytes()).hexdigest() != told["sha256"]:
        report.add("list-altered", path=listed.name)


def in_batch(said: dict[str, Any], sealed: dict[str, Any]) -> bool:
    """A decision's record, with its salt, under the root of the batch that one entry seals."""
    hashed = leaf_hash(canonical({"record": said["record"], "salt": said["salt"]}))
    proof = [unbase64(node) for node in said["batch_proof"]]
    reached = root_of_proof(hashed, said["position"], sealed["decisions"], proof)
    return reached is not None and reached.hex() == sealed["root"]


def check_database(path: Path, tiles: Path | None, key: Key | None, last: str | None, report: Report) -> None:
    """Check the ledger's tables in a SQLite database, with the tiles to say where where there are tiles."""
    report.what = path.name
    tiles = tiles or (path.parent / "ledger" if (path.parent / "ledger").is_dir() else None)
    key = own_key(tiles / "key", key, report) if tiles else choose_key(None, key, report)
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        rows = database.execute(
            'SELECT "index", leaf, leaf_hash, entry, kind, id FROM evidence_entry WHERE "index" IS NOT NULL ORDER BY 1'
        ).fetchall()
        stored = database.execute("SELECT size, root, note FROM evidence_checkpoint ORDER BY size").fetchall()
    except sqlite3.DatabaseError as error:
        raise Unreadable(str(error)) from None
    finally:
        database.close()
    heads = []
    for size, root, note in stored:
        head = open_note(key, note.encode(), f"evidence_checkpoint {size}", report)
        if head is not None and head != (size, bytes(root)):
            report.add("checkpoint-invalid", path=f"evidence_checkpoint {size}")
        heads += [head] if head is not None else []
    report.entries = len(rows)
    size = max((head[0] for head in heads), default=0)
    known_size = size
    if last is not None and (seen := open_note(key, Path(last).read_bytes(), "--last", report)):
        known_size = max(size, seen[0])
        heads = sorted({*heads, seen})
    by_index = {row[0]: row for row in rows}
    hashes = [leaf_hash(bytes(by_index[at][1])) if at in by_index else None for at in range(known_size)]
    end = max(by_index, default=-1) + 1
    if end < known_size or size < known_size:
        report.add("truncated", old=known_size, new=min(end, size))
    for at in [at for at in range(min(end, known_size)) if at not in by_index]:
        report.add("row-missing", index=at)
    for at in [at for at in by_index if at >= known_size]:
        report.add("beyond-checkpoint", index=at)
    roots_hold = check_database_roots(rows, hashes, heads, report)
    if not roots_hold and tiles is not None and size:
        signed = read_leaf_tiles(tiles, size, Report())
        if signed is not None and Roots(signed).over(size) in {root for _, root in heads}:
            blame(hashes[:size], signed, report)
    check_rows(rows, report, roots_hold=roots_hold)
    if last is None:
        check_last(Roots([]), 0, key, None, report)


def check_database_roots(
    rows: list[tuple[Any, ...]], hashes: list[bytes | None], heads: list[tuple[int, bytes]], report: Report
) -> bool:
    """Every checkpoint in turn: the first that fails says between which two the ledger was changed."""
    if None in hashes:
        return False
    roots, held = Roots([hashed for hashed in hashes if hashed is not None]), 0
    for size, root in heads:
        if size <= len(hashes) and roots.over(size) == root:
            held = size
            continue
        by_insertion = sorted(rows[held:size], key=lambda row: row[5])
        candidate = [leaf_hash(bytes(row[1])) for row in [*rows[:held], *by_insertion]]
        if len(candidate) == size and Roots(candidate).over(size) == root:
            for offset, row in enumerate(by_insertion):
                if row[0] != held + offset:
                    report.add("reordered", index=row[0], place=held + offset)
        else:
            report.add("span-altered", first=held, last=size - 1)
        return False
    return True


def check_rows(rows: list[tuple[Any, ...]], report: Report, *, roots_hold: bool) -> None:
    for index, leaf, stored, entry, kind, _ in rows:
        if leaf_hash(bytes(leaf)) != bytes(stored):
            report.add("hash-altered" if roots_hold else "entry-altered", index=index)
            continue
        try:
            said = json.loads(bytes(leaf))
            if (said["id"], said["kind"]) != (str(uuid.UUID(entry)), kind):
                report.add("columns-differ", index=index)
        except (ValueError, KeyError, TypeError):
            report.add("columns-differ", index=index)


def main(arguments: list[str]) -> int:
    """Check what is named and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("evidence", type=Path)
    parser.add_argument("--key")
    parser.add_argument("--last")
    parser.add_argument("--tiles", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lang", choices=("ja", "en", "both"), default="both")
    options = parser.parse_args(arguments)
    report = Report()
    try:
        key = given_key(options.key)
        if options.last is not None and not Path(options.last).is_file():
            raise Unreadable(f"{options.last}: no such file")
        check(options.evidence, key, options, report)
    except (Unreadable, OSError) as error:
        print(f"✗ 読めません / unreadable: {error}", file=sys.stderr)
        return 2
    say(report, options)
    return 1 if report.problems else 0


def check(path: Path, key: Key | None, options: argparse.Namespace, report: Report) -> None:
    if path.is_dir():
        check_folder(path, key, options.last, report)
        return
    contents = path.read_bytes()
    if contents.startswith(b"SQLite format 3\x00"):
        check_database(path, options.tiles, key, options.last, report)
    elif contents[:1] in (b"{", b"[", b" ", b"\n", b"\t", b"\r") or path.suffix == ".json":
        check_document(path, contents, key, options.last, report)
    else:
        raise Unreadable(f"{path}: neither a folder, a JSON document nor a SQLite database")


def given_key(text: str | None) -> Key | None:
    if text is None:
        return None
    try:
        return Key(Path(text).read_text(encoding="utf-8") if "+" not in text or Path(text).is_file() else text)
    except ValueError:
        raise Unreadable("--key: not a verifier key (name+id+base64)") from None


def say(report: Report, options: argparse.Namespace) -> None:
    problems = [
        problem
        | {
            "ja": SAYINGS[str(problem["code"])][0].format(**problem),
            "en": SAYINGS[str(problem["code"])][1].format(**problem),
        }
        for problem in report.problems
    ]
    if options.json:
        notes = [{"ja": ja, "en": en} for ja, en in report.notes]
        print(json.dumps({"problems": problems, "entries": report.entries, "notes": notes}, ensure_ascii=False))
        return
    for problem in problems:
        print("✗ " + in_language(str(problem["ja"]), str(problem["en"]), options.lang))
    for ja, en in report.notes:
        print("! " + in_language(ja, en, options.lang))
    if problems:
        print(in_language(f"✗ 問題 {len(problems)} 件", f"{len(problems)} problems", options.lang))
    else:
        ja = f"✓ {report.what}: 証跡 {report.entries} 件、すべて正しく、欠けていません"
        print(in_language(ja, f"{report.entries} entries, all as signed", options.lang))


def in_language(ja: str, en: str, lang: str) -> str:
    return {"ja": ja, "en": en, "both": f"{ja}\n    {en}"}[lang]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
