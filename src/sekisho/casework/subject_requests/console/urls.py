"""Addresses of the request desk's pages."""

from django.urls import path

from sekisho.casework.subject_requests.console import answer, cases, gathering, inbox, papers, person

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
    path("cases/<str:reference>/papers/", papers.paper, name="case_paper"),
    path("cases/<str:reference>/masked/", papers.masked, name="case_masked"),
    path("cases/<str:reference>/payments/", papers.payment, name="case_payment"),
    path("cases/<str:reference>/terms/", papers.terms, name="case_terms"),
    path("cases/<str:reference>/other-way/", papers.other_way, name="case_other_way"),
    path("cases/<str:reference>/ask/", papers.ask, name="case_ask"),
    path("cases/<str:reference>/letters/<str:ref>.pdf", papers.letter, name="case_letter"),
    path("cases/<str:reference>/close/", cases.close, name="case_close"),
    path("cases/<str:reference>/answer/", answer.answer, name="case_answer"),
    path("cases/<str:reference>/gathering/", gathering.gathering, name="gathering"),
    path("cases/<str:reference>/gathering/mark/", gathering.mark, name="gathering_mark"),
    path("cases/<str:reference>/gathering/<int:number>/", gathering.decide, name="gathering_decide"),
    path("cases/<str:reference>/person/", person.person, name="person"),
]
