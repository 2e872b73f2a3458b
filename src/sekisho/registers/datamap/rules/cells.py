"""A row of the ledger in words: what the sheet, the page and the command show."""

from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.engine.policy.model import Text
from sekisho.registers.datamap.rules.flows import KINDS
from sekisho.registers.datamap.rules.ledger import LedgerRow, Look

COLUMNS: tuple[tuple[str, Text, int], ...] = (  # key, heading, width
    ("class", Text("区分", "Class"), 18),
    ("clause", Text("条文", "Clause"), 8),
    ("system", Text("系", "System"), 14),
    ("fields", Text("項目", "Items"), 30),
    ("subjects", Text("だれの情報か", "Of whom"), 18),
    ("purposes", Text("利用目的（条文）", "Purposes (clause)"), 40),
    ("sources", Text("どう取得したか", "How acquired"), 22),
    ("places", Text("どこにあるか", "Where"), 28),
    ("users", Text("だれが使うか", "Who uses it"), 22),
    ("outward", Text("委託・提供・共同利用", "Entrusted, provided, jointly used"), 40),
    ("kept", Text("保存期間と消す規則（条文）", "Kept and erased (clause)"), 34),
    ("measures", Text("安全管理措置", "Safety measures"), 28),
    ("rows", Text("件数", "Rows"), 12),
    ("looked", Text("最後に確かめた日時", "Last checked"), 20),
    ("gaps", Text("書かれていないこと", "Not said"), 22),
)
GAP_WORDS = {
    "source": Text("どう取得したか", "how acquired"),
    "location": Text("どこにあるか", "where it stands"),
    "custodian": Text("管理する部署", "who answers for it"),
    "users": Text("使う部署", "who uses it"),
    "measures": Text("安全管理措置", "safety measures"),
}
ABROAD = Text("国外", "abroad")


def cells(row: LedgerRow, look: Look | None, language: str = "ja") -> dict[str, str | int]:
    """A row of the ledger as the sheet, the page and the command say it; several things in a cell on a line each."""

    def said(text: Text) -> str:
        return text.en if language == "en" and text.en else text.ja

    comma = "、" if language == "ja" else ", "

    def of(text: str, *in_brackets: str) -> str:
        inside = comma.join(part for part in in_brackets if part)
        if not inside:
            return text
        return f"{text}（{inside}）" if language == "ja" else f"{text} ({inside})"

    def out(at: int) -> str:
        one = row.outward[at]
        to = comma.join(said(recipient) for recipient in one.recipients)
        abroad = said(ABROAD) if one.is_foreign else ""
        return of(f"{said(KINDS[one.kind])}: {of(to, abroad)}", said(one.label), one.clause)

    where = [row.location, row.country, *(of(place.label, place.name) for place in row.places)]
    users = [row.custodian, *row.users, *(said(one) for one in row.operated_by)]
    return {
        "class": said(row.label),
        "clause": row.clause,
        "system": row.system_label,
        "fields": comma.join(said(one) for one in row.fields),
        "subjects": comma.join(said(one) for one in row.subjects),
        "purposes": "\n".join(
            of(said(one.label), one.clause) + (f" [{', '.join(one.roles)}]" if one.roles else "")
            for one in row.purposes
        ),
        "sources": "\n".join(row.sources),
        "places": "\n".join(part for part in where if part),
        "users": "\n".join(dict.fromkeys(part for part in users if part)),
        "outward": "\n".join(out(at) for at in range(len(row.outward))),
        "kept": "\n".join(
            of(said(one.says), one.clause) + (f" {said(one.floor)}" if one.floor else "") for one in row.kept
        ),
        "measures": "\n".join(row.measures),
        "rows": _rows(row, look),
        "looked": _looked(look, language),
        "gaps": comma.join(said(GAP_WORDS[gap]) for gap in row.gaps),
    }


def _rows(row: LedgerRow, look: Look | None) -> str | int:
    counts = [look.counts[place.name] for place in row.places if place.name in look.counts] if look else []
    return sum(counts) if counts else ""


def _looked(look: Look | None, language: str) -> str:
    if look is None:
        return "まだ確かめていない" if language == "ja" else "never"
    when = f"{look.at.astimezone(TOKYO):%Y-%m-%d %H:%M}"
    if look.code:
        return f"{when} {'開けない' if language == 'ja' else 'not reachable'}（{look.code}）"
    wrong = f"違い{look.differences}件" if language == "ja" else f"{look.differences} differences"
    return f"{when} {wrong}" if look.differences else when
