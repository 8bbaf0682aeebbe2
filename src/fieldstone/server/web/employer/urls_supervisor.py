"""Addresses for a supervisor at work, who has a link and no account."""

from django.urls import URLPattern, URLResolver, path

from fieldstone.server.web.employer import supervising

app_name = "supervisor"
urlpatterns: list[URLPattern | URLResolver] = [
    path("work/<slug:token>/", supervising.page, name="page"),
    path("work/<slug:token>/not-me/", supervising.not_me, name="not_me"),
]
