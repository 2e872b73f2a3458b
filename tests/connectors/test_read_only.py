"""A store that may only be read: every write is refused in words, nothing is changed, and it works once it may be written."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import read_only
from foreign_stores import STORES, Store, system_of

from sekisho.connectors.opening import open_system
from sekisho.connectors.source import Contains, In
from sekisho.engine.catalog.model import System, SystemKind

FILES = tuple(name for name, one in STORES.items() if one.build is not None and one.kind is not SystemKind.SPARK)
TEXTS = "text"
NUMBER = "09000000007"
WORLDS = Path(read_only.__file__).parent
CHILD = """
import json, sys
from pathlib import Path
from test_read_only import WRITES, opened
from sekisho.engine.errors import SekishoError
folder, told = Path(sys.argv[1]), {}
for kind in sys.argv[2:]:
    one = told[kind] = {}
    for name, write in WRITES.items():
        try:
            source = opened(kind, folder)
        except SekishoError as refused:
            one[name] = "not opened", refused.code
            continue
        try:
            write(source, kind)
            one[name] = "done", ""
        except SekishoError as refused:
            assert "09000000007" not in str(refused)
            one[name] = "refused", refused.code
        finally:
            source.close()
try:
    (folder / "probe").write_text("x")
except OSError:
    print(json.dumps(told))
"""
WRITES: dict[str, Callable[..., None]] = {
    "erase": lambda source, kind: source.erase(table(kind), where(kind)),
    "blank": lambda source, kind: source.blank(table(kind), [column(kind)], where(kind)),
    "rewrite": lambda source, kind: source.rewrite_text(table(kind), column(kind), *texts(kind)),
    "purge": lambda source, _: source.purge(),
}


def table(kind: str) -> str:
    return "memos" if kind == TEXTS else "calls"


def column(kind: str) -> str:
    return "text" if kind == TEXTS else "memo"


def where(kind: str) -> tuple[Contains | In, ...]:
    return (Contains("text", (NUMBER,)),) if kind == TEXTS else (In("number", (NUMBER,)),)


def texts(kind: str) -> tuple[list[str], dict[tuple[object, ...], str]]:
    return (["path"], {("memos/a.txt",): "x"}) if kind == TEXTS else (["id"], {(7,): "x"})


def opened(kind: str, folder: Path) -> object:
    url = (folder / kind / "url").read_text(encoding="utf-8")
    if kind == TEXTS:
        return open_system(System(id="s", label="", kind=SystemKind.TEXT, url="", tables={}), url)
    return open_system(system_of(STORES[kind]), url)


@pytest.fixture(scope="module", params=read_only.ways())
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(way: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of every kind that lives in files."""
    made = tmp_path_factory.mktemp(f"read-only-{way}")
    for name in FILES:
        (made / name).mkdir()
        (made / name / "url").write_text(built(STORES[name], made / name), encoding="utf-8")
    (made / TEXTS / "all" / "memos").mkdir(parents=True)
    (made / TEXTS / "all" / "memos" / "a.txt").write_text(f"折り返しは{NUMBER}へ", encoding="utf-8")
    (made / TEXTS / "url").write_text(f"text:///{made}/{TEXTS}/all", encoding="utf-8")
    return made


def built(store: Store, place: Path) -> str:
    assert store.build is not None
    return store.build(place)


@pytest.fixture(scope="module")
def told(way: str, folder: Path) -> dict[str, dict[str, list[str]]]:
    """What each store said to each write, in a process that may write nowhere in the folder; afterwards all is as it was."""
    before = read_only.bytes_of(folder)
    path = f"{WORLDS}:{Path(__file__).parent}"
    with read_only.read_only(folder, way) as prefix:
        command = [sys.executable, "-W", "ignore", "-c", CHILD, str(folder), *FILES, TEXTS]
        said = read_only.run(prefix, command, {"PYTHONPATH": path})
    assert said, "the folder could be written to"
    assert read_only.bytes_of(folder) == before
    found: dict[str, dict[str, list[str]]] = json.loads(said)
    return found


@pytest.mark.parametrize("kind", [*FILES, TEXTS])
def test_a_store_that_may_only_be_read_refuses_in_words(kind: str, told: dict[str, dict[str, list[str]]]) -> None:
    assert set(told[kind]) == set(WRITES)
    assert {code for _, code in told[kind].values()} == {"connector.read-only"}


@pytest.mark.parametrize("kind", [*FILES, TEXTS])
def test_it_works_once_it_may_be_written(kind: str, folder: Path, told: dict[str, dict[str, list[str]]]) -> None:
    source = opened(kind, folder)
    for write in WRITES.values():
        write(source, kind)
    assert source.count(table(kind), where(kind)) == 0  # type: ignore[attr-defined]
    source.close()  # type: ignore[attr-defined]
