"""Addresses for an external assessor, who has a signed link and no account."""

from django.urls import URLPattern, URLResolver, path

from fieldstone.server.web.assessor import external

app_name = "external"
urlpatterns: list[URLPattern | URLResolver] = [
    path("review/<slug:token>/", external.review, name="review"),
    path("review/<slug:token>/file/<uuid:artifact>/", external.file, name="file"),
]
