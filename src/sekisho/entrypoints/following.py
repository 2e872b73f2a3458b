"""Following the policy folder: a demo carrier's edited document is taken into force; a faulty one changes nothing."""

from datetime import datetime
from pathlib import Path

from sekisho.entrypoints import carrier as carriers
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.policies import actions as policies
from sekisho.registers.policies import queries as versions

DATA_MAP = "datamap.yaml"


def follow(home: Path, at: datetime) -> bool:
    """Adopt the documents of this home's policy folder if it follows them; returns whether the versions changed.

    Raises: DocumentRefused with every fault, whatever reading the folder raises.
    """
    carrier = carriers.read(home)
    if carrier is None or not carrier.follow:
        return False
    documents = carrier.documents()
    live = [record.era for record in versions.records() if record.superseded_at is None]
    if any(versions.files(era) == documents for era in live):
        return False
    before = _hashes()
    policies.adopt(files=documents, at=at, acting_user="follow", may_correct=carrier.demo)
    if any(name.rsplit("/", 1)[-1] == DATA_MAP for name in documents):
        datamap.adopt(files=documents, at=at, acting_user="follow")
    return _hashes() != before


def _hashes() -> tuple[str, ...]:
    return tuple(record.sha256 for record in versions.records() if record.superseded_at is None)
