"""The policy format, language 1: every section and key, its shape and what it says.

The loader reads by this table, the JSON Schema and the reference page are generated from it.
"""

from sekisho.engine.policy.model import Action, DataKind, UseBasis, WayOutKind, WebCheck
from sekisho.engine.policy.shape import Form, Key, ListOf, MapOf, Record, Scalar, Shape

LANGUAGE = 1
STRING = Scalar(form=Form.STRING)
TEXT = Scalar(form=Form.TEXT)
IDENTIFIER = Scalar(form=Form.IDENTIFIER)
INTEGER = Scalar(form=Form.INTEGER, least=0)
BOOLEAN = Scalar(form=Form.BOOLEAN)
DATE = Scalar(form=Form.DATE)
DURATION = Scalar(form=Form.DURATION)
TIME = Scalar(form=Form.TIME)
CLAUSE = Scalar(form=Form.CLAUSE, names="clauses")
CONDITION = Scalar(form=Form.CONDITION)


def _ref(names: str) -> Scalar:
    return Scalar(form=Form.REFERENCE, names=names)


def _one_of(kinds: type[Action | DataKind | UseBasis | WayOutKind | WebCheck]) -> Scalar:
    return Scalar(form=Form.STRING, choices=tuple(kind.value for kind in kinds))


def _refs(names: str, *, filled: bool = False) -> ListOf:
    return ListOf(item=_ref(names), filled=filled)


def _must(name: str, shape: Shape, says: str, *, unknown: bool = False) -> Key:
    return Key(name=name, shape=shape, says=says, required=True, unknown=unknown)


def _may(name: str, shape: Shape, says: str, *, unknown: bool = False) -> Key:
    return Key(name=name, shape=shape, says=says, unknown=unknown)


LABEL = _must("label", TEXT, "how the published text calls it")
BY = _must("clause", CLAUSE, "the clause that publishes it")
DATED = (
    _may("since", DATE, "first day it holds", unknown=True),
    _may("until", DATE, "last day it holds", unknown=True),
)
OF = _must("of", _refs("subjects", filled=True), "kinds of data subject")
ITEMS = _must("items", _refs("items", filled=True), "`class` (all its fields) or `class.field`")
NEEDS = _may("needs", _refs("words.needs"), "facts it needs beyond what the engine asks for anyway")
ROLES = _may("roles", ListOf(item=IDENTIFIER), "roles that may; absent = any")
WHEN = _may("when", CONDITION, "condition that must be true")
DUTY = Record(
    keys=(
        _must("id", IDENTIFIER, "name of the duty"),
        LABEL,
        BY,
        _may("every_months", INTEGER, "how often; 0 or absent = once"),
        _may("applies_to", _refs("words.staff"), "groups of staff"),
    )
)
DUTIES = ListOf(item=DUTY)
FIELD = Record(
    short="label",
    keys=(
        LABEL,
        _may("kind", _one_of(DataKind), "kind of data where it differs from the class's"),
        _may("type", Scalar(form=Form.STRING, choices=("date", "integer", "string", "boolean")), "type in conditions"),
    ),
)
NOTICE = Record(
    keys=(
        _must("states_joint_use", BOOLEAN, "that data is used jointly is published"),
        _must("items", _refs("items"), "items published as jointly used"),
        _must("members", _refs("recipients"), "joint users published"),
        _must("purposes", TEXT, "the users' purposes", unknown=True),
        _must("responsible_name", TEXT, "the responsible party's name", unknown=True),
        _must("responsible_address", TEXT, "the responsible party's address", unknown=True),
        _must("responsible_representative", TEXT, "the responsible party's representative", unknown=True),
    )
)
EXCEPTION = Record(keys=(_must("id", _ref("law.exceptions"), "key of the law pack"), BY))
RETENTION_GROUND = Record(keys=(_must("id", _ref("law.retention_grounds"), "key of the law pack"), BY))

POLICY = Record(
    keys=(
        _must("id", IDENTIFIER, "name of the policy"),
        _must("version", STRING, 'version, in quotes: "1.0"'),
        _must("title", TEXT, "title of the published text"),
        _must("effective_on", DATE, "first day in force as published", unknown=True),
        _may("assumed_effective_on", DATE, "the day a demo assumes, shown as assumed", unknown=True),
        _must(
            "clauses",
            Record(
                keys=(
                    _must("prefix", STRING, "letters before a clause's number"),
                    _must("count", Scalar(form=Form.INTEGER, least=1), "how many clauses the published text has"),
                )
            ),
            "numbering of the clauses: every one must be under promises",
        ),
    )
)
OPERATOR = Record(
    keys=(
        _must("name", TEXT, "the operator's name"),
        _must("address", TEXT, "the operator's address", unknown=True),
        _must("representative", TEXT, "the representative's name", unknown=True),
        _must("telecom_carrier", BOOLEAN, "switches on the secrecy of communications"),
        _may("also_written", ListOf(item=STRING), "other spellings found in the published text"),
        BY,
    )
)
NORM = Record(
    keys=(
        _must("id", _ref("law.norms"), "key of a law pack"),
        _must("edition", STRING, 'edition cited, in quotes: "2022"'),
        BY,
        *DATED,
    )
)
DATA_CLASS = Record(
    keys=(
        LABEL,
        _may("kind", _one_of(DataKind), "kind of data; ordinary if absent"),
        OF,
        BY,
        _must("fields", MapOf(item=FIELD, filled=True), "its fields"),
        _may("conditions", _refs("words.needs"), "facts that must hold before any use"),
        _may("classify_within", DURATION, "a catch-all class: within what period what comes in must be sorted"),
    )
)
PURPOSE = Record(keys=(LABEL, _must("nature", _ref("law.natures"), "what it is in the law's eyes"), BY, *DATED))
USE = Record(
    keys=(
        _must("purpose", _ref("purposes"), "for what"),
        OF,
        ITEMS,
        BY,
        WHEN,
        NEEDS,
        _may("transform", MapOf(item=_ref("words.transforms"), key="items"), "how an item is coarsened first"),
        _may("minimum_group", INTEGER, "smallest group that may be shown"),
        _may("secrecy_ground", _ref("law.grounds"), "what opens the secrecy of communications"),
        ROLES,
        _may("acts", _refs("actions"), "named actions it is confined to; absent = every own use"),
        *DATED,
    )
)
ATTRIBUTE = Record(
    keys=(
        LABEL,
        _must(
            "type",
            Scalar(form=Form.STRING, choices=("date", "integer", "string", "boolean", "strings")),
            "type in conditions; strings = a list of them",
        ),
    )
)
PERMISSION = Record(
    keys=(
        _must("actions", _refs("actions", filled=True), "what may be done"),
        _must("on", _refs("resources", filled=True), "to which kinds of thing"),
        BY,
        WHEN,
        ROLES,
        *DATED,
    )
)
PROHIBITION = Record(
    keys=(
        _must("purpose", _ref("purposes or *"), '"*" = every purpose'),
        ITEMS,
        BY,
        _may("of", _refs("subjects"), "kinds of data subject; absent = everybody"),
    )
)
RECIPIENT = Record(keys=(LABEL, BY, _may("foreign", BOOLEAN, "abroad or not", unknown=True), *DATED))
WAY_OUT = Record(
    keys=(
        LABEL,
        _must("kind", _one_of(WayOutKind), "which of the four kinds"),
        _must("purpose", _ref("purposes"), "for what"),
        _must("to", _refs("recipients", filled=True), "kinds of recipient, or named ones"),
        OF,
        ITEMS,
        BY,
        WHEN,
        NEEDS,
        _may("notice", NOTICE, "what is published about joint use"),
        _may("contract_clauses", _refs("law.contract_clauses"), "what the contract must cover"),
    )
)
RETENTION = Record(
    keys=(
        ITEMS,
        OF,
        _must("after", _ref("words.events"), "event the period is counted from"),
        _must("keep", DURATION, "period, ISO 8601: P3Y, P6M, P30D"),
        BY,
        _may("purpose", _ref("purposes"), "only as held for this purpose"),
        _may("action", _one_of(Action), "what happens when due; erase if absent"),
        _may("floor", _ref("law.floors"), "duty of law to keep, as law:key"),
        _may("ceiling", DURATION, "longest period the policy allows"),
        _may("until_settled", BOOLEAN, "kept while the claim lives"),
    )
)
RIGHT = Record(
    keys=(
        BY,
        _must("published", BOOLEAN, "false where the law adds it and the policy is silent"),
        _must("channels", _refs("words.channels"), "how it may come in"),
        _must("reply", _refs("words.channels"), "how the answer may go out"),
        _may("fee_yen", INTEGER, "fee; unknown where the policy is silent", unknown=True),
        _may("fee_when", _refs("words.channels"), "replies that cost"),
        _may("instruments", _refs("law.instruments"), "how the fee is paid"),
        _may("broader_than_law", BOOLEAN, "the policy promises more than the law"),
        _may("web_check", _one_of(WebCheck), "how a request by web is checked before it counts as arrived"),
    )
)
COMBINATION = Record(
    keys=(
        _must("one_of", _refs("law.papers", filled=True), "papers to choose from"),
        _may("how_many", Scalar(form=Form.INTEGER, least=1), "how many different ones of them; absent = one"),
        _may("and_all_of", _refs("law.papers"), "and all of these"),
    )
)
EVIDENCE = Record(
    keys=(
        _may("one_of", _refs("law.papers"), "one of these papers"),
        _may("and_all_of", _refs("law.papers"), "and all of these"),
        _may("any_of", ListOf(item=COMBINATION), "instead of the two above: whichever combination the person has"),
        _must("other_ways", BOOLEAN, "the desk may accept another way it finds suitable"),
        _may("agent_papers", _refs("law.papers"), "what an agent adds"),
        BY,
    )
)
HEIRS = Record(
    keys=(
        _may(
            "papers",
            _refs("law.papers", filled=True),
            "papers that show who the heir is; absent = those the law pack knows",
        ),
        _may("told", _refs("classes"), "classes they are told of besides what passes to them by law"),
        BY,
    )
)
SERVICE = Record(
    keys=(
        LABEL,
        BY,
        _may("page", STRING, "its page", unknown=True),
        _may("desk", _ref("desks"), "its desk", unknown=True),
        _may("joint_use_notice", STRING, "where its joint-use notice is", unknown=True),
        _may("handling_notice", TEXT, "its 事業別の個人情報の取扱い", unknown=True),
    )
)
DESK = Record(
    keys=(
        LABEL,
        _must("channels", _refs("words.channels"), "how it can be reached"),
        BY,
        _may("address", TEXT, "address", unknown=True),
        _may("phone", STRING, "phone number", unknown=True),
        _may("fax", STRING, "fax number", unknown=True),
        _may("opens", TIME, "opening time", unknown=True),
        _may("closes", TIME, "closing time", unknown=True),
        _may("days", _refs("words.days"), "weekdays; absent = the policy names none"),
        _may("closed", _refs("words.closures"), "when it is closed besides"),
    )
)
COOKIE = Record(
    keys=(
        _must("id", STRING, "name"),
        LABEL,
        BY,
        _may("identifies_person", BOOLEAN, "tied to a person"),
        _may("recipients", ListOf(item=STRING), "who receives it; null where nobody is named", unknown=True),
    )
)
ENTRUSTMENT = Record(
    keys=(
        _must("needs_consent", BOOLEAN, "the policy promises to ask before entrusting"),
        _may("criteria", DUTIES, "how contractors are chosen and supervised"),
        _may("clauses", _refs("law.contract_clauses"), "what every contract must cover"),
    )
)
PROMISE = Record(
    keys=(
        _may("heading", TEXT, "starts a new section of the published page"),
        _may("says", TEXT, "the sentence; may hold {placeholders}"),
        _may("plain", TEXT, "the same in plain words"),
        _may("proof", Scalar(form=Form.PROOF), "room.name of the proof that watches it", unknown=True),
        _may("never", BOOLEAN, "says that something does not happen"),
    )
)

DOCUMENT = Record(
    keys=(
        _must("sekisho", Scalar(form=Form.INTEGER, choices=(str(LANGUAGE),)), "version of the policy language"),
        _must("policy", POLICY, "what this document is"),
        _may(
            "use_basis",
            Record(keys=(_must("basis", _one_of(UseBasis), "publication alone, or the person's agreement"), BY)),
            "what makes a use lie within purpose",
        ),
        _must("operator", OPERATOR, "who publishes the policy"),
        _may("norms", ListOf(item=NORM), "norms followed, by edition"),
        _must(
            "subjects",
            MapOf(item=Record(keys=(LABEL, BY)), filled=True),
            "kinds of data subject",
        ),
        _must("classes", MapOf(item=DATA_CLASS, filled=True), "classes of data held"),
        _must("purposes", MapOf(item=PURPOSE, filled=True), "published purposes"),
        _must("uses", ListOf(item=USE), "which purpose may use which items of whom"),
        _may("prohibitions", ListOf(item=PROHIBITION), "uses ruled out; they win over everything"),
        _may(
            "actions",
            MapOf(item=Record(keys=(LABEL, BY)), key_form=Form.NAME),
            "what may be done, by the names callers use; each an own use",
        ),
        _may(
            "attributes",
            MapOf(item=ATTRIBUTE, key_form=Form.ATTRIBUTE),
            "what conditions read of who asks (`actor.…`) or what is asked about (`resource.…`), beyond the vocabulary",
        ),
        _may(
            "resources",
            MapOf(item=Record(keys=(LABEL, BY)), key_form=Form.NAME),
            "kinds of thing that are no personal data",
        ),
        _may("permissions", ListOf(item=PERMISSION), "who may do what to such things; any of them suffices"),
        _may("recipients", MapOf(item=RECIPIENT), "who may receive data"),
        _may("ways_out", MapOf(item=WAY_OUT), "every way out of the house"),
        _must("retention", ListOf(item=RETENTION), "how long everything is kept"),
        _may("exceptions", ListOf(item=EXCEPTION), "exceptions the policy allows itself"),
        _may("retention_grounds", ListOf(item=RETENTION_GROUND), "grounds for keeping longer"),
        _may("rights", MapOf(item=RIGHT, key="law.requests"), "kinds of request a person may make"),
        _may("identity_evidence", EVIDENCE, "papers the desk accepts", unknown=True),
        _may("heirs", HEIRS, "what heirs of somebody who died show, and what they are told"),
        _may("services", MapOf(item=SERVICE), "services"),
        _may("desks", MapOf(item=DESK), "desks"),
        _may("people", DUTIES, "duties of staff"),
        _may("entrustment", ENTRUSTMENT, "duties about contractors"),
        _may("review", DUTIES, "audit and review"),
        _may("cookies", ListOf(item=COOKIE), "purposes of cookies"),
        _may("revisions", DUTIES, "how the policy is revised"),
        _must(
            "promises",
            MapOf(item=PROMISE, filled=True, key_form=Form.CLAUSE),
            "every clause of the published text, in order",
        ),
    )
)
TEXTS = MapOf(item=TEXT, key_form=Form.CLAUSE)  # texts/*.yaml: clause -> sentence
