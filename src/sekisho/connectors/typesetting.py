"""Typst: a template and values in, a PDF/A with its fonts inside out.

Values travel as data, never as markup: a name that looks like a command is printed as it is. A sign that the fonts lack is
refused, because a name with a box in it must not leave the house.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources.abc import Traversable

import pylopdf_fonts_cjk
import typst

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.connectors"
LACKS = "could not be displayed with font"  # as typst says it


def typeset(template: Traversable, values: Mapping[str, object], *, at: datetime) -> bytes:
    """The PDF of a template; `sys.inputs.data` holds the values as JSON. The same values at the same instant: the same bytes.

    Raises: connector.not-typeset, connector.sign-missing.
    """
    data = json.dumps(values, ensure_ascii=False, default=str)
    try:
        made = typst.compile(
            template.read_bytes(),
            format="pdf",
            font_paths=_fonts(),
            sys_inputs={"data": data},
            pdf_standards=["a-2b"],
            timestamp=int(at.timestamp()),
        )
    except (typst.TypstError, RuntimeError) as error:
        if LACKS in str(error):  # its words quote the text, so they go no further
            raise SekishoError("connector.sign-missing", room=ROOM, template=template.name) from None
        raise SekishoError("connector.not-typeset", room=ROOM, template=template.name) from None
    if not isinstance(made, bytes):
        raise SekishoError("connector.not-typeset", room=ROOM, template=template.name)
    return made


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the house and no others: a page looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, font_paths=[pylopdf_fonts_cjk.sans_path().parent])
