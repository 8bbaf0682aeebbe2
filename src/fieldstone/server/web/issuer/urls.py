"""Addresses of the issuer screens: the organization's credentials and its keys."""

from django.urls import path

from fieldstone.server.web.issuer import views

app_name = "issuer"
urlpatterns = [
    path("", views.awards_list, name="list"),
    path("credentials.csv", views.export, name="export"),
    path("<uuid:award>/", views.award_page, name="award"),
    path("<uuid:award>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:award>/pause/", views.pause, name="pause"),
    path("<uuid:award>/reinstate/", views.reinstate, name="reinstate"),
    path("keys/", views.keys, name="keys"),
    path("keys/new/", views.rotate, name="rotate"),
]
