"""All faces on one host: centre at the root, console under /console/, the same in English under /en/.

Japanese is what an address without a prefix means, whatever the browser asks for: a link says which language it opens.
"""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from sekisho.web import refusals, wire

handler400 = refusals.bad_request
handler403 = refusals.permission_denied
handler404 = refusals.not_found
handler500 = refusals.unexpected

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("sekisho.entrypoints.api")),
    *wire.urlpatterns,
    *i18n_patterns(
        path("console/", include("sekisho.entrypoints.console")),
        path("", include("sekisho.entrypoints.centre")),
        prefix_default_language=False,
    ),
]
