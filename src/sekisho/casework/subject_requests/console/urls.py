"""Addresses of the request desk's pages."""

from django.urls import path

from sekisho.casework.subject_requests.console import cases, inbox

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/upload/", inbox.upload, name="inbox_upload"),
    path("inbox/<str:ref>/", inbox.arrival, name="arrival"),
    path("inbox/<str:ref>/pages/<int:page>.png", inbox.page, name="arrival_page"),
    path("inbox/<str:ref>/decide/", inbox.decide, name="arrival_decide"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<str:reference>/", cases.case, name="case"),
    path("cases/<str:reference>/person-of/", cases.identify, name="case_person"),
    path("cases/<str:reference>/form.pdf", cases.form, name="case_form"),
    path("cases/<str:reference>/identity/", cases.check_identity, name="case_identity"),
    path("cases/<str:reference>/close/", cases.close, name="case_close"),
    path("cases/<str:reference>/person/", cases.person, name="person"),
]
