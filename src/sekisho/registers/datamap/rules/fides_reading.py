"""Reading fideslang datasets out of YAML, with every fault of every file at its place.

Format: github.com/ethyca/fideslang, models of Dataset, DatasetCollection, DatasetField and FidesMeta.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sekisho.engine.catalog.model import Direction
from sekisho.engine.errors import DocumentRefused, Fault, Place
from sekisho.engine.policy.reader import Reading, compose, nearest
from sekisho.registers.datamap.rules.fides_model import (
    ARRAY,
    FidesCollection,
    FidesDataset,
    FidesField,
    FidesReference,
    system_id,
    unmarked,
)
from sekisho.registers.datamap.rules.names import ROOM
from sekisho.registers.datamap.rules.vocabularies import fides

KEY = re.compile(r"^[A-Za-z0-9_.<>-]+$")
NULL, BOOL = "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"
META = ("fides_meta", "fidesops_meta")  # the second is the older name
OWN = {  # what is read; the second set is known and has no place in the map
    "dataset": (
        {"fides_key", "name", "description", "data_categories", "collections"},
        {
            *{"organization_fides_key", "meta", "tags", "fidesctl_meta", "data_qualifier", "retention", *META},
            *{"third_country_transfers", "joint_controller", "data_uses", "data_purposes", "data_subjects"},
        },
    ),
    "collection": (
        {"name", "description", "data_categories", "fields"},
        {"data_qualifier", "retention", "data_uses", "data_purposes", "data_subjects", *META},
    ),
    "field": (
        {"name", "description", "data_categories", "fields", *META},
        {"data_qualifier", "retention", "data_uses", "data_purposes", "data_subjects"},
    ),
    "meta": (
        {"references", "identity", "primary_key", "data_type"},
        {
            *{"length", "return_all_elements", "read_only", "custom_request_field", "masking_strategy_override"},
            "redact",
        },
    ),
    "reference": ({"dataset", "field", "direction"}, set[str]()),
}


def read_datasets(files: Mapping[str, str]) -> tuple[FidesDataset, ...]:
    """The datasets of all files together: one may refer to another's. Raises: DocumentRefused with every fault."""
    reader = _Reader()
    datasets = [one for path, text in files.items() for one in reader.file(path, text)]
    reader.names(datasets)
    if reader.faults:
        raise DocumentRefused(tuple(reader.faults))
    return tuple(datasets)


@dataclass(slots=True)
class _Reader:
    faults: list[Fault] = field(default_factory=list)
    path: str = ""
    dropped: Counter[str] = field(default_factory=Counter)

    def file(self, path: str, text: str) -> Iterator[FidesDataset]:
        self.path, reading = path, Reading()
        node = compose(path, text, reading)
        self.faults += reading.faults
        if node is None:
            return
        top = self._mapping(node, "")
        if "dataset" not in top:
            self._fault("missing", node, "", what="dataset")
            return
        for at, one in enumerate(self._list(top["dataset"], "dataset")):
            yield self._dataset(one, f"dataset[{at}]")

    def names(self, datasets: list[FidesDataset]) -> None:
        """Duplicates, and references that lead nowhere."""
        known: dict[str, dict[str, set[str]]] = {}
        for dataset in datasets:
            if any(system_id(dataset.key) == system_id(other) for other in known):
                self._at("duplicate", dataset.place, found=dataset.key)
                continue
            collections = known.setdefault(dataset.key, {})
            for collection in dataset.collections:
                if collection.name in collections:
                    self._at("duplicate", collection.place, found=f"{dataset.key}.{collection.name}")
                paths = collections.setdefault(collection.name, set())
                for one in collection.fields:
                    if unmarked(one.path) in paths:
                        self._at("duplicate", one.place, found=f"{collection.name}.{one.path}")
                    paths.add(unmarked(one.path))
        for dataset in datasets:
            for _, one in dataset.fields():
                for reference in one.references:
                    if reference.path not in known.get(reference.dataset, {}).get(reference.collection, ()):
                        self._at("no-such-reference", reference.place, to=str(reference))

    def _dataset(self, node: Node, path: str) -> FidesDataset:
        self.dropped = Counter()
        said = self._record(node, path, "dataset")
        key = self._key(said, node, path, "fides_key")
        categories = self._categories(said, path)
        listed = self._list(said["collections"], f"{path}.collections") if "collections" in said else []
        if "collections" not in said:
            self._fault("missing", node, path, what="collections")
        collections = tuple(
            self._collection(one, f"{path}.collections[{at}]", categories) for at, one in enumerate(listed)
        )
        return FidesDataset(
            key=key,
            label=self._text(said, path, "name") or key,
            collections=collections,
            dropped=tuple(sorted(self.dropped.items())),
            place=self._place(node, path),
        )

    def _collection(self, node: Node, path: str, above: tuple[str, ...]) -> FidesCollection:
        said = self._record(node, path, "collection")
        name = self._key(said, node, path, "name")
        categories = self._categories(said, path) or above
        listed = self._list(said["fields"], f"{path}.fields") if "fields" in said else []
        if not listed:
            self._fault("missing", node, path, what="fields")
        fields = [
            leaf for at, one in enumerate(listed) for leaf in self._fields(one, f"{path}.fields[{at}]", "", categories)
        ]
        return FidesCollection(
            name=name,
            label=self._text(said, path, "description") or name,
            fields=tuple(fields),
            place=self._place(node, path),
        )

    def _fields(self, node: Node, path: str, above: str, inherited: tuple[str, ...]) -> Iterator[FidesField]:
        said = self._record(node, path, "field")
        name = self._text(said, path, "name", needed_in=node)
        if "." in name or ARRAY in name:
            self._fault("dotted-name", said["name"], f"{path}.name", found=name)
        meta_key = next((key for key in META if key in said and not _is_null(said[key])), "")
        meta_path = f"{path}.{meta_key}"
        meta = self._record(said[meta_key], meta_path, "meta") if meta_key else {}
        categories = self._categories(said, path) or inherited
        data_type, is_list = self._type(meta, meta_path)
        inner = (
            self._list(said["fields"], f"{path}.fields") if "fields" in said and not _is_null(said["fields"]) else []
        )
        own = f"{above}.{name}" if above else name
        if inner:
            if data_type not in {"", "object"}:
                self._fault("nested-type", meta["data_type"], f"{meta_path}.data_type", found=data_type)
            self.dropped += Counter(key for key in ("identity", "primary_key", "references") if key in meta)
            for at, one in enumerate(inner):
                yield from self._fields(one, f"{path}.fields[{at}]", own + (ARRAY if is_list else ""), categories)
            return
        yield FidesField(
            path=own,
            label=self._text(said, path, "description"),
            categories=categories,
            data_type=data_type,
            is_list=is_list,
            is_key=self._flag(meta, meta_path, "primary_key"),
            identity=self._text(meta, meta_path, "identity"),
            references=tuple(self._references(meta, meta_path)),
            place=replace(self._place(node, path), field=path),
        )

    def _type(self, meta: dict[str, Node], path: str) -> tuple[str, bool]:
        written = self._text(meta, path, "data_type")
        plain = written.removesuffix(ARRAY)
        if plain and plain not in fides().types:
            known = ", ".join(fides().types)
            self._fault("bad-type", meta["data_type"], f"{path}.data_type", found=written, known=known)
        is_list = written.endswith(ARRAY)
        if "return_all_elements" in meta and not is_list:
            self._fault("no-list", meta["return_all_elements"], f"{path}.return_all_elements")
        return plain, is_list

    def _references(self, meta: dict[str, Node], path: str) -> Iterator[FidesReference]:
        if "references" not in meta or _is_null(meta["references"]):
            return
        for at, node in enumerate(self._list(meta["references"], f"{path}.references")):
            here = f"{path}.references[{at}]"
            said = self._record(node, here, "reference")
            dataset = self._text(said, here, "dataset", needed_in=node)
            collection, _, to = self._text(said, here, "field", needed_in=node).partition(".")
            direction = self._text(said, here, "direction")
            if direction not in {"", *Direction}:
                self._fault("bad-direction", said["direction"], f"{here}.direction", found=direction)
                direction = ""
            yield FidesReference(
                dataset=dataset,
                collection=collection,
                path=to,
                direction=Direction(direction) if direction else None,
                place=self._place(node, here),
            )

    def _categories(self, said: dict[str, Node], path: str) -> tuple[str, ...]:
        if "data_categories" not in said or _is_null(said["data_categories"]):
            return ()
        found = []
        for at, node in enumerate(self._list(said["data_categories"], f"{path}.data_categories")):
            value = node.value if isinstance(node, ScalarNode) else ""
            if value.split(".", 1)[0] not in fides().roots or not KEY.match(value):
                self._fault("unknown-category", node, f"{path}.data_categories[{at}]", found=value)
            found.append(value)
        return tuple(found)

    def _record(self, node: Node, path: str, kind: str) -> dict[str, Node]:
        said = self._mapping(node, path)
        known, passed = OWN[kind]
        for key, value in said.items():
            if key in passed and not _is_null(value):
                self.dropped[key] += 1
            elif key not in known | passed:
                self._fault("unknown-key", value, f"{path}.{key}", found=key, near=nearest(key, sorted(known)))
        return said

    def _mapping(self, node: Node, path: str) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            self._fault("wrong-kind", node, path, want="mapping", found=_kind(node))
            return {}
        found: dict[str, Node] = {}
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value in found:
                self._fault("duplicate", key, f"{path}.{key.value}", found=key.value)
            if isinstance(key, ScalarNode):
                found[key.value] = value
        return found

    def _list(self, node: Node, path: str) -> list[Node]:
        if isinstance(node, SequenceNode):
            return list(node.value)
        self._fault("wrong-kind", node, path, want="list", found=_kind(node))
        return []

    def _text(self, said: Mapping[str, Node], path: str, key: str, *, needed_in: Node | None = None) -> str:
        node = said.get(key)
        if isinstance(node, ScalarNode) and not _is_null(node) and node.value:
            return str(node.value)
        if node is not None and not isinstance(node, ScalarNode):
            self._fault("wrong-kind", node, f"{path}.{key}", want="value", found=_kind(node))
        elif needed_in is not None:
            self._fault("missing", needed_in, path, what=key)
        return ""

    def _key(self, said: Mapping[str, Node], node: Node, path: str, key: str) -> str:
        value = self._text(said, path, key, needed_in=node)
        if value and not KEY.match(value):
            self._fault("bad-key", said[key], f"{path}.{key}", found=value)
        return value

    def _flag(self, said: Mapping[str, Node], path: str, key: str) -> bool:
        node = said.get(key)
        if node is None or _is_null(node):
            return False
        if not isinstance(node, ScalarNode) or node.tag != BOOL:
            self._fault("wrong-kind", node, f"{path}.{key}", want="boolean", found=_kind(node))
            return False
        return bool(node.value.lower() == "true")

    def _place(self, node: Node, path: str) -> Place:
        return Place(path=self.path, line=node.start_mark.line + 1, column=node.start_mark.column + 1, field=path)

    def _fault(self, wrong: str, node: Node, path: str, **values: str) -> None:
        self._at(wrong, self._place(node, path), **values)

    def _at(self, wrong: str, place: Place, **values: str) -> None:
        values = {"field": place.field or "-", **values}
        self.faults.append(Fault(code=f"datamap.fides-{wrong}", place=place, room=ROOM, values=values))


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == NULL


def _kind(node: Node) -> str:
    return "list" if isinstance(node, SequenceNode) else "mapping" if isinstance(node, MappingNode) else "value"
