"""Two clerks on one case: what the later one sends is not written over the earlier, and not lost either."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy

from sekisho.casework.subject_requests import actions
from sekisho.engine.errors import SekishoError

CHANGED = "requests.changed-meanwhile"
PARTS = {
    "person": gettext_lazy("本人と本人確認"),
    "terms": gettext_lazy("お答えの方法、期限"),
    "papers": gettext_lazy("書類"),
    "fee": gettext_lazy("手数料"),
    "waits": gettext_lazy("お願い中のもの"),
    "arrivals": gettext_lazy("届いた紙面"),
    "letters": gettext_lazy("手紙"),
    "corrections": gettext_lazy("直す内容"),
    "money": gettext_lazy("返還、督促"),
    "told": gettext_lazy("提供先の返事"),
    "gathering": gettext_lazy("集めた情報、黒塗り"),
    "answer": gettext_lazy("回答"),
}
View = Callable[..., HttpResponseBase]  # request, reference, and what else the address names
Shown = Callable[[HttpRequest, str, str, SekishoError], HttpResponseBase]


def told_change(fault: SekishoError | None) -> tuple[str, ...]:
    """Which parts of the case are not as the page showed them, in words."""
    if fault is None or fault.code != CHANGED:
        return ()
    return tuple(str(PARTS.get(part, part)) for part in str(fault.values.get("parts", "")).split(",") if part)


def guarded(view: View, form: str, shown: Shown) -> View:
    """A view that writes only if the case is as its page showed it. Else `shown` puts what was typed back into `form`."""

    @wraps(view)
    def as_seen(request: HttpRequest, reference: str, **more: str) -> HttpResponseBase:
        try:
            with actions.as_seen(reference=reference, version=request.POST.get("version", "")):
                return view(request, reference, **more)
        except SekishoError as fault:
            if fault.code != CHANGED:
                raise
            return shown(request, reference, form, fault)

    return as_seen
