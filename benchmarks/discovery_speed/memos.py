"""Call memos made up for timing: every second line holds something, nobody's. The same each time."""

import random

FILLER = (
    "料金プランの変更についてお問い合わせ。来月から適用とご案内した。",
    "請求書の見方を説明し、ご納得いただいた。",
    "店舗の営業時間と持ち物を案内。混み合う時間帯も伝えた。",
    "通信が遅いとのこと。端末の再起動で改善したのを確かめた。",
    "解約の手続きの流れを説明。手数料はかからないと伝えた。",
)
HELD = (
    "折り返しは090-{a:04d}-{b:04d}まで、午後を希望。",
    "転居先は東京都豊島区池袋{c}-{d}-3とのこと。",
    "user{a}@mail.example あてに手順を送った。",
    "免許証で確認した。番号は控えていない。",
    "口座 0000-001-{a:04d}{c:03d} から引き落とし済み。",
    "郵便番号は〒170-{b:04d}。",
    "昭和{c}年4月1日生まれ、と申告。",
)


def memos(size: int) -> str:
    """Lines up to about this many bytes."""
    draw = random.Random(46)
    lines: list[str] = []
    held = 0
    while held < size:
        form = draw.choice(HELD) if len(lines) % 2 else draw.choice(FILLER)
        line = form.format(
            a=draw.randrange(1000, 10_000), b=draw.randrange(10_000), c=draw.randrange(10, 60), d=draw.randrange(1, 30)
        )
        lines.append(line)
        held += len(line.encode()) + 1
    return "\n".join(lines)
