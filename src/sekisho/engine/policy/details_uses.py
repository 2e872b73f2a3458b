"""Generated sentences about what is used for what, what leaves, and how long it is kept."""

from collections.abc import Iterator

from sekisho.engine.policy import periods
from sekisho.engine.policy.effective import Held, allowed
from sekisho.engine.policy.model import DataKind, JointUseNotice, Purpose, Retention, Use, WayOut, WayOutKind
from sekisho.engine.policy.phrases import Speech
from sekisho.engine.policy.reading_aloud import aloud
from sekisho.engine.policy.resolve import expand
from sekisho.engine.policy.words import label


def of_purposes(clause: str, speech: Speech) -> Iterator[str]:
    """For each purpose of the clause: whose data, which, coarsened how, on what conditions; or that nothing is used."""
    purposes = [purpose for purpose in speech.policy.purposes.values() if purpose.clause == clause]
    for purpose in purposes:
        yield from _of_purpose(purpose, speech, alone=len(purposes) == 1)


def of_classes(clause: str, speech: Speech) -> Iterator[str]:
    """For each class of the clause: what it is used for, where it may go, and what it never serves."""
    policy = speech.policy
    for held in policy.classes.values():
        if held.clause != clause:
            continue
        prefix = speech.say("out_named", label=speech.text(held.label)) if _shares_clause(held.id, speech) else ""
        if held.kind is DataKind.COMMUNICATIONS_SECRECY:
            yield prefix + speech.say("class_secret")
        used = {
            use.purpose: speech.text(policy.purposes[use.purpose].label)
            for use in policy.uses
            if use.purpose in policy.purposes and any(held.id in data for _, data in _data(use, speech))
        }
        key = "class_for" if used else "class_for_nothing"
        yield prefix + speech.say(key, purposes=speech.quoted(used.values()))
        ways = [
            speech.text(way.label)
            for way in policy.ways_out.values()
            if any(held.id in data for _, data in allowed(policy, way.purpose, way.of, way.items))
            and not _missing(way.notice, speech, way.kind)
        ]
        if ways:
            yield prefix + speech.say("class_out", ways=speech.quoted(ways))
        if held.conditions:
            yield prefix + speech.say("class_conditions", needs=speech.join(speech.words("needs", held.conditions)))


def of_prohibitions(clause: str, speech: Speech) -> Iterator[str]:
    """What the clause rules out, the purposes with the same items in one sentence."""
    ruled_out: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for rule in speech.policy.prohibitions:
        if rule.clause == clause:
            ruled_out.setdefault((rule.items, rule.of), []).append(rule.purpose)
    for (items, of), purposes in ruled_out.items():
        said = named(_held(items, speech), speech)
        suffix = speech.say("prohibited_of", of=speech.people(of)) if of else ""
        if "*" in purposes:
            yield speech.say("prohibited_all", items=said) + suffix
        else:
            known = [speech.policy.purposes[key] for key in purposes if key in speech.policy.purposes]
            yield (
                speech.say("prohibited", items=said, purposes=speech.quoted(speech.text(p.label) for p in known))
                + suffix
            )


def of_ways_out(clause: str, speech: Speech) -> Iterator[str]:
    """For each way out of the clause: items, recipients, conditions; or why nothing leaves."""
    policy = speech.policy
    ways = [way for way in policy.ways_out.values() if way.clause == clause]
    for way in ways:
        prefix = speech.say("out_named", label=speech.text(way.label)) if len(ways) > 1 else ""
        for sentence in _of_way_out(way, speech):
            yield prefix + sentence
    if policy.entrustment_needs_consent and any(way.kind is WayOutKind.ENTRUSTMENT for way in ways):
        yield speech.say("consent_to_entrust")


def of_retention(clause: str, speech: Speech) -> Iterator[str]:
    """Every period of the clause."""
    for row in speech.policy.retention:
        if row.clause == clause:
            yield keeping(row, speech)


def keeping(row: Retention, speech: Speech) -> str:
    """One period in words."""
    said = speech.say(
        "keep",
        items=named(_held(row.items, speech), speech),
        of=speech.people(row.of),
        event=label("events", row.after, speech.language),
        period=periods.parse(row.keep).text(speech.language),
        action=label("actions", row.action.value, speech.language),
    )
    space = "" if speech.language == "ja" else " "
    if row.until_settled:
        said += space + speech.say("keep_settled")
    if row.floor:
        floor = speech.law.floor(row.floor)
        said += space + speech.say("keep_floor", law=speech.law.cite(floor.cites[0]).text(speech.language))
    return said


def named(held: Held, speech: Speech) -> str:
    """Items in words: a class by its name where all its fields are meant, else its fields."""
    said = []
    for name, fields in held.items():
        known = speech.policy.classes[name]
        if set(fields) == set(known.fields):
            whole = speech.text(known.label)
            said.append(speech.say("quoted", value=whole) if speech.join(("", "")) in whole else whole)
        else:
            said.append(speech.join((speech.text(known.fields[field].label) for field in fields), "fields"))
    return speech.join(said)


def _of_purpose(purpose: Purpose, speech: Speech, *, alone: bool) -> Iterator[str]:
    name = speech.text(purpose.label)
    nothing = True
    for use in speech.policy.uses:
        if use.purpose != purpose.id:
            continue
        groups = _data(use, speech)
        for of, data in groups:
            nothing = False
            key = "use_alone" if alone else "use"
            yield speech.say(key, purpose=name, of=speech.people(of), items=named(data, speech))
        if groups:
            yield from _terms_of_use(use, groups, speech)
    if nothing and not any(way.purpose == purpose.id for way in speech.policy.ways_out.values()):
        yield speech.say("use_nothing", purpose=name)


def _terms_of_use(use: Use, groups: list[tuple[tuple[str, ...], Held]], speech: Speech) -> Iterator[str]:
    classes = speech.policy.classes
    still = {f"{name}.{field}" for _, data in groups for name, fields in data.items() for field in fields}
    for item, how in use.transform.items():
        if any(f"{name}.{field}" in still for name, field, _ in expand(item, classes)):
            said = named(_held((item,), speech), speech)
            yield speech.say("use_transform", item=said, how=label("transforms", how, speech.language))
    if use.minimum_group:
        yield speech.say("use_group", count=use.minimum_group)
    if use.when:
        yield speech.say("use_when", condition=aloud(use.when, speech))
    if use.needs:
        yield speech.say("use_needs", needs=speech.join(speech.words("needs", use.needs)))
    if use.acts:
        acts = (speech.text(speech.policy.actions[act].label) for act in use.acts if act in speech.policy.actions)
        yield speech.say("use_acts", acts=speech.quoted(acts))
    if use.roles:
        yield speech.say("use_roles", roles=speech.join(speech.words("roles", use.roles)))
    yield from _ground(use, still, speech)


def _ground(use: Use, still: set[str], speech: Speech) -> Iterator[str]:
    secret = [
        item
        for item in use.items
        for name, field, kind in expand(item, speech.policy.classes)
        if kind is DataKind.COMMUNICATIONS_SECRECY and f"{name}.{field}" in still
    ]
    if not secret or use.secrecy_ground not in speech.law.grounds:
        return
    ground = speech.law.ground(use.secrecy_ground)
    items = named(_held(tuple(dict.fromkeys(secret)), speech), speech)
    yield speech.say("use_ground", item=items, ground=ground.name(speech.language))
    purpose = speech.policy.purposes.get(use.purpose)
    if purpose and purpose.nature in ground.ticket_natures and "ticket_open" not in use.needs:
        yield speech.say("use_ticket")


def _of_way_out(way: WayOut, speech: Speech) -> Iterator[str]:
    policy = speech.policy
    missing = _missing(way.notice, speech, way.kind)
    groups = list(allowed(policy, way.purpose, way.of, way.items))
    if not groups:
        yield speech.say("out_nothing")
        return
    for of, data in groups:
        yield speech.say("out", of=speech.people(of), items=named(data, speech))
    recipients = [speech.text(policy.recipients[key].label) for key in way.to if key in policy.recipients]
    yield speech.say("out_to", to=speech.join(recipients))
    if way.when:
        yield speech.say("out_when", condition=aloud(way.when, speech))
    if way.needs:
        yield speech.say("out_needs", needs=speech.join(speech.words("needs", way.needs)))
    if way.contract_clauses:
        clauses = (speech.law.contract_clauses[key].name(speech.language) for key in way.contract_clauses)
        yield speech.say("out_contract", clauses=speech.join(clauses))
    if missing:
        yield speech.say("notice_missing", elements=speech.quoted(missing))
    elif way.notice is not None:
        yield from _notice(way.notice, speech)


def _notice(notice: JointUseNotice, speech: Speech) -> Iterator[str]:
    yield speech.say("notice_purposes", text=speech.text(notice.purposes))
    yield speech.say(
        "notice_responsible",
        name=speech.text(notice.responsible_name),
        address=speech.text(notice.responsible_address),
        representative=speech.text(notice.responsible_representative),
    )


def _missing(notice: JointUseNotice | None, speech: Speech, kind: WayOutKind) -> list[str]:
    """Elements of APPI 27(5)3 that are not published, in words."""
    if kind is not WayOutKind.JOINT_USE:
        return []
    elements = speech.law.joint_use_elements.values()
    return [one.name(speech.language) for one in elements if notice is None or not getattr(notice, one.id)]


def _data(use: Use, speech: Speech) -> list[tuple[tuple[str, ...], Held]]:
    return list(allowed(speech.policy, use.purpose, use.of, use.items))


def _held(items: tuple[str, ...], speech: Speech) -> Held:
    held: dict[str, tuple[str, ...]] = {}
    for item in items:
        for name, field, _ in expand(item, speech.policy.classes):
            held[name] = (*held.get(name, ()), field)
    return held


def _shares_clause(name: str, speech: Speech) -> bool:
    clause = speech.policy.classes[name].clause
    return any(held.clause == clause and held.id != name for held in speech.policy.classes.values())
