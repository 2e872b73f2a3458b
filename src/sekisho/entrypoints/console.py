"""URLs of the console: every room's own, assembled."""

from django.urls import URLPattern, URLResolver

from sekisho.assurance.promises import console as promises
from sekisho.casework.subject_requests import console as subject_requests
from sekisho.registers.backups import console as backups
from sekisho.registers.batch_jobs import console as batch_jobs
from sekisho.registers.datamap import console as datamap
from sekisho.registers.findings.console import pages as findings
from sekisho.registers.lists.console import pages as lists
from sekisho.registers.policies import console as policies
from sekisho.registers.projections import console as projections
from sekisho.registers.retention import console as retention
from sekisho.web import views as web

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    *web.urlpatterns,
    *promises.urlpatterns,
    *policies.urlpatterns,
    *subject_requests.urlpatterns,
    *datamap.urlpatterns,
    *findings.urlpatterns,
    *lists.urlpatterns,
    *projections.urlpatterns,
    *batch_jobs.urlpatterns,
    *backups.urlpatterns,
    *retention.urlpatterns,
]
