"""A picture of systems, flows and recipients as SVG, laid out by us: systems left, recipients right, lines between rows.

Each line of a recipient's box is one flow and the line drawn to it ends there, so that it can be followed by eye. The
same is said in tables for those who do not see it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from sekisho.engine.catalog.model import DataMap
from sekisho.engine.policy.model import Policy, Text
from sekisho.registers.datamap.rules.flows import KINDS, Inflow, Outflow, inflows, outflows
from sekisho.registers.datamap.rules.ledger import LedgerRow
from sekisho.registers.datamap.rules.words import secret_items

WIDTH, MARGIN, GAP = 980, 130, 22
SYSTEM_WIDTH, RECIPIENT_X, RECIPIENT_WIDTH = 290, 630, 348
HEAD, LINE, PAD = 46, 22, 12
EM = 13  # px: size of the text
WIDE_FROM = 0x2E80  # from here on a sign is as wide as it is high
STYLE = """
text{font:13px "Hiragino Kaku Gothic ProN","Noto Sans CJK JP","Noto Sans JP",sans-serif;fill:#1d2023}
.p-name{font-weight:700}.p-note{font-size:12px;fill:#4e555b}.p-head{font-weight:700;font-size:14px}
.p-box{fill:#fff;stroke:#6d747a}.p-bar{fill:#eef0f2}.p-secret{fill:#8c2f1b}.p-on{fill:#fff;font-size:12px;font-weight:700}
.p-kind{fill:#1f3a68}.p-flow{fill:none;stroke-width:1.6;stroke:#1f3a68}.p-third_party_provision{stroke-dasharray:7 3}
.p-joint_use{stroke-dasharray:2 3}.p-made{stroke:#4e555b}.p-made.p-hot,.p-flow.p-hot{stroke:#8c2f1b}.p-tip{fill:#1f3a68}
.p-tip.p-hot{fill:#8c2f1b}.p-tip.p-made{fill:#4e555b}.p-paper{fill:#fafaf8}
"""
SECRET = Text("秘", "sec")
WORDS = {
    "title": Text("個人情報のある系と、その行き先", "Systems that hold personal information, and where it goes"),
    "systems": Text("持っている系", "Systems"),
    "recipients": Text("渡す相手", "Recipients"),
    "of": Text("だれの", "of"),
    "fields": Text("{n}項目", "{n} items"),
    "from": Text("{system}から", "from {system}"),
    "made": Text("から作る", "made from"),
    "shut": Text("告知が足りず、まだ渡せない", "notice incomplete: nothing goes yet"),
    "foreign": Text("国外", "abroad"),
    "perhaps": Text("国外かは相手による", "abroad or not: by recipient"),
    "secret": Text("通信の秘密・位置情報", "secrecy of communications, location"),
    "kept": Text("秘のあるものは、どの相手にも渡さない", "what is marked sec goes to nobody"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The drawing, and what it says in rows."""

    svg: str
    out: tuple[Outflow, ...]
    made: tuple[Inflow, ...]


@dataclass(slots=True, kw_only=True)
class _Box:
    """A box on the sheet, with the height of each of its lines."""

    x: int
    y: int
    width: int
    height: int


def picture(
    policy: Policy, datamap: DataMap, rows: tuple[LedgerRow, ...], *, language: str = "ja", is_alone: bool = False
) -> Picture:
    """The drawing of what the ledger's rows say. `is_alone`: with its own styles, for a file."""
    out, made = outflows(policy, rows), inflows(datamap, secret_items(policy))
    drawing = _Drawing(datamap=datamap, rows=rows, out=out, made=made, language=language)
    return Picture(svg=drawing.svg(is_alone=is_alone), out=out, made=made)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    datamap: DataMap
    rows: tuple[LedgerRow, ...]
    out: tuple[Outflow, ...]
    made: tuple[Inflow, ...]
    language: str

    def svg(self, *, is_alone: bool) -> str:
        systems, system_height = self._systems()
        recipients, recipient_height = self._recipients()
        height = max(system_height, recipient_height) + 3 * LINE
        title = escape(self._said(WORDS["title"]))
        size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{title}" class="picture">'
        parts = [f"{opening}<title>{title}</title>"]
        if is_alone:
            parts.append(f'<style>{STYLE}</style><rect class="p-paper" width="{WIDTH}" height="{height}"/>')
        parts += [
            _text(MARGIN, 22, self._said(WORDS["systems"]), "p-head"),
            _text(RECIPIENT_X, 22, self._said(WORDS["recipients"]), "p-head"),
        ]
        parts += self._lines(systems, recipients)
        parts += self._made(systems)
        parts += [part for id_, box in systems.items() for part in self._system(id_, box)]
        parts += [part for key, box in recipients.items() for part in self._recipient(key, box)]
        parts += self._legend(height - 2 * LINE)
        return "\n".join([*parts, "</svg>"]) + "\n"

    def _systems(self) -> tuple[dict[str, _Box], int]:
        found, y = {}, 36
        for id_ in self.datamap.systems:
            lines = max(1, len(self._held(id_)))
            box = _Box(x=MARGIN, y=y, width=SYSTEM_WIDTH, height=HEAD + lines * LINE + PAD)
            found[id_], y = box, y + box.height + GAP
        return found, y

    def _recipients(self) -> tuple[dict[tuple[str, str], _Box], int]:
        found, y = {}, 36
        for key in dict.fromkeys((one.kind, one.recipient.ja) for one in self.out):
            flows = self._to(key)
            lines = sum(len(self._listed(one)) for one in flows) + any(one.is_shut for one in flows)
            box = _Box(x=RECIPIENT_X, y=y, width=RECIPIENT_WIDTH, height=HEAD + lines * LINE + PAD)
            found[key], y = box, y + box.height + GAP
        return found, y

    def _system(self, id_: str, box: _Box) -> Iterator[str]:
        system, held = self.datamap.systems[id_], self._held(id_)
        yield _rect(box, "p-box")
        yield f'<rect class="p-bar" x="{box.x + 1}" y="{box.y + 1}" width="{box.width - 2}" height="{HEAD - 6}"/>'
        yield _text(box.x + PAD, box.y + 18, system.label, "p-name")
        comma = "、" if self.language == "ja" else ", "
        of = comma.join(dict.fromkeys(self._said(one) for row in held for one in row.subjects))
        note = f"{self._said(WORDS['of'])}: {of}" if of else system.kind.value
        if system.country:
            abroad = f"{self._said(WORDS['foreign'])} {system.country}"
            yield from _badge(box.x + box.width - PAD - _wide(abroad) - 10, box.y + 18, abroad, "p-kind")
        yield _text(box.x + PAD, box.y + 35, _cut(note, box.width - 2 * PAD), "p-note")
        for at, row in enumerate(held):
            y = box.y + HEAD + at * LINE + 16
            fields = self._said(WORDS["fields"]).format(n=len(row.fields))
            if row.is_secret:
                yield from _badge(box.x + PAD, y, self._said(SECRET), "p-secret")
            yield _text(box.x + PAD + 36, y, _cut(self._said(row.label), 190), "p-line")
            yield _text(box.x + box.width - PAD, y, fields, "p-note", anchor="end")

    def _recipient(self, key: tuple[str, str], box: _Box) -> Iterator[str]:
        flows = self._to(key)
        kind = self._said(KINDS[key[0]])
        yield _rect(box, "p-box")
        yield f'<rect class="p-bar" x="{box.x + 1}" y="{box.y + 1}" width="{box.width - 2}" height="{HEAD - 6}"/>'
        yield from _badge(box.x + PAD, box.y + 18, kind, "p-kind")
        yield _text(box.x + PAD + _wide(kind) + 18, box.y + 18, _cut(self._said(flows[0].recipient), 225), "p-name")
        clauses = "、".join(dict.fromkeys(clause for one in flows for clause in one.clauses))
        foreign = {True: WORDS["foreign"], None: WORDS["perhaps"], False: Text("", "")}[flows[0].is_foreign]
        note = "　".join(part for part in (clauses, self._said(foreign)) if part)
        yield _text(box.x + PAD, box.y + 35, _cut(note, box.width - 2 * PAD), "p-note")
        y = box.y + HEAD + 16
        for one in flows:
            x = box.x + PAD + (32 if one.has_secret else 0)
            if one.has_secret:
                yield from _badge(box.x + PAD, y, self._said(SECRET), "p-secret")
            for said in self._listed(one):
                yield _text(x, y, said, "p-line")
                y += LINE
        if any(one.is_shut for one in flows):
            yield _text(box.x + PAD, y, self._said(WORDS["shut"]), "p-note")

    def _listed(self, one: Outflow) -> list[str]:
        """What a flow carries, on as many lines as it takes."""
        origin = self._said(WORDS["from"]).format(system=self.datamap.systems[one.system].label)
        classes = [self._said(class_) for class_ in one.classes]
        comma = "、" if self.language == "ja" else ", "
        return _wrapped(f"{origin}: ", classes, comma, RECIPIENT_WIDTH - 2 * PAD - (32 if one.has_secret else 0))

    def _legend(self, y: int) -> Iterator[str]:
        x = MARGIN
        for kind in dict.fromkeys(one.kind for one in self.out):
            said = self._said(KINDS[kind])
            yield f'<path class="p-flow p-{kind}" d="M{x} {y - 4}h44"/>'
            yield _text(x + 52, y, said, "p-note")
            x += 52 + _wide(said) + 24
        if any(row.is_secret for row in self.rows):
            yield from _badge(MARGIN, y + LINE, self._said(SECRET), "p-secret")
            said = self._said(WORDS["secret"])
            if not any(one.has_secret for one in self.out):
                said = (
                    f"{said}（{self._said(WORDS['kept'])}）"
                    if self.language == "ja"
                    else f"{said}: {self._said(WORDS['kept'])}"
                )
            yield _text(MARGIN + 40, y + LINE, said, "p-note")

    def _lines(self, systems: Mapping[str, _Box], recipients: Mapping[tuple[str, str], _Box]) -> Iterator[str]:
        leaving: dict[str, int] = {}
        counts = {id_: sum(one.system == id_ for one in self.out) for id_ in systems}
        for key, box in recipients.items():
            line = 0
            for one in self._to(key):
                from_ = systems[one.system]
                port = leaving[one.system] = leaving.get(one.system, 0) + 1
                y1 = from_.y + HEAD + (from_.height - HEAD) * port // (counts[one.system] + 1)
                x1, x2, y2 = from_.x + from_.width, box.x - 8, box.y + HEAD + line * LINE + 12
                line += len(self._listed(one))
                hot = " p-hot" if one.has_secret else ""
                bend = (x2 - x1) * 55 // 100
                yield f'<path class="p-flow p-{one.kind}{hot}" d="M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"/>'
                yield f'<path class="p-tip{hot}" d="M{x2 + 8} {y2}l-9 -4.5v9z"/>'

    def _made(self, systems: Mapping[str, _Box]) -> Iterator[str]:
        for at, one in enumerate(self.made):
            from_, to = systems[one.origin], systems[one.system]
            y1, y2 = from_.y + 20 + at * 10, to.y + to.height - 14 - at * 14
            out, hot = MARGIN - 36 - at * 10, " p-hot" if one.has_secret else ""
            yield f'<path class="p-flow p-made{hot}" d="M{MARGIN} {y1}C{out} {y1} {out} {y2} {MARGIN - 8} {y2}"/>'
            yield f'<path class="p-tip p-made{hot}" d="M{MARGIN} {y2}l-9 -4.5v9z"/>'
            origin = self.datamap.systems[one.origin].label
            words = (origin, self._said(WORDS["made"])) if self.language == "ja" else ("made from", origin)
            for line, said in enumerate(words):
                yield _text(4, (y1 + y2) // 2 + line * 16, _cut(said, 88), "p-note", title=one.label)

    def _held(self, system: str) -> list[LedgerRow]:
        return [row for row in self.rows if row.system == system]

    def _to(self, key: tuple[str, str]) -> list[Outflow]:
        return [one for one in self.out if (one.kind, one.recipient.ja) == key]

    def _said(self, text: Text) -> str:
        return text.en if self.language == "en" and text.en else text.ja


def _rect(box: _Box, name: str) -> str:
    return f'<rect class="{name}" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="2"/>'


def _text(x: int, y: int, said: str, name: str, *, anchor: str = "", title: str = "") -> str:
    end = f' text-anchor="{anchor}"' if anchor else ""
    whole = f"<title>{escape(title)}</title>" if title and title != said else ""
    return f'<text class="{name}" x="{x}" y="{y}"{end}>{whole}{escape(said)}</text>'


def _badge(x: int, y: int, said: str, name: str) -> Iterator[str]:
    width = _wide(said) + 10
    yield f'<rect class="{name}" x="{x}" y="{y - 13}" width="{width}" height="17" rx="2"/>'
    yield f'<text class="p-on" x="{x + 5}" y="{y}">{escape(said)}</text>'


def _wide(said: str) -> int:
    """How wide a text is drawn, about: a kana or kanji is as wide as it is high."""
    return sum(EM if ord(sign) >= WIDE_FROM else EM * 6 // 10 for sign in said)


def _wrapped(first: str, parts: list[str], comma: str, width: int) -> list[str]:
    """The parts after one another, broken between them."""
    lines = [first]
    for at, part in enumerate(parts):
        said = part + (comma if at + 1 < len(parts) else "")
        if _wide(lines[-1] + said) > width and lines[-1] != first:
            lines.append("　")
        lines[-1] += said
    return lines


def _cut(said: str, width: int) -> str:
    """The text, shortened to what fits."""
    if _wide(said) <= width:
        return said
    while said and _wide(said) > width - EM:
        said = said[:-1]
    return f"{said}…"
