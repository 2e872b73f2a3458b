"""The stand-alone verifier, run where Sekisho cannot be imported: everything that is changed is found and named."""

import importlib.util
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

VERIFIER = Path(__file__).resolve().parents[2] / "verifier" / "sekisho_verify.py"
pytestmark = pytest.mark.slow


def verify(*arguments: object) -> tuple[int, set[tuple[str, object]]]:
    """Exit code, and each problem's code with its place, as an auditor's own machine would say it."""
    done = subprocess.run(
        [sys.executable, "-I", VERIFIER, "--json", *map(str, arguments)],
        capture_output=True, text=True, check=False, cwd="/", timeout=60,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, named(json.loads(done.stdout)["problems"])


def named(problems: list[dict[str, object]]) -> set[tuple[str, object]]:
    return {(str(p["code"]), next((p[k] for k in ("index", "path", "first", "old") if k in p), None)) for p in problems}


@pytest.fixture(scope="session")
def verifier() -> ModuleType:
    """The same file as a module, for the many runs of exhaustive tests."""
    spec = importlib.util.spec_from_file_location("sekisho_verify", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def problems_in(
    verifier: ModuleType, path: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> set[tuple[str, object]]:
    capsys.readouterr()
    if verifier.main([str(path), "--json", *more]) == 2:
        return {("unreadable", None)}
    return named(json.loads(capsys.readouterr().out)["problems"])


def test_it_imports_nothing_of_ours() -> None:
    code = f"import sys, runpy; sys.argv=['x', '--help']\ntry: runpy.run_path({str(VERIFIER)!r}, run_name='__main__')\nexcept SystemExit: pass\nprint([m for m in sys.modules if m.startswith(('sekisho', 'django'))])"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_what_is_whole_verifies(made_home: Path) -> None:
    key, last = made_home / "ledger" / "key", made_home / "known.256"
    for evidence in (
        "export",
        "ledger",
        "receipt.json",
        "certificate.json",
        "sekisho.sqlite3",
        "export/receipts/260.json",
    ):
        assert verify(made_home / evidence, "--key", key, "--last", last) == (0, set()), evidence
        assert verify(made_home / evidence) == (0, set()), evidence


def test_what_it_says_in_words(home: Path) -> None:
    command = [sys.executable, "-I", str(VERIFIER), str(home / "export")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "証跡 300 件" in done.stdout
    assert "--last" in done.stdout
    (home / "export" / "tile" / "0" / "000").unlink()
    done = subprocess.run([*command, "--lang", "en"], capture_output=True, text=True, check=False)
    assert (done.returncode, "the file tile/0/000 is missing" in done.stdout) == (1, True)
    done = subprocess.run([*command[:-1], str(home / "nothing")], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    (home / "text").write_text("neither")
    assert subprocess.run([*command[:-1], str(home / "text")], capture_output=True, check=False).returncode == 2


def test_another_logs_key_is_not_taken(home: Path, made_home: Path) -> None:
    shutil.rmtree(home / "keys")
    shutil.rmtree(home / "export")
    other = "sekisho/other+00000000+AAAA"
    done = subprocess.run(
        [sys.executable, "-I", VERIFIER, home / "ledger", "--key", other], capture_output=True, check=False
    )
    assert done.returncode == 2
    example = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    code, found = verify(made_home / "export", "--key", example)
    assert code == 1
    assert {("key-differs", None), ("checkpoint-invalid", "checkpoint")} <= found


def bundles(home: Path) -> tuple[Path, list[bytes]]:
    path = home / "export" / "tile" / "entries" / "000"
    contents, entries = path.read_bytes(), []
    while contents:
        length = int.from_bytes(contents[:2], "big")
        entries.append(contents[2 : 2 + length])
        contents = contents[2 + length :]
    return path, entries


def put(path: Path, entries: list[bytes]) -> None:
    path.write_bytes(b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries))


def test_an_exported_row_deleted(home: Path) -> None:
    path, entries = bundles(home)
    put(path, entries[:17] + entries[18:])
    assert verify(home / "export") == (1, {("row-missing", 17)})


def test_an_exported_row_changed(home: Path) -> None:
    path, entries = bundles(home)
    put(path, [*entries[:17], entries[17].replace(b'"number":17', b'"number":18'), *entries[18:]])
    assert verify(home / "export") == (1, {("entry-altered", 17)})


def test_exported_rows_reordered(home: Path) -> None:
    path, entries = bundles(home)
    put(path, [*entries[:17], entries[18], entries[17], *entries[19:]])
    assert verify(home / "export") == (1, {("reordered", 17), ("reordered", 18)})


def test_an_exported_row_repeated_over_another(home: Path) -> None:
    path, entries = bundles(home)
    put(path, [*entries[:17], entries[16], *entries[18:]])
    code, found = verify(home / "export")
    assert code == 1
    assert {("row-missing", 17), ("entry-twice", 17)} <= found


def test_an_exported_ledger_cut_off_with_all_that_belongs_to_it(home: Path) -> None:
    """The carrier itself goes back to an earlier state, validly signed: only who knows a later checkpoint sees it."""
    cut = home / "cut"
    for folder in ("tile/entries", "tile/0"):
        (cut / folder / "000.p").mkdir(parents=True)
    source = home / "export"
    entries = bundles(home)[1][:120]
    put(cut / "tile" / "entries" / "000.p" / "120", entries)
    (cut / "tile" / "0" / "000.p" / "120").write_bytes((source / "tile" / "0" / "000").read_bytes()[: 120 * 32])
    shutil.copy(home / "known.120", cut / "checkpoint")
    shutil.copy(source / "key", cut / "key")
    assert verify(cut) == (0, set())
    assert verify(cut, "--last", home / "known.120") == (0, set())
    assert verify(cut, "--last", home / "known.256") == (1, {("truncated", 256)})


def test_a_ledger_rewritten_and_signed_again(home: Path, tmp_path: Path) -> None:
    """Whoever holds the signing key can write a ledger that holds in itself; not one that continues what was seen."""
    from sekisho.engine.merkle import tiles
    from sekisho.engine.merkle.checkpoint import Checkpoint
    from sekisho.engine.merkle.note import Signer, verifier_from

    name = verifier_from((home / "export" / "key").read_text()).name
    signer = Signer(name=name, seed=(home / "keys" / "ledger.ed25519").read_bytes())
    growth = tiles.grow(
        dict[str, bytes]().__getitem__, 0, [json.dumps({"id": number}).encode() for number in range(300)]
    )
    forged = tmp_path / "forged"
    head = Checkpoint(origin=name, size=growth.size, root=growth.root)
    for path, contents in ({**growth.files} | {"checkpoint": signer.sign(head.text()).encode()}).items():
        (forged / path).parent.mkdir(parents=True, exist_ok=True)
        (forged / path).write_bytes(contents)
    key = home / "export" / "key"
    assert verify(forged, "--key", key) == (0, set())
    assert verify(forged, "--key", key, "--last", home / "known.256") == (1, {("rewritten", 256)})


def test_every_file_of_an_export_is_needed(
    verifier: ModuleType, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = home / "export"
    files = [path for path in export.rglob("*") if path.is_file()]
    for path in files:
        if path.parent.name in ("receipts", "checkpoints"):
            continue  # additions: without them less is said, not something wrong
        contents = path.read_bytes()
        for changed in (None, b"", contents[: len(contents) // 2], contents + b"\n", contents + b"\0" * 32):
            if changed is None:
                path.unlink()
            else:
                path.write_bytes(changed)
            found = problems_in(verifier, export, capsys)
            assert found or (path.name == "key" and changed == contents + b"\n"), f"{path} {changed!r}"
        path.write_bytes(contents)
    assert problems_in(verifier, export, capsys) == set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.data())
def test_every_bit_of_an_export_counts(
    verifier: ModuleType, home: Path, capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    export = home / "export"
    path = data.draw(st.sampled_from(sorted(path for path in export.rglob("*") if path.is_file())))
    contents = path.read_bytes()
    place = data.draw(st.integers(0, len(contents) - 1))
    bit = data.draw(st.integers(0, 7))
    if bit == 5 and path.suffix == ".json" and contents[place : place + 1].isspace():
        return  # space and NUL aside, white space around JSON says nothing
    path.write_bytes(bytes([*contents[:place], contents[place] ^ 1 << bit, *contents[place + 1 :]]))
    try:
        found = problems_in(verifier, export, capsys)
        in_white_space = path.name == "key" and place == len(contents) - 1
        assert found or in_white_space or _says_the_same(path, contents), f"{path.name} {place} {bit}"
    finally:
        path.write_bytes(contents)


def _says_the_same(path: Path, contents: bytes) -> bool:
    """Whether a JSON document still says what it said: a bit may turn one white space into another."""
    try:
        return path.suffix == ".json" and json.loads(path.read_bytes()) == json.loads(contents)
    except ValueError:
        return False


@pytest.mark.parametrize("name", ["receipt.json", "certificate.json"])
def test_every_byte_of_a_receipt_counts(
    verifier: ModuleType, home: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = home / name
    contents = path.read_bytes()
    for place in range(len(contents)):
        for bit in (0, 5):
            path.write_bytes(bytes([*contents[:place], contents[place] ^ 1 << bit, *contents[place + 1 :]]))
            found = problems_in(verifier, path, capsys)
            assert found or _says_the_same(path, contents), (
                f"byte {place} bit {bit}: {contents[max(0, place - 20) : place + 20]!r}"
            )


def test_a_certificate_for_another_document(home: Path) -> None:
    path = home / "certificate.json"
    said = json.loads(path.read_text())
    path.write_text(json.dumps(said | {"body": said["body"] | {"rows": 13}}))
    assert verify(path) == (1, {("body-differs", "certificate.json")})
    path.write_text(json.dumps(said | {"index": 259}))
    assert verify(path) == (1, {("not-included", "certificate.json")})
    path.write_text(json.dumps({key: value for key, value in said.items() if key != "proof"}))
    assert verify(path) == (1, {("receipt-malformed", "certificate.json")})


def database(home: Path, *statements: str) -> Path:
    """The database after somebody with the file in hand has been at it: triggers gone."""
    path = home / "sekisho.sqlite3"
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


CASES: list[tuple[list[str], set[tuple[str, object]], set[tuple[str, object]]]] = [
    # what was done; found with the tiles beside it; found with the database alone
    (
        ['DELETE FROM evidence_entry WHERE "index" = 130'],
        {("row-missing", 130)},
        {("row-missing", 130)},
    ),
    (
        [('UPDATE evidence_entry SET leaf = CAST(replace(CAST(leaf AS text), \'"number":130\', \'"number":131\') AS blob)'
         ' WHERE "index" = 130')],
        {("entry-altered", 130), ("span-altered", 120)},
        {("entry-altered", 130), ("span-altered", 120)},
    ),
    (
        ['UPDATE evidence_entry SET leaf_hash = zeroblob(32) WHERE "index" = 130'],
        {("hash-altered", 130)},
        {("hash-altered", 130)},
    ),
    (
        ["UPDATE evidence_entry SET kind = 'test.else' WHERE \"index\" = 130"],
        {("columns-differ", 130)},
        {("columns-differ", 130)},
    ),
    (
        ['UPDATE evidence_entry SET "index" = 999 WHERE "index" = 130',
         'UPDATE evidence_entry SET "index" = 130 WHERE "index" = 140',
         'UPDATE evidence_entry SET "index" = 140 WHERE "index" = 999'],
        {("reordered", 130), ("reordered", 140)},
        {("reordered", 130), ("reordered", 140)},
    ),
    (
        ['DELETE FROM evidence_entry WHERE "index" = 130',
         'UPDATE evidence_entry SET "index" = -"index" WHERE "index" > 130',
         'UPDATE evidence_entry SET "index" = -"index" - 1 WHERE "index" < 0'],
        {("row-missing", 130), ("truncated", 300)},
        {("truncated", 300)},
    ),
    (
        ['DELETE FROM evidence_entry WHERE "index" >= 290'],
        {("truncated", 300)},
        {("truncated", 300)},
    ),
    (
        ['DELETE FROM evidence_entry WHERE "index" >= 256', "DELETE FROM evidence_checkpoint WHERE size > 256"],
        {("truncated", 300)},
        {("truncated", 300)},
    ),
    (
        ['UPDATE evidence_entry SET "index" = 300 WHERE "index" IS NULL'],
        {("beyond-checkpoint", 300)},
        {("beyond-checkpoint", 300)},
    ),
    (
        ["UPDATE evidence_checkpoint SET root = zeroblob(32) WHERE size = 256"],
        {("checkpoint-invalid", "evidence_checkpoint 256")},
        {("checkpoint-invalid", "evidence_checkpoint 256")},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "with_tiles", "alone"), CASES)
def test_a_database_tampered_with(
    home: Path, statements: list[str], with_tiles: set[tuple[str, object]], alone: set[tuple[str, object]]
) -> None:
    path = database(home, *["PRAGMA ignore_check_constraints = ON", *statements])
    last = home / "known.300"
    code, found = verify(path, "--last", last)
    assert code == 1
    assert with_tiles <= found, found
    key = (home / "ledger" / "key").read_text().strip()
    shutil.rmtree(home / "ledger")
    code, found = verify(path, "--last", last, "--key", key)
    assert code == 1
    assert alone <= found, found


def test_a_truncation_is_invisible_without_an_outsider(home: Path) -> None:
    path = database(
        home, 'DELETE FROM evidence_entry WHERE "index" >= 256', "DELETE FROM evidence_checkpoint WHERE size > 256"
    )
    key = home / "ledger" / "key"
    shutil.copy(key, home / "key.copy")
    shutil.rmtree(home / "ledger")
    assert verify(path, "--key", home / "key.copy") == (0, set())
    assert verify(path, "--key", home / "key.copy", "--last", home / "known.300")[0] == 1


def test_the_products_own_command_agrees(
    home: Path, run_sekisho: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    def problems() -> tuple[int, list[str]]:
        done = run_sekisho("ledger", "verify", "--json", home=home, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, [line["code"] for line in lines[:-1]]

    assert problems() == (0, [])
    done = run_sekisho("ledger", "witness", home=home, check=False)
    assert done.returncode == 2
    (home / "witness").mkdir()
    run_sekisho("ledger", "witness", home=home)
    entry = json.loads((home / "receipt.json").read_text())
    proved = run_sekisho("ledger", "prove", json.loads(entry["entry"])["id"], home=home)
    assert json.loads(proved.stdout) == entry
    assert run_sekisho("ledger", "prove", "nothing", home=home, check=False).returncode == 2
    database(home, 'DELETE FROM evidence_entry WHERE "index" = 130')
    assert problems() == (1, ["ledger.row-missing"])
    assert "番号 130" in run_sekisho("ledger", "verify", home=home, check=False).stdout
    assert run_sekisho("ledger", "verify", home=home / "empty", check=False).returncode == 2


def test_the_ledger_commands_never_import_django(home: Path, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom sekisho.entrypoints.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('django', 'ninja', 'dbos')])"
    )
    (home / "witness").mkdir()
    for arguments in (["verify"], ["export", str(tmp_path / "out")], ["witness"], ["prove", "x"]):
        done = subprocess.run(
            [sys.executable, "-c", code, "ledger", *arguments],
            env={"SEKISHO_HOME": str(home), "PATH": ""}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.endswith("[]\n"), done.stdout
