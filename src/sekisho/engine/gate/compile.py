"""Policies and law into one rule table. Cells are put together when first asked for; the table is a value of its sources.

Two versions speak in every cell: the one in force, and the one in force when the row was acquired (its era). Both must
permit, the stricter wins. What a later version added reaches earlier data only with real consent, or if the revision is
declared related. Source: DESIGN.md section 5; APPI on change of purpose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sekisho.engine.gate.ask import Act
from sekisho.engine.gate.cells import Named, make_cell
from sekisho.engine.gate.lock_one import look_at_exceptions, look_at_holds, look_at_purpose, look_at_slots
from sekisho.engine.gate.lock_two import look_at_secrecy
from sekisho.engine.gate.obliging import look_at_obligations
from sekisho.engine.gate.parts import Failure, Part, Question, Scene
from sekisho.engine.gate.rules import rules
from sekisho.engine.gate.saying import say
from sekisho.engine.gate.table import Cell, Head, Ranked, Table, View, start_of
from sekisho.engine.gate.things import look_at_permissions
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import Field, Policy
from sekisho.engine.policy.naming import expression_names

RELATED = "related"
ACTS = frozenset(act.value for act in Act)


def compile_table(policies: Sequence[Policy], law: Law, at: date | None = None) -> Table:
    """The rule table over all versions of a carrier's policy, oldest first; with `at`, only over those in force by then.

    Give the law undated: every cell asks it about its own span of days. Versions of one policy id supersede each other;
    another id is a predecessor's policy, whose purposes keep binding what was taken over.
    """
    versions = [policy for policy in policies if at is None or _first_day(policy) <= at]
    versions.sort(key=_first_day)
    days = _days(versions, law)
    compiler = _Compiler({policy.era: policy for policy in versions}, law, days)
    return Table(
        eras=tuple(policy.era for policy in versions),
        named_recipients=frozenset(name for policy in versions for name in policy.recipients),
        things=frozenset(name for policy in versions for name in policy.resources),
        days=days,
        starts=tuple(start_of(day) for day in days),
        sha256={policy.era: policy.sha256 for policy in versions},
        make_view=compiler.view,
        say=compiler.say,
    )


class _Compiler:
    """Makes views and cells; holds nothing but the sources."""

    def __init__(self, versions: Mapping[str, Policy], law: Law, days: tuple[date, ...]) -> None:
        self.versions = versions
        self.law = law
        self.days = days
        self.types = {era: expression_names(policy) for era, policy in versions.items()}
        self.said: dict[object, Ranked] = {}

    def say(self, code: str, item: str, values: Mapping[str, str]) -> Ranked:
        """A failure that no cell knows, in the words of the law of today's editions."""
        return say(self.law, None, code, item=item, values=values)

    def view(self, head: Head) -> View:
        in_force, purpose, act, recipient, grounds, span = head
        on = self.days[span - 1] if span else (self.days[0] - timedelta(days=1) if self.days else date.max)
        policy = self.versions.get(in_force)
        codes = []
        if policy is None:
            codes.append("gate.unknown-policy")
        elif not self._is_in_force(policy, on):
            codes.append("gate.policy-not-in-force")
        is_act = act in ACTS or (policy is not None and act in policy.actions)
        if not is_act:
            codes.append("gate.unknown-act")
        clause = policy.use_basis_clause if policy else ""
        failures = tuple(say(self.law, on, code, clause=clause) for code in codes)

        def make(era: str | None, item: str, subject_kind: str) -> Cell:
            if policy is None or not is_act:
                return self._refusal(in_force, on, codes[-1])
            ask = Question(
                policy=policy,
                on=on,
                purpose=purpose,
                act=Act(act) if act in ACTS else Act.USE,
                action="" if act in ACTS else act,
                recipient=recipient,
                grounds=grounds,
                item=item,
                subject_kind=subject_kind,
            )
            return self._thing(ask) if item in policy.resources else self._cell(ask, era)

        return View(failures=failures, make=make)

    def _thing(self, ask: Question) -> Cell:
        """Of what is nobody's data the version in force alone decides."""
        part = Part()
        look_at_permissions(part, ask, rules())
        return make_cell(part, self._named(ask, ask.item), self.law, ask.on)

    def _named(self, ask: Question, item: str, governing: str = "") -> Named:
        return Named(
            policy=ask.policy.era,
            purpose=ask.purpose if ask.purpose in ask.policy.purposes else "",
            item=item,
            recipient=ask.recipient if ask.recipient and ask.recipient in ask.policy.recipients else "",
            editions=_editions(ask.policy, ask.on),
            types=self.types[ask.policy.era]
            if governing in ("", ask.policy.era)
            else {**self.types[governing], **self.types[ask.policy.era]},
            said=self.said,
        )

    def _cell(self, ask: Question, era: str | None) -> Cell:
        part = self._part(ask.policy, ask)
        governing = self.versions.get(era) if era else None
        if governing is None:
            follows = "" if era else "identity_known"  # of nobody known no day of acquisition is
            part.fail("gate.era-unknown", ask.policy.use_basis_clause, "", follows=follows)
        elif governing is not ask.policy:
            part.take(self._earlier(governing, ask))
        item = ask.item if _is_declared(ask.policy, ask.item) else ""
        return make_cell(part, self._named(ask, item, governing.era if governing else ""), self.law, ask.on)

    def _earlier(self, governing: Policy, ask: Question) -> Part:
        """What the era's version adds: its prohibitions, conditions, transforms; what it lacks becomes a need of consent."""
        part = self._part(governing, ask)
        part.failures = [
            replace(failure, code="gate.item-not-in-era", values=()) if failure.code == "gate.unknown-item" else failure
            for failure in part.failures
        ]
        widened = [failure for failure in part.failures if failure.code in rules().era_codes]
        if governing.id == ask.policy.id and _nature(governing, ask.purpose) not in (
            "",
            _nature(ask.policy, ask.purpose),
        ):
            widened.append(Failure(code="gate.later-than-era", clause="", item=""))
        part.failures = [failure for failure in part.failures if failure not in widened]
        if widened and not _is_related(ask.policy, ask.purpose):
            purpose = ask.policy.purposes.get(ask.purpose)
            clause = purpose.clause if purpose else ask.policy.use_basis_clause
            cites = rules().codes["gate.later-than-era"]
            part.ask_for("consent_for_this_purpose", clause, code="gate.later-than-era", cites=cites)
        return part

    def _part(self, policy: Policy, ask: Question) -> Part:
        """What one version says: of a class, everything it says of any of its fields."""
        whole = Part()
        class_id, _, field_id = ask.item.partition(".")
        data_class = policy.classes.get(class_id)
        if data_class is None or (field_id and field_id not in data_class.fields):
            whole.fail(
                "gate.unknown-item", policy.use_basis_clause, ask.item if _is_declared(ask.policy, ask.item) else ""
            )
        if ask.subject_kind not in policy.subjects:
            follows = "" if ask.subject_kind else "identity_known"
            whole.fail("gate.unknown-subject-kind", policy.use_basis_clause, "", follows=follows)
        if ask.act is Act.USE and ask.recipient is not None:
            whole.fail("gate.recipient-with-own-use", policy.use_basis_clause, "")
        if ask.act is not Act.USE and ask.recipient is None:
            whole.fail("gate.recipient-missing", policy.use_basis_clause, "")
        if data_class is None:
            if ask.purpose not in policy.purposes and ask.purpose not in ask.grounds:
                whole.fail("gate.unknown-purpose", policy.use_basis_clause, "")
            return whole
        fields: list[Field | None] = [data_class.fields[field_id]] if field_id in data_class.fields else []
        if not field_id:
            fields = list(data_class.fields.values()) or [None]
        purpose = policy.purposes.get(ask.purpose)
        nature_id = purpose.nature if purpose else ask.purpose
        nature = self.law.natures.get(nature_id)
        if purpose is None and nature is not None and not nature.unpublished:
            nature = None
        parts = []
        for field in fields:
            scene = Scene(
                policy=policy,
                law=self.law,
                on=ask.on,
                purpose=ask.purpose,
                nature=nature,
                data_class=data_class,
                field=field,
                subject_kind=ask.subject_kind,
                act=ask.act,
                action=ask.action,
                recipient=ask.recipient,
                grounds=ask.grounds,
            )
            parts.append(_look(scene))
        if len(parts) == 1:
            only = parts[0]
            only.failures = [*whole.failures, *(failure for failure in only.failures if failure not in whole.failures)]
            return only
        _tell_of_the_class(parts, ask.item)
        for part in parts:
            whole.take(part)
        return whole

    def _is_in_force(self, policy: Policy, on: date) -> bool:
        begun = [other for other in self.versions.values() if other.id == policy.id and _first_day(other) <= on]
        return bool(begun) and begun[-1] is policy

    def _refusal(self, in_force: str, on: date, code: str) -> Cell:
        """A cell for a question that has no meaning: the head's failures refuse it, and so does this."""
        part = Part()
        part.fail(code, self.versions[in_force].use_basis_clause if in_force in self.versions else "", "")
        named = Named(policy=in_force, purpose="", item="", recipient="", editions={}, types={}, said={})
        return make_cell(part, named, self.law, on)


def _look(scene: Scene) -> Part:
    part = Part()
    look_at_purpose(part, scene)
    look_at_slots(part, scene, rules())
    look_at_exceptions(part, scene, rules())
    look_at_secrecy(part, scene, rules())  # after the exceptions: they never open the second lock
    look_at_holds(part, scene, rules())
    look_at_obligations(part, scene, rules())
    if not scene.subject_kind:  # a person of no kind at all is one that nobody knows
        part.failures = [
            replace(failure, follows="identity_known") if failure.code in rules().kind_codes else failure
            for failure in part.failures
        ]
    return part


def _tell_of_the_class(parts: list[Part], item: str) -> None:
    """A failure that every field of the class shares is told once, of the class."""
    if len(parts) < 2:  # noqa: PLR2004  one field has nothing to share
        return

    def key(failure: Failure) -> tuple[object, ...]:
        return (failure.code, failure.clause, failure.values)

    shared = set.intersection(*({key(failure) for failure in part.failures if failure.item} for part in parts))
    for part in parts:
        part.failures = [
            replace(failure, item=item) if key(failure) in shared else failure for failure in part.failures
        ]


def _editions(policy: Policy, on: date) -> Mapping[str, str]:
    """By which edition the policy's own text numbers each norm on a day."""
    return {
        norm.id: norm.edition
        for norm in policy.norms
        if (norm.since is None or norm.since <= on) and (norm.until is None or on <= norm.until)
    }


def _is_related(policy: Policy, purpose: str) -> bool:
    """The revision says that this purpose lies within what one would expect of the earlier ones (APPI on change).

    A duty `related` says so of every purpose, `related_<purpose>` of one.
    """
    return any(duty.id in (RELATED, f"{RELATED}_{purpose}") for duty in policy.revisions)


def _nature(policy: Policy, purpose: str) -> str:
    found = policy.purposes.get(purpose)
    return found.nature if found else ""


def _is_declared(policy: Policy, item: str) -> bool:
    class_id, _, field_id = item.partition(".")
    data_class = policy.classes.get(class_id)
    return data_class is not None and (not field_id or field_id in data_class.fields)


def _first_day(policy: Policy) -> date:
    return policy.in_force_from or date.min


def _days(versions: Sequence[Policy], law: Law) -> tuple[date, ...]:
    """First days of the spans between which nothing dated begins or ends."""
    begins: list[date | None] = []
    ends: list[date | None] = []
    for policy in versions:
        begins.append(policy.in_force_from)
        for part in (policy.purposes.values(), policy.uses, policy.recipients.values(), policy.permissions):
            begins.extend(dated.since for dated in part)
            ends.extend(dated.until for dated in part)
    for lawful in (*law.exceptions.values(), *law.grounds.values(), *law.joint_use_elements.values()):
        begins.append(lawful.since)
        ends.append(lawful.until)
    begins.extend(edition.since for norm in law.norms.values() for edition in norm.editions.values())
    starts = {day for day in begins if day is not None} | {day + timedelta(days=1) for day in ends if day is not None}
    return tuple(sorted(starts))
