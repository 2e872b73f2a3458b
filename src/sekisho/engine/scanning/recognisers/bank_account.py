"""Recognise bank accounts (銀行口座): bank 4 - branch 3 - account 7, or 普通/当座/貯蓄 and seven digits. No general check. Source: LAW.md 6."""

import re

from sekisho.engine.scanning.recogniser import ALONE, ENDS, SEVEN, Grade, Recogniser, Words, by_pattern

RECOGNISER = Recogniser(
    type="bank_account",
    label=Words("銀行口座", "bank account"),
    form=Words(
        "銀行・支店・口座番号、または預金種目と7桁の数字", "bank, branch and account, or a kind of deposit and 7 digits"
    ),
    grade=Grade.SENSITIVE,
    find=by_pattern(
        re.compile(
            rf"{ALONE}(?:\d{{4}}-\d{{3}}-(?:[124]-)?\d{{7}}|(?<=[通座蓄金 :号(のNno.,])\d{{7}}){ENDS}",
            re.ASCII,
        )
    ),
    near=(
        "普通",
        "当座",
        "貯蓄",
        "口座",
        "振込先",
        "振替",
        "銀行",
        "信用金庫",
        "支店",
        "フツウ",
        "トウザ",
        "ギンコウ",
        "acct",
        "bank account",
    ),
    fills=re.compile(r"(?:\d{4}-?\d{3}-?)?\d{7}", re.ASCII),
    headers=("bank_account", "account_number", "account_no", "口座番号", "振替口座", "bank_account_no"),
    is_common=True,
    trigger=SEVEN,
)
