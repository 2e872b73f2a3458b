"""The forms of the pages."""

from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from sekisho.engine.policy.model import Policy
from sekisho.registers.lists.console.wording import CHANNELS, KINDS, item_of, purpose_of
from sekisho.registers.lists.queries import ListKind, Wanted, limits
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients


class ListForm(forms.Form):
    """What a list is for."""

    kind = forms.ChoiceField(
        label=gettext_lazy("名簿の種類"),
        choices=list(KINDS.items()),
        help_text=gettext_lazy("全員へのお知らせは、案内を断っている方も含め、対象の全員を数え漏らさず宛名にします。"),
    )
    title = forms.CharField(label=gettext_lazy("何に使うか"), max_length=120, strip=True)
    purpose = forms.ChoiceField(label=gettext_lazy("目的"))
    channel = forms.ChoiceField(label=gettext_lazy("連絡の方法"), required=False)
    carried = forms.MultipleChoiceField(
        label=gettext_lazy("名簿に値を載せる項目"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("選ばなければ、本人の参照と番号だけの名簿になります。"),
    )
    recipient = forms.ChoiceField(label=gettext_lazy("渡す相手"), required=False)
    advertising = forms.BooleanField(label=gettext_lazy("お知らせに広告が入っている"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments, passed through
        policy = policies.in_force(timezone.now())
        self._choose("purpose", [(key, purpose_of(key, policy)) for key in policy.purposes])
        self._choose("channel", [("", gettext_lazy("決めない")), *((key, CHANNELS[key]) for key in limits().reach)])
        self._choose("carried", [(item, item_of(item, policy)) for item in _reaching(policy)])
        others = [(one.ref, recipients.label_of(one.ref)) for one in recipients.everyone()]
        self._choose("recipient", [("", gettext_lazy("自社で使う")), *others])

    def wanted(self, actor: str, at: datetime) -> Wanted:
        """The list that is asked for."""
        told = self.cleaned_data
        return Wanted(
            purpose=told["purpose"],
            actor=actor,
            at=at,
            kind=ListKind(told["kind"]),
            title=told["title"],
            carried=tuple(told["carried"]),
            recipient=told["recipient"],
            channel=told["channel"],
            advertising=told["advertising"],
        )

    def _choose(self, name: str, choices: list[object]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


class ReturnedForm(forms.Form):
    """Mail that came back."""

    value = forms.CharField(label=gettext_lazy("お客さま番号"), max_length=64, strip=True)
    on = forms.DateField(
        label=gettext_lazy("戻った日"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class SentForm(forms.Form):
    """The list that is about to be sent."""

    file = forms.FileField(label=gettext_lazy("受け取った名簿のファイル（.parquet）"))


def _reaching(policy: Policy) -> list[str]:
    """What the classes that people are reached by hold: fields of the policy, in its order."""
    classes = {item.partition(".")[0] for items in limits().reach.values() for item in items}
    return [f"{name}.{field}" for name in policy.classes if name in classes for field in policy.classes[name].fields]
