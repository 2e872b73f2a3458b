"""Addresses of the request desk's public pages. No number and no secret ever stands in one."""

from django.urls import path

from sekisho.casework.subject_requests.centre import asking, own_hand, status, web

urlpatterns = [
    path("requests/", asking.requests, name="requests"),
    path("requests/forms/<slug:kind>.pdf", asking.form, name="request-form"),
    path("requests/web/code/", web.code, name="request-code"),
    path("requests/web/<slug:kind>/", web.ask, name="request-web"),
    path("requests/status/", status.status, name="request-status"),
    path("requests/status/leave/", status.leave, name="request-leave"),
    path("requests/status/slip/", own_hand.slip, name="request-slip"),
    path("requests/status/reply/", own_hand.reply, name="request-reply"),
    path("requests/status/withdraw/", own_hand.withdraw, name="request-withdraw"),
    path("requests/status/answer/", status.package, name="request-package"),
    path("requests/status/receipt/", status.receipt, name="request-receipt"),
]
