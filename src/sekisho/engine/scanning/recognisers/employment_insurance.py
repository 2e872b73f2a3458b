"""Recognise insured numbers of the employment insurance (雇用保険被保険者番号): 11 digits, 4-6-1. No public check. Source: LAW.md 6."""

import re

from sekisho.engine.scanning.recogniser import ALONE, ENDS, SEVEN, Grade, Recogniser, Words, by_pattern

RECOGNISER = Recogniser(
    type="employment_insurance",
    label=Words("雇用保険被保険者番号", "employment insurance number"),
    form=Words("4桁-6桁-1桁の数字", "digits written 4-6-1"),
    grade=Grade.SENSITIVE,
    find=by_pattern(re.compile(rf"{ALONE}\d{{4}}-?\d{{6}}-?\d{ENDS}", re.ASCII)),
    near=("雇用保険", "コヨウホケン", "koyo", "被保険者番号", "離職票", "employment insurance"),
    headers=("employment_insurance", "employment_insurance_no", "雇用保険被保険者番号", "雇用保険番号"),
    is_common=True,
    trigger=SEVEN,
)
