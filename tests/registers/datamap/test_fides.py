"""fideslang datasets: refused with file and field, reachability by direction, and nothing lost on the way there and back."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.catalog.model import DataMap, Direction
from sekisho.engine.errors import DocumentRefused
from sekisho.entrypoints.cli.datamap import command
from sekisho.registers.datamap import rules
from sekisho.registers.datamap.rules.fides_model import (
    FidesCollection,
    FidesDataset,
    FidesField,
    FidesReference,
    unmarked,
)

POLICIES = Path(__file__).resolve().parents[3] / "policies"
SHOP = """\
dataset:
  - fides_key: shop
    name: A shop
    collections:
      - name: orders
        fields:
          - name: id
            data_categories: [system.operations]
            fides_meta: {primary_key: true, data_type: integer}
          - name: buyer
            fides_meta:
              references:
                - {dataset: people, field: person.contact.mail, direction: from}
          - name: lines
            fides_meta: {data_type: "object[]"}
            fields:
              - name: price
                data_categories: [user.payment]
                fides_meta: {data_type: float}
              - name: tags
                fides_meta: {data_type: "string[]", return_all_elements: true}
  - fides_key: people
    collections:
      - name: person
        data_categories: [user.name]
        fields:
          - name: contact
            fields:
              - name: mail
                data_categories: [user.contact.email]
                fidesops_meta: {identity: email}
              - name: nickname
"""


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_HOME", str(tmp_path / "home"))


def mapped(text: str) -> DataMap:
    datamap, _ = rules.check(f"sekisho_datamap: 1\nmap: {{id: there}}\n{text}", None)
    assert datamap is not None
    return datamap


def there_and_back(datasets: tuple[FidesDataset, ...]) -> tuple[FidesDataset, ...]:
    text = rules.imported(datasets, items=frozenset(), kind="postgresql", url="postgresql://there").text
    return rules.read_datasets({"back.yml": rules.rendered(rules.exported(mapped(text)))})


names = st.from_regex(r"[a-z][a-z0-9_]{0,7}", fullmatch=True)
labels = st.sampled_from(["", "顧客の一覧", "a: b # c", "'quoted'"])
categories = st.lists(
    st.sampled_from(["user.name", "user.contact.email", "system.operations", "user.financial"]), unique=True, max_size=2
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[FidesDataset, ...]:
    """Datasets whose fields nest, hold lists and refer to each other."""
    shape: dict[str, dict[str, list[str]]] = {}
    for key in draw(st.lists(names, min_size=1, max_size=3, unique=True)):
        shape[key] = {}
        for collection in draw(st.lists(names, min_size=1, max_size=3, unique=True)):
            tops = draw(st.lists(names, min_size=1, max_size=4, unique=True))
            paths = []
            for top in tops:
                inner = draw(st.lists(names, max_size=2, unique=True))
                mark = draw(st.sampled_from(["", "[]"])) if inner else ""
                paths += [f"{top}{mark}.{one}" for one in inner] or [top]
            shape[key][collection] = paths
    everywhere = [
        (key, name, unmarked(path)) for key, of in shape.items() for name, paths in of.items() for path in paths
    ]

    def field(path: str) -> FidesField:
        references = draw(st.lists(st.sampled_from(everywhere), max_size=2, unique=True))
        return FidesField(
            path=path,
            label=draw(labels),
            categories=tuple(draw(categories)),
            data_type=draw(st.sampled_from(["integer", "string", "float", "boolean", "object_id"])),
            is_list=draw(st.booleans()),
            is_key=draw(st.booleans()),
            identity=draw(st.sampled_from(["", "", "email", "phone_number", "customer_no"])),
            references=tuple(
                FidesReference(
                    dataset=key, collection=name, path=to, direction=draw(st.sampled_from([None, *Direction]))
                )
                for key, name, to in references
            ),
        )

    return tuple(
        FidesDataset(
            key=key,
            label=draw(labels) or key,
            collections=tuple(
                FidesCollection(name=name, label=draw(labels) or name, fields=tuple(field(path) for path in paths))
                for name, paths in of.items()
            ),
        )
        for key, of in shape.items()
    )


@given(worlds())
def test_to_a_map_and_back_is_the_same(datasets: tuple[FidesDataset, ...]) -> None:
    assert there_and_back(datasets) == datasets


@given(worlds())
def test_written_and_read_again_is_the_same(datasets: tuple[FidesDataset, ...]) -> None:
    assert rules.read_datasets({"one.yml": rules.rendered(datasets)}) == datasets


@pytest.mark.parametrize("name", ["arlink", "carrier"])
def test_our_own_maps_survive_but_for_what_fideslang_cannot_say(name: str) -> None:
    before = rules.load((POLICIES / name / "datamap.yaml").read_text(encoding="utf-8"))
    datasets = rules.exported(before)
    assert rules.unreachable(datasets) == ()
    read = rules.read_datasets({"us.yml": rules.rendered(datasets)})
    assert read == datasets
    after = mapped(rules.imported(read, items=frozenset(), kind="sqlite", url="sqlite:///x").text)
    for id_, system in before.systems.items():
        for table in system.tables.values():
            back = after.systems[id_].tables[table.name]
            assert list(back.columns) == list(table.columns)
            assert set(back.key) == set(table.key)
            assert {one.by for one in back.owners} <= {one.by for one in table.owners}


def test_nesting_lists_inherited_categories_and_the_older_meta() -> None:
    shop, people = rules.read_datasets({"shop.yml": SHOP})
    assert [one.path for one in shop.collections[0].fields] == ["id", "buyer", "lines[].price", "lines[].tags"]
    assert shop.collections[0].fields[3].is_list
    mail, nickname = people.collections[0].fields
    assert (mail.identity, mail.categories) == ("email", ("user.contact.email",))
    assert nickname.categories == ("user.name",)
    assert dict(shop.dropped) == {"return_all_elements": 1}


def test_classes_come_from_the_policy_and_only_where_one_is_meant() -> None:
    datasets = rules.read_datasets({"shop.yml": SHOP})
    items = frozenset({"identity.mail", "identity.name", "bill"})
    found = rules.imported(datasets, items=items)
    assert (found.columns, found.classed, found.not_personal, found.unknown) == (6, 3, 1, 2)
    assert "kind: unknown" in found.text
    without = rules.imported(datasets, items=frozenset())
    assert (without.classed, without.unknown) == (0, 5)


@pytest.mark.parametrize(
    ("direction", "lost"),
    [("direction: from", []), ("direction: to", ["shop.orders"]), ("", [])],
)
def test_a_collection_is_reached_along_the_direction_only(direction: str, lost: list[str]) -> None:
    text = SHOP.replace(", direction: from", f", {direction}" if direction else "")
    datasets = rules.read_datasets({"shop.yml": text})
    assert [f"{one.key}.{collection.name}" for one, collection in rules.unreachable(datasets)] == lost


BROKEN = [
    ("dataset:", "datasets:", "missing", ""),
    ("fides_key: shop", "fides_key: a shop", "bad-key", "dataset[0].fides_key"),
    ("fides_key: people", "fides_key: shop", "duplicate", "dataset[1]"),
    ("fides_key: people", "fides_key: <Shop>", "duplicate", "dataset[1]"),
    ("    collections:\n      - name: orders", "    collection:\n      - name: orders", "missing", "dataset[0]"),
    ("      - name: person\n        data", "      - names: person\n        data", "unknown-key", "dataset[1].collections[0].names"),
    ("- name: buyer", "- name: buyer.of", "dotted-name", "dataset[0].collections[0].fields[1].name"),
    ("- name: buyer", "- name: id", "duplicate", "dataset[0].collections[0].fields[1]"),
    ("person.contact.mail", "person.mail", "no-such-reference", "dataset[0].collections[0].fields[1].fides_meta.references[0]"),
    ("{dataset: people,", "{dataset: peeple,", "no-such-reference", "dataset[0].collections[0].fields[1].fides_meta.references[0]"),
    ("direction: from", "direction: up", "bad-direction", "dataset[0].collections[0].fields[1].fides_meta.references[0].direction"),
    ("data_type: float", "data_type: floating", "bad-type", "dataset[0].collections[0].fields[2].fields[0].fides_meta.data_type"),
    ('"object[]"', '"string[]"', "nested-type", "dataset[0].collections[0].fields[2].fides_meta.data_type"),
    ('"string[]"', "string", "no-list", "dataset[0].collections[0].fields[2].fields[1].fides_meta.return_all_elements"),
    ("[user.payment]", "[customer.payment]", "unknown-category", "dataset[0].collections[0].fields[2].fields[0].data_categories[0]"),
    ("[user.payment]", "user.payment", "wrong-kind", "dataset[0].collections[0].fields[2].fields[0].data_categories"),
    ("primary_key: true", "primary_key: always", "wrong-kind", "dataset[0].collections[0].fields[0].fides_meta.primary_key"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "field"), BROKEN)
def test_a_broken_file_is_refused_with_file_and_field(old: str, new: str, code: str, field: str) -> None:
    assert old in SHOP
    with pytest.raises(DocumentRefused) as refused:
        rules.read_datasets({"shop.yml": SHOP.replace(old, new, 1)})
    found = {(fault.code, fault.place.field) for fault in refused.value.faults}
    assert (f"datamap.fides-{code}", field) in found
    assert all(
        fault.place.path == "shop.yml" and fault.message() and fault.remedy("en") for fault in refused.value.faults
    )


def test_all_faults_of_all_files_at_once() -> None:
    broken = {f"{at}.yml": SHOP.replace(old, new, 1) for at, (old, new, *_) in enumerate(BROKEN)}
    with pytest.raises(DocumentRefused) as refused:
        rules.read_datasets(broken | {"not.yml": "dataset: [", "empty.yml": ""})
    assert {fault.place.path for fault in refused.value.faults} >= {*broken, "not.yml", "empty.yml"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def test_the_commands(tmp_path: Path) -> None:
    path, out = tmp_path / "shop.yml", tmp_path / "map.yaml"
    path.write_text(SHOP.replace("identity: email", ""), encoding="utf-8")
    answer = run("import", "--from", "fides", str(path), "--json", "--out", str(out))
    assert answer.exit_code == 0, answer.output
    said = json.loads(answer.stdout)
    assert said["unreachable"] == ["shop.orders", "people.person"]
    assert out.read_text(encoding="utf-8") == said["map"]
    path.write_text(SHOP.replace("direction: from", "direction: up"), encoding="utf-8")
    answer = run("import", "--from", "fides", str(path))
    assert answer.exit_code == 1
    assert f"{path}:13:" in answer.output
    path.write_bytes(SHOP.encode("utf-16"))
    assert "datamap.not-utf-8" in run("import", "--from", "fides", str(path)).output
    exported = run("export", "--to", "fides", "--folder", str(POLICIES / "arlink"))
    assert exported.exit_code == 0
    assert "cdr" in {one.key for one in rules.read_datasets({"us.yml": exported.stdout})}
