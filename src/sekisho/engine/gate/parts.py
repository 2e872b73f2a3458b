"""What one policy version says about one field, while a cell is being put together."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from sekisho.engine.gate.ask import Act, Obligation
from sekisho.engine.gate.slots import SLOT, Cure
from sekisho.engine.law.model import Nature
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import DataClass, Field, Policy, Use, WayOut

CURE_RANK = {Cure.NONE: 0, Cure.APPROVAL: 1, Cure.CONSENT: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The names a cell is asked for under, with the version in force."""

    policy: Policy
    on: date  # any day of the span
    purpose: str
    act: Act
    action: str  # the policy's own name of the act, where it has one: then `act` is own use
    recipient: str | None
    grounds: tuple[str, ...]
    item: str
    subject_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The question put to one version: everything of the ask that is not a fact."""

    policy: Policy
    law: Law
    on: date  # any day of the span
    purpose: str
    nature: Nature | None
    data_class: DataClass
    field: Field | None
    subject_kind: str
    act: Act
    action: str  # the policy's own name of it, where it has one: then `act` is own use
    recipient: str | None
    grounds: tuple[str, ...]

    @property
    def item(self) -> str:
        """The field, or the class where it has none."""
        return f"{self.data_class.id}.{self.field.id}" if self.field else self.data_class.id

    @property
    def clause(self) -> str:
        """The clause that publishes the purpose, else the one on use within purposes."""
        purpose = self.policy.purposes.get(self.purpose)
        return purpose.clause if purpose else self.policy.use_basis_clause

    def is_covered_by(self, items: tuple[str, ...]) -> bool:
        """Whether a list of classes and fields names this field, or its class."""
        return self.data_class.id in items or self.item in items

    def holds(self, since: date | None, until: date | None) -> bool:
        """Whether a dated part holds in this span."""
        return (since is None or since <= self.on) and (until is None or self.on <= until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something the facts cannot mend."""

    code: str
    clause: str
    item: str
    values: tuple[tuple[str, str], ...] = ()
    follows: str = ""  # the slot whose being unknown or false brings this about by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A slot that is asked for, and on whose word."""

    slot: str
    clause: str
    cure: Cure
    code: str = ""  # other than the slot's own
    cites: tuple[str, ...] = ()  # besides the slot's own
    told_by: tuple[tuple[str, str], ...] = ()  # what the placeholders in the slot's `tells` stand for here


@dataclass(slots=True, kw_only=True)
class Part:
    """Failures, requirements, conditions and obligations found so far."""

    failures: list[Failure] = field(default_factory=list)
    requirements: dict[str, Requirement] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)  # source -> clause
    roles: frozenset[str] | None = None
    roles_clause: str = ""
    obligations: dict[str, Obligation] = field(default_factory=dict)
    by_ticket: bool = False
    records_foreign: bool = False
    secrecy_ground: str = ""
    uses: tuple[Use, ...] = ()
    ways: tuple[WayOut, ...] = ()

    def fail(self, code: str, clause: str, item: str, *, follows: str = "", **values: str) -> None:
        """Note a failure."""
        failure = Failure(code=code, clause=clause, item=item, values=tuple(values.items()), follows=follows)
        if failure not in self.failures:
            self.failures.append(failure)

    def ask_for(
        self,
        slot: str,
        clause: str,
        *,
        cure: Cure | None = None,
        code: str = "",
        cites: tuple[str, ...] = (),
        told_by: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Require a slot; asked for twice, the first clause is named and the harder cure counts."""
        new = _requirement(slot, clause, cure or SLOT[slot].cure, code, cites, told_by)
        old = self.requirements.get(slot)
        if old is None:
            self.requirements[slot] = new
            return
        told_by = tuple(dict.fromkeys((*old.told_by, *told_by)))
        if CURE_RANK[new.cure] < CURE_RANK[old.cure]:
            self.requirements[slot] = replace(
                new, clause=old.clause, code=code or old.code, cites=cites or old.cites, told_by=told_by
            )
        elif told_by != old.told_by:
            self.requirements[slot] = replace(old, told_by=told_by)

    def allow_roles(self, roles: tuple[str, ...], clause: str) -> None:
        """Only these roles may; named twice, only those in both."""
        self.roles = frozenset(roles) if self.roles is None else self.roles & frozenset(roles)
        self.roles_clause = self.roles_clause or clause
        self.ask_for("role_allowed", clause)

    def oblige(self, kind: str, key: str, properties: Mapping[str, object]) -> None:
        """Note an obligation; the larger minimum group counts, everything else adds up."""
        name = f"{kind}:{key}" if key else kind
        old = self.obligations.get(name)
        if kind == "minimum_group" and old is not None:
            properties = {"size": max(_size(old.properties), _size(properties))}
        self.obligations[name] = Obligation(id=name, type=kind, properties=properties)

    def take(self, other: "Part") -> None:
        """Add what another part found: both must permit."""
        self.failures.extend(failure for failure in other.failures if failure not in self.failures)
        for requirement in other.requirements.values():
            self.ask_for(
                requirement.slot,
                requirement.clause,
                cure=requirement.cure,
                code=requirement.code,
                cites=requirement.cites,
                told_by=requirement.told_by,
            )
        self.conditions = {**other.conditions, **self.conditions}
        if other.roles is not None:
            self.allow_roles(tuple(other.roles), other.roles_clause)
        for obligation in other.obligations.values():
            kind, _, key = obligation.id.partition(":")
            self.oblige(kind, key, obligation.properties)
        self.by_ticket |= other.by_ticket
        self.records_foreign |= other.records_foreign
        self.secrecy_ground = self.secrecy_ground or other.secrecy_ground


@lru_cache(maxsize=4096)
def _requirement(
    slot: str, clause: str, cure: Cure, code: str, cites: tuple[str, ...], told_by: tuple[tuple[str, str], ...]
) -> Requirement:
    """A value asked for again and again, made once."""
    return Requirement(slot=slot, clause=clause, cure=cure, code=code, cites=cites, told_by=told_by)


def _size(properties: Mapping[str, object]) -> int:
    size = properties["size"]
    if not isinstance(size, int):
        raise TypeError(f"a minimum group is a number: {size!r}")
    return size
