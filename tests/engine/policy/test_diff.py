"""What differs between two versions."""

from sekisho.engine.policy.diff import How, diff
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy


def test_a_policy_does_not_differ_from_itself(published: Policy, small_text: str) -> None:
    assert diff(published, published) == ()
    assert (
        diff(load({"policy.yaml": small_text}), load({"policy.yaml": "\n\n" + small_text})) == ()
    )  # only places moved


def test_changes_are_named_with_their_clause(small: Policy, small_text: str) -> None:
    text = small_text.replace("keep: P6M", "keep: P3M").replace('version: "1.0"', 'version: "1.1"')
    text = text.replace("prohibitions:\n", "prohibitions:\n  - {purpose: analysis, items: [traffic], clause: S-03}\n")
    text = text.replace("items: [identity.name, bill.unpaid_yen]", "items: [identity.name]")
    lines = [line for line in text.splitlines() if not line.startswith("  - {purpose: marketing, of")]
    new = load({"policy.yaml": "\n".join(lines)})
    found = {(change.how, change.part, change.clause): change for change in diff(small, new)}
    assert set(found) == {
        (How.CHANGED, "policy", ""),
        (How.CHANGED, "ways_out", "S-06"),
        (How.REMOVED, "uses", "S-05"),
        (How.ADDED, "prohibitions", "S-03"),
        (How.CHANGED, "retention", "S-07"),
    }
    assert found[How.CHANGED, "retention", "S-07"].before == {"keep": "P6M"}
    assert found[How.CHANGED, "retention", "S-07"].after == {"keep": "P3M"}
    assert found[How.CHANGED, "policy", ""].after == {"version": "1.1"}


def test_a_lost_and_a_new_clause_show_as_such(small: Policy, small_text: str) -> None:
    text = small_text.replace("count: 8", "count: 9") + "  S-09: {says: 加えた条です。}\n"
    assert [
        (change.how, change.key) for change in diff(small, load({"policy.yaml": text})) if change.part == "clauses"
    ] == [(How.ADDED, "S-09")]
