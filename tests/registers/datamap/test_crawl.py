"""A crawl of real stores: what it proposes, what it finds different, and that its proposal does not pass by itself."""

import json
import sqlite3
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import conninfo_to_dict
from ruamel.yaml import YAML

from sekisho.entrypoints.cli.datamap import command

FOLDER = Path(__file__).resolve().parents[3] / "policies" / "arlink"
PEOPLE = "CREATE TABLE people (no TEXT PRIMARY KEY, name TEXT, born DATE)"
LINES = "CREATE TABLE 回線 (番号 TEXT PRIMARY KEY, no TEXT REFERENCES people, 備考 TEXT)"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEKISHO_HOME", str(tmp_path / "home"))
    path = tmp_path / "shop.sqlite3"
    run(path, PEOPLE, LINES)
    return path


def run(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def crawl(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["crawl", *arguments])


def written(tmp_path: Path, proposal: str, policy: str) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    (folder / "datamap.yaml").write_text(f"sekisho_datamap: 1\nmap: {{id: shop}}\n{proposal}", encoding="utf-8")
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    return folder


def test_a_store_nobody_declared_is_proposed_with_types_keys_and_references(store: Path) -> None:
    answer = crawl(f"sqlite:///{store}", "--json")
    assert answer.exit_code == 1
    said = json.loads(answer.stdout)
    assert [one["code"] for one in said["differences"]] == ["datamap.undeclared-table"] * 2
    system = YAML(typ="safe").load(said["proposal"])["systems"]["shop"]
    assert system["kind"] == "sqlite"
    people, lines = system["tables"]["people"], system["tables"]["回線"]
    assert people["key"] == ["no"]
    assert {name: column["type"] for name, column in people["columns"].items()} == {
        "no": "text",
        "name": "text",
        "born": "date",
    }
    assert lines["columns"]["no"]["references"] == [{"table": "people", "column": "no"}]
    assert {column["item"] for column in lines["columns"].values()} == {"unknown"}


def test_the_proposal_as_it_is_fails_the_check_column_by_column(store: Path, tmp_path: Path) -> None:
    proposal = json.loads(crawl(f"sqlite:///{store}", "--json").stdout)["proposal"]
    folder = written(tmp_path, proposal, (FOLDER / "policy.yaml").read_text(encoding="utf-8"))
    checked = CliRunner().invoke(command, ["check", "--folder", str(folder), "--no-systems", "--json"])
    assert checked.exit_code == 1
    found = json.loads(checked.stdout)
    unclassed = [one["field"].rsplit(".", 1)[1] for one in found if one["code"] == "catalog.no-class"]
    assert unclassed == ["no", "name", "born", "番号", "no", "備考"]
    assert {"catalog.unknown-subject-kind", "catalog.no-owner", "catalog.no-such-column"} <= {
        one["code"] for one in found
    }
    assert all(one["path"] == "datamap.yaml" and one["line"] > 1 and one["remedy"] for one in found)


def test_after_the_map_says_it_only_what_changed_is_told(store: Path, tmp_path: Path) -> None:
    proposal = json.loads(crawl(f"sqlite:///{store}", "--json").stdout)["proposal"]
    folder = written(tmp_path, proposal, (FOLDER / "policy.yaml").read_text(encoding="utf-8"))
    same = crawl("shop", "--folder", str(folder), "--json")
    assert (same.exit_code, json.loads(same.stdout)["differences"]) == (0, [])
    run(store, "ALTER TABLE people ADD COLUMN phone TEXT", "ALTER TABLE 回線 DROP COLUMN 備考", "DROP TABLE 回線")
    run(store, "CREATE TABLE 回線 (番号 INTEGER PRIMARY KEY, no TEXT)", "CREATE TABLE extra (a TEXT)")
    answer = crawl("shop", "--folder", str(folder), "--json")
    assert answer.exit_code == 1
    said = json.loads(answer.stdout)
    assert {(one["code"], one["table"], one.get("column", "")) for one in said["differences"]} == {
        ("datamap.undeclared-column", "people", "phone"),
        ("datamap.missing-column", "回線", "備考"),
        ("datamap.retyped-column", "回線", "番号"),
        ("datamap.undeclared-table", "extra", ""),
    }
    tables = YAML(typ="safe").load(said["proposal"])["systems"]["shop"]["tables"]
    assert list(tables) == ["extra", "people"]
    assert list(tables["people"]["columns"]) == ["phone"]


def test_a_view_nobody_declared_is_told(store: Path, tmp_path: Path) -> None:
    run(store, "CREATE VIEW names AS SELECT name FROM people")
    said = json.loads(crawl(f"sqlite:///{store}", "--json").stdout)
    assert ("catalog.undeclared-view", "names") in {(one["code"], one["table"]) for one in said["differences"]}


def test_a_password_is_neither_shown_nor_proposed(store: Path) -> None:
    answer = crawl("postgresql://reader:hush-hush@127.0.0.1:1/shop")
    assert answer.exit_code == 2
    assert "hush-hush" not in answer.output
    assert "connector.unreachable" in answer.output


def test_a_url_of_no_known_kind_is_refused_without_its_password(store: Path) -> None:
    answer = crawl("nowhere://reader:hush-hush@127.0.0.1/shop")
    assert answer.exit_code == 2
    assert "datamap.nothing-named" in answer.output
    assert "hush-hush" not in answer.output


def test_postgresql_is_proposed_without_the_password(postgres_url: str, store: Path) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE crawled_people (no TEXT PRIMARY KEY)")
        connection.execute("CREATE TABLE crawled_lines (no TEXT REFERENCES crawled_people, since DATE)")
    try:
        answer = crawl(postgres_url, "--id", "there", "--json")
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("DROP TABLE crawled_lines, crawled_people")
    system = YAML(typ="safe").load(json.loads(answer.stdout)["proposal"])["systems"]["there"]
    assert "@" not in system["url"]
    assert str(conninfo_to_dict(postgres_url)["password"]) not in answer.output
    assert system["tables"]["crawled_people"]["key"] == ["no"]
    columns = system["tables"]["crawled_lines"]["columns"]
    assert columns["no"]["references"] == [{"table": "crawled_people", "column": "no"}]
    assert columns["since"]["type"] == "date"


def test_what_is_no_system_and_no_url_is_refused(store: Path) -> None:
    answer = crawl("shop")
    assert answer.exit_code == 2
    assert "datamap.nothing-named" in answer.output
