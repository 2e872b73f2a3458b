"""URLs of the privacy centre: every room's own, assembled."""

from django.urls import URLPattern, URLResolver

from sekisho.assurance.promises import centre as promises
from sekisho.casework.subject_requests.centre import urls as subject_requests
from sekisho.registers.policies import centre as policies

app_name = "centre"
urlpatterns: list[URLPattern | URLResolver] = [
    *promises.urlpatterns,
    *policies.urlpatterns,
    *subject_requests.urlpatterns,
]
