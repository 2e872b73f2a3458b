"""The lines of an answer as they stand before and after the clerk's word, and everything the answer then says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.casework.subject_requests.queries.answer_letters import Sheet, SheetColumn, Told
from sekisho.casework.subject_requests.queries.cases import case
from sekisho.casework.subject_requests.queries.deciding import Weighing, grounds_of, refusals_of, weighings
from sekisho.casework.subject_requests.queries.effects import corrections_of
from sekisho.casework.subject_requests.queries.gathering import gathering_of, redacted
from sekisho.casework.subject_requests.queries.gathering_registers import is_own, own_words, registers_hold
from sekisho.casework.subject_requests.queries.holdings import holdings
from sekisho.casework.subject_requests.queries.letters import Recipient, said, told_day, words_of
from sekisho.casework.subject_requests.queries.standing import about_of, standing
from sekisho.casework.subject_requests.queries.telling import provision_records, purposes_of, unknown_lists
from sekisho.casework.subject_requests.rules import ROOM
from sekisho.casework.subject_requests.rules.answering import EffectKind
from sekisho.casework.subject_requests.rules.answering_lines import (
    AnswerLine,
    Decision,
    Grounds,
    Why,
    answering,
    decided,
    letter_of,
    outcome_of,
    require_lawful_parts,
)
from sekisho.casework.subject_requests.rules.deciding import Answer, Decides, Weighed
from sekisho.casework.subject_requests.rules.effects import Correction, effects
from sekisho.casework.subject_requests.rules.gathering import Closed, GatheredSection, Value
from sekisho.casework.subject_requests.rules.gathering_codes import coding_of
from sekisho.casework.subject_requests.rules.papers import Agency
from sekisho.casework.subject_requests.rules.subjects import bar_of
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import RequestGround
from sekisho.engine.law.pack import Law, law
from sekisho.engine.policy.model import Policy, Purpose, Text
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.policies import queries as policies

REGISTERS = "registers"  # the one line of an answer about what our own registers hold
REFUSED = Closed("refused")
RECORDS = "provision_records"  # the one line of an answer about records of provision


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """One line before anybody said a word: what it is about, and how law, promise and keeping stand to it."""

    item: str
    place: str
    label: Text
    where: Text
    weighed: Weighed

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.item}@{self.place}"


def open_lines(reference: str, at: datetime) -> tuple[OpenLine, ...]:
    """What an answer to this case has to say something about. Raises: requests.unknown-case."""
    found, policy = case(reference), policies.in_force(at)
    right = policy.rights.get(found.kind)
    if not found.person or right is None:
        return ()
    is_dead = about_of(found.person, at).is_dead
    if found.kind in answering()["records"]:
        label = Text("第三者に提供した記録", "records of provision")
        by_law = _by_law(RECORDS, right.clause, policy, is_dead=is_dead)
        line = OpenLine(item=RECORDS, place="", label=label, where=Text(""), weighed=by_law)
        return (line,) if provision_records(reference, at) else ()
    held = weighings(reference, at)
    if found.kind in answering()["corrected"]:
        return tuple(_corrections(reference, policy, held))
    lines = tuple(
        OpenLine(
            item=one.holding.item,
            place=one.holding.place.en,
            label=one.holding.label,
            where=Text(one.holding.place.ja),
            weighed=one.weighed,
        )
        for one in held
    )
    if found.kind in answering()["gathered"] and registers_hold(found.person, policy, besides=reference):
        return (*lines, _of_registers(_by_law(REGISTERS, right.clause, policy, is_dead=is_dead)))
    return lines


def _of_registers(by_law: Weighed) -> OpenLine:
    """The one line about our own registers."""
    system, words = own_words()["system"], own_words()["line"]
    label, where = Text(words["ja"], words["en"]), Text(system["ja"], system["en"])
    return OpenLine(item=REGISTERS, place=system["id"], label=label, where=where, weighed=by_law)


def _by_law(item: str, clause: str, policy: Policy, *, is_dead: bool) -> Weighed:
    """A line that is no class of the policy: the law wants it told to the living, and no promise is about it."""
    bar = bar_of(policy, item, is_deceased=is_dead)
    answer = Answer.REFUSE if bar else Answer.GRANT
    return Weighed(
        item=item, law=answer, promise=None, answer=answer, decides=Decides.LAW, clause=clause, because=(), bar=bar
    )


def lines_of(reference: str, words: Iterable[Decision], at: datetime) -> tuple[AnswerLine, ...]:
    """The lines of an answer under the clerk's words. Raises what `rules.answering_lines.decided` raises."""
    found, known = case(reference), law(tokyo_date(at))
    asking = {one.id: one for one in grounds_of(found.kind, at)}
    refusing = {one.id: one for one in refusals_of(found.kind, at)}
    grounds = Grounds(asking=asking.keys(), refusing=refusing.keys())
    said_of = {(one.item, one.place): one for one in words}
    lines, purposes = [], policies.in_force(at).purposes
    for one in open_lines(reference, at):
        word = said_of.get((one.item, one.place))
        answer, decides, ground, effect = decided(one.weighed, word, grounds)
        ground_of_law = refusing.get(ground) or (known.refusals.get(ground) if answer is Answer.REFUSE else None)
        lines.append(
            AnswerLine(
                item=one.item,
                place=one.place,
                label=one.label,
                where=one.where,
                answer=answer,
                decides=decides,
                clause=one.weighed.clause,
                ground=ground,
                reason=word.reason.strip() if word else "",
                effect=effect,
                purposes=tuple(_named(word, purposes)),
                stops=tuple(purposes[name].label for name in _named(word, purposes)),
                why=tuple(_why(one.weighed, decides, ground_of_law, known)) if answer is Answer.REFUSE else (),
            )
        )
    require_lawful_parts(found.kind, lines)
    return tuple(lines)


def _named(word: Decision | None, purposes: Mapping[str, Purpose]) -> Iterator[str]:
    for name in word.purposes if word is not None else ():
        if name not in purposes:
            raise SekishoError("requests.unknown-purpose", room=ROOM, purpose=name if name.isascii() else "?")
        yield name


def told_of_case(
    reference: str,
    *,
    answer: str,
    lines: tuple[AnswerLine, ...],
    corrections: tuple[Correction, ...],
    to: Recipient,
    reply: str,
    language: str,
    at: datetime,
) -> Told:
    """Everything the answer says. `corrections`: unsealed, of a case that asks for some.

    Raises: requests.not-gathered, requests.not-reviewed, requests.scan-gone.
    """
    found, policy = case(reference), policies.in_force(at)
    sheets: tuple[Sheet, ...] = ()
    if found.kind in answering()["gathered"]:
        ref = gathering_of(reference)
        if not ref:
            raise SekishoError("requests.not-gathered", room=ROOM, reference=reference)
        leaving = redacted(ref)
        statement, is_complete = leaving.statement(language), leaving.is_complete
        sheets = tuple(_sheets(leaving.sections, lines)) if any(line.is_granted for line in lines) else ()
    else:
        statement, is_complete = _looked(found.person, at, language)
        if found.kind in answering()["records"]:
            sheets = tuple(_records(reference, lines, language, at))
    if found.kind in answering()["records"] or EffectKind.RECIPIENT_NOTICE.value in effects()["kinds"].get(
        found.kind, ()
    ):
        statement = (*statement, *unknown_lists(at, language))
    outcome = outcome_of(lines, is_complete=is_complete)
    granted = {line.item for line in lines if line.is_granted}
    return Told(
        reference=reference,
        answer=answer,
        kind=found.kind,
        letter=letter_of(found.kind, outcome),
        outcome=outcome,
        reply=reply,
        to=to,
        language=language,
        lines=lines,
        sheets=sheets,
        corrections=tuple(one for one in corrections if one.item in granted),
        purposes=purposes_of(reference, at) if found.kind == "purpose_notice" else (),
        fields={one.item: _field(policy, one.item) for one in corrections},
        statement=statement,
        is_complete=is_complete,
        for_heirs=standing(reference, at).agency is Agency.HEIR,
    )


def _corrections(reference: str, policy: Policy, held: tuple[Weighing, ...]) -> Iterator[OpenLine]:
    """A line per item that is to be put right; how law and promise stand to its class."""
    for item in dict.fromkeys(one.item for one in corrections_of(reference)):
        theirs = [one for one in held if one.holding.item == item.partition(".")[0]]
        found = next((one for one in theirs if item in one.never), theirs[0] if theirs else None)
        if found is not None:
            yield OpenLine(item=item, place="", label=_field(policy, item), where=Text(""), weighed=found.about(item))


def _why(weighed: Weighed, decides: Decides, ground: RequestGround | None, known: Law) -> Iterator[Why]:
    if decides is Decides.KEEPING:
        for one in weighed.because:
            clause = Text(
                words_of("ja")["answer"]["policy_clause"].format(clause=one.clause),
                words_of("en")["answer"]["policy_clause"].format(clause=one.clause),
            )
            yield Why(says=Text(one.says, one.says_en), rests_on=Text(one.article) if one.article else clause)
    elif ground is not None:
        rests = {
            language: words_of(language)["answer"]["comma"].join(known.cite(key).text(language) for key in ground.cites)
            for language in ("ja", "en")
        }
        yield Why(says=Text(ground.ja, ground.en), rests_on=Text(rests["ja"], rests["en"]))


def _looked(person: str, at: datetime, language: str) -> tuple[tuple[str, ...], bool]:
    """Where one looked without a gathering: all systems, or which did not answer."""
    words, day = words_of(language)["answer"], told_day(tokyo_date(at), language)
    _held, unreadable = holdings(person, at) if person else ((), ())
    if unreadable:
        return (words["incomplete"].format(day=day), *(one.place for one in unreadable)), False
    return (words["complete"].format(day=day, n=len(datamap.current().systems)),), True


def _sheets(sections: Iterable[GatheredSection], lines: tuple[AnswerLine, ...]) -> Iterator[Sheet]:
    """What was gathered, without the columns of classes that are refused where they stand."""
    refused = {(line.item, line.place) for line in lines if not line.is_granted}
    for one in sections:
        place = f"{one.system}.{one.table}"
        if is_own(one.system) and (REGISTERS, one.system) in refused:
            continue
        keep = [
            number
            for number, column in enumerate(one.columns)
            if not any((item.partition(".")[0], place) in refused for item in column.items)
        ]
        if not len(one.rows) or not (is_own(one.system) or any(one.columns[number].items for number in keep)):
            continue
        yield Sheet(
            id=place,
            label=one.label,
            where=one.system_label,
            columns=tuple(
                SheetColumn(
                    name=one.columns[number].name,
                    label=one.columns[number].label,
                    type=one.columns[number].type,
                    items=one.columns[number].items,
                    coding=coding_of(one.columns[number]),
                )
                for number in keep
            ),
            rows=_rows(one, keep, frozenset(item for item, _ in refused)),
        )  # fmt: skip


def _rows(one: GatheredSection, keep: list[int], refused: frozenset[str]) -> Sequence[tuple[Value, ...]]:
    """The columns that are kept; in our own registers what is of a class that is refused anywhere is closed."""
    classes = [{item.partition(".")[0] for item in column.items} for column in one.columns]
    shut = {number for number, found in enumerate(classes) if found & refused} if is_own(one.system) else set()
    if shut:
        return [
            tuple(REFUSED if number in shut and row[number] else row[number] for number in keep) for row in one.rows
        ]
    return one.rows if len(keep) == len(one.columns) else [tuple(row[number] for number in keep) for row in one.rows]


def _records(reference: str, lines: tuple[AnswerLine, ...], language: str, at: datetime) -> Iterator[Sheet]:
    words: Mapping[str, str] = words_of(language)["answer"]
    if not any(line.is_granted for line in lines):
        return
    heads = ("given_on", "given_to", "given_what", "given_for")
    rows = [
        (
            one.on,
            "\n".join(part for part in (one.recipient, one.address, one.representative) if part),
            words["comma"].join(said(item, language) for item in one.items),
            said(one.purpose, language),
        )
        for one in provision_records(reference, at)
    ]
    label = Text("第三者に提供した記録", "records of provision")
    columns = tuple(SheetColumn(name=head, label=Text(words[head])) for head in heads)
    yield Sheet(id=RECORDS, label=label, where=Text(""), columns=columns, rows=rows)


def _field(policy: Policy, item: str) -> Text:
    class_, _, field = item.partition(".")
    known = policy.classes.get(class_)
    if known is None:
        return Text(item)
    return known.fields[field].label if field in known.fields else known.label
