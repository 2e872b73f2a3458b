"""A Django view that shows an invoice only under the purpose `billing`, and only after the gate's permit."""

import os
from functools import cache

from django.http import HttpRequest, JsonResponse
from django.urls import path

from sekisho.client import Gate, GateUnavailable, NotPermitted, http_gate

INVOICES: dict[str, dict[str, object]] = {"c-p-hana": {"charge": 4_180, "due_on": "2026-12-10"}}


@cache
def gate() -> Gate:
    """One gate for the process: it keeps its connections."""
    return http_gate(os.environ["SEKISHO_URL"], key=os.environ["SEKISHO_KEY"])


def invoice(request: HttpRequest, customer_no: str) -> JsonResponse:
    """The invoice of one customer. A real view takes the actor from its login."""
    actor = request.headers.get("X-Staff", "")
    found = INVOICES.get(customer_no, {})
    rows = {"due_on": found.get("due_on")}  # what the gate can't know of the row: how long it may still be kept
    try:
        with gate().purpose("billing", actor=actor) as billing:
            answer = billing.require({"customer_no": customer_no}, ["bill.charge", "bill.due_on"], resource=rows)
    except NotPermitted as refusal:
        reasons = [{"message": reason.message, "remedy": reason.remedy} for reason in refusal.answer.reasons]
        return JsonResponse({"reasons": reasons, "evidence": refusal.answer.evidence}, status=403)
    except GateUnavailable:
        return JsonResponse({"reasons": []}, status=503)  # no answer is no permit
    return JsonResponse(found | {"evidence": answer.evidence})


urlpatterns = [path("invoices/<str:customer_no>", invoice)]
