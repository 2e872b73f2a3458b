"""House rules that import-linter cannot say: public drawers, one place for writes, what the engine may import."""

import ast
import pathlib
import sys
from collections.abc import Iterator

SRC = pathlib.Path(__file__).resolve().parents[1] / "src"
PACKAGE = SRC / "sekisho"
FLOORS = ("registers", "casework", "assurance")
PUBLIC_DRAWERS = {"actions", "queries", "proofs"}
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
ENGINE_MAY_IMPORT = {  # room of the engine -> third-party packages it may name
    "policy": {"ruamel"},
    "catalog": {"sqlglot"},
    "gate": {"sqlglot", "numpy", "pyroaring", "pyarrow"},
    "merkle": {"cryptography"},
    "scanning": {"re2", "polars", "sudachipy", "phonenumbers", "jaconv"},
    "japanese": {"jaconv", "jpholiday"},
}
ENGINE_NEVER = {"socket", "subprocess", "sqlite3", "urllib", "http", "random", "secrets", "threading", "asyncio"}


def test_other_rooms_are_entered_by_their_public_drawers() -> None:
    for path, line, target in _imports(PACKAGE):
        parts = target.split(".")
        if parts[:3] == ["sekisho", "evidence", "models"]:
            assert _inside(path, "evidence"), f"{path}:{line} opens evidence.models"
        if (
            len(parts) < 4
            or parts[1] not in FLOORS
            or _inside(path, parts[1], parts[2])
            or _inside(path, "entrypoints")
        ):
            continue
        assert parts[3] in PUBLIC_DRAWERS, f"{path}:{line} opens {target}"


def test_only_actions_write() -> None:
    for floor in FLOORS:
        for path in (PACKAGE / floor).rglob("*.py"):
            if "actions" in (path.stem, path.parent.name) or "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    assert node.func.attr not in WRITES, f"{path}:{node.lineno} calls .{node.func.attr}()"


def test_engine_imports_only_what_its_rooms_are_allowed() -> None:
    for path, line, target in _imports(PACKAGE / "engine"):
        top, room = target.split(".")[0], path.relative_to(PACKAGE / "engine").parts[0]
        if top == "sekisho":
            continue
        if top in sys.stdlib_module_names:
            assert top not in ENGINE_NEVER, f"{path}:{line} imports {top}"
        else:
            assert top in ENGINE_MAY_IMPORT.get(room, set()), f"{path}:{line} imports {top}"


def _inside(path: pathlib.Path, *parts: str) -> bool:
    return path.is_relative_to(PACKAGE.joinpath(*parts))


def _imports(root: pathlib.Path) -> Iterator[tuple[pathlib.Path, int, str]]:
    """Every imported module under `root`, absolute, with `from x import y` also given as `x.y`."""
    for path in root.rglob("*.py"):
        package = path.relative_to(SRC).with_suffix("").parts[:-1]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield path, node.lineno, alias.name
            elif isinstance(node, ast.ImportFrom):
                base = (
                    ".".join((*package[: len(package) - node.level + 1], node.module or ""))
                    if node.level
                    else node.module or ""
                )
                yield path, node.lineno, base.rstrip(".")
                for alias in node.names:
                    yield path, node.lineno, f"{base.rstrip('.')}.{alias.name}"
