"""A policy as values: what the document says, typed, with names resolved by `id`.

Every part remembers the clause that publishes it. Dates are Asia/Tokyo calendar dates; `since` is the first day
something holds and `until` the last, None meaning open. Source: DESIGN.md section 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sekisho.engine.errors import Place


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Japanese, and in English where given."""

    ja: str
    en: str = ""


class DataKind(StrEnum):
    """What kind of data a class holds; decides which locks and leak rules apply."""

    ORDINARY = "ordinary"
    SPECIAL_CARE = "special_care"  # 要配慮個人情報, APPI 2(3)
    COMMUNICATIONS_SECRECY = "communications_secrecy"  # 通信の秘密, TBA 4
    LOCATION = "location"
    IDENTITY_RECORD = "identity_record"  # 本人確認記録, 携帯電話不正利用防止法 4
    IDENTITY_IMAGE = "identity_image"  # copy of a paper taken at contract
    DESK_IDENTITY_IMAGE = "desk_identity_image"  # copy of a paper sent to the request desk
    FINANCIAL = "financial"
    ARREARS = "arrears"
    COOKIE = "cookie"


class WayOutKind(StrEnum):
    """The four kinds of way out of the house."""

    THIRD_PARTY_PROVISION = "third_party_provision"  # 第三者提供, APPI 27(1)
    JOINT_USE = "joint_use"  # 共同利用, APPI 27(5)3
    ENTRUSTMENT = "entrustment"  # 委託, APPI 27(5)1
    SUCCESSION = "succession"  # 事業承継, APPI 27(5)2


class WebCheck(StrEnum):
    """How a request by web is checked before it counts as arrived."""

    NONE = "none"
    E_MAIL = "email"  # a code is sent to the address given, and comes back in time


class UseBasis(StrEnum):
    """What makes a use lie within purpose: publication alone (the law), or the person's agreement (stricter)."""

    PUBLISHED_PURPOSE = "published_purpose"
    CONSENTED_PURPOSE = "consented_purpose"


class Action(StrEnum):
    """What retention does with what is due."""

    ERASE = "erase"
    BLANK = "blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One published sentence with its control: a promise."""

    id: str
    heading: str
    says: Text  # may hold {placeholders} filled from the model by the renderer
    proof: str | None  # "room.name" of the proof that watches it
    never: bool  # the clause says something does not happen: zero observations can keep it
    place: Place
    heading_en: str = ""
    plain: Text | None = None  # the same in plain words, where the author wrote them


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who publishes the policy. None where the carrier has published nothing."""

    name: Text
    address: Text | None
    representative: Text | None
    telecom_carrier: bool
    also_written: tuple[str, ...]  # other spellings found in the published text
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """A norm the policy follows, by edition: the key of a law pack."""

    id: str
    edition: str
    clause: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectKind:
    """A kind of data subject: customer, staff, shareholder, …"""

    id: str
    label: Text
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a class; `kind` overrides the class's where stricter."""

    id: str
    label: Text
    kind: DataKind
    type: str = "any"  # its type in conditions: date, integer, string, boolean, or any


@dataclass(frozen=True, slots=True, kw_only=True)
class DataClass:
    """A class of data held. Asked for as `class` (all fields) or `class.field`."""

    id: str
    label: Text
    kind: DataKind
    of: tuple[str, ...]  # kinds of data subject
    fields: Mapping[str, Field]
    clause: str
    conditions: tuple[str, ...] = ()  # slots that must hold before any use, e.g. "hired" for a job applicant's family
    classify_within: str = ""  # a catch-all: what comes in is sorted within this period (ISO 8601)
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """A published purpose of use. `nature` is a key of the law pack (billing, marketing, fault, …)."""

    id: str
    label: Text
    nature: str
    clause: str
    since: date | None = None
    until: date | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """For this purpose, of these kinds of person, these classes or fields may be used."""

    purpose: str
    of: tuple[str, ...]
    items: tuple[str, ...]  # "class" or "class.field"
    clause: str
    when: str = ""  # condition, in the expression language
    needs: tuple[str, ...] = ()  # slots beyond what the engine asks for anyway
    transform: Mapping[str, str] = field(default_factory=dict)  # item -> year | postal3 | mask4 | …
    minimum_group: int = 0
    secrecy_ground: str = ""  # key of the law pack: justified_business, specific_consent, …
    roles: tuple[str, ...] = ()  # roles that may; empty = any
    acts: tuple[str, ...] = ()  # named actions it is confined to; empty = every own use
    since: date | None = None
    until: date | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAct:
    """Something that may be done, by the name its callers use: an own use, narrower than `use`."""

    id: str
    label: Text
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What conditions may read of who asks or of what is asked about, beyond the vocabulary: `actor.team`, `resource.owner`."""

    id: str
    label: Text
    type: str  # date, integer, string, boolean, or strings: a list of them


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceKind:
    """A kind of thing that is no personal data: no person, no purpose, no period; only who may do what to it."""

    id: str
    label: Text
    clause: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Who may do what to things of some kinds. Any permission suffices, where none does the act is refused."""

    actions: tuple[str, ...]
    on: tuple[str, ...]
    clause: str
    when: str = ""
    roles: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prohibition:
    """A use the policy rules out by name. It wins over every use and way out."""

    purpose: str  # "*" = every purpose
    items: tuple[str, ...]
    clause: str
    of: tuple[str, ...] = ()  # empty = everybody
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JointUseNotice:
    """The five elements of APPI 27(5)3. None where nothing is published: then joint use is refused."""

    states_joint_use: bool
    items: tuple[str, ...]
    members: tuple[str, ...]
    purposes: Text | None
    responsible_name: Text | None
    responsible_address: Text | None
    responsible_representative: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """One way out of the house: to whom, which fields, on what conditions."""

    id: str
    label: Text
    kind: WayOutKind
    purpose: str
    to: tuple[str, ...]  # kinds (or ids) of recipient
    of: tuple[str, ...]
    items: tuple[str, ...]
    clause: str
    when: str = ""
    needs: tuple[str, ...] = ()
    notice: JointUseNotice | None = None
    contract_clauses: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientKind:
    """A kind of recipient, or a named one (a joint user), with the dates it belongs."""

    id: str
    label: Text
    clause: str
    foreign: bool | None = None  # None = known only per recipient
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long a class is kept: `keep` (ISO 8601, e.g. P3Y) after the event `after`."""

    items: tuple[str, ...]
    of: tuple[str, ...]
    after: str  # event: contract_end, verification, started_at, due_on, received, leaving, decided, …
    keep: str
    clause: str
    purpose: str = ""
    action: Action = Action.ERASE
    floor: str = ""  # law:norm:article, looked up in the law pack
    ceiling: str = ""
    until_settled: bool = False  # kept while the claim lives (LAW 9.5)
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionPromised:
    """An exception the policy allows itself: a key of the law pack (E1, RET-1, …). It may promise fewer than the law."""

    id: str
    clause: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One kind of request a person may make, and on what terms. Fees in yen; None = the policy is silent."""

    id: str  # purpose_notice, disclosure, record_disclosure, correction, suspension, provision_stop
    clause: str
    published: bool  # False where the law adds it and the policy does not name it
    channels: tuple[str, ...]
    reply: tuple[str, ...]
    fee_yen: int | None
    fee_when: tuple[str, ...]  # reply channels that cost
    instruments: tuple[str, ...]
    broader_than_law: bool = False
    web_check: WebCheck = WebCheck.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Papers that prove identity together: so many different ones of a list, and all of another."""

    one_of: tuple[str, ...]
    how_many: int = 1  # of `one_of`
    and_all_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityEvidence:
    """Papers the desk accepts: any one combination. Kinds are keys of the law pack, which knows until when each is valid."""

    any_of: tuple[Combination, ...]
    other_ways: bool  # the desk may accept another way it finds suitable
    agent_papers: tuple[str, ...]
    clause: str

    @property
    def choices(self) -> tuple[str, ...]:
        """Every paper of which one can choose, each once, as written."""
        return tuple(dict.fromkeys(key for one in self.any_of for key in one.one_of))

    @property
    def papers(self) -> tuple[str, ...]:
        """Every paper of any combination, each once, as written."""
        return tuple(dict.fromkeys(key for one in self.any_of for key in (*one.one_of, *one.and_all_of)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heirs:
    """What heirs of somebody who died show and are told. Of 通信の秘密 nobody is told: a policy cannot promise that."""

    papers: tuple[str, ...]  # empty = every paper that the law pack says shows an heir
    told: tuple[str, ...]  # classes besides what passes to them by law
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A desk with its hours; `opens`/`closes` are "HH:MM" Tokyo time, `days` weekday keys."""

    id: str
    label: Text
    channels: tuple[str, ...]
    clause: str
    address: Text | None = None
    phone: str | None = None
    fax: str | None = None
    opens: str | None = None
    closes: str | None = None
    days: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()  # e.g. year_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service with its page, desk, joint-use notice and 事業別の個人情報の取扱い. None = not published."""

    id: str
    label: Text
    clause: str
    page: str | None = None
    desk: str | None = None
    joint_use_notice: str | None = None
    handling_notice: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A duty about people, contractors or review: key, what it demands, every how many months (0 = once)."""

    id: str
    label: Text
    clause: str
    every_months: int = 0
    applies_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A purpose for which the site uses cookies; recipients None where the policy names nobody."""

    id: str
    label: Text
    clause: str
    identifies_person: bool = False
    recipients: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of one carrier's policy."""

    language: int
    id: str
    version: str
    title: Text
    effective_on: date | None  # None: the published text gives none
    assumed_effective_on: date | None  # the date a demo or a test assumes, shown as assumed
    clause_prefix: str
    clause_count: int
    use_basis: UseBasis
    use_basis_clause: str
    sha256: str  # over the canonical bytes of all files of the folder
    operator: Operator
    norms: tuple[Norm, ...]
    subjects: Mapping[str, SubjectKind]
    classes: Mapping[str, DataClass]
    purposes: Mapping[str, Purpose]
    uses: tuple[Use, ...]
    prohibitions: tuple[Prohibition, ...]
    recipients: Mapping[str, RecipientKind]
    ways_out: Mapping[str, WayOut]
    retention: tuple[Retention, ...]
    exceptions: tuple[ExceptionPromised, ...]
    retention_grounds: tuple[ExceptionPromised, ...]
    rights: Mapping[str, Right]
    identity_evidence: IdentityEvidence | None
    services: Mapping[str, Service]
    desks: Mapping[str, Desk]
    people_duties: tuple[Duty, ...]
    entrustment_criteria: tuple[Duty, ...]
    entrustment_clauses: tuple[str, ...]
    entrustment_needs_consent: bool
    review: tuple[Duty, ...]
    cookies: tuple[Cookie, ...]
    revisions: tuple[Duty, ...]
    clauses: Mapping[str, Clause]  # in published order
    actions: Mapping[str, NamedAct] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    resources: Mapping[str, ResourceKind] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = ()
    heirs: Heirs | None = None  # None: the policy is silent
    places: Mapping[str, Place] = field(default_factory=dict, repr=False, compare=False)  # dotted path -> where written

    @property
    def era(self) -> str:
        """The name of the era this version opens: what rows acquired under it are governed by."""
        return f"{self.id}@{self.version}"

    def place(self, path: str) -> Place:
        """Where `rights.disclosure.fee_yen` is written; what is not written stands where its parent does."""
        while path and path not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places.get(path, Place(path="policy.yaml", line=1, column=1))

    @property
    def in_force_from(self) -> date | None:
        """First day in force: as published, else as assumed."""
        return self.effective_on or self.assumed_effective_on
