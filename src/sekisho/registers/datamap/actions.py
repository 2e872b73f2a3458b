"""Adopting a version of the data map."""

from collections.abc import Mapping
from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.datamap import rules
from sekisho.registers.datamap.models import DataMapVersion
from sekisho.registers.policies import queries as policies


def adopt(*, files: Mapping[str, str], at: datetime, acting_user: str) -> str:
    """Take a checked data map into the register, held against the policy in force; returns its hash.

    `files` are the documents of a policy folder; read is `datamap.yaml`. Adopting the same twice is a no-op.
    Evidence: `datamap.adopted`. Raises: DocumentRefused, datamap.no-file.
    """
    path = next((name for name in files if name.rsplit("/", 1)[-1] == rules.FILE), None)
    if path is None:
        raise SekishoError("datamap.no-file", room=rules.ROOM, file=rules.FILE)
    datamap = rules.load(files[path], policies.in_force(at))
    with writing():
        latest = DataMapVersion.objects.last()
        if latest is not None and latest.sha256 == datamap.sha256:
            return datamap.sha256
        DataMapVersion.objects.create(
            map_id=datamap.id, sha256=datamap.sha256, text=files[path], adopted_at=at, adopted_by=acting_user
        )
        append(
            kind="datamap.adopted",
            body={"map": datamap.id, "sha256": datamap.sha256, "systems": len(datamap.systems), "by": acting_user},
            at=at,
        )
    return datamap.sha256
