"""Whose request a case is."""

from django import forms
from django.utils.translation import gettext_lazy

from sekisho.casework.subject_requests.console.wording import IDENTIFIERS
from sekisho.casework.subject_requests.rules.subjects import identifiers


class PersonForm(forms.Form):
    """Whose request it is: a number, and a day on which it was theirs."""

    identifier = forms.ChoiceField(
        label=gettext_lazy("番号の種類"),
        choices=[(kind, IDENTIFIERS[kind]) for kind in identifiers()],
    )
    value = forms.CharField(label=gettext_lazy("番号"), max_length=64, strip=True)
    used_on = forms.DateField(
        label=gettext_lazy("番号を使っていた日"),
        required=False,
        help_text=gettext_lazy("番号は別の方に移ることがあります。空欄なら到達した日の持ち主を探します。"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
