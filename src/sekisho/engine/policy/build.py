"""Make the policy's values out of what was read; shapes are settled, so nothing here can fail."""

from collections.abc import Mapping
from typing import Any

from sekisho.engine.policy.model import (
    Action,
    Attribute,
    Clause,
    Combination,
    Cookie,
    DataClass,
    DataKind,
    Desk,
    Duty,
    ExceptionPromised,
    Field,
    Heirs,
    IdentityEvidence,
    JointUseNotice,
    NamedAct,
    Norm,
    Operator,
    Permission,
    Policy,
    Prohibition,
    Purpose,
    RecipientKind,
    ResourceKind,
    Retention,
    Right,
    Service,
    SubjectKind,
    Text,
    Use,
    UseBasis,
    WayOut,
    WayOutKind,
    WebCheck,
)
from sekisho.engine.policy.reader import Reading

Row = Mapping[str, Any]
TYPE_BY_ENDING = {"_on": "date", "_date": "date", "_yen": "integer"}


def build(data: Row, sha256: str, reading: Reading) -> Policy:
    """The policy as values."""
    policy, operator, basis = data["policy"], data["operator"], data["use_basis"]
    entrustment = data["entrustment"] or {"needs_consent": False, "criteria": [], "clauses": []}
    return Policy(
        language=int(data["sekisho"]),
        id=policy["id"],
        version=policy["version"],
        title=policy["title"],
        effective_on=policy["effective_on"],
        assumed_effective_on=policy["assumed_effective_on"],
        clause_prefix=policy["clauses"]["prefix"],
        clause_count=policy["clauses"]["count"],
        use_basis=UseBasis(basis["basis"]) if basis else UseBasis.PUBLISHED_PURPOSE,
        use_basis_clause=basis["clause"] if basis else "",
        sha256=sha256,
        operator=Operator(**_tuples(operator)),
        norms=tuple(Norm(**row) for row in data["norms"]),
        subjects={key: SubjectKind(id=key, **row) for key, row in data["subjects"].items()},
        classes={key: _class(key, row, reading) for key, row in data["classes"].items()},
        purposes={
            key: Purpose(id=key, place=reading.place(f"purposes.{key}"), **row) for key, row in data["purposes"].items()
        },
        uses=tuple(Use(place=reading.place(f"uses[{at}]"), **_tuples(row)) for at, row in enumerate(data["uses"])),
        prohibitions=tuple(
            Prohibition(place=reading.place(f"prohibitions[{at}]"), **_tuples(row))
            for at, row in enumerate(data["prohibitions"])
        ),
        recipients={key: RecipientKind(id=key, **row) for key, row in data["recipients"].items()},
        ways_out={key: _way_out(key, row, reading) for key, row in data["ways_out"].items()},
        retention=tuple(_retention(at, row, reading) for at, row in enumerate(data["retention"])),
        exceptions=_promised("exceptions", data, reading),
        retention_grounds=_promised("retention_grounds", data, reading),
        rights={key: _right(key, row) for key, row in data["rights"].items()},
        identity_evidence=_evidence(data["identity_evidence"]) if data["identity_evidence"] else None,
        heirs=Heirs(**_tuples(data["heirs"])) if data["heirs"] else None,
        services={key: Service(id=key, **row) for key, row in data["services"].items()},
        desks={key: Desk(id=key, **_tuples(row)) for key, row in data["desks"].items()},
        people_duties=_duties(data["people"]),
        entrustment_criteria=_duties(entrustment["criteria"]),
        entrustment_clauses=tuple(entrustment["clauses"]),
        entrustment_needs_consent=entrustment["needs_consent"],
        review=_duties(data["review"]),
        cookies=tuple(Cookie(**_tuples(row)) for row in data["cookies"]),
        revisions=_duties(data["revisions"]),
        clauses=_clauses(data["promises"], reading),
        actions={key: NamedAct(id=key, **row) for key, row in data["actions"].items()},
        attributes={key: Attribute(id=key, **row) for key, row in data["attributes"].items()},
        resources={
            key: ResourceKind(id=key, place=reading.place(f"resources.{key}"), **row)
            for key, row in data["resources"].items()
        },
        permissions=tuple(
            Permission(place=reading.place(f"permissions[{at}]"), **_tuples(row))
            for at, row in enumerate(data["permissions"])
        ),
        places=reading.places,
    )


def _class(key: str, row: Row, reading: Reading) -> DataClass:
    kind = DataKind(row["kind"] or DataKind.ORDINARY)
    fields = {
        name: Field(
            id=name,
            label=field["label"],
            kind=DataKind(field["kind"]) if field["kind"] else kind,
            type=field["type"] or next((said for end, said in TYPE_BY_ENDING.items() if name.endswith(end)), "any"),
        )
        for name, field in row["fields"].items()
    }
    return DataClass(
        id=key,
        label=row["label"],
        kind=kind,
        of=tuple(row["of"]),
        fields=fields,
        clause=row["clause"],
        conditions=tuple(row["conditions"]),
        classify_within=row["classify_within"] or "",
        place=reading.place(f"classes.{key}"),
    )


def _way_out(key: str, row: Row, reading: Reading) -> WayOut:
    values = _tuples(row)
    values["kind"] = WayOutKind(values["kind"])
    values["notice"] = JointUseNotice(**_tuples(row["notice"])) if row["notice"] else None
    return WayOut(id=key, place=reading.place(f"ways_out.{key}"), **values)


def _retention(at: int, row: Row, reading: Reading) -> Retention:
    values = _tuples(row)
    values["action"] = Action(values["action"] or Action.ERASE)
    return Retention(place=reading.place(f"retention[{at}]"), **values)


def _right(key: str, row: Row) -> Right:
    values = _tuples(row)
    values["web_check"] = WebCheck(values["web_check"] or WebCheck.NONE)
    return Right(id=key, **values)


def _evidence(row: Row) -> IdentityEvidence:
    """`one_of` and `and_all_of` beside each other are the one combination there is."""
    alone = [{"one_of": row["one_of"], "how_many": 1, "and_all_of": row["and_all_of"]}]
    return IdentityEvidence(
        any_of=tuple(
            Combination(**_tuples(one) | {"how_many": one["how_many"] or 1}) for one in row["any_of"] or alone
        ),
        other_ways=row["other_ways"],
        agent_papers=tuple(row["agent_papers"]),
        clause=row["clause"],
    )


def _promised(section: str, data: Row, reading: Reading) -> tuple[ExceptionPromised, ...]:
    rows = enumerate(data[section])
    return tuple(ExceptionPromised(place=reading.place(f"{section}[{at}]"), **row) for at, row in rows)


def _duties(rows: list[Row]) -> tuple[Duty, ...]:
    return tuple(Duty(**_tuples(row)) for row in rows)


def _clauses(promises: Row, reading: Reading) -> Mapping[str, Clause]:
    """Clauses in the order written; a heading holds until the next one."""
    clauses: dict[str, Clause] = {}
    heading = Text("")
    for key, row in promises.items():
        heading = row["heading"] if row["heading"].ja else heading
        clauses[key] = Clause(
            id=key,
            heading=heading.ja,
            heading_en=heading.en,
            says=row["says"],
            plain=row["plain"] if row["plain"].ja else None,
            proof=row["proof"] or None,
            never=row["never"],
            place=reading.place(f"promises.{key}"),
        )
    return clauses


def _tuples(row: Row) -> dict[str, Any]:
    """Lists frozen into tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
