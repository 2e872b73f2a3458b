"""Checks of uses, ways out and retention against each other and against the law packs."""

from collections.abc import Iterable

from sekisho.engine.errors import DocumentRefused, Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy import expression, periods
from sekisho.engine.policy.model import DataKind, Policy, WayOutKind
from sekisho.engine.policy.naming import expression_names
from sekisho.engine.policy.reader import Reading
from sekisho.engine.policy.resolve import expand


def conditions_can_be_read(policy: Policy, law: Law, reading: Reading) -> None:
    """Every `when` parses, with known names and like types."""
    del law
    names = expression_names(policy)
    written = [(f"uses[{at}].when", use.when) for at, use in enumerate(policy.uses)]
    written += [(f"ways_out.{way.id}.when", way.when) for way in policy.ways_out.values()]
    written += [(f"permissions[{at}].when", permission.when) for at, permission in enumerate(policy.permissions)]
    for path, text in written:
        if text:
            try:
                expression.parse(text, names, reading.place(path))
            except DocumentRefused as refused:
                reading.faults.extend(refused.faults)


def somebody_is_meant(policy: Policy, law: Law, reading: Reading) -> None:
    """A use, a way out or a period reaches somebody about whom the class is held."""
    del law
    rows = [(f"uses[{at}]", use.items, use.of, use.clause) for at, use in enumerate(policy.uses)]
    rows += [(f"ways_out.{way.id}", way.items, way.of, way.clause) for way in policy.ways_out.values()]
    rows += [(f"retention[{at}]", row.items, row.of, row.clause) for at, row in enumerate(policy.retention)]
    for path, items, of, clause in rows:
        for at, item in enumerate(items):
            held = policy.classes.get(item.partition(".")[0])
            if held is not None and held.of and of and not set(of) & set(held.of):
                place = reading.place(f"{path}.items[{at}]")
                reading.fault("policy.held-of-nobody", place, clause=clause, item=item, of=", ".join(held.of))


def everything_used_has_a_period(policy: Policy, law: Law, reading: Reading) -> None:
    """No class without retention: for each kind of person whose data is used or leaves, every field has a period.

    A class held but never used without a period is a warning. Source: telecom guideline, retention; A-15, B-20.
    """
    del law
    kept = {
        (name, field, of)
        for row in policy.retention
        for item in row.items
        for name, field, _ in expand(item, policy.classes)
        for of in row.of
    }
    missing: dict[tuple[str, str], str] = {}
    rows = [(f"uses[{at}]", use.items, use.of) for at, use in enumerate(policy.uses)]
    rows += [(f"ways_out.{way.id}", way.items, way.of) for way in policy.ways_out.values()]
    for path, items, of in rows:
        for at, item in enumerate(items):
            for name, field, _ in expand(item, policy.classes):
                for kind in of:
                    if kind in policy.classes[name].of and (name, field, kind) not in kept:
                        missing.setdefault((name, kind), f"{path}.items[{at}]")
    for (name, kind), path in missing.items():
        reading.fault(
            "policy.no-retention", reading.place(path), clause=policy.classes[name].clause, held=name, of=kind
        )
    for held in policy.classes.values():
        for kind in held.of:
            if (held.id, kind) in missing or all((held.id, field, kind) in kept for field in held.fields):
                continue
            warn = Severity.WARNING
            place = reading.place(f"classes.{held.id}")
            reading.fault(
                "policy.held-without-retention", place, severity=warn, clause=held.clause, held=held.id, of=kind
            )


def secrecy_has_a_ground(policy: Policy, law: Law, reading: Reading) -> None:
    """通信の秘密 is used only on a ground of the law pack, and justified business only for the natures it may serve.

    Source: TBA 4(1); LAW.md section 3.
    """
    for at, use in enumerate(policy.uses):
        secret = _secret(policy, use.items)
        path = f"uses[{at}]"
        if secret and not use.secrecy_ground:
            place = reading.place(f"{path}.items[{use.items.index(secret)}]")
            reading.fault("policy.no-secrecy-ground", place, clause=use.clause, item=secret)
        elif use.secrecy_ground in law.grounds:
            ground, purpose = law.grounds[use.secrecy_ground], policy.purposes.get(use.purpose)
            place = reading.place(f"{path}.secrecy_ground")
            if not secret:
                warn = Severity.WARNING
                reading.fault("policy.ground-without-secrecy", place, severity=warn, clause=use.clause)
            elif purpose and purpose.nature in law.natures and ground.natures and purpose.nature not in ground.natures:
                reading.fault(
                    "policy.ground-not-for-nature",
                    place,
                    clause=use.clause,
                    source="TBA 4(1)",
                    ground=ground.ja,
                    nature=law.natures[purpose.nature].ja,
                    natures="、".join(law.natures[nature].ja for nature in sorted(ground.natures)),
                )
    for way in policy.ways_out.values():
        secret = _secret(policy, way.items)
        if secret and "secrecy_consent" not in way.needs:
            place = reading.place(f"ways_out.{way.id}.items[{way.items.index(secret)}]")
            reading.fault("policy.secrecy-leaves", place, clause=way.clause, item=secret)


def transforms_coarsen_what_is_used(policy: Policy, law: Law, reading: Reading) -> None:
    """A transform of an item the use does not use coarsens nothing."""
    del law
    for at, use in enumerate(policy.uses):
        used = {f"{name}.{field}" for item in use.items for name, field, _ in expand(item, policy.classes)}
        for item in use.transform:
            if item not in used and item not in use.items and list(expand(item, policy.classes)):
                place = reading.place(f"uses[{at}].transform.{item}")
                reading.fault("policy.transform-of-nothing", place, clause=use.clause, item=item)


def prohibitions_and_uses(policy: Policy, law: Law, reading: Reading) -> None:
    """A use that a prohibition rules out never happens: the author should see both."""
    del law
    forbidden = {
        (rule.purpose, name, field, kind)
        for rule in policy.prohibitions
        for item in rule.items
        for name, field, _ in expand(item, policy.classes)
        for kind in rule.of or policy.subjects
    }
    for at, use in enumerate(policy.uses):
        for where, item in enumerate(use.items):
            cells = [(name, field, kind) for name, field, _ in expand(item, policy.classes) for kind in use.of]
            ruled_out = [cell for cell in cells if {(use.purpose, *cell), ("*", *cell)} & forbidden]
            if ruled_out:
                place = reading.place(f"uses[{at}].items[{where}]")
                warn = Severity.WARNING
                reading.fault("policy.use-prohibited", place, severity=warn, clause=use.clause, item=item)


def every_purpose_is_used(policy: Policy, law: Law, reading: Reading) -> None:
    """A published purpose nothing serves: nobody will ever be permitted for it."""
    del law
    served = {use.purpose for use in policy.uses} | {way.purpose for way in policy.ways_out.values()}
    for purpose in policy.purposes.values():
        if purpose.id not in served:
            place = reading.place(f"purposes.{purpose.id}")
            warn = Severity.WARNING
            reading.fault("policy.purpose-unused", place, severity=warn, clause=purpose.clause, purpose=purpose.id)


def notices_are_of_joint_use(policy: Policy, law: Law, reading: Reading) -> None:
    """A joint-use notice belongs to joint use; contract clauses to entrustment."""
    del law
    for way in policy.ways_out.values():
        if way.notice is not None and way.kind is not WayOutKind.JOINT_USE:
            reading.fault("policy.notice-not-joint-use", reading.place(f"ways_out.{way.id}.notice"), clause=way.clause)


def entrustment_stays_within_uses(policy: Policy, law: Law, reading: Reading) -> None:
    """A contractor gets no more than the purpose itself may use. Source: APPI 27(5)1, entrustment within the purpose."""
    del law
    used = {
        (use.purpose, name, field)
        for use in policy.uses
        for item in use.items
        for name, field, _ in expand(item, policy.classes)
    }
    for way in policy.ways_out.values():
        if way.kind is not WayOutKind.ENTRUSTMENT:
            continue
        for at, item in enumerate(way.items):
            if any((way.purpose, name, field) not in used for name, field, _ in expand(item, policy.classes)):
                place = reading.place(f"ways_out.{way.id}.items[{at}]")
                warn = Severity.WARNING
                reading.fault("policy.leaves-beyond-use", place, severity=warn, clause=way.clause, item=item)


def periods_respect_floors(policy: Policy, law: Law, reading: Reading) -> None:
    """A period shorter than the floor it cites, or longer than its own ceiling, contradicts itself."""
    for at, row in enumerate(policy.retention):
        floor = law.floors.get(row.floor.removeprefix("law:"))
        if floor and periods.longer(floor.period, row.keep):
            place = reading.place(f"retention[{at}].keep")
            reading.fault(
                "policy.keep-below-floor",
                place,
                clause=row.clause,
                source=row.floor,
                keep=row.keep,
                floor=floor.period,
                duty=floor.ja,
            )
        if row.ceiling and periods.longer(row.keep, row.ceiling):
            place = reading.place(f"retention[{at}].keep")
            reading.fault("policy.keep-above-ceiling", place, clause=row.clause, keep=row.keep, ceiling=row.ceiling)


def dates_run_forward(policy: Policy, law: Law, reading: Reading) -> None:
    """Nothing ends before it begins."""
    del law
    rows: Iterable[tuple[str, object]] = [
        *((f"norms[{at}]", row) for at, row in enumerate(policy.norms)),
        *((f"purposes.{row.id}", row) for row in policy.purposes.values()),
        *((f"uses[{at}]", row) for at, row in enumerate(policy.uses)),
        *((f"recipients.{row.id}", row) for row in policy.recipients.values()),
        *((f"permissions[{at}]", row) for at, row in enumerate(policy.permissions)),
    ]
    for path, row in rows:
        since, until = getattr(row, "since", None), getattr(row, "until", None)
        if since and until and until < since:
            reading.fault("policy.dates-reversed", reading.place(f"{path}.until"), since=since, until=until)


def editions_exist(policy: Policy, law: Law, reading: Reading) -> None:
    """A norm is followed in an edition the law pack knows."""
    for at, norm in enumerate(policy.norms):
        if norm.id in law.norms and norm.edition not in law.norms[norm.id].editions:
            place = reading.place(f"norms[{at}].edition")
            known = ", ".join(law.norms[norm.id].editions)
            reading.fault("policy.unknown-edition", place, clause=norm.clause, found=norm.edition, known=known)


def _secret(policy: Policy, items: tuple[str, ...]) -> str:
    """The first item that holds 通信の秘密, or ""."""
    secret = DataKind.COMMUNICATIONS_SECRECY
    return next((item for item in items if any(kind is secret for _, _, kind in expand(item, policy.classes))), "")


USE_CHECKS = (
    conditions_can_be_read,
    somebody_is_meant,
    everything_used_has_a_period,
    secrecy_has_a_ground,
    transforms_coarsen_what_is_used,
    prohibitions_and_uses,
    every_purpose_is_used,
    notices_are_of_joint_use,
    entrustment_stays_within_uses,
    periods_respect_floors,
    dates_run_forward,
    editions_exist,
)
