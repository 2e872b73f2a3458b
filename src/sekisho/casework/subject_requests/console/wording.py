"""Words of the desk's pages."""

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy

from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Text
from sekisho.registers.policies import queries as policies

IDENTIFIERS = {
    "customer_no": gettext_lazy("お客さま番号"),
    "number": gettext_lazy("電話番号"),
    "contracted_number": gettext_lazy("契約する回線（使うのは別の方）"),
    "staff_no": gettext_lazy("社員番号"),
    "applicant_no": gettext_lazy("応募番号"),
    "shareholder_no": gettext_lazy("株主番号"),
    "contact_no": gettext_lazy("取引先担当者番号"),
    "recipient_no": gettext_lazy("送付先番号"),
    "mail": gettext_lazy("メールアドレス"),
}


def kinds() -> list[tuple[str, str]]:
    """The kinds of request under the policy in force, with their names."""
    return [(right, kind_name(right)) for right in policies.in_force(timezone.now()).rights]


def kind_name(kind: str) -> str:
    """The name of a kind of request."""
    known = law().requests.get(kind)
    return known.name(language()) if known else kind


def said(text: Text) -> str:
    """A text of the policy in the page's language."""
    return text.en or text.ja if language() == "en" else text.ja


def language() -> str:
    """`ja` or `en`."""
    return "en" if (get_language() or "ja").startswith("en") else "ja"
