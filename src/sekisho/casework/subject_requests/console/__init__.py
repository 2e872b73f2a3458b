"""The request desk's pages: inbox, one arrival beside its form, the list of cases, one case, the person's page."""

from sekisho.casework.subject_requests.console.urls import urlpatterns

__all__ = ["urlpatterns"]
