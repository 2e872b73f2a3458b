"""Console: the backups that live, what is kept apart, who came back, and what the drills showed, stage by stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import queries as evidence
from sekisho.registers.backups.queries.standing import (
    BackupRecord,
    DrillRecord,
    KeptApart,
    backups,
    drills,
    kept_apart,
    last_days,
    quarantined,
)
from sekisho.registers.backups.rules.limits import limits
from sekisho.registers.datamap import queries as datamaps
from sekisho.web.roles import Role, require_role

READING = (Role.OFFICER, Role.DEPUTY, Role.ENGINEER, Role.AUDITOR)
MEGA = 1_000_000
MANY = 10
STAGES: Mapping[str, Promise] = {
    "spread": gettext_lazy("訓練の始めから、写し終わるまで"),
    "brought": gettext_lazy("ホームの外から写す"),
    "backup": gettext_lazy("バックアップ"),
    "copied": gettext_lazy("写して封をする"),
    "planned": gettext_lazy("消去の計画"),
    "suppressed": gettext_lazy("利用の差止め"),
    "erased": gettext_lazy("消去"),
    "verified": gettext_lazy("検査"),
    "certified": gettext_lazy("証明"),
    "restored": gettext_lazy("復元"),
    "checked": gettext_lazy("反映と確認"),
    "replayed": gettext_lazy("消去のやり直し"),
    "looked": gettext_lazy("独立した検査"),
}
UNDRILLED: Mapping[str, Promise] = {
    "left-out": gettext_lazy("大きさのため、この訓練では外しました。"),
    "kind": gettext_lazy("この種類の写しはつくれません。事業者の手順で、復元を確かめてください。"),
    "no-place": gettext_lazy("carrier.yaml の backups.drill に、訓練用の空のデータベースを書いてください。"),
    "no-tools": gettext_lazy(
        "写す道具（PostgreSQL は pg_dump と pg_restore、MariaDB は mariadb-dump と mariadb）を、この機械に入れてください。"
    ),
    "remote": gettext_lazy("クラスターのファイルが、この機械から見えません。事業者の手順で、復元を確かめてください。"),
    "not-there": gettext_lazy("置き場所が見つかりません。carrier.yaml の urls を確かめてください。"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A backup as the page shows it."""

    backup: BackupRecord
    age: int
    left: int
    megabytes: str
    word: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next step: what, why, and the command that does it."""

    what: str
    note: str
    command: str


@require_GET
@require_role(*READING)
def page(request: HttpRequest) -> HttpResponse:
    """Backups with their age, what is kept apart, restores, drills and their times by store."""
    at = timezone.now()
    held, back = drills(MANY), quarantined()
    lines = [_line(one, at) for one in backups()]
    apart, fault = _apart()
    last = held[0] if held else None
    context = {
        "step": _step(lines, apart, fault, last, len(back), at),
        "lines": lines,
        "apart": apart,
        "fault": fault,
        "returned": back,
        "restores": [(one.at, one.body) for one in _restores()],
        "last": last,
        "columns": [_system(one) for one in last.systems()] if last else [],
        "stages": _stages(last) if last else [],
        "undrilled": [(_system(one["system"]), UNDRILLED.get(one["why"], one["why"])) for one in last.undrilled]
        if last
        else [],
        "held": held,
        "days": [(_system(str(one["system"])), one["dies_after_days"], one["said_by"]) for one in last_days()],
        "trail": [(_("運用"), ""), (_("バックアップと復元"), "")],
    }
    return render(request, "backups/console/backups.html", context)


def _restores() -> list[evidence.EntryRecord]:
    """The restores that were opened, newest first."""
    kinds = ("backups.opened",)
    return [*evidence.numbered_from(0, kinds), *evidence.unnumbered(kinds)][::-1][:MANY]


def _line(backup: BackupRecord, at: datetime) -> Line:
    today = tokyo_date(at)
    left = (backup.expires_on - today).days
    if backup.destroyed_at is None:
        word, mark = (_("期限内"), "kept") if left > 0 else (_("期限が来ています"), "late")
    else:
        word, mark = (_("鍵を壊しました"), "idle") if not backup.files_left else (_("鍵だけ壊しました"), "open")
    return Line(
        backup=backup,
        age=(today - tokyo_date(backup.made_at)).days,
        left=max(left, 0),
        megabytes=f"{backup.bytes / MEGA:,.1f}",
        word=word,
        mark=mark,
    )


def _apart() -> tuple[KeptApart | None, str]:
    try:
        return kept_apart(), ""
    except SekishoError as error:
        language = "en" if (get_language() or "ja").startswith("en") else "ja"
        return None, f"{error.message(language)} → {error.remedy(language)}（{error.code}）"


def _step(
    lines: list[Line], apart: KeptApart | None, fault: str, last: DrillRecord | None, back: int, at: datetime
) -> Step | None:
    """The worst first: somebody stands again, nothing could be restored, nobody has tried."""
    living = [line for line in lines if line.backup.destroyed_at is None]
    if back:
        what = _("消去した方の情報が%(n)s件戻っています。確かめて、片づける。") % {"n": f"{back:,}"}
        return Step(what=what, note=_("隔離しているため、利用はされません。"), command="sekisho backup returned")
    if not living:
        note = _("生きているバックアップは0件です。")
        return Step(what=_("バックアップをとる。"), note=note, command=_("sekisho backup make 置き場所"))
    if fault or (apart is not None and apart.missing):
        note = fault or _("墓標に抜けが%(n)s件あります。") % {"n": f"{apart.missing:,}" if apart else ""}
        return Step(what=_("別に保管したものを確かめる。"), note=note, command="sekisho backup apart")
    if last is None or (at - last.at).days > limits().drill_days:
        note = _("復元の訓練を%(n)s日以内に行っていません。") % {"n": limits().drill_days}
        return Step(what=_("復元の訓練を行う。"), note=note, command="sekisho backup drill")
    if not last.passed:
        note = _("前回の訓練で、消去した方が復元で戻りました。")
        return Step(what=_("原因を除いて、訓練をやり直す。"), note=note, command="sekisho backup drill")
    if last.undrilled:
        what = _("訓練していない%(n)s件のシステムを、訓練できるようにする。") % {"n": len(last.undrilled)}
        return Step(
            what=what, note=_("下の理由を除くまで、履行台帳は未確認のままです。"), command="sekisho backup drill"
        )
    return None


def _stages(drill: DrillRecord) -> list[tuple[str, list[tuple[str, int | None]]]]:
    """Stage by stage the milliseconds by store."""
    systems = drill.systems()
    return [
        (str(STAGES.get(stage, stage)), [(_system(one), row.get(one)) for one in systems])
        for stage, row in drill.table()
    ]


def _system(id_: str) -> str:
    """A system as the data map calls it; the whole, and our own database, have no name there."""
    own = {"": _("全体"), "sekisho": "Sekisho", "files": _("鍵と設定"), "ledger": _("証跡の台帳")}
    known = datamaps.current().systems.get(id_)
    return known.label if known else own.get(id_, id_)


urlpatterns = [path("backups/", page, name="backups")]
