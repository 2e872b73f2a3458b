"""How long, and why: the longest reason wins and is shown with its clause and article."""

import tomllib
from dataclasses import replace
from datetime import date
from importlib import resources

from sekisho.engine.erasure.floors import Hold, RetentionLaw
from sekisho.engine.erasure.periods import End, Keep, event_label, keep_until
from sekisho.engine.policy.model import ExceptionPromised, Policy

TODAY = date(2026, 11, 23)


def keep(
    policy: Policy,
    law: RetentionLaw,
    item: str,
    events: dict[str, date | None],
    *holds: Hold,
    settled: bool | None = True,
    at_request: bool = False,
) -> Keep:
    return keep_until(policy, law, item, "customer", events, settled, holds, on=TODAY, at_request=at_request)


def test_the_policy_period_counts_from_its_event(policy: Policy, law: RetentionLaw) -> None:
    found = keep(policy, law, "identity.name", {"contract_end": date(2025, 11, 22)})
    assert (found.until, found.end) == (date(2026, 11, 22), End.DATED)
    assert found.is_past(TODAY) is True
    assert keep(policy, law, "identity.name", {"contract_end": date(2025, 11, 23)}).is_past(TODAY) is False


def test_the_law_outlasts_a_shorter_policy_and_says_so(policy: Policy, law: RetentionLaw) -> None:
    found = keep(policy, law, "identity_record", {"contract_end": date(2024, 3, 31)})
    assert found.until == date(2027, 3, 31)
    assert (found.because[0].rule, found.because[0].article) == ("floor", "携帯電話不正利用防止法第4条第2項")
    assert "契約の終了（2024-03-31）から3年間" in found.because[0].says
    assert [one.code for one in found.contradictions] == ["erasure.below-floor"]


def test_a_floor_binds_even_where_the_policy_does_not_cite_it(policy: Policy, law: RetentionLaw) -> None:
    rules = tuple(replace(rule, floor="") for rule in policy.retention)
    found = keep(replace(policy, retention=rules), law, "identity_record.method", {"contract_end": date(2024, 3, 31)})
    assert found.until == date(2027, 3, 31)


def test_a_living_claim_has_no_last_day(policy: Policy, law: RetentionLaw) -> None:
    found = keep(policy, law, "bill.charge", {"due_on": date(2010, 1, 31)}, settled=False)
    assert (found.end, found.because[0].rule, found.because[0].clause) == (End.OPEN, "claim", "B-20")
    assert "民法第145条" in found.because[0].article
    assert keep(policy, law, "bill.charge", {"due_on": date(2010, 1, 31)}, settled=True).is_past(TODAY) is True
    assert keep(policy, law, "bill.charge", {"due_on": date(2010, 1, 31)}, settled=None).is_past(TODAY) is None
    # The period alone keeps it, whatever became of the claim.
    assert keep(policy, law, "bill.charge", {"due_on": date(2026, 10, 31)}, settled=None).is_past(TODAY) is False


def test_a_contract_that_has_not_ended_keeps_and_an_unrecorded_end_is_unknown(
    policy: Policy, law: RetentionLaw
) -> None:
    assert keep(policy, law, "identity.name", {"contract_end": None}).end is End.OPEN
    assert keep(policy, law, "identity.name", {}).is_past(TODAY) is None


def test_a_ceiling_cuts_the_policy_period(policy: Policy, law: RetentionLaw) -> None:
    found = keep(policy, law, "traffic.caller", {"started_at": date(2026, 8, 1)})
    assert found.until == date(2026, 11, 1)
    assert found.contradictions[0].code == "erasure.above-ceiling"


def test_a_hold_keeps_only_on_a_ground_the_policy_promises(policy: Policy, law: RetentionLaw) -> None:
    ended: dict[str, date | None] = {"contract_end": date(2020, 1, 1)}
    special = Hold(id="H1", ground="RET-4", placed_on=date(2026, 1, 1), until=date(2027, 1, 1))
    business = Hold(id="H2", ground="RET-3", placed_on=date(2026, 1, 1))
    assert keep(policy, law, "identity.name", ended, special).until == date(2027, 1, 1)
    refused = keep(policy, law, "identity.name", ended, business)
    assert refused.is_past(TODAY) is True
    assert refused.contradictions[0].code == "erasure.ground-not-promised"
    grounds = (*policy.retention_grounds, ExceptionPromised(id="RET-3", clause="A-17"))
    assert keep(replace(policy, retention_grounds=grounds), law, "identity.name", ended, business).end is End.OPEN


def test_law_itself_holds_whatever_the_policy_promises(policy: Policy, law: RetentionLaw) -> None:
    order = Hold(id="H1", ground="RET-1", placed_on=date(2026, 1, 1))
    silent = replace(policy, retention_grounds=())
    assert keep(silent, law, "identity.name", {"contract_end": date(2020, 1, 1)}, order).end is End.OPEN


def test_a_hold_over_other_items_or_other_days_does_not_keep(policy: Policy, law: RetentionLaw) -> None:
    ended: dict[str, date | None] = {"contract_end": date(2020, 1, 1)}
    other = Hold(id="H1", ground="RET-1", placed_on=date(2026, 1, 1), items=("bill",))
    over = Hold(id="H2", ground="RET-1", placed_on=date(2020, 1, 1), until=date(2026, 11, 22))
    assert keep(policy, law, "identity.name", ended, other, over).is_past(TODAY) is True


def test_at_a_request_only_law_claims_and_holds_keep(policy: Policy, law: RetentionLaw) -> None:
    living: dict[str, date | None] = {"contract_end": None}
    assert keep(policy, law, "identity.name", living, at_request=True).is_past(TODAY) is True
    assert keep(policy, law, "identity_record", living, at_request=True).end is End.OPEN


def test_a_rule_for_the_field_stands_before_one_for_its_class(policy: Policy, law: RetentionLaw) -> None:
    field_rule = replace(policy.retention[0], items=("identity.mail",), keep="P1M")
    both = replace(policy, retention=(*policy.retention, field_rule))
    ended: dict[str, date | None] = {"contract_end": date(2026, 1, 1)}
    assert keep(both, law, "identity.mail", ended).until == date(2026, 2, 1)
    assert keep(both, law, "identity.name", ended).until == date(2027, 1, 1)


def test_no_rule_at_all_is_unknown_and_reported(policy: Policy, law: RetentionLaw) -> None:
    found = keep(replace(policy, retention=()), law, "identity.name", {})
    assert (found.end, found.contradictions[0].code) == (End.UNKNOWN, "erasure.no-period")


def test_every_event_of_the_vocabulary_has_a_name_in_a_derivation() -> None:
    events = tomllib.loads(resources.files("sekisho.engine.policy").joinpath("words.toml").read_text("utf-8"))["events"]
    assert [event for event in events if event_label(event, "ja") == event] == []


def test_a_campaign_ends_days_after_its_prize_was_sent(policy: Policy, law: RetentionLaw) -> None:
    entry = replace(policy.classes["identity"], id="campaign_entry")
    rule = replace(policy.retention[0], items=("campaign_entry",), after="shipped", keep="P60D", purpose="campaign")
    ours = replace(policy, classes={**policy.classes, "campaign_entry": entry}, retention=(*policy.retention, rule))
    assert keep(ours, law, "campaign_entry.name", {"shipped": None}).end is End.OPEN  # nothing was sent yet
    sent = keep(ours, law, "campaign_entry.name", {"shipped": date(2026, 9, 23)})
    assert (sent.until, sent.goes_by) == (date(2026, 11, 22), date(2026, 11, 23))
    assert sent.is_past(TODAY) is True
    assert "発送（2026-09-23）から60日間" in sent.because[0].says
