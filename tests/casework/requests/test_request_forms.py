"""The form: its words from policy and law, its code readable off a bad fax, its signs never lost."""

from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageFilter

from sekisho.casework.subject_requests.queries.forms import blank_form, case_form, form_values
from sekisho.casework.subject_requests.rules.codes import Read, case_code, read_code
from sekisho.connectors import barcodes
from sekisho.connectors.typesetting import typeset
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
KEY = b"k" * 32
POLICIES = Path(__file__).parents[3] / "policies"


@pytest.fixture(scope="module", params=["arlink", "carrier"])
def policy(request: pytest.FixtureRequest) -> Policy:
    return load({file.name: file.read_text(encoding="utf-8") for file in (POLICIES / request.param).glob("*.yaml")})


def pages(pdf: bytes, dots: int = 200) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dots / 72).to_pil() for page in document]
    finally:
        document.close()


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def faxed(page: Image.Image, degrees: float, *, coarse: bool = False) -> Image.Image:
    """Skewed, blurred, black and white; a coarse fax has half the lines."""
    grey = page.convert("L").rotate(degrees, fillcolor=255, expand=True).filter(ImageFilter.GaussianBlur(0.9))
    if coarse:
        grey = grey.resize((grey.width, grey.height // 2)).resize(grey.size)
    return grey.convert("1")


def test_every_kind_has_its_form(policy: Policy) -> None:
    for kind in policy.rights:
        values = form_values(policy, kind, on=date(2026, 11, 23), label="")
        assert [one["label"] for one in values["kinds"] if one["chosen"]]
        assert values["replies"]
        assert values["guide"][0]["lines"]
    text = words(blank_form(policy, "disclosure", at=AT))
    assert policy.operator.name.ja in text
    assert "開示" in text


def test_what_the_published_method_asks_for_stands_on_it() -> None:
    folder = POLICIES / "arlink"
    arlink = load({file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.yaml")})
    text = words(blank_form(arlink, "disclosure", at=AT))
    for part in ("運転免許証", "住民票の写し", "660", "定額小為替証書", "委任状"):
        assert part in text
    assert "健康保険" not in text  # a dead paper is not asked for
    correction = form_values(arlink, "correction", on=date(2026, 11, 23), label="")
    assert {one["fee"] for one in correction["replies"]} == {"手数料なし"}
    assert words(blank_form(arlink, "disclosure", at=AT, language="en")).count("660 yen") >= 2


@pytest.mark.parametrize("degrees", [0, 2.3, -4, 90, 180])
def test_the_code_survives_a_fax(policy: Policy, degrees: float) -> None:
    pdf = case_form(policy, "disclosure", reference="K-2026-0147", key=KEY, at=AT)
    for coarse in (False, True):
        [code] = barcodes.read(faxed(pages(pdf)[0], degrees, coarse=coarse))
        assert read_code(code, KEY) == Read(case="K-2026-0147")


def test_the_same_form_twice_is_the_same_file(policy: Policy) -> None:
    assert blank_form(policy, "suspension", at=AT) == blank_form(policy, "suspension", at=AT)


def test_codes_of_others_and_forged_ones_say_nothing() -> None:
    code = case_code("K-2026-0147", KEY)
    assert read_code(code, b"x" * 32) is None
    assert read_code(code.replace("0147", "0148"), KEY) is None
    assert read_code("https://example.jp/", KEY) is None
    assert read_code("SKS1/F/disclosure", KEY) == Read(kind="disclosure")


def test_rare_signs_are_set_or_refused_never_dropped(tmp_path: Path) -> None:
    template = tmp_path / "t.typ"
    template.write_text('#let d = json(bytes(sys.inputs.data))\n#set text(font: "Noto Sans JP", lang: "ja")\n#d.name')
    for name in ("𠮷田 髙﨑 德永", "#strong[x] $a$ \\ @b"):
        assert name in words(typeset(template, {"name": name}, at=AT))
    with pytest.raises(SekishoError) as raised:
        typeset(template, {"name": "𪚥"}, at=AT)
    assert raised.value.code == "connector.sign-missing"
    assert "𪚥" not in str(raised.value)


def test_the_form_is_an_archive_file_with_its_fonts(policy: Policy) -> None:
    pdf = blank_form(policy, "correction", at=AT)
    assert b"pdfaid:part" in pdf
    assert b"NotoSansJP" in pdf
    assert resources.files("sekisho.casework.subject_requests").joinpath("letters", "request_form.typ").is_file()
