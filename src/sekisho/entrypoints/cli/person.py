"""`sekisho person`: whose a line was when, and what happened to lines and names."""

import json
from typing import TYPE_CHECKING

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.misuse import give_one
from sekisho.entrypoints.cli.person_told import tell_line, tell_person
from sekisho.entrypoints.cli.retention import AS_JSON, AT, BY, acting, instant, opened, resolved

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from types import ModuleType
    from typing import Any

    from sekisho.registers.identities.actions import Recorded

ROOM = "sekisho.registers.identities"
ON = click.option(
    "--on",
    "when",
    required=True,
    help="the first day of the new state (midnight in Tokyo), or its first instant with a time: 2026-04-01, 2026-04-01T10:00",
)
DOCUMENT = click.option(
    "--document", required=True, help="what kind of paper shows it; a wrong one is answered with the list"
)
EARLY = click.option(
    "--early", is_flag=True, help="an earlier event has not arrived yet: until it does, the time before is nobody's"
)
USER = click.option("--user", default="", help="who uses the line, if not the contractor: family, an employee")


def PERSON_EVENT(command: "Callable[..., Any]") -> "Callable[..., Any]":  # noqa: N802  stands among the options
    """When it happened, what shows it, who records it."""
    return ON(DOCUMENT(BY(AT(AS_JSON(command)))))


def LINE_EVENT(command: "Callable[..., Any]") -> "Callable[..., Any]":  # noqa: N802  stands among the options
    """The same, and that it may have arrived too early."""
    return ON(DOCUMENT(EARLY(BY(AT(AS_JSON(command))))))


@click.group(cls=Commands)
def command() -> None:
    """Whose a line was when; transfer (譲渡), succession (承継), new names (改姓), ports, returns, deaths.

    A person is a reference (P-…) or kind:value, as customer_no:C00100000. What is recorded is dated by when it happened,
    in whatever order it arrives, shown by a kind of document, and left as evidence without a number or a name.
    """


@command.command()
@click.argument("person", required=False)
@click.option("--customer-no", help="the person with this customer number")
@click.option("--number", help="everybody who ever had this number")
@click.option(
    "--case",
    "reference",
    default="",
    help="an open case of this person: numbers and names are shown whole, and the look is recorded",
)
@BY
@AT
@AS_JSON
def show(
    person: str | None,
    customer_no: str | None,
    number: str | None,
    reference: str,
    acting_user: str | None,
    clock: str | None,
    as_json: bool,
) -> None:
    """Intervals, roles and events of a PERSON, or of a number. Without a case numbers are masked and names left out."""
    if sum(one is not None for one in (person, customer_no, number)) != 1:
        raise give_one("PERSON", "--customer-no", "--number")
    with opened():
        at = instant(clock)
        by = acting(acting_user, clock)
        if number is not None:
            click.echo(tell_line(number, as_json=as_json))
            return
        ref = resolved(person if person is not None else f"customer_no:{customer_no}", at)
        if reference:
            _look_under(reference, ref, by, at)
        click.echo(tell_person(ref, at=at, whole=bool(reference), as_json=as_json))


@command.command()
@click.argument("number")
@click.option("--to", "person", required=True, help="to whom")
@USER
@LINE_EVENT
def assign(number: str, person: str, user: str, as_json: bool, **told: "str | bool | None") -> None:
    """Give NUMBER to a person. A number that somebody returned rests before it goes to somebody else."""
    _record(
        lambda recorded, ref: _actions().assign(number=number, person=ref(person), user=ref(user), told=recorded),
        told,
        as_json,
    )


@command.command("port-in")
@click.argument("number")
@click.option("--to", "person", required=True, help="who brings it")
@USER
@LINE_EVENT
def port_in(number: str, person: str, user: str, as_json: bool, **told: "str | bool | None") -> None:
    """NUMBER comes from another carrier with its user."""
    _record(
        lambda recorded, ref: _actions().assign(
            number=number, person=ref(person), user=ref(user), ported=True, told=recorded
        ),
        told,
        as_json,
    )


@command.command("port-out")
@click.argument("number")
@LINE_EVENT
def port_out(number: str, as_json: bool, **told: "str | bool | None") -> None:
    """NUMBER goes to another carrier."""
    _record(lambda recorded, _: _actions().release(number=number, ported=True, told=recorded), told, as_json)


@command.command("return")
@click.argument("number")
@LINE_EVENT
def give_back(number: str, as_json: bool, **told: "str | bool | None") -> None:
    """NUMBER comes back: it rests, then somebody else may get it."""
    _record(lambda recorded, _: _actions().release(number=number, told=recorded), told, as_json)


@command.command()
@click.argument("number")
@click.option("--to", "person", required=True, help="the new contractor")
@click.option(
    "--from", "giver", default="", help="the contractor the paper names; refused if the register knows another"
)
@USER
@LINE_EVENT
def transfer(number: str, person: str, giver: str, user: str, as_json: bool, **told: "str | bool | None") -> None:
    """譲渡: the line of NUMBER goes on under another person. Calls before that day stay the former's."""
    _record(
        lambda recorded, ref: _actions().transfer(
            number=number, to=ref(person), giver=ref(giver), user=ref(user), told=recorded
        ),
        told,
        as_json,
    )


@command.command("change-user")
@click.argument("number")
@click.option("--user", default="", help="who uses it from then on  [default: the contractor]")
@LINE_EVENT
def change_user(number: str, user: str, as_json: bool, **told: "str | bool | None") -> None:
    """Another member of the family or employee uses NUMBER; the contractor stays."""
    _record(lambda recorded, ref: _actions().change_user(number=number, user=ref(user), told=recorded), told, as_json)


@command.command()
@click.argument("person")
@click.option("--to", "heir", required=True, help="who succeeds")
@click.option("--number", "numbers", multiple=True, help="only this line; may be repeated  [default: every line]")
@LINE_EVENT
def succeed(person: str, heir: str, numbers: tuple[str, ...], as_json: bool, **told: "str | bool | None") -> None:
    """承継: the lines PERSON had a contract for go on under an heir, or under the company that took PERSON over."""
    _record(
        lambda recorded, ref: _actions().succeed(person=ref(person), to=ref(heir), numbers=numbers, told=recorded),
        told,
        as_json,
    )


@command.command()
@click.argument("person")
@click.option("--name", prompt="氏名 name", help="the new name; asked for if left out, so that it stands in no history")
@click.option("--kana", prompt="カナ reading", default="", help="its reading")
@PERSON_EVENT
def rename(person: str, name: str, kana: str, as_json: bool, **told: "str | bool | None") -> None:
    """改姓: PERSON stays the same person under another name; the former one is kept and found."""
    _record(
        lambda recorded, ref: _actions().rename(person=ref(person), name=name, kana=kana, told=recorded), told, as_json
    )


@command.command()
@click.argument("person")
@PERSON_EVENT
def deceased(person: str, as_json: bool, **told: "str | bool | None") -> None:
    """PERSON died: nothing is sent to them any more. Their lines stay theirs until somebody succeeds."""
    _record(
        lambda recorded, ref: _actions().mark_deceased(
            person=ref(person),
            on=_day(recorded),
            at=recorded.at,
            document=recorded.document,
            acting_user=recorded.acting_user,
        ),
        told,
        as_json,
    )


@command.command()
@click.argument("person")
@click.option("--guardian", required=True, help="who acts for them")
@PERSON_EVENT
def guardian(person: str, guardian: str, as_json: bool, **told: "str | bool | None") -> None:
    """Who acts for PERSON, a minor, until the day they come of age."""
    _record(
        lambda recorded, ref: _actions().appoint_guardian(person=ref(person), guardian=ref(guardian), told=recorded),
        told,
        as_json,
    )


@command.command()
@click.argument("event")
@click.option("--on", "when", help="when it did happen; left out, there was no such event")
@click.option("--reason", required=True, help="why, in ASCII: it goes into the ledger")
@BY
@AT
@AS_JSON
def correct(
    event: str, when: str | None, reason: str, acting_user: str | None, clock: str | None, as_json: bool
) -> None:
    """EVENT was recorded wrongly: give its right date, or take it back. What was recorded stays readable."""
    with opened():
        at, by = instant(clock), acting(acting_user, clock)
        if when is None:
            _actions().withdraw(event=event, reason=reason, at=at, acting_user=by)
            _done("", as_json)
        else:
            _done(
                _actions().correct(event=event, happened=instant(when), reason=reason, at=at, acting_user=by), as_json
            )


def _record(
    action: "Callable[[Recorded, Callable[[str], str]], str]", told: "dict[str, str | bool | None]", as_json: bool
) -> None:
    with opened():
        clock = str(told["clock"]) if told["clock"] else None
        at = instant(clock)
        recorded = _actions().Recorded(
            happened=instant(str(told["when"])),
            at=at,
            document=str(told["document"]),
            acting_user=acting(str(told["acting_user"]) if told["acting_user"] else None, clock),
            early=bool(told.get("early")),
        )
        _done(action(recorded, lambda person: resolved(person, recorded.happened) if person else ""), as_json)


def _done(ref: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"event": ref or None}))
    else:
        click.echo(f"○ 記録しました（{ref}）" if ref else "○ 取り消しました")


def _day(recorded: "Recorded") -> "date":
    from sekisho.engine.japanese.tokyo import tokyo_date

    return tokyo_date(recorded.happened)


def _look_under(reference: str, person: str, by: str, at: "datetime") -> None:
    """The rule of the console's page: only under an open case of this very person, and every look is recorded."""
    from sekisho.casework.subject_requests import actions as requests
    from sekisho.casework.subject_requests import queries as cases

    case = cases.case(reference)
    if not case.is_open or case.person != person:
        raise SekishoError("identities.not-this-case", room=ROOM, case=reference if reference.isascii() else "?")
    requests.record_view(reference=reference, account=by, at=at)


def _actions() -> "ModuleType":
    from sekisho.registers.identities import actions

    return actions
