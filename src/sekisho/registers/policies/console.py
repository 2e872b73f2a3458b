"""Console page of the versions: every revision ever adopted, by whom and with which fingerprint."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.policies import queries
from sekisho.web.roles import EVERYBODY, require_role


@require_GET
@require_role(*EVERYBODY)
def versions(request: HttpRequest) -> HttpResponse:
    """Every revision, newest first, and the version in force."""
    at = timezone.now()
    in_force = queries.in_force(at)
    upcoming = [
        policy for policy in queries.history() if policy.in_force_from and policy.in_force_from > tokyo_date(at)
    ]
    return render(
        request,
        "policies/console/versions.html",
        {
            "records": queries.records(),
            "in_force": in_force,
            "upcoming": upcoming[0] if upcoming else None,
            "trail": [(_("約束"), reverse("console:board")), (_("方針の版"), "")],
        },
    )


urlpatterns = [path("policy/versions/", versions, name="policy_versions")]
