"""Console page of the versions: every revision ever adopted, by whom and with which fingerprint."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.registers.policies import queries
from sekisho.web.roles import EVERYBODY, require_role


@require_GET
@require_role(*EVERYBODY)
def versions(request: HttpRequest) -> HttpResponse:
    """Every revision, newest first, and the version in force."""
    in_force = queries.in_force(timezone.now())
    upcoming = [
        policy
        for policy in queries.history()
        if (policy.in_force_from or in_force.in_force_from) > in_force.in_force_from
    ]  # type: ignore[operator]  # a version in the register has a first day
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
