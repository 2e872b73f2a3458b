"""A case as a machine: whatever clerks do in whatever order, and wherever a process dies, no request is lost, none is
answered twice, and nobody is answered before it is known who asks.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import answers_world as aw
import pytest
from django.conf import settings as django
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import Presented, scans
from sekisho.casework.subject_requests.actions.frauds import record_check
from sekisho.casework.subject_requests.queries import frauds
from sekisho.casework.subject_requests.queries.answers import parts_of
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.answering import AnswerState, EffectState
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.fraud import Result, State
from sekisho.casework.subject_requests.rules.gathering import RedactionState
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.casework.subject_requests.rules.papers import Agency
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as ledger
from sekisho.evidence import queries as evidence

KINDS = ("disclosure", "purpose_notice", "provision_stop")
PAPERS = (
    Presented(paper="drivers_licence", expires_on=date(2028, 5, 9)),
    Presented(paper="residence_record", issued_on=date(2026, 10, 1)),
    Presented(paper="health_insurance_card", expires_on=date(2028, 5, 9)),  # dead: proves nothing
)
DIES = st.one_of(st.none(), st.none(), st.integers(1, 3))


class Died(Exception):
    """The process died here."""


@dataclass
class Told:
    """What the machine knows of a case."""

    reference: str
    kind: str
    papers: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)


@contextmanager
def dying(at: int | None) -> Iterator[None]:
    """The process dies before or after the `at`th thing it writes: an entry of the ledger or a sealed document."""
    patch, written = pytest.MonkeyPatch(), [0]

    def counted(write: Callable[..., Any]) -> Callable[..., Any]:
        def or_die(*args: Any, **values: Any) -> Any:
            written[0] += 1
            if written[0] == at:
                raise Died
            done = write(*args, **values)
            if at is not None and written[0] + 1 == at and len(args) == 2:
                written[0] += 1
                raise Died  # the document stands, what says so does not
            return done

        return or_die

    patch.setattr(ledger, "append", counted(ledger.append))
    patch.setattr(scans, "seal", counted(scans.seal))
    try:
        with suppress(Died):
            yield
    finally:
        patch.undo()


class Desk(RuleBasedStateMachine):
    """Two clerks over a few cases of one person."""

    world: ClassVar[ModuleType]
    answered: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[Told] = []

    def pick(self, data: st.DataObject) -> Told | None:
        return data.draw(st.sampled_from(self.cases)) if self.cases else None

    def tried(self, call: Callable[..., Any], dies: int | None, **values: Any) -> bool:
        """Once with a process that may die, once more as whoever comes after would. Refusals are part of the game."""
        done = False
        for point in (dies, None):
            with suppress(SekishoError), dying(point):
                call(**values, at=self.world.AT)
                done = True
            if done or point is None:
                break
        return done

    @initialize(first=st.lists(st.tuples(st.sampled_from(KINDS), DIES, st.integers(0, 10)), min_size=1, max_size=2))
    def requests_come(self, first: list[tuple[str, int | None, int]]) -> None:
        for kind, dies, steps in first:
            case = actions.open_case(
                person=self.world.HANA, kind=kind, received_on=self.world.ON, at=self.world.AT, acting_user=aw.CLERK
            )
            self.cases.append(Told(case.reference, kind))
            self.goes_on(self.cases[-1], dies, steps)

    @rule(data=st.data(), paper=st.sampled_from(PAPERS), dies=DIES)
    def a_paper_comes(self, data: st.DataObject, paper: Presented, dies: int | None) -> None:
        if case := self.pick(data):
            self.tried(actions.record_paper, dies, reference=case.reference, paper=paper, acting_user=aw.CLERK)

    @rule(data=st.data(), reply=st.sampled_from(["electronic", "mail"]))
    def the_person_chooses(self, data: st.DataObject, reply: str) -> None:
        if case := self.pick(data):
            values = {"reference": case.reference, "reply": reply, "agency": Agency.NONE, "acting_user": aw.CLERK}
            self.tried(actions.choose, None, **values)

    @rule(data=st.data(), yen=st.sampled_from([660, 500]))
    def money_comes(self, data: st.DataObject, yen: int) -> None:
        if case := self.pick(data):
            piece = Tendered(instrument="stamps", yen=yen)
            values = {"reference": case.reference, "piece": piece, "came_by": Channel.MAIL, "acting_user": aw.CLERK}
            self.tried(actions.record_payment, None, **values)

    @rule(data=st.data(), dies=DIES)
    def identity_is_checked(self, data: st.DataObject, dies: int | None) -> None:
        if case := self.pick(data):
            self.tried(actions.record_identity_check, dies, reference=case.reference, acting_user=aw.CLERK)

    @rule(data=st.data(), dies=DIES)
    def everything_is_gathered(self, data: st.DataObject, dies: int | None) -> None:
        if case := self.pick(data):
            self.tried(actions.gather, dies, reference=case.reference, acting_user=aw.CLERK)

    @rule(data=st.data(), keep=st.booleans())
    def redactions_are_decided(self, data: st.DataObject, keep: bool) -> None:
        case = self.pick(data)
        ref = queries.gathering_of(case.reference) if case else ""
        if not ref:
            return
        for one in queries.gathered(ref).waiting:
            values = {"ref": ref, "number": one.number, "keep": keep, "reason": "" if keep else "own"}
            self.tried(actions.decide_redaction, None, **values, acting_user=aw.CLERK)

    @rule(data=st.data(), by=st.sampled_from([aw.CLERK, aw.SECOND]), dies=DIES)
    def an_answer_is_drafted(self, data: st.DataObject, by: str, dies: int | None) -> None:
        if case := self.pick(data):
            values = {"reference": case.reference, "decisions": [], "to": aw.to(), "acting_user": by}
            self.tried(actions.draft_answer, dies, **values)

    @rule(
        data=st.data(), by=st.sampled_from([aw.CLERK, aw.SECOND]), right=st.booleans(), reads=st.booleans(), dies=DIES
    )
    def somebody_approves(self, data: st.DataObject, by: str, right: bool, reads: bool, dies: int | None) -> None:
        case = self.pick(data)
        if case and (found := queries.answer_in_hand(case.reference)):
            digest = found.sha256 if right else "0" * 64
            if reads:
                self.tried(actions.open_answer, None, ref=found.ref, account=by)
            self.tried(actions.approve_answer, dies, ref=found.ref, sha256=digest, acting_user=by)
            now = queries.answer(found.ref)
            if now.state is AnswerState.APPROVED and found.state is AnswerState.DRAFTED:
                assert right
                assert all(one.state is State.CLEAR for one in frauds.checks_of(case.reference, self.world.AT))
                assert by != found.made_by
                assert all(is_read for _name, is_read in parts_of(found.ref, by))

    @rule(data=st.data(), dies=DIES)
    def the_answer_leaves(self, data: st.DataObject, dies: int | None) -> None:
        if case := self.pick(data):
            self.leaves(case, dies)

    def leaves(self, case: Told, dies: int | None) -> None:
        found = queries.answer_in_hand(case.reference)
        if found and found.state is AnswerState.SENT:
            assert not self.tried(actions.send_answer, dies, ref=found.ref, sent_on=self.world.ON, acting_user=aw.CLERK)
        elif found:
            was_current = queries.is_current(found.ref, self.world.AT)
            self.tried(actions.send_answer, dies, ref=found.ref, sent_on=self.world.ON, acting_user=aw.CLERK)
            if queries.answer(found.ref).state is AnswerState.SENT:
                assert found.state is AnswerState.APPROVED
                assert was_current, "what it rests on had changed"
                case.sent.append(found.ref)
                actions.bring_about(answer_ref=found.ref, at=self.world.AT, acting_user="jobs")
                assert all(one.state is EffectState.DONE for one in queries.effects_of(found.ref))
                Desk.answered += 1

    @rule(data=st.data(), dies=DIES, steps=st.integers(3, 14))
    def a_clerk_who_knows_goes_on(self, data: st.DataObject, dies: int | None, steps: int) -> None:
        if case := self.pick(data):
            self.goes_on(case, dies, steps)

    def goes_on(self, case: Told, dies: int | None, steps: int) -> None:
        """The next steps as the desk would take them; a process may die in each."""
        for _ in range(steps):
            found, ref = queries.case(case.reference), queries.gathering_of(case.reference)
            answer = queries.answer_in_hand(case.reference)
            by = {"reference": case.reference, "acting_user": aw.CLERK}
            stands = queries.standing(case.reference, self.world.AT)
            if not found.is_open:
                return
            if stands.evidence.needs:
                for paper in PAPERS[:2]:
                    self.tried(actions.record_paper, dies, **by, paper=paper)
            elif stands.payment.lacking:
                piece = Tendered(instrument="stamps", yen=stands.payment.lacking)
                self.tried(actions.record_payment, dies, **by, piece=piece, came_by=Channel.MAIL)
            elif found.identity_checked_at is None:
                self.tried(actions.record_identity_check, dies, **by)
            elif case.kind == "disclosure" and not ref:
                self.tried(actions.gather, dies, **by)
            elif case.kind == "disclosure" and not answer and queries.gathered(ref).waiting:
                for one in queries.gathered(ref).waiting:
                    values = {"ref": ref, "number": one.number, "keep": True, "acting_user": aw.CLERK}
                    self.tried(actions.decide_redaction, dies, **values)
            elif answer is None:
                self.tried(actions.draft_answer, dies, **by, decisions=[], to=aw.to())
            elif checks := [one for one in frauds.checks_of(case.reference, self.world.AT) if one.state is State.OPEN]:
                told = {"result": Result.CLEAR, "how": "照合した", "is_officer": True}
                for check in checks:
                    self.tried(record_check, dies, **by, **told, key=check.seen.key)
            elif answer.state is AnswerState.DRAFTED and queries.is_current(answer.ref, self.world.AT):
                other = aw.SECOND if answer.made_by == aw.CLERK else aw.CLERK
                self.tried(actions.open_answer, None, ref=answer.ref, account=other)
                self.tried(actions.approve_answer, dies, ref=answer.ref, sha256=answer.sha256, acting_user=other)
            elif queries.is_current(answer.ref, self.world.AT):
                self.leaves(case, dies)
            else:
                self.tried(actions.withdraw_answer, dies, ref=answer.ref, acting_user=aw.CLERK)

    @rule(data=st.data(), dies=DIES)
    def the_answer_is_taken_back(self, data: st.DataObject, dies: int | None) -> None:
        case = self.pick(data)
        if case and (found := queries.answer_in_hand(case.reference)):
            self.tried(actions.withdraw_answer, dies, ref=found.ref, acting_user=aw.CLERK)

    @rule(data=st.data(), seldom=st.integers(0, 4))
    def the_request_is_withdrawn(self, data: st.DataObject, seldom: int) -> None:
        if (case := self.pick(data)) and seldom == 1:
            values = {"reference": case.reference, "outcome": Outcome.WITHDRAWN, "answered_on": None}
            self.tried(actions.close_case, None, **values, acting_user=aw.CLERK)

    @invariant()
    def no_request_is_lost(self) -> None:
        known = {case.reference for case in queries.cases()}
        assert {case.reference for case in self.cases} <= known

    @invariant()
    def nobody_is_answered_twice_or_unknown(self) -> None:
        sent = [str(one.body["answer"]) for one in evidence.records(kinds=["request.answer-sent"], newest=1000)]
        for told in self.cases:
            case, answers = queries.case(told.reference), queries.answers_of(told.reference)
            gone = [one for one in answers if one.state is AnswerState.SENT]
            assert [one.ref for one in gone] == told.sent
            assert len(gone) <= 1
            assert sum(ref.startswith(f"{told.reference}-") for ref in sent) == len(gone)
            assert sum(one.state is not AnswerState.WITHDRAWN for one in answers) <= 1
            if answers:
                assert case.identity_checked_at is not None
            if gone:
                assert (case.is_open, case.outcome) == (False, gone[0].outcome)
                assert gone[0].approved_by
                assert gone[0].approved_by != gone[0].made_by
            else:
                assert case.is_open or case.outcome == Outcome.WITHDRAWN

    @invariant()
    def what_left_shows_nothing_undecided(self) -> None:
        for told in self.cases:
            if told.kind == "disclosure" and told.sent:
                states = {one.state for one in queries.gathered(queries.gathering_of(told.reference)).redactions}
                assert RedactionState.PROPOSED not in states


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, home = aw.carrier(), tmp_path_factory.mktemp("machine")
    module.write_stores(home)
    return module, home


def test_no_request_is_lost_doubled_or_answered_to_a_stranger(
    stores: tuple[ModuleType, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    Desk.world, home = stores
    monkeypatch.setattr(django, "HOME", tmp_path / "home")
    shutil.copytree(home, tmp_path / "home")
    Desk.world.fill_registers()
    run_state_machine_as_test(Desk, settings=settings(max_examples=settings().max_examples // 5, stateful_step_count=6))
    assert Desk.answered, "the machine hardly ever came to an answer: it proves little"
