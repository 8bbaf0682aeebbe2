"""Addresses that need no account: the catalog, help, and checking credentials."""

from django.urls import include, path

from fieldstone.server.web.public import asked, views

app_name = "public"
urlpatterns = [
    path("", views.explore, name="explore"),
    path("m/<slug:org>/<slug:slug>/", views.micro_credential, name="micro_credential"),
    path("m/<slug:org>/<slug:slug>/v/<int:number>/", views.version, name="version"),
    path("s/<slug:org>/<slug:slug>/", views.stack, name="stack"),
    path("stacks/", views.stacks, name="stacks"),
    path("show/<str:token>/", asked.asked, name="asked"),
    path("shown/<str:receipt>/", asked.receipt, name="receipt"),
    path("help/", views.help_page, name="help"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("terms/", views.terms, name="terms"),
    path("promises/", views.promises_explained, name="promises_explained"),
    path("", include("fieldstone.server.web.public.urls_jobs")),
    path("", include("fieldstone.server.web.public.urls_verify")),
]
