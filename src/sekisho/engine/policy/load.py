"""Load a policy folder: all faults at once, each with file:line:column, a stable code and a remedy.

`files` maps path to text, as the caller read them; the engine opens nothing. Read are `policy.yaml`, `texts/*.yaml`
(clause -> sentence, for sentences kept out of the main file); `datamap.yaml` only enters the hash.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast

from sekisho.engine.errors import DocumentRefused, Fault, Place, Severity
from sekisho.engine.law.pack import law as law_packs
from sekisho.engine.policy.build import build
from sekisho.engine.policy.check_acts import ACT_CHECKS
from sekisho.engine.policy.check_clauses import CLAUSE_CHECKS
from sekisho.engine.policy.check_evidence import EVIDENCE_CHECKS
from sekisho.engine.policy.check_uses import USE_CHECKS
from sekisho.engine.policy.document import DOCUMENT, TEXTS
from sekisho.engine.policy.lint import lint
from sekisho.engine.policy.model import Policy, Text
from sekisho.engine.policy.naming import expression_names
from sekisho.engine.policy.reader import Reading, compose, empty, nearest, read
from sekisho.engine.policy.resolve import resolve

__all__ = ["check", "expression_names", "lint", "load"]

MAIN, DATA_MAP, TEXT_FOLDER = "policy.yaml", "datamap.yaml", "texts/"
PARTS = (*CLAUSE_CHECKS, *USE_CHECKS, *ACT_CHECKS, *EVIDENCE_CHECKS)


def load(files: Mapping[str, str]) -> Policy:
    """The policy. Raises: DocumentRefused with every error, in document order; warnings and notes do not refuse."""
    policy, faults = check(files)
    errors = tuple(fault for fault in faults if fault.severity is Severity.ERROR)
    if policy is None or errors:
        raise DocumentRefused(errors)
    return policy


def check(files: Mapping[str, str]) -> tuple[Policy | None, tuple[Fault, ...]]:
    """The policy, or None if it has errors, and all faults, warnings and notes in document order."""
    reading = Reading()
    known, main = _known_files(files, reading)
    if main is None:
        reading.fault("policy.no-policy-file", Place(path=MAIN, line=1, column=1))
        return None, tuple(reading.faults)
    node = compose(main, files[main], reading)
    if node is None:
        return None, tuple(reading.faults)
    data = cast("dict[str, Any]", empty(DOCUMENT)) | cast("dict[str, Any]", read(node, DOCUMENT, "", main, reading))
    law = law_packs()
    _add_texts(data, {path: files[path] for name, path in known.items() if name.startswith(TEXT_FOLDER)}, reading)
    resolve(data, law, reading)
    policy = build(data, _hash(known, files), reading)
    for part in PARTS:
        part(policy, law, reading)
    faults = _in_order(reading.faults)
    refused = any(fault.severity is Severity.ERROR for fault in faults)
    return (None if refused else policy), faults


def _known_files(files: Mapping[str, str], reading: Reading) -> tuple[dict[str, str], str | None]:
    """Name inside the folder -> path as given, for the files the format knows; and the path of the main file."""
    main = next((path for path in sorted(files, key=len) if path.rpartition("/")[2] == MAIN), None)
    folder = main[: -len(MAIN)] if main else ""
    known: dict[str, str] = {}
    for path in sorted(files):
        name = path.removeprefix(folder)
        if name in (MAIN, DATA_MAP) or (name.startswith(TEXT_FOLDER) and name.endswith((".yaml", ".yml"))):
            known[name] = path
        else:
            reading.fault("policy.unread-file", Place(path=path, line=1, column=1), severity=Severity.NOTE, found=name)
    return known, main


def _add_texts(data: dict[str, Any], texts: Mapping[str, str], reading: Reading) -> None:
    """Sentences kept in texts/ join their clauses; one said twice is a fault."""
    for path, text in texts.items():
        own = Reading(faults=reading.faults)
        node = compose(path, text, own)
        if node is None:
            continue
        for clause, says in cast("dict[str, Text]", read(node, TEXTS, "", path, own)).items():
            if clause not in data["promises"]:
                near = nearest(clause, data["promises"])
                reading.fault("policy.unknown-clause", own.place(clause), found=clause, near=near, table="promises")
            elif data["promises"][clause]["says"].ja:
                reading.fault("policy.said-twice", own.place(clause), clause=clause)
            else:
                data["promises"][clause]["says"] = says
                reading.places[f"promises.{clause}.says"] = own.place(clause)


def _hash(known: Mapping[str, str], files: Mapping[str, str]) -> str:
    """SHA-256 over the files by name inside the folder, line ends as LF: the same wherever the folder stands."""
    digest = sha256()
    for name, path in sorted(known.items()):
        content = files[path].replace("\r\n", "\n").encode()
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    """By place, each once."""
    once = {(fault.place, fault.code, tuple(fault.values.items())): fault for fault in faults}
    return tuple(sorted(once.values(), key=lambda fault: (fault.place.path, fault.place.line, fault.place.column)))
