"""Telling the story in the terminal: progress bars while it happens, a few plain lines of what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from sekisho.demo.built import Built
from sekisho.demo.listing import Listed
from sekisho.demo.loading import Loaded
from sekisho.demo.story import Decided, Erased, Swept, Verified
from sekisho.engine.policy.model import Policy

ANSWERS = {"permit": "許可", "refuse": "拒否", "needs_consent": "同意が必要", "needs_approval": "承認が必要"}
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Chapter:
    """One running chapter: how far it has come."""

    progress: Progress
    task: TaskID

    def said(self, what: str, count: int) -> None:
        """So many of something are done; how many there will be is not known."""
        self.progress.update(self.task, detail=f"{what} {count:,}")

    def counted(self, done: int, total: int, what: str) -> None:
        """So many of so many are done."""
        self.progress.update(self.task, completed=done, total=total, detail=what or f"{done:,}/{total:,}")


class Teller:
    """Tells the story as it happens, in Japanese. Values of people are never told."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.progress = Progress(
            SpinnerColumn(finished_text="○"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=self.console,
        )

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    @contextmanager
    def chapter(self, title: str) -> Iterator[Chapter]:
        """A chapter with its bar; full when it ends."""
        task = self.progress.add_task(title, total=None, detail="")
        yield Chapter(self.progress, task)
        total = self.progress.tasks[task].total or 1
        self.progress.update(task, completed=total, total=total)

    def say(self, *lines: str) -> None:
        """Some lines, above the bars."""
        self.progress.console.print(*lines, sep="\n", markup=False, soft_wrap=True)

    def checked(self, policy: Policy) -> None:
        """The policy."""
        assumed = "" if policy.effective_on else "（施行日は公表されていないため、仮の日）"
        self.say(
            f"方針を確かめました: {policy.operator.name.ja} {policy.version}版、"
            f"{len(policy.clauses)}/{policy.clause_count}条項、{policy.in_force_from}から{assumed}"
        )

    def built(self, built: Built, loaded: Loaded) -> None:
        """The carrier."""
        rows = sum(built.rows.values())
        self.say(
            f"五つの系に{rows:,}行、本人{loaded.people:,}人、同意の記録{loaded.consents:,}件、"
            f"担当者{loaded.staff:,}人。わざと{len(built.defects)}の欠陥を仕込みました（defects.json）"
        )

    def decided(self, decided: Decided) -> None:
        """What the gate said."""
        total = sum(decided.answers.values())
        counts = "、".join(f"{ANSWERS[word]}{count:,}件" for word, count in sorted(decided.answers.items()))
        self.say(f"{total:,}件を判定しました: {counts}。許可しなかったもののうち:")
        self.say(*(f"  × {asked}: {why}" for asked, why in decided.refused[-SHOWN:]))

    def swept(self, swept: Swept) -> None:
        """What the sweep did."""
        places = "、".join(f"{place} {rows:,}" for place, rows in swept.by_place)
        unswept = f"。判断できず残したところ {swept.unswept}" if swept.unswept else ""
        self.say(f"{swept.examined:,}行を調べ、期限の来た{swept.erased:,}行を消しました（{places}）{unswept}")

    def erased(self, erased: Erased) -> None:
        """How the erasure ended."""
        if erased.certificate:
            self.say(
                f"1人を{erased.steps}段で消去し、別の読み手で確かめました。証明: {erased.certificate.name}",
                *(f"  留保 {one}" for one in erased.retained),
            )
        else:
            self.say(f"1人の消去は終わっていません（{erased.status}）", *(f"  {why}" for why in erased.why))

    def listed(self, listed: Sequence[Listed]) -> None:
        """The lists."""
        for one in listed:
            kind = "全員へのお知らせ" if one.is_notice else "案内"
            waits = "。別の人の承認を待っています" if one.needs_approval else ""
            self.say(f"{kind}の名簿 {one.ref}: {one.people:,}人のうち{one.rows:,}人{waits}")

    def verified(self, verified: Verified) -> None:
        """The ledger."""
        if verified.problems:
            self.say(f"証跡{verified.entries:,}件に問題があります: {'、'.join(verified.problems)}")
        else:
            self.say(f"証跡{verified.entries:,}件を検証しました。問題はありません")

    def board(self, counts: Mapping[str, int]) -> None:
        """The promise board."""
        self.say(
            f"履行台帳: 履行中 {counts.get('kept', 0)}、未確認 {counts.get('unproven', 0)}、違反 {counts.get('broken', 0)}"
            "（違反は、仕込んだ欠陥を制御が見つけたものです）"
        )

    def ended(self, home: Path, seconds: float) -> None:
        """The end."""
        self.say(f"{seconds:.0f}秒でできました。場所は {home}。見るには ./run または sekisho serve")
