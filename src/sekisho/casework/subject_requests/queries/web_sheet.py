"""A request by web as sheets: what the person typed, set as a page, then the papers they added."""

from collections.abc import Mapping
from datetime import datetime
from importlib import resources

from PIL.Image import Image

from sekisho.casework.subject_requests.queries.forms import PACKAGE
from sekisho.connectors.scans import pages_of
from sekisho.connectors.typesetting import typeset
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.policies import queries as policies


def web_sheet(kind: str, typed: Mapping[str, str], *, at: datetime) -> tuple[Image, ...]:
    """The sheet. `typed`: label to what was typed, in order. Raises: connector.sign-missing, connector.not-typeset."""
    values = {
        "title": law(tokyo_date(at)).request(kind).ja + "の請求（ウェブ）",
        "lead": f"{at.astimezone(TOKYO):%Y年%m月%d日 %H:%M} にプライバシーセンターで入力されたもの",
        "operator": policies.in_force(at).operator.name.ja,
        "rows": [[label, text] for label, text in typed.items() if text],
    }
    pdf = typeset(resources.files(PACKAGE).joinpath("letters", "web_request.typ"), values, at=at)
    return pages_of(pdf, name="web")
