"""Processing as the W3C Data Privacy Vocabulary says it: who does what with which data of whom, for what, how long, whither.

What the vocabulary has no term for is an instance of its broader class with our own label: clauses of the policy,
secrecy grounds, periods with the event that starts them. Terms: `vocabularies.toml`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sekisho.engine.catalog.model import DataMap, System
from sekisho.engine.policy.model import DataKind, Policy, Text, UseBasis, WayOut
from sekisho.registers.datamap.rules.graph import Node, Value, iri, literal, ref, texts
from sekisho.registers.datamap.rules.vocabularies import dpv

SENSITIVE = frozenset({DataKind.SPECIAL_CARE, DataKind.COMMUNICATIONS_SECRECY, DataKind.LOCATION})
TITLE, SOURCE, ABOUT = "dct:title", "dct:source", "dct:description"


def processing(policy: Policy, datamap: DataMap) -> tuple[Node, ...]:
    """Everything as nodes, in the order of the documents."""
    return tuple(_Writing(policy=policy, datamap=datamap).nodes())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writing:
    policy: Policy
    datamap: DataMap

    def nodes(self) -> Iterator[Node]:
        yield self._controller()
        yield from self._subjects()
        yield from self._data()
        yield from self._purposes()
        yield from self._recipients()
        yield from self._bases()
        yield from self._storage()
        yield from self._uses()
        yield from (self._way_out(one) for one in self.policy.ways_out.values())

    def own(self, kind: str, name: str) -> str:
        """Our name for a thing, under the policy's."""
        return iri(self.policy.id, kind, name)

    def _controller(self) -> Node:
        operator = self.policy.operator
        said: dict[str, tuple[Value, ...]] = {TITLE: texts(operator.name), SOURCE: self._clause(operator.clause)}
        if operator.address:
            said["dpv:hasAddress"] = texts(operator.address)
        if operator.representative:
            said["dpv:hasRepresentative"] = texts(operator.representative)
        return Node(id=self._us, types=("dpv:DataController",), says=said)

    def _subjects(self) -> Iterator[Node]:
        for one in self.policy.subjects.values():
            term = dpv().subjects.get(one.id)
            types = ("dpv:DataSubject", *([term] if term else []))
            yield Node(id=self.own("subject", one.id), types=types, says=self._labelled(one.label, one.clause))

    def _data(self) -> Iterator[Node]:
        for class_ in self.policy.classes.values():
            yield self._datum(class_.id, class_.label, class_.kind, class_.clause)
            for field in class_.fields.values():
                yield self._datum(f"{class_.id}.{field.id}", field.label, field.kind, class_.clause)

    def _datum(self, item: str, label: Text, kind: DataKind, clause: str) -> Node:
        term = dpv().item(item)
        types = ["dpv:SensitivePersonalData" if kind in SENSITIVE else "dpv:PersonalData", *([term] if term else [])]
        said = self._labelled(label, clause) | {ABOUT: (literal(kind.value),)}
        return Node(id=self.own("data", item), types=tuple(types), says=said)

    def _purposes(self) -> Iterator[Node]:
        for one in self.policy.purposes.values():
            term = dpv().natures.get(one.nature)
            types = ("dpv:Purpose", *([term] if term else []))
            yield Node(id=self.own("purpose", one.id), types=types, says=self._labelled(one.label, one.clause))

    def _recipients(self) -> Iterator[Node]:
        roles: dict[str, list[str]] = {}
        for way_out in self.policy.ways_out.values():
            for to in way_out.to:
                roles.setdefault(to, []).append(dpv().ways_out[way_out.kind.value])
        for one in self.policy.recipients.values():
            said = self._labelled(one.label, one.clause)
            if one.foreign:
                said["dpv:hasLocation"] = (ref("dpv:ThirdCountry"),)
            types = ("dpv:Recipient", *dict.fromkeys(roles.get(one.id, ())))
            yield Node(id=self.own("recipient", one.id), types=types, says=said)

    def _bases(self) -> Iterator[Node]:
        for basis in UseBasis:
            if basis is self.policy.use_basis:
                types = ("dpv:Consent",) if basis is UseBasis.CONSENTED_PURPOSE else ("dpv:LegalBasis",)
                said = {TITLE: (literal(basis.value),), SOURCE: self._clause(self.policy.use_basis_clause)}
                yield Node(id=self.own("basis", basis.value), types=types, says=said)
        for ground in dict.fromkeys(use.secrecy_ground for use in self.policy.uses if use.secrecy_ground):
            yield Node(id=self.own("basis", ground), types=("dpv:LegalBasis",), says={TITLE: (literal(ground),)})

    def _storage(self) -> Iterator[Node]:
        for system in self.datamap.systems.values():
            said: dict[str, tuple[Value, ...]] = {TITLE: (literal(system.label, language="ja"),)}
            yield from self._about(system, said)
            yield Node(id=self.own("system", system.id), types=("dpv:StorageLocation",), says=said)
        for at, rule in enumerate(self.policy.retention):
            said = {
                "dpv:hasDuration": (literal(rule.keep, type="xsd:duration"),),
                ABOUT: (literal(f"{rule.action.value} {rule.keep} after {rule.after}"),),
                SOURCE: self._clause(rule.clause),
                "dpv:hasPersonalData": tuple(ref(self.own("data", item)) for item in rule.items),
                "dpv:hasDataSubject": tuple(ref(self.own("subject", one)) for one in rule.of),
            }
            types = ("dpv:StorageDuration", "dpv:StorageDeletion")
            yield Node(id=self.own("retention", str(at + 1)), types=types, says=said)

    def _about(self, system: System, said: dict[str, tuple[Value, ...]]) -> Iterator[Node]:
        """Where a system stands and what keeps it safe, as nodes of their own that `said` then names."""
        told = (
            ("dpv:hasLocation", "dpv:Location", "location", (system.location,) if system.location else ()),
            ("dpv:hasCountry", "dpv:Country", "country", (system.country,) if system.country else ()),
            ("dpv:hasTechnicalOrganisationalMeasure", "dpv:TechnicalOrganisationalMeasure", "measure", system.measures),
        )
        for name, term, kind, values in told:
            ids = [self.own(kind, f"{system.id}.{at + 1}") for at in range(len(values))]
            for id_, value in zip(ids, values, strict=True):
                yield Node(id=id_, types=(term,), says={TITLE: (literal(value, language="ja"),)})
            if ids:
                said[name] = tuple(ref(id_) for id_ in ids)

    def _uses(self) -> Iterator[Node]:
        for at, use in enumerate(self.policy.uses):
            bases = (use.secrecy_ground or self.policy.use_basis.value,)
            said = self._process(use.purpose, use.items, use.of, use.clause)
            said["dpv:hasProcessing"] = tuple(ref(term) for term in ("dpv:Collect", "dpv:Store", "dpv:Use"))
            said["dpv:hasLegalBasis"] = tuple(ref(self.own("basis", one)) for one in bases)
            said["dpv:hasStorageCondition"] = self._stored(use.items, use.of)
            yield Node(id=self.own("use", str(at + 1)), types=("dpv:Process",), says=said)

    def _way_out(self, one: WayOut) -> Node:
        said = self._process(one.purpose, one.items, one.of, one.clause) | {TITLE: texts(one.label)}
        said["dpv:hasProcessing"] = (ref("dpv:Share"),)
        said["dpv:hasRecipient"] = tuple(ref(self.own("recipient", to)) for to in one.to)
        if "provision_consent" in one.needs or self.policy.entrustment_needs_consent:
            said["dpv:hasLegalBasis"] = (ref("dpv:Consent"),)
        return Node(id=self.own("way_out", one.id), types=("dpv:Process",), says=said)

    def _process(
        self, purpose: str, items: tuple[str, ...], of: tuple[str, ...], clause: str
    ) -> dict[str, tuple[Value, ...]]:
        return {
            "dpv:hasDataController": (ref(self._us),),
            "dpv:hasPurpose": (ref(self.own("purpose", purpose)),),
            "dpv:hasPersonalData": tuple(ref(self.own("data", item)) for item in items),
            "dpv:hasDataSubject": tuple(ref(self.own("subject", one)) for one in of),
            SOURCE: self._clause(clause),
        }

    def _stored(self, items: tuple[str, ...], of: tuple[str, ...]) -> tuple[Value, ...]:
        """Where the data of a use stands, and the periods over it."""
        where = [
            self.own("system", system.id)
            for system in self.datamap.systems.values()
            for table in system.tables.values()
            if table.subject in of
            for column in table.columns.values()
            if any(covers(items, item) for item in column.items)
        ]
        until = [
            self.own("retention", str(at + 1))
            for at, rule in enumerate(self.policy.retention)
            if (not rule.of or set(rule.of) & set(of))
            and any(covers(items, item) or covers(rule.items, one) for item in rule.items for one in items)
        ]
        return tuple(ref(one) for one in dict.fromkeys([*where, *until]))

    def _labelled(self, label: Text, clause: str) -> dict[str, tuple[Value, ...]]:
        return {TITLE: texts(label), SOURCE: self._clause(clause)}

    def _clause(self, clause: str) -> tuple[Value, ...]:
        return (literal(clause),) if clause else ()

    @property
    def _us(self) -> str:
        return self.own("controller", "us")


def covers(items: tuple[str, ...], item: str) -> bool:
    """Whether these items hold this one: by name, or as a whole class."""
    return item in items or item.split(".", 1)[0] in items


def context() -> Mapping[str, str]:
    """The prefixes."""
    return dpv().context
