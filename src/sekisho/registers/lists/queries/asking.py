"""From what somebody wants to what is asked of the gate: purpose, way out, items and channel, each as the policy has it."""

from dataclasses import dataclass
from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Act, BulkAsk
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Policy
from sekisho.registers.lists.rules import ROOM, ListKind, limits
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A list as somebody asks for it. `carried` are items whose values are to stand in the file."""

    purpose: str
    actor: str
    at: datetime
    kind: ListKind = ListKind.CAMPAIGN
    title: str = ""
    items: tuple[str, ...] = ()  # classes or fields to decide on; none = what it takes to reach people
    carried: tuple[str, ...] = ()
    act: str = ""  # none = use, or the way out to the recipient
    recipient: str = ""
    channel: str = ""
    identifier: str = ""
    affected: tuple[str, ...] | None = None  # identifiers of those a notice concerns; None = everybody
    advertising: bool = False  # whether a notice carries any

    @property
    def is_notice(self) -> bool:
        """Whether everybody is to be told, whatever they object to."""
        return self.kind is ListKind.MASS_NOTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is asked of the gate, and what stands in the file."""

    ask: BulkAsk
    policy: Policy
    carried: tuple[str, ...]
    identifier: str


def asking(wanted: Wanted) -> Asking:
    """The ask behind a wanted list.

    Raises: lists.unknown-purpose, lists.no-notice, lists.unknown-item, lists.unknown-channel, lists.unknown-identifier,
    lists.no-way-out, lists.only-groups.
    """
    policy = policies.in_force(wanted.at)
    _require_purpose(wanted, policy)
    act = _act(wanted, policy)
    carried = tuple(item for name in wanted.carried for item in _items(name, wanted.purpose, act, policy))
    named = tuple(item for name in wanted.items for item in _items(name, wanted.purpose, act, policy))
    named = tuple(dict.fromkeys((*named, *carried)))
    channel = _channel(wanted, named, policy)
    items = named or _usual(wanted, channel, act, policy)
    _require_persons(wanted.purpose, act, items, policy)
    if wanted.is_notice:
        carried = tuple(dict.fromkeys((*carried, *_reaching(channel, items, wanted.purpose, act, policy))))
        items = tuple(dict.fromkeys((*items, *carried)))
    return Asking(
        ask=BulkAsk(
            actor=wanted.actor,
            act=act,
            items=items,
            purpose=wanted.purpose,
            at=wanted.at,
            recipient=wanted.recipient or None,
            channel=channel or None,
            resource={"advertising": wanted.advertising},
        ),
        policy=policy,
        carried=carried,
        identifier=_identifier(wanted),
    )


def is_notice(purpose: str, policy: Policy, at: datetime) -> bool:
    """Whether the law sees a notice in this purpose: it reaches everybody affected."""
    return law(tokyo_date(at)).nature(policy.purposes[purpose].nature).notice


def _require_purpose(wanted: Wanted, policy: Policy) -> None:
    if wanted.purpose not in policy.purposes:
        raise SekishoError("lists.unknown-purpose", room=ROOM, known="、".join(policy.purposes))
    if wanted.is_notice and not is_notice(wanted.purpose, policy, wanted.at):
        known = "、".join(one for one in policy.purposes if is_notice(one, policy, wanted.at))
        raise SekishoError("lists.no-notice", room=ROOM, purpose=wanted.purpose, known=known)


def _require_persons(purpose: str, act: str, items: tuple[str, ...], policy: Policy) -> None:
    """Refuse a purpose that uses these items as groups only, before anybody is decided. Raises: lists.only-groups."""
    if act != Act.USE:
        return
    uses = [use for use in policy.uses if use.purpose == purpose and any(_among(item, use.items) for item in items)]
    if (
        uses
        and all(use.minimum_group for use in uses)
        and all(_among(one, _used(purpose, act, policy)) for one in items)
    ):
        raise SekishoError("lists.only-groups", room=ROOM, size=max(use.minimum_group for use in uses))


def _channel(wanted: Wanted, items: tuple[str, ...], policy: Policy) -> str:
    """As told; a notice goes by post; to solicit, the channel that the items serve, usually mail: consent is per channel."""
    reach = limits().reach
    if wanted.channel:
        if wanted.channel not in reach:
            known = "、".join(reach)
            raise SekishoError("lists.unknown-channel", room=ROOM, channel=wanted.channel, known=known)
        return wanted.channel
    if wanted.is_notice:
        return limits().usual_channel
    if not law(tokyo_date(wanted.at)).nature(policy.purposes[wanted.purpose].nature).solicitation:
        return ""
    usual = limits().soliciting_channel
    served = [channel for channel, needed in reach.items() if needed[0] in items]
    return usual if usual in served or not served else served[0]


def _act(wanted: Wanted, policy: Policy) -> str:
    """As told; without a recipient an own use, with one the way out that leads there for this purpose."""
    if wanted.act:
        return wanted.act
    if not wanted.recipient:
        return Act.USE
    kind = recipients.standing_of(wanted.recipient, tokyo_date(wanted.at)).kind
    ways = {
        way.kind.value
        for way in policy.ways_out.values()
        if way.purpose == wanted.purpose and {kind, wanted.recipient} & set(way.to)
    }
    if len(ways) != 1:
        raise SekishoError("lists.no-way-out", room=ROOM, purpose=wanted.purpose, recipient=wanted.recipient)
    return ways.pop()


def _used(purpose: str, act: str, policy: Policy) -> tuple[str, ...]:
    """The items the policy names for this purpose, in its order."""
    if act in {Act.USE, *policy.actions}:
        named = (item for use in policy.uses if use.purpose == purpose for item in use.items)
    else:
        ways = policy.ways_out.values()
        named = (item for way in ways if way.purpose == purpose and way.kind.value == act for item in way.items)
    return tuple(dict.fromkeys(named))


def _items(name: str, purpose: str, act: str, policy: Policy) -> tuple[str, ...]:
    """A field as it is; of a class all fields the purpose uses, or, where it uses none, the class: the gate says why not."""
    data_class, _, field = name.partition(".")
    known = policy.classes.get(data_class)
    if known is None or (field and field not in known.fields):
        raise SekishoError("lists.unknown-item", room=ROOM, item=name)
    used = _used(purpose, act, policy)
    if field or name in used:
        return (name,)
    return tuple(item for item in used if item.startswith(f"{name}.")) or (name,)


def _usual(wanted: Wanted, channel: str, act: str, policy: Policy) -> tuple[str, ...]:
    """What it takes to reach people, over the channel or any; for a purpose that reaches nobody, all it uses."""
    if channel:
        return _reaching(channel, (), wanted.purpose, act, policy)
    used = _used(wanted.purpose, act, policy)
    every = dict.fromkeys(item for items in limits().reach.values() for item in items)
    reaching = tuple(item for item in every if _among(item, used))
    return reaching or used or tuple(every)[:1]


def _reaching(channel: str, items: tuple[str, ...], purpose: str, act: str, policy: Policy) -> tuple[str, ...]:
    """What it takes to reach people: the channel's first item always, its others where the purpose uses them."""
    first, *others = limits().reach[channel]
    used = (*items, *_used(purpose, act, policy))
    return (first, *(item for item in others if _among(item, used)))


def _among(item: str, used: tuple[str, ...]) -> bool:
    """Whether a field is used by itself or with its class."""
    return item in used or item.partition(".")[0] in used


def _identifier(wanted: Wanted) -> str:
    identifier = wanted.identifier or limits().usual_identifier
    if identifier not in limits().identifiers:
        known = "、".join(limits().identifiers)
        raise SekishoError("lists.unknown-identifier", room=ROOM, identifier=identifier, known=known)
    return identifier
