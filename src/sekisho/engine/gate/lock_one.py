"""The first lock: is this within what was published, of whom, to whom. Source: APPI on purpose and provision; LAW.md 1.2, 1.5."""

from collections.abc import Iterator

from sekisho.engine.gate.ask import Act
from sekisho.engine.gate.parts import Part, Scene
from sekisho.engine.gate.rules import Rules, asks_for, in_order
from sekisho.engine.gate.slots import SLOT
from sekisho.engine.policy.model import DataKind, JointUseNotice, Retention, UseBasis, WayOut, WayOutKind


def look_at_purpose(part: Part, scene: Scene) -> None:
    """Purpose published, field within it, kind of person within it, nothing prohibited, way out declared."""
    purpose = scene.policy.purposes.get(scene.purpose)
    if purpose is None and not _may_go_unpublished(scene):
        part.fail("gate.unknown-purpose", scene.clause, "")
    if purpose is not None and not scene.holds(purpose.since, purpose.until):
        part.fail("gate.purpose-not-published", purpose.clause, "")
    if purpose is not None and scene.nature is None:
        part.fail("gate.unknown-nature", purpose.clause, "")
    if scene.subject_kind not in scene.data_class.of:
        part.fail("gate.class-not-of-kind", scene.data_class.clause, scene.item)
    if scene.act in (Act.USE, Act.ENTRUSTMENT):
        _look_at_uses(part, scene)
    if scene.act is not Act.USE:
        _look_at_ways_out(part, scene)
    for prohibition in scene.policy.prohibitions:
        names_purpose = prohibition.purpose in ("*", scene.purpose)
        names_person = not prohibition.of or scene.subject_kind in prohibition.of
        if names_purpose and names_person and scene.is_covered_by(prohibition.items):
            part.fail("gate.prohibited", prohibition.clause, scene.item)


def look_at_slots(part: Part, scene: Scene, rules: Rules) -> None:
    """The facts that follow from act, kind of data, nature of purpose and what the policy adds."""
    policy, kind = scene.policy, _kind(scene)
    asks = asks_for(scene.act.value, kind.value, scene.nature)
    periods = tuple(_retention(scene))
    clauses = {"past_retention": periods[0].clause if periods else ""}
    slots = set(asks.asks)
    if policy.use_basis is UseBasis.CONSENTED_PURPOSE and scene.purpose in policy.purposes:
        slots.add("purpose_accepted")
        clauses["purpose_accepted"] = policy.use_basis_clause
    for duty in policy.people_duties:
        if duty.id in rules.duties:
            slots.add(rules.duties[duty.id])
            clauses[rules.duties[duty.id]] = duty.clause
    if scene.act is Act.ENTRUSTMENT and policy.entrustment_needs_consent:
        slots.add("entrustment_consent")
    way_clause = part.ways[0].clause if part.ways else scene.clause
    for name in in_order(frozenset(slots - asks.ignores)):
        default = way_clause if name in rules.acts[scene.act.value].asks else scene.clause
        told_by = _events(periods) if name == "past_retention" else ()
        part.ask_for(name, clauses.get(name) or default, cure=asks.cures.get(name), told_by=told_by)
    for demand in part.uses:
        _ask_for_needs(part, demand.needs, demand.clause)
    for way in part.ways:
        _ask_for_needs(part, way.needs, way.clause)
    _ask_for_needs(part, scene.data_class.conditions, scene.data_class.clause)
    names = {scene.data_class.id, scene.field.id if scene.field else ""}
    for ban in scene.law.never_collect:
        if scene.subject_kind in ban.of and names & set(ban.fields) and ban.unless not in asks.ignores:
            part.ask_for(ban.unless, scene.data_class.clause, cites=ban.cites)


def look_at_exceptions(part: Part, scene: Scene, rules: Rules) -> None:
    """Claimed exceptions: only those the law knows and this policy promises, and only what such an exception opens.

    A police inquiry comes this way (E1): it opens the first lock and never the second. Source: LAW.md 9.2.
    """
    promised = {exception.id: exception.clause for exception in scene.policy.exceptions}
    opens = False
    for ground in scene.grounds:
        exception = scene.law.exceptions.get(ground)
        if exception is None and ground not in scene.law.grounds:
            part.fail("gate.unknown-claim", scene.clause, "")
        elif exception is not None and (ground not in promised or not exception.holds_on(scene.on)):
            part.fail("gate.exception-not-promised", scene.policy.use_basis_clause, "", exception=ground)
        elif exception is not None and scene.act.value not in rules.exception_acts:
            part.fail("gate.exception-not-for-this-act", promised[ground], "", exception=ground)
        elif exception is not None and ground == scene.purpose:  # the true purpose is named, and recorded
            opens = True
            part.ask_for("claim_approved", promised[ground], cites=exception.cites)
    if opens:
        part.failures = [failure for failure in part.failures if failure.code not in rules.exception_codes]
        for slot in rules.exception_slots & part.requirements.keys():
            del part.requirements[slot]


def look_at_holds(part: Part, scene: Scene, rules: Rules) -> None:
    """A warrant or a legal duty also reaches what retention would have let go of: the law holds it while it is there.

    Source: LAW.md 2.2 on RET-1; an approved claim is asked for in any case.
    """
    promised = {ground.id for ground in scene.policy.retention_grounds}
    exceptions = {exception.id: exception.clause for exception in scene.policy.exceptions}
    if scene.purpose not in scene.grounds or scene.purpose not in exceptions:  # for a purpose of the carrier's own: no
        return
    for name in scene.grounds:
        claimed = scene.law.exceptions.get(name) or scene.law.grounds.get(name)
        if claimed is None or not claimed.holds_on(scene.on) or scene.act.value not in rules.exception_acts:
            continue
        if claimed.holds in promised and (name == scene.purpose or name in scene.law.grounds):
            part.ask_for("claim_approved", exceptions[scene.purpose], cites=claimed.cites)
            for slot in rules.held_slots & part.requirements.keys():
                del part.requirements[slot]


def _may_go_unpublished(scene: Scene) -> bool:
    """Asking for consent needs no published purpose, and an exception may be the purpose itself.

    Source: PPC guideline on using data merely to ask for consent (LAW.md 1.2).
    """
    asks_consent = scene.nature is not None and scene.nature.unpublished and scene.nature.id == scene.purpose
    return asks_consent or (scene.purpose in scene.grounds and scene.purpose in scene.law.exceptions)


def _may_ask_consent_with(scene: Scene) -> bool:
    """Where the purpose is not published, only what reaches the person serves to ask: fields the law pack names."""
    if scene.nature is None or scene.field is None or scene.act is not Act.USE:
        return False
    return _kind(scene) is DataKind.ORDINARY and scene.field.id in scene.nature.unpublished_fields


def _look_at_uses(part: Part, scene: Scene) -> None:
    if scene.purpose not in scene.policy.purposes:
        if scene.nature is not None and not _may_ask_consent_with(scene):
            part.fail("gate.item-not-in-purpose", scene.clause, scene.item)
        return
    uses = [use for use in scene.policy.uses if use.purpose == scene.purpose and scene.holds(use.since, use.until)]
    of_item = [use for use in uses if scene.is_covered_by(use.items)]
    of_kind = [use for use in of_item if scene.subject_kind in use.of]
    part.uses = tuple(use for use in of_kind if not use.acts or scene.action in use.acts)
    if not of_item:
        part.fail("gate.item-not-in-purpose", scene.clause, scene.item)
    elif of_kind and not part.uses:
        part.fail("gate.act-not-in-purpose", of_kind[0].clause, scene.item)
    if uses and not of_kind and not (not of_item and any(scene.subject_kind in use.of for use in uses)):
        part.fail("gate.subject-kind-not-in-purpose", scene.clause, scene.item)
    for use in part.uses:  # several uses of one field all bind: the stricter counts
        if use.when:
            part.conditions.setdefault(use.when, use.clause)
        if use.roles:
            part.allow_roles(use.roles, use.clause)


def _look_at_ways_out(part: Part, scene: Scene) -> None:
    known = scene.policy.recipients.get(scene.recipient or "")
    ways = [
        way
        for way in scene.policy.ways_out.values()
        if way.purpose == scene.purpose and way.kind.value == scene.act.value
    ]
    is_named = any(scene.recipient in way.to for way in scene.policy.ways_out.values())
    if (known is None and not is_named) or (known is not None and not scene.holds(known.since, known.until)):
        part.fail("gate.unknown-recipient", scene.clause, "")
    if not ways:
        part.fail("gate.way-out-not-declared", scene.clause, "")
        return
    to_recipient = [way for way in ways if scene.recipient in way.to]
    if not to_recipient:
        part.fail("gate.recipient-not-in-way-out", ways[0].clause, "")
    candidates = to_recipient or ways
    of_item = [way for way in candidates if scene.is_covered_by(way.items)]
    of_kind = [way for way in candidates if scene.subject_kind in way.of]
    part.ways = tuple(way for way in of_item if way in of_kind and way in to_recipient)
    if not of_item:
        part.fail("gate.item-outside-whitelist", candidates[0].clause, scene.item)
    if not of_kind or (of_item and to_recipient and not part.ways):
        part.fail("gate.subject-kind-not-in-way-out", candidates[0].clause, scene.item)
    for way in part.ways:
        if way.when:
            part.conditions.setdefault(way.when, way.clause)
    for way in candidates:
        if way.kind is WayOutKind.JOINT_USE:
            _look_at_notice(part, scene, way)


def _look_at_notice(part: Part, scene: Scene, way: WayOut) -> None:
    """Without every element published beforehand the recipient is a third party."""
    missing = [
        element
        for element in scene.law.joint_use_elements.values()
        if element.holds_on(scene.on) and not _is_stated(way.notice, element.id)
    ]
    if missing:
        part.fail(
            "gate.joint-use-notice-incomplete",
            way.clause,
            "",
            missing="、".join(element.ja for element in missing),
            missing_en=", ".join(element.en for element in missing),
        )
    if way.notice is not None and way.notice.items and not scene.is_covered_by(way.notice.items):
        part.fail("gate.item-outside-notice", way.clause, scene.item)


def _is_stated(notice: JointUseNotice | None, element: str) -> bool:
    return notice is not None and bool(getattr(notice, element, None))


def _ask_for_needs(part: Part, slots: tuple[str, ...], clause: str) -> None:
    for slot in slots:
        if slot in SLOT:
            part.ask_for(slot, clause)
        else:
            part.fail("gate.unknown-slot", clause, "")


def _kind(scene: Scene) -> DataKind:
    return scene.field.kind if scene.field else scene.data_class.kind


def _events(periods: tuple[Retention, ...]) -> tuple[tuple[str, str], ...]:
    """What the caller would have to tell for the end of the field's retention to be known."""
    settled = [("settled", "settled")] if any(rule.until_settled for rule in periods) else []
    return tuple(dict.fromkeys([*(("after", rule.after) for rule in periods), *settled]))


def _retention(scene: Scene) -> Iterator[Retention]:
    for rule in scene.policy.retention:
        if scene.is_covered_by(rule.items) and scene.subject_kind in rule.of:
            yield rule
