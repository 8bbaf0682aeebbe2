"""The map of addresses: one line per audience."""

from django.urls import include, path

urlpatterns = [
    path("", include("fieldstone.server.web.public.urls")),
    path("", include("fieldstone.server.web.learner.urls")),
    path("", include("fieldstone.server.web.shared.urls")),
    path("", include("fieldstone.server.web.shared.urls_account")),
    path("", include("fieldstone.server.api.urls")),
    path("", include("fieldstone.server.web.assessor.urls_external")),
    path("", include("fieldstone.server.web.employer.urls_supervisor")),
    path("o/<slug:org>/author/", include("fieldstone.server.web.author.urls")),
    path("o/<slug:org>/assess/", include("fieldstone.server.web.assessor.urls")),
    path("o/<slug:org>/issue/", include("fieldstone.server.web.issuer.urls")),
    path("o/<slug:org>/promises/", include("fieldstone.server.web.employer.urls")),
    path("o/<slug:org>/lead/", include("fieldstone.server.web.lead.urls")),
    path("o/<slug:org>/coach/", include("fieldstone.server.web.coach.urls")),
    path("o/<slug:org>/admin/", include("fieldstone.server.web.admin.urls")),
]
handler400 = "fieldstone.server.web.shared.views_account.bad_request"
handler403 = "fieldstone.server.web.shared.views_account.permission_denied"
handler404 = "fieldstone.server.web.shared.views_account.page_not_found"
