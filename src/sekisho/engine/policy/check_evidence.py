"""Checks of the papers that prove identity, of what heirs show and are told, and of how a request by web is checked."""

from collections import Counter

from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import DataKind, Policy, WebCheck
from sekisho.engine.policy.reader import Reading
from sekisho.engine.policy.resolve import expand

EVIDENCE, ANY = "identity_evidence", "identity_evidence.any_of"
CLOSED = {DataKind.COMMUNICATIONS_SECRECY, DataKind.LOCATION}


def papers_are_said_once(policy: Policy, law: Law, reading: Reading) -> None:
    """Either `one_of` (with `and_all_of`) or `any_of`; no paper twice in a combination, no more wanted than listed."""
    del law
    evidence = policy.identity_evidence
    if evidence is None:
        return
    has_any = ANY in reading.places
    if has_any and (f"{EVIDENCE}.one_of" in reading.places or f"{EVIDENCE}.and_all_of" in reading.places):
        reading.fault("policy.papers-said-twice", reading.place(ANY), clause=evidence.clause)
    for at, one in enumerate(evidence.any_of):
        path = f"{ANY}[{at}]" if has_any else EVIDENCE
        if not one.one_of:
            reading.fault("policy.no-papers", reading.place(path), clause=evidence.clause)
        elif one.how_many > len(set(one.one_of)):
            reading.fault(
                "policy.papers-too-many",
                reading.place(f"{path}.how_many"),
                clause=evidence.clause,
                wanted=one.how_many,
                listed=len(set(one.one_of)),
            )
        for paper, times in Counter((*one.one_of, *one.and_all_of)).items():
            if times > 1:
                reading.fault("policy.paper-twice", reading.place(path), clause=evidence.clause, found=paper)


def web_checks_have_a_web(policy: Policy, law: Law, reading: Reading) -> None:
    """A check of requests by web where none come by web."""
    del law
    for right in policy.rights.values():
        if right.web_check is not WebCheck.NONE and "web" not in right.channels:
            place = reading.place(f"rights.{right.id}.web_check")
            reading.fault("policy.web-check-without-web", place, clause=right.clause)


def heirs_can_be_told(policy: Policy, law: Law, reading: Reading) -> None:
    """A paper that shows no heir, and a class of which nobody may be told after a death: secrecy does not end (TBA 4)."""
    heirs = policy.heirs
    if heirs is None:
        return
    for at, key in enumerate(heirs.papers):
        if key in law.papers and "heir" not in law.papers[key].estate:
            reading.fault(
                "policy.paper-shows-no-heir", reading.place(f"heirs.papers[{at}]"), clause=heirs.clause, found=key
            )
    for at, name in enumerate(heirs.told):
        kinds = {kind for _, _, kind in expand(name, policy.classes)}
        if kinds & CLOSED:
            reading.fault(
                "policy.secret-told-to-heirs", reading.place(f"heirs.told[{at}]"), clause=heirs.clause, found=name
            )


EVIDENCE_CHECKS = (papers_are_said_once, web_checks_have_a_web, heirs_can_be_told)
