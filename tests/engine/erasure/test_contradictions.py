"""Rules that disagree are reported with both sources and with what binds meanwhile; none is chosen quietly."""

from dataclasses import replace
from datetime import date

from sekisho.engine.catalog.model import DataMap
from sekisho.engine.erasure.contradictions import in_holds, in_map, in_policy
from sekisho.engine.erasure.floors import Hold, RetentionLaw
from sekisho.engine.errors import Fault, Place
from sekisho.engine.law.pack import law as packs
from sekisho.engine.policy.model import Policy, Retention


def at_line(rule: Retention, line: int, **more: object) -> Retention:
    return replace(rule, place=Place(path="policies/small/policy.yaml", line=line, column=3), **more)  # type: ignore[arg-type]


def with_rules(policy: Policy, *rules: Retention) -> Policy:
    return replace(policy, retention=rules)


def only(faults: tuple[Fault, ...], code: str) -> Fault:
    (found,) = [one for one in faults if one.code == code]
    return found


def test_a_floor_above_the_period_names_the_line_and_the_article(policy: Policy, law: RetentionLaw) -> None:
    rule = at_line(policy.retention[1], 12, ceiling="P1Y")
    faults = in_policy(with_rules(policy, rule), law)
    found = only(faults, "erasure.floor-above-period")
    assert str(found.place) == "policies/small/policy.yaml:12:3"
    assert found.source == "携帯電話不正利用防止法第4条第2項 [sure]"
    assert "B-20" in found.message()
    assert "法令の期間に従い" in found.message()
    assert "the law's binds" in found.message("en")
    assert only(faults, "erasure.floor-above-ceiling").source == found.source


def test_two_rules_and_two_ceilings_over_one_item_name_each_other(policy: Policy, law: RetentionLaw) -> None:
    first = at_line(policy.retention[0], 7, ceiling="P2Y")
    second = at_line(first, 8, keep="P3Y", ceiling="P4Y", clause="B-34")
    faults = in_policy(with_rules(policy, first, second), law)
    rules, ceilings = only(faults, "erasure.two-rules"), only(faults, "erasure.two-ceilings")
    assert (rules.place.line, rules.source) == (8, "policies/small/policy.yaml:7:3 (B-20)")
    assert (ceilings.place.line, ceilings.source) == (8, "policies/small/policy.yaml:7:3 (B-20)")
    assert "長いほうに従い" in rules.message()


def test_a_period_above_its_own_ceiling(policy: Policy, law: RetentionLaw) -> None:
    rule = at_line(policy.retention[3], 9)
    found = only(in_policy(with_rules(policy, rule), law), "erasure.keep-above-its-ceiling")
    assert "6か月" in found.message()
    assert "3か月" in found.message()


def test_rules_that_agree_are_silent(policy: Policy, law: RetentionLaw, datamap: DataMap) -> None:
    quiet = with_rules(policy, *(replace(rule, ceiling="", keep="P5Y") for rule in policy.retention))
    assert in_policy(quiet, law) == ()
    assert in_map(quiet, law, datamap) == ()


def test_a_table_that_can_t_be_held_to_a_rule(policy: Policy, law: RetentionLaw, datamap: DataMap) -> None:
    crm = datamap.systems["crm"].tables["customers"]
    bills = datamap.systems["billing"].tables["bills"]
    place = Place(path="datamap.yaml", line=33, column=7)
    mute = replace(crm, triggers={}, place=place)
    unsettled = replace(bills, settled=None, place=place)
    systems = dict(datamap.systems)
    systems["crm"] = replace(systems["crm"], tables={"customers": mute})
    systems["billing"] = replace(systems["billing"], tables={"bills": unsettled})
    rules = [at_line(rule, 20 + index) for index, rule in enumerate(policy.retention) if "inquiry" not in rule.items]
    faults = in_map(with_rules(policy, *rules), law, replace(datamap, systems=systems))
    codes = {one.code for one in faults}
    assert codes == {"erasure.no-rule", "erasure.no-column", "erasure.no-floor-column", "erasure.no-settled-column"}
    column = next(one for one in faults if one.code == "erasure.no-column")
    assert str(column.place) == "datamap.yaml:33:7"
    assert column.source == "policies/small/policy.yaml:20:3 (B-20)"
    assert all("消しません" in one.message() for one in faults)
    assert only(faults, "erasure.no-floor-column").source == "携帯電話不正利用防止法第4条第2項 [sure]"


def test_a_hold_on_a_ground_nobody_promised_and_on_what_may_not_be_had(
    policy: Policy, law: RetentionLaw, datamap: DataMap
) -> None:
    holds = [
        Hold(id="H1", ground="RET-3", placed_on=date(2026, 1, 1), items=("bill",)),
        Hold(id="H2", ground="RET-1", placed_on=date(2026, 1, 1)),
    ]
    crm = datamap.systems["crm"].tables["customers"]
    family = replace(
        crm.columns["name"], name="family", item="hr.family", place=Place(path="datamap.yaml", line=50, column=9)
    )
    applicants = replace(crm, name="applicants", subject="job_applicant", columns={**crm.columns, "family": family})
    systems = dict(datamap.systems)
    systems["hr"] = replace(systems["crm"], id="hr", tables={"applicants": applicants})
    faults = in_holds(policy, law, replace(datamap, systems=systems), holds, packs().never_collect)
    assert only(faults, "erasure.hold-without-ground").values["hold"] == "H1"
    forbidden = only(faults, "erasure.hold-on-forbidden")
    assert (forbidden.values["hold"], forbidden.place.line) == ("H2", 50)
    assert "応募者の家族構成" in forbidden.message()
