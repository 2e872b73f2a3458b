"""Actions, attributes and things that are no personal data: names typed and resolved at load, each fault at its place."""

from dataclasses import replace
from pathlib import Path

import pytest

from sekisho.engine.errors import Fault
from sekisho.engine.law.pack import law
from sekisho.engine.policy.diff import diff
from sekisho.engine.policy.load import check, load
from sekisho.engine.policy.render import render

TEXT = (Path(__file__).resolve().parents[2] / "fixtures" / "policies" / "todo" / "policy.yaml").read_text(
    encoding="utf-8"
)


def faults_of(old: str, new: str) -> list[Fault]:
    assert TEXT.count(old) == 1, old
    return list(check({"policy.yaml": TEXT.replace(old, new)})[1])


def test_the_policy_of_the_scenario_has_no_fault() -> None:
    assert check({"policy.yaml": TEXT})[1] == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "at", "remedy"),
    [
        ("actions: [can_create_todo], on", "actions: [can_creat_todo], on", "policy.unknown-action", "can_creat_todo", "can_create_todo"),
        ("acts: [read], when", "acts: [reed], when", "policy.unknown-action", "reed", "read"),
        ("actions: [archive], on: [todo], roles: [auditor]", "actions: [archive], on: [tudo], roles: [auditor]", "policy.unknown-resource", "tudo", "todo"),
        ("resource.done && resource.made_on", "resource.dune && resource.made_on", "expression.unknown-name", "resource.dune", "resource.done"),
        ('\'"evil_genius" in actor.groups\'', "'\"evil_genius\" in actor.grops'", "expression.unknown-name", "actor.grops", "actor.groups"),
        ('\'"evil_genius" in actor.groups\'', "'\"evil_genius\" in actor.mail'", "expression.no-list", "actor.mail", "strings"),
        ('\'"evil_genius" in actor.groups\'', "'actor.groups == \"evil_genius\"'", "expression.list-compared", "== ", "in"),
        ("resource.ownerID == actor.id", "resource.made_on == actor.id", "expression.unlike", "== actor.id", ""),
        ("  actor.mail: {type: string", "  actor.role: {type: string", "policy.attribute-known", "actor.role", "attributes"),
        ("  actor.mail: {type: string", "  recipient.mail: {type: string", "policy.bad-attribute", "recipient.mail", "actor."),
        ("  actor.groups: {type: strings", "  actor.groups: {type: list", "policy.not-one-of", "list", "strings"),
        ("  archive: {label", "  use: {label", "policy.act-taken", "use: {label", "use"),
        ("  archive: {label", "  put-away: {label", "policy.bad-name", "put-away", "64"),
        ("  user: {label: {ja: 利用者の名札", "  profile: {label: {ja: 利用者の名札", "policy.resource-is-class", "profile: {label: {ja: 利用者の名札", "resources"),
        ("on: [user], clause", "on: [todo], clause", "policy.resource-unused", "user: {label", "permissions"),
        ("acts: [update], when", "acts: [read], when", "policy.action-unused", "update: {label", "permissions"),
    ],
)  # fmt: skip
def test_what_is_not_defined_is_a_fault_at_its_place(old: str, new: str, code: str, at: str, remedy: str) -> None:
    found = [fault for fault in faults_of(old, new) if fault.code == code]
    assert found, [fault.code for fault in faults_of(old, new)]
    line = TEXT.replace(old, new).splitlines()[found[0].place.line - 1]
    assert line[found[0].place.column - 1 :].startswith(at)
    assert remedy in found[0].remedy("ja")


def test_a_permission_taken_away_is_gone_from_the_published_text() -> None:
    policy = load({"policy.yaml": TEXT})

    def published(language: str, kept: int) -> str:
        narrower = replace(policy, permissions=policy.permissions[:kept])
        return " ".join(
            detail for section in render(narrower, law(), language) for one in section.clauses for detail in one.details
        )

    assert "「やること」を「しまう」ための条件は" in published("ja", len(policy.permissions))
    assert "監査担当" in published("ja", len(policy.permissions))
    assert "監査担当" not in published("ja", len(policy.permissions) - 1)
    assert "evil_genius" in published("en", len(policy.permissions))
    assert "してよいのは、「見る」ことだけです。" in published("ja", 0)


def test_a_changed_permission_is_a_difference_of_its_clause() -> None:
    old = load({"policy.yaml": TEXT})
    new = load(
        {"policy.yaml": TEXT.replace("roles: [clerk, hr]", "roles: [clerk]").replace("acts: [read]", "acts: [update]")}
    )
    changed = {(change.part, change.clause): change for change in diff(old, new)}
    assert set(changed) == {("permissions", "T-09"), ("uses", "T-07")}
    assert changed["permissions", "T-09"].before == {"roles": "clerk, hr"}
