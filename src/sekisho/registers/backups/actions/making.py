"""Make a backup: copy, seal, sign, write down. And let one die: its key first, then its files."""

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import keys, queries
from sekisho.evidence.actions import append
from sekisho.evidence.body import instant
from sekisho.evidence.folder import Folder
from sekisho.registers.backups.actions import copying, sealed
from sekisho.registers.backups.actions.copying import Piece
from sekisho.registers.backups.actions.keeping import destroy, keep_apart
from sekisho.registers.backups.models import Backup
from sekisho.registers.backups.queries.apart import Apart, of_log
from sekisho.registers.backups.queries.configured import foreign_stores
from sekisho.registers.backups.queries.stores import stores
from sekisho.registers.backups.rules import ROOM, manifest
from sekisho.registers.backups.rules.limits import limits
from sekisho.registers.backups.rules.manifest import Manifest, Part
from sekisho.registers.policies import queries as policies

KEY_SIZE = 32
WORK = ".backup-"


@dataclass(slots=True, kw_only=True)
class _Making:
    ref: str
    folder: Path
    key: bytes
    parts: list[Part] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def take(self, pieces: Iterable[Piece]) -> None:
        """Seal every piece, and count the time per store, the copying included."""
        began = time.monotonic()
        for piece in pieces:
            number = len(self.parts) + 1
            name = f"{number:06d}"
            written = sealed.seal(piece.chunks, self.folder / manifest.PARTS / name, self.key, self.ref, number)
            self.parts.append(
                Part(
                    path=piece.path,
                    part=name,
                    size=written.size,
                    sha256=written.sha256,
                    sealed_sha256=written.sealed_sha256,
                    system=piece.system,
                )
            )
            store, now = piece.system or "files", time.monotonic()
            self.seconds[store] = self.seconds.get(store, 0.0) + now - began
            began = now


def make_backup(*, target: Path, at: datetime, acting_user: str, days: int | None = None) -> str:
    """Copy everything this home holds into a new folder under `target`; returns the backup's reference.

    Each store is as it was at one instant; the product database is copied first, so that the stores are never older
    than what the register says of them. Evidence: `backups.made` with the manifest's hash.
    Raises: backups.place-not-usable, backups.place-inside, what a store refuses.
    """
    home = Path(settings.HOME).resolve()
    target = target.absolute()
    if target.resolve().is_relative_to(home):
        raise SekishoError("backups.place-inside", room=ROOM, place=target)
    kept = keep_apart()
    signer = keys.signer(home)
    apart = of_log(home, signer.name)
    ref = f"backup-{uuid4().hex[:12]}"
    folder = target / f"{ref}.unfinished"
    work = home / f"{WORK}{ref}"
    try:
        making = _Making(ref=ref, folder=folder, key=_key(apart, ref))
        (folder / manifest.PARTS).mkdir(parents=True, mode=0o700)
        work.mkdir(mode=0o700)
        for pieces in (copying.product(work), copying.ledger(), copying.systems(work), copying.rest()):
            making.take(pieces)
        document, note = manifest.signed(_manifest(making, signer.name, kept.count, apart, at, days), signer)
        Folder(folder).write({manifest.FILE: document, manifest.NOTE: note.encode()})
        folder.rename(target / ref)
    except OSError as error:
        _give_up(apart, ref, folder)
        raise SekishoError("backups.place-not-usable", room=ROOM, place=target, why=error.strerror) from error
    except SekishoError:
        _give_up(apart, ref, folder)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _write_down(ref, target / ref, document, making, at, acting_user, days)
    return ref


def expire_backups(*, at: datetime, acting_user: str = "sekisho") -> tuple[str, ...]:
    """Let every backup die whose day has come; returns which. A repeat is a no-op. Evidence: `backups.destroyed`."""
    over = Backup.objects.filter(destroyed_at=None, expires_on__lte=tokyo_date(at)).values_list("ref", flat=True)
    return tuple(ref for ref in over if destroy_backup(ref=ref, at=at, acting_user=acting_user))


def destroy_backup(*, ref: str, at: datetime, acting_user: str) -> bool:
    """Destroy a backup's key, wherever its copies are, then its files; returns whether it lived until now.

    Evidence: `backups.destroyed`. Raises: backups.unknown-backup.
    """
    row = Backup.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("backups.unknown-backup", room=ROOM, backup=ref if ref.isascii() else "?")
    home = Path(settings.HOME)
    destroy(of_log(home, keys.signer(home).name).backup_key(ref))
    place = Path(row.place)
    shutil.rmtree(place, ignore_errors=True)
    with transaction.atomic():
        row = Backup.objects.select_for_update().get(ref=ref)
        if row.destroyed_at is not None:
            return False
        row.destroyed_at, row.files_left = at, place.exists()
        row.save(update_fields=["destroyed_at", "files_left"])
        append(kind="backups.destroyed", body={"backup": ref, "files_left": row.files_left, "by": acting_user}, at=at)
    return True


def _key(apart: Apart, ref: str) -> bytes:
    """The key stands apart before anything is sealed under it."""
    path, key = apart.backup_key(ref), token_bytes(KEY_SIZE)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    Folder(path.parent).write({path.name: key})
    path.chmod(0o600)
    return key


def _give_up(apart: Apart, ref: str, folder: Path) -> None:
    destroy(apart.backup_key(ref))
    shutil.rmtree(folder, ignore_errors=True)


def _manifest(making: _Making, log: str, count: int, apart: Apart, at: datetime, days: int | None) -> Manifest:
    policy, state = policies.in_force(at), queries.state()
    era = next(one for one in policies.records() if one.era == policy.era and one.superseded_at is None)
    return Manifest(
        ref=making.ref,
        made_at=instant(at),
        expires_on=_expiry(at, days).isoformat(),
        policy=policy.era,
        policy_sha256=era.sha256,
        log=log,
        ledger_size=state.size,
        checkpoint=Folder(Path(settings.HOME) / "ledger").read_text("checkpoint"),
        tombstones=count,
        tombstones_sha256=apart.head().sha256,
        database=connection.vendor,
        migrations=_migrations(),
        parts=tuple(making.parts),
        left_out=tuple({"path": one.path, "why": one.why} for one in limits().left_out),
        foreign=foreign_stores(stores().foreign),
        seconds={store: f"{taken:.3f}" for store, taken in making.seconds.items()},
    )


def _migrations() -> Mapping[str, str]:
    """The newest migration of each app."""
    newest: dict[str, str] = {}
    for app, name in MigrationRecorder(connection).applied_migrations():
        newest[app] = max(name, newest.get(app, ""))
    return newest


def _expiry(at: datetime, days: int | None) -> date:
    return tokyo_date(at) + timedelta(days=limits().days if days is None else days)


def _write_down(
    ref: str, place: Path, document: bytes, making: _Making, at: datetime, acting_user: str, days: int | None
) -> None:
    size = sum(part.size for part in making.parts)
    digest = sha256(document).hexdigest()
    with transaction.atomic():
        Backup.objects.create(
            ref=ref, place=str(place), made_at=at, expires_on=_expiry(at, days), manifest_sha256=digest, bytes=size
        )
        body = {
            "backup": ref,
            "manifest": digest,
            "expires_on": _expiry(at, days).isoformat(),
            "bytes": size,
            "parts": len(making.parts),
            "by": acting_user,
        }
        append(kind="backups.made", body=body, at=at)
