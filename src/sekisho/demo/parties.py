"""Those to whom data may go: the assignee of arrears, carriers abroad and at home, the joint user, contractors."""

from datetime import date, timedelta

from sekisho.registers.recipients.actions import NewContract, NewRecipient

CLAUSES = (
    "protection",
    "confidentiality",
    "sub_entrustment",
    "audit",
    "security",
    "incident_report",
    "return_or_erasure",
    "purpose_limit",
    "supervision",
)
WITHOUT_AUDIT = "mailing-hoso"  # planted: its contract lacks the audit clause


def recipients(today: date) -> tuple[NewRecipient, ...]:
    """Everybody in the register of recipients."""
    year = timedelta(days=365)

    def contract(ref: str, kind: str, *clauses: str, tasks: tuple[str, ...] = ()) -> NewContract:
        return NewContract(
            ref=ref,
            kind=kind,
            since=today - 2 * year,
            until=today + year,
            clauses=clauses,
            selection_checked_on=today - 2 * year - timedelta(days=30),
            reviewed_on=today - timedelta(days=120),
            tasks=tasks,
        )

    without_audit = tuple(clause for clause in CLAUSES if clause != "audit")
    return (
        NewRecipient(
            ref="assignee-aoba",
            kind="debt_assignee",
            label="青葉債権回収(試験)株式会社",
            verified_on=today - year,
            contracts=(contract("A-2024-01", "assignment", "protection", "confidentiality"),),
        ),
        NewRecipient(
            ref="carrier-nordlys",
            kind="international_carrier",
            label="Nordlys Test Telecom AS",
            country="NO",
            safeguards=True,
            verified_on=today - timedelta(days=200),
            contracts=(contract("T-2024-01", "carrier_terms"),),
        ),
        NewRecipient(
            ref="carrier-seto",
            kind="international_carrier",
            label="瀬戸国際通信(試験)株式会社",
            verified_on=today - timedelta(days=90),
            contracts=(contract("T-2024-02", "carrier_terms"),),
        ),
        NewRecipient(
            ref="carrier-unsafe",
            kind="international_carrier",
            label="Example Overseas Carrier",
            country="ZZ",
        ),
        NewRecipient(ref="restart", kind="restart", label="一般社団法人リスタート", member_since=today - 2 * year),
        NewRecipient(
            ref="shop-agency-higashi",
            kind="sales_contractor",
            label="東エージェンシー(試験)株式会社",
            contracts=(contract("E-2024-01", "entrustment", *CLAUSES, tasks=("sales", "reception")),),
        ),
        NewRecipient(
            ref="billing-ruten",
            kind="billing_contractor",
            label="流転データ処理(試験)株式会社",
            contracts=(contract("E-2024-02", "entrustment", *CLAUSES, tasks=("billing",)),),
        ),
        NewRecipient(
            ref="support-hibiki",
            kind="support_contractor",
            label="響コンタクト(試験)株式会社",
            contracts=(contract("E-2024-03", "entrustment", *CLAUSES, tasks=("support",)),),
        ),
        NewRecipient(
            ref=WITHOUT_AUDIT,
            kind="mailing_contractor",
            label="豊送メーリング(試験)株式会社",
            contracts=(contract("E-2024-04", "entrustment", *without_audit, tasks=("mailing",)),),
        ),
        NewRecipient(
            ref="maintenance-kaname",
            kind="maintenance_contractor",
            label="要網保守(試験)株式会社",
            contracts=(contract("E-2024-05", "entrustment", *CLAUSES, tasks=("maintenance",)),),
        ),
    )
