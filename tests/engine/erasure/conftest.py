"""A small policy and data map built by hand, so that these tests need no loader."""

from dataclasses import replace

import pytest

from sekisho.engine.catalog.model import Column, DataMap, Ownership, PartyErasure, System, SystemKind, Table
from sekisho.engine.erasure.floors import RetentionLaw, retention_law
from sekisho.engine.errors import Place
from sekisho.engine.law.pack import law as packs
from sekisho.engine.policy.model import (
    DataClass,
    DataKind,
    ExceptionPromised,
    Field,
    Operator,
    Policy,
    Retention,
    SubjectKind,
    Text,
    UseBasis,
)

FLOOR = "law:mobile-phone-act-4-2"


def data_class(id_: str, kind: DataKind, *fields: str) -> DataClass:
    own = {name: Field(id=name, label=Text(name), kind=kind) for name in fields}
    return DataClass(id=id_, label=Text(id_), kind=kind, of=("customer",), fields=own, clause="B-36")


def period(items: str, after: str, keep: str, **more: object) -> Retention:
    rule = Retention(items=tuple(items.split()), of=("customer",), after=after, keep=keep, clause="B-20")
    return replace(rule, **more)  # type: ignore[arg-type]


@pytest.fixture
def policy() -> Policy:
    classes = [
        data_class("identity", DataKind.ORDINARY, "name", "phone", "mail"),
        data_class("bill", DataKind.FINANCIAL, "charge", "unpaid_yen"),
        data_class("identity_record", DataKind.IDENTITY_RECORD, "method", "document_no"),
        data_class("traffic", DataKind.COMMUNICATIONS_SECRECY, "caller", "callee", "charged"),
        data_class("inquiry", DataKind.ORDINARY, "content"),
    ]
    return Policy(
        language=1,
        id="small",
        version="1.0",
        title=Text("小さな方針"),
        effective_on=None,
        assumed_effective_on=None,
        clause_prefix="B",
        clause_count=0,
        use_basis=UseBasis.CONSENTED_PURPOSE,
        use_basis_clause="B-14",
        sha256="0" * 64,
        operator=Operator(
            name=Text("x"), address=None, representative=None, telecom_carrier=True, also_written=(), clause="B-02"
        ),
        norms=(),
        subjects={"customer": SubjectKind(id="customer", label=Text("契約者"), clause="B-36")},
        classes={one.id: one for one in classes},
        purposes={},
        uses=(),
        prohibitions=(),
        recipients={},
        ways_out={},
        retention=(
            period("identity", "contract_end", "P1Y"),
            period("identity_record", "contract_end", "P1Y", floor=FLOOR),
            period("bill", "due_on", "P5Y", until_settled=True, purpose="billing"),
            period("traffic", "started_at", "P6M", ceiling="P3M"),
            period("inquiry", "received", "P1Y"),
        ),
        exceptions=(),
        retention_grounds=tuple(ExceptionPromised(id=id_, clause="B-21") for id_ in ("RET-1", "RET-2", "RET-4")),
        rights={},
        identity_evidence=None,
        services={},
        desks={},
        people_duties=(),
        entrustment_criteria=(),
        entrustment_clauses=(),
        entrustment_needs_consent=True,
        review=(),
        cookies=(),
        revisions=(),
        clauses={},
    )


@pytest.fixture
def law() -> RetentionLaw:
    return retention_law(packs())


@pytest.fixture
def datamap() -> DataMap:
    place = Place(path="datamap.yaml", line=1, column=1)

    def columns(**items: str) -> dict[str, Column]:
        return {
            name: Column(name=name, type="text", item=item, free_text=item == "inquiry.content", place=place)
            for name, item in items.items()
        }

    crm = Table(
        name="customers",
        label="契約者",
        subject="customer",
        key=("customer_no",),
        columns=columns(
            customer_no="none",
            name="identity.name",
            mail="identity.mail",
            method="identity_record.method",
            since_on="none",
            ended_on="none",
        ),
        owners=(Ownership(by="customer_no", column="customer_no", role="contractor"),),
        acquired="since_on",
        triggers={"contract_end": "ended_on"},
    )
    bills = Table(
        name="bills",
        label="請求",
        subject="customer",
        key=("bill_no",),
        columns=columns(
            bill_no="none", customer_no="none", charge="bill.charge", due_on="none", paid_on="none", made_on="none"
        ),
        owners=(Ownership(by="customer_no", column="customer_no", role="contractor"),),
        acquired="made_on",
        triggers={"due_on": "due_on"},
        settled="paid_on",
    )
    calls = Table(
        name="calls",
        label="通話",
        subject="customer",
        key=("call_no",),
        columns=columns(
            call_no="none", caller="traffic.caller", callee="traffic.callee", started_at="none", day="none"
        ),
        owners=tuple(
            Ownership(by="number", column=side, role=side, at="started_at", erasure=PartyErasure.BLANK, blanks=(side,))
            for side in ("caller", "callee")
        ),
        acquired="started_at",
        triggers={"started_at": "started_at"},
        partition="day",
    )
    tickets = Table(
        name="tickets",
        label="問い合わせ",
        subject="customer",
        key=("ticket_no",),
        columns=columns(ticket_no="none", customer_no="none", content="inquiry.content", received_on="none"),
        owners=(Ownership(by="customer_no", column="customer_no", role="inquirer"),),
        acquired="received_on",
        triggers={"received": "received_on"},
    )
    tables = {"crm": crm, "billing": bills, "cdr": calls, "support": tickets}
    order = {"cdr": 10, "support": 20, "billing": 30, "crm": 90}
    systems = {
        id_: System(
            id=id_, label=id_, kind=SystemKind.SQLITE, url="", tables={table.name: table}, erase_order=order[id_]
        )
        for id_, table in tables.items()
    }
    return DataMap(id="small", sha256="1" * 64, systems=systems)
