"""Every sentence a page says is there in English too, in the compiled catalogue that is shipped."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src" / "sekisho"
CATALOGUE = SRC / "locale" / "en" / "LC_MESSAGES" / "django.mo"
CALLS = {"_", "gettext", "gettext_lazy", "said"}
TRANSLATE = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*(?:plural|endblocktranslate)\s*%}", re.DOTALL)


def test_every_sentence_has_its_english() -> None:
    with CATALOGUE.open("rb") as file:
        known = gettext.GNUTranslations(file)
    said = {*_in_templates(), *_in_code()}
    assert len(said) > 200
    # to mend: `django-admin makemessages -l en`, translate, `msgfmt -o django.mo django.po` in the folder of the catalogue
    missing = sorted(text for text in said if known.gettext(text) == text and known.ngettext(text, text, 1) == text)
    assert not missing


def _in_templates() -> Iterator[str]:
    for path in SRC.rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        yield from (double or single for double, single in TRANSLATE.findall(text))
        yield from (re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", block) for block in BLOCK.findall(text))


def _in_code() -> Iterator[str]:
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS and node.args:
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield text.value
