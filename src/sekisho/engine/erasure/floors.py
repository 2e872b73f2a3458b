"""What law says must be kept: the floors that no policy can go below, and the grounds for keeping longer."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sekisho.engine.law.model import Certainty, Dated
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import DataKind, Policy

CLAIM_PLACES = ("civil_code.limitation_invoked", "civil_code.limitation")
REST_ON_LAW = "cited_provision"  # what a ground requires when it is law itself that commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A period the law sets: `keep` after the event `after`, for data of these kinds or where a policy cites `id`."""

    id: str
    after: str
    keep: str
    article_ja: str
    article_en: str
    kinds: frozenset[DataKind] = frozenset()
    mark: str = "sure"  # how certain the source is, as the law pack says
    instead: str = ""  # the citing rule's own event: counted from where nobody records the law's

    def event(self, recorded: Container[str]) -> str:
        """The event to count from, of those that are recorded."""
        return self.instead if self.after not in recorded and self.instead else self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A ground for keeping past the period (RET-1 …). A compulsory one binds whatever a policy promises."""

    id: str
    article_ja: str
    article_en: str
    compulsory: bool = False
    opens: bool = False  # what is kept on it may still be used; every other ground keeps and opens nothing
    mark: str = "sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLaw:
    """The part of the law packs that decides how long, as in force on one day."""

    floors: Mapping[str, Floor] = field(default_factory=dict)
    grounds: Mapping[str, Ground] = field(default_factory=dict)
    claims: tuple[str, str] = ("", "")  # ja, en: where law says how long a claim lives

    def of_item(self, policy: Policy, item: str, cited: Mapping[str, str]) -> tuple[Floor, ...]:
        """The floors under an item: those for its kind of data, and those a retention rule cites (with its event)."""
        kind = kind_of(policy, item)
        return tuple(
            replace(floor, instead=cited.get(id_, ""))
            for id_, floor in self.floors.items()
            if kind in floor.kinds or id_ in cited
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A reason, put on paper, not to erase. Whom or which rows it covers is decided by whoever passes it.

    `items` empty = everything. `source` names the order or paper, never a person.
    """

    id: str
    ground: str
    placed_on: date
    until: date | None = None
    items: tuple[str, ...] = ()
    source: str = ""
    system: str = ""  # empty = every system
    table: str = ""
    is_confidential: bool = False  # binds what is done, and is left out of what is told (LAW.md 9.1)

    def stands_over(self, system: str, table: str) -> bool:
        """Whether the hold reaches this table."""
        return self.system in {"", system} and self.table in {"", table}

    def covers(self, item: str, on: date) -> bool:
        """Whether the hold stands over this item on this day."""
        class_ = item.split(".", 1)[0]
        stands = self.placed_on <= on and (self.until is None or on <= self.until)
        return stands and (
            not self.items or any(one in {item, class_} or covers_field(item, one) for one in self.items)
        )


def retention_law(law: Law) -> RetentionLaw:
    """The part of the packs that decides how long."""
    return RetentionLaw(
        floors={
            id_: Floor(
                id=id_,
                after=floor.trigger,
                keep=floor.period,
                article_ja=_articles(law, floor, "ja"),
                article_en=_articles(law, floor, "en"),
                kinds=frozenset(DataKind(kind) for kind in floor.kinds),
                mark=_least_certain(law, floor),
            )
            for id_, floor in law.floors.items()
        },
        grounds={
            id_: Ground(
                id=id_,
                article_ja=_articles(law, ground, "ja"),
                article_en=_articles(law, ground, "en"),
                compulsory=REST_ON_LAW in ground.requires,
                opens=ground.opens,
                mark=_least_certain(law, ground),
            )
            for id_, ground in law.retention_grounds.items()
        },
        claims=_claims(law),
    )


def covers_field(item: str, field_: str) -> bool:
    """Whether the item is a whole class of which `field_` is one field."""
    return field_.startswith(f"{item}.")


def kind_of(policy: Policy, item: str) -> DataKind:
    """The kind of an item: its field's where it names one, else its class's."""
    class_, _, field_id = item.partition(".")
    data_class = policy.classes[class_]
    return data_class.fields[field_id].kind if field_id in data_class.fields else data_class.kind


def grounds_in_force(policy: Policy, law: RetentionLaw) -> Mapping[str, str]:
    """Grounds a hold may rest on under this policy -> the clause that promises it ("" where law alone commands)."""
    promised = {ground.id: ground.clause for ground in policy.retention_grounds}
    return {id_: "" for id_, ground in law.grounds.items() if ground.compulsory} | promised


def _least_certain(law: Law, dated: Dated) -> str:
    """The weakest mark of a fact and of the places it cites."""
    marks = {dated.certainty, *(law.cite(key).certainty for key in dated.cites)}
    return next(one.value for one in reversed(Certainty) if one in marks)


def _articles(law: Law, dated: Dated, language: str) -> str:
    item = getattr(dated, "item", "")
    return "、".join(law.cite(key, item=item).text(language) for key in dated.cites)


def _claims(law: Law) -> tuple[str, str]:
    return "、".join(law.cite(key).text("ja") for key in CLAIM_PLACES), ", ".join(
        law.cite(key).text("en") for key in CLAIM_PLACES
    )
