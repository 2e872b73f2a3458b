"""A carrier for the benchmark: policy adopted, 10,000 people, their objections, four actors, in a fresh home."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from gdpr.doing import object_to
from gdpr.workload import USERS, objected, record

POLICY = Path(__file__).parent / "policy.yaml"
ACTORS = {"controller": "controller", "customer": "portal", "processor": "processor", "regulator": "auditor"}
AT = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = date(2025, 12, 1)


@contextmanager
def carrier(home: Path) -> Generator[None]:
    """Build it, run under it, and number its evidence at the end."""
    os.environ["SEKISHO_HOME"] = str(home)
    os.environ.pop("SEKISHO_DATABASE_URL", None)
    from sekisho.entrypoints import carrier as carriers
    from sekisho.entrypoints import runtime

    home.mkdir(parents=True, exist_ok=True)
    carriers.write(home, carriers.Carrier(name="測定通信", policy=POLICY.parent))
    with runtime.running(building=home):
        _fill()
        yield


def _fill() -> None:
    from sekisho.registers.identities.actions import NewPerson, import_population
    from sekisho.registers.people.actions import NewStaff, enrol
    from sekisho.registers.policies.actions import adopt

    adopt(files={"policy.yaml": POLICY.read_text(encoding="utf-8")}, at=AT, acting_user="benchmark")
    people = (NewPerson(ref=f"usr{n}", kinds=("customer",), acquired_on=SINCE) for n in range(USERS))
    import_population(people=people, at=AT, acting_user="benchmark")
    objections = ((f"usr{n}", objected(record(n)["obj"])) for n in range(USERS))
    object_to((usr, purpose) for usr, purpose in objections if purpose is not None)
    today = datetime.now(UTC).date()
    enrol(
        staff=(
            NewStaff(
                ref=ref, display_name=ref, role=role, employment="regular", joined_on=SINCE, trained_on=today,
                pledged_on=today, acknowledged_era="gdprbench@1",
            )
            for ref, role in ACTORS.items()
        ),
        at=AT,
        acting_user="benchmark",
    )  # fmt: skip
