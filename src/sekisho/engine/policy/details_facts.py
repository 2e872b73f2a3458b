"""Generated sentences about the carrier itself: operator, norms, exceptions, requests, desks, duties, cookies."""

from collections.abc import Iterator
from dataclasses import replace

from sekisho.engine.law.model import LegalException
from sekisho.engine.policy.model import Combination, Desk, Policy, Right, UseBasis, WebCheck
from sekisho.engine.policy.phrases import Speech


def of_operator(clause: str, speech: Speech) -> Iterator[str]:
    """Name, address, representative, and since when the policy is in force (under the operator's clause)."""
    policy = speech.policy
    if policy.operator.clause != clause:
        return
    who = policy.operator
    name, address, representative = (speech.text(text) for text in (who.name, who.address, who.representative))
    yield speech.say("operator", name=name, address=address, representative=representative)
    if policy.effective_on:
        yield speech.say("effective", day=speech.day(policy.effective_on))
    elif policy.assumed_effective_on:
        yield speech.say("effective_assumed", day=speech.day(policy.assumed_effective_on))
    else:
        yield speech.say("effective_unknown")


def of_basis(clause: str, speech: Speech) -> Iterator[str]:
    """Whether publication is enough for a use, or the person's agreement is needed."""
    if speech.policy.use_basis_clause == clause:
        consented = speech.policy.use_basis is UseBasis.CONSENTED_PURPOSE
        yield speech.say("basis_consented" if consented else "basis_published")


def of_norms(clause: str, speech: Speech) -> Iterator[str]:
    """Norms followed, each by its edition."""
    for norm in speech.policy.norms:
        if norm.clause == clause:
            known = speech.law.norms[norm.id]
            edition = known.editions[norm.edition]
            ja = speech.language == "ja"
            yield speech.say(
                "norm", norm=known.ja if ja else known.en, edition=edition.label_ja if ja else edition.label_en
            )


def of_exceptions(clause: str, speech: Speech) -> Iterator[str]:
    """Each exception promised, with the place in the norms the policy follows."""
    policy = speech.policy
    for promised in (*policy.exceptions, *policy.retention_grounds):
        if promised.clause == clause:
            exception = speech.law.exception(promised.id)
            yield speech.say("exception_plain", name=exception.name(speech.language))
            cites = list(_places(exception, policy, speech))
            if cites:
                yield speech.say("exception", cites=speech.join(cites))


def of_rights(clause: str, speech: Speech) -> Iterator[str]:
    """How requests may be made and answered, and what they cost; kinds on the same terms in one sentence."""
    terms: dict[Right, list[str]] = {}
    for right in speech.policy.rights.values():
        if right.clause == clause:
            terms.setdefault(replace(right, id=""), []).append(right.id)
    for right, kinds in terms.items():
        yield from _of_right(right, kinds, speech)


def of_evidence(clause: str, speech: Speech) -> Iterator[str]:
    """Which papers prove identity, what to black out on them, and since when a paper proves nothing any more."""
    evidence = speech.policy.identity_evidence
    if evidence is None or evidence.clause != clause:
        return
    yield from _of_combinations(evidence.any_of, speech)
    for key in evidence.papers:
        paper = speech.law.paper(key)
        if paper.until:
            yield speech.say("evidence_until", paper=paper.name(speech.language), day=speech.day(paper.until))
        elif paper.masks:
            masks = speech.join(speech.law.masks[mask].name(speech.language) for mask in paper.masks)
            yield speech.say("evidence_masks", paper=paper.name(speech.language), masks=masks)
    if evidence.agent_papers:
        yield speech.say("evidence_agent", papers=speech.join(_papers(evidence.agent_papers, speech)))
    if evidence.other_ways:
        yield speech.say("evidence_other")


def of_heirs(clause: str, speech: Speech) -> Iterator[str]:
    """What an heir of somebody who died shows, and what the policy tells them besides what passed to them."""
    heirs = speech.policy.heirs
    if heirs is None or heirs.clause != clause:
        return
    if heirs.papers:
        yield speech.say("heirs_papers", papers=speech.join(_papers(heirs.papers, speech)))
    if heirs.told:
        yield speech.say(
            "heirs_told", classes=speech.join(speech.text(speech.policy.classes[key].label) for key in heirs.told)
        )


def of_desks(clause: str, speech: Speech) -> Iterator[str]:
    """Each desk: address, numbers, hours."""
    for desk in speech.policy.desks.values():
        if desk.clause == clause:
            facts = speech.join(_desk_facts(desk, speech))
            yield speech.say("desk", label=speech.text(desk.label), facts=facts)


def of_services(clause: str, speech: Speech) -> Iterator[str]:
    """Each service: its page, desk, joint-use notice and handling notice, or that they are not published."""
    for service in speech.policy.services.values():
        if service.clause == clause:
            desk = speech.policy.desks.get(service.desk or "")
            facts = (
                speech.say("service_page", value=service.page or speech.text(None)),
                speech.say("service_desk", value=speech.text(desk.label if desk else None)),
                speech.say("service_notice", value=service.joint_use_notice or speech.text(None)),
                speech.say("service_handling", value=speech.text(service.handling_notice)),
            )
            yield speech.say("service", label=speech.text(service.label), facts=speech.join(facts))


def of_duties(clause: str, speech: Speech) -> Iterator[str]:
    """Duties about staff, contractors, review and revision."""
    policy = speech.policy
    for duty in (*policy.people_duties, *policy.entrustment_criteria, *policy.review, *policy.revisions):
        if duty.clause == clause:
            label = speech.text(duty.label)
            if duty.every_months:
                yield speech.say("duty_often", label=label, months=duty.every_months)
            if duty.applies_to:
                yield speech.say("duty_who", label=label, who=speech.join(speech.words("staff", duty.applies_to)))


def of_cookies(clause: str, speech: Speech) -> Iterator[str]:
    """Who receives what a cookie sends, and whether it is tied to a person."""
    for cookie in speech.policy.cookies:
        if cookie.clause == clause:
            if cookie.identifies_person:
                yield speech.say("cookie_person")
            if cookie.recipients:
                yield speech.say("cookie_to", recipients=speech.join(cookie.recipients))
            else:
                yield speech.say("cookie_nobody")


def _places(exception: LegalException, policy: Policy, speech: Speech) -> Iterator[str]:
    """The exception's place in each norm, in the edition the policy follows."""
    editions = {norm.id: norm.edition for norm in policy.norms}
    for key in exception.cites:
        norm, _, entry = key.partition(".")
        edition = editions.get(norm)
        if edition and (entry, edition) in speech.law.norms[norm].places:
            yield speech.law.cite(key, edition, item=exception.item).text(speech.language)


def _of_right(right: Right, kinds: list[str], speech: Speech) -> Iterator[str]:
    kind = speech.quoted(speech.law.request(key).name(speech.language) for key in kinds)
    if not right.published or not right.channels:
        yield speech.say("right_silent", kind=kind)
    else:
        channels, reply = (speech.any_of(speech.words("channels", keys)) for keys in (right.channels, right.reply))
        yield speech.say("right", kind=kind, channels=channels, reply=reply)
        if right.web_check is WebCheck.E_MAIL:
            yield speech.say("right_web", kind=kind)
    if right.fee_yen == 0:
        yield speech.say("right_no_fee", kind=kind)
    elif right.fee_yen is not None and right.fee_when:
        yield speech.say(
            "right_fee",
            kind=kind,
            reply=speech.any_of(speech.words("channels", right.fee_when)),
            fee=f"{right.fee_yen:,}",
            instruments=speech.any_of(speech.law.instrument(key).name(speech.language) for key in right.instruments),
        )
    elif right.fee_yen is not None:
        yield speech.say("right_fee_plain", kind=kind, fee=f"{right.fee_yen:,}")


def _of_combinations(combinations: tuple[Combination, ...], speech: Speech) -> Iterator[str]:
    """The one combination in two sentences, several as a numbered list in one."""
    [first, *others] = combinations
    if others:
        ways = (
            speech.say("evidence_way", number=number, papers=_of_combination(one, speech))
            for number, one in enumerate(combinations, 1)
        )
        yield speech.say("evidence_any", ways="".join(ways))
        return
    if first.how_many > 1:
        yield speech.say("evidence_many", papers=speech.join(_papers(first.one_of, speech)), number=first.how_many)
    else:
        yield speech.say("evidence", papers=speech.any_of(_papers(first.one_of, speech)))
    if first.and_all_of:
        yield speech.say("evidence_and", papers=speech.join(_papers(first.and_all_of, speech)))


def _of_combination(one: Combination, speech: Speech) -> str:
    names = _papers(one.one_of, speech)
    if one.how_many == len(names):
        papers = speech.join(names, "and_papers")
    elif one.how_many == 1:
        papers = speech.say("evidence_one", papers=speech.any_of(names))
    else:
        papers = speech.say("evidence_of", papers=speech.join(names), number=one.how_many)
    if not one.and_all_of:
        return papers
    return speech.say("evidence_with", first=papers, papers=speech.join(_papers(one.and_all_of, speech), "and_papers"))


def _papers(keys: tuple[str, ...], speech: Speech) -> list[str]:
    return [speech.law.paper(key).name(speech.language) for key in keys]


def _desk_facts(desk: Desk, speech: Speech) -> Iterator[str]:
    if desk.channels:
        yield speech.say("desk_channels", value=speech.any_of(speech.words("channels", desk.channels)))
    if desk.address:
        yield speech.say("desk_address", value=speech.text(desk.address))
    if desk.phone:
        yield speech.say("desk_phone", value=desk.phone)
    if desk.fax:
        yield speech.say("desk_fax", value=desk.fax)
    elif "fax" in desk.channels:
        yield speech.say("desk_no_fax")
    if desk.opens and desk.closes:
        days = speech.join(speech.words("days", desk.days), "fields") + " " if desk.days else ""
        yield speech.say("desk_hours", days=days, opens=desk.opens, closes=desk.closes)
    if desk.closed:
        yield speech.say("desk_closed", value=speech.join(speech.words("closures", desk.closed)))
