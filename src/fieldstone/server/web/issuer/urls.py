"""Addresses of the issuer screens: the organization's credentials and its keys."""

from django.urls import path

from fieldstone.server.web.issuer import lists, views

app_name = "issuer"
urlpatterns = [
    path("", views.awards_list, name="list"),
    path("credentials.csv", views.export, name="export"),
    path("<uuid:award>/", views.award_page, name="award"),
    path("<uuid:award>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:award>/pause/", views.pause, name="pause"),
    path("<uuid:award>/reinstate/", views.reinstate, name="reinstate"),
    path("<uuid:award>/again/", views.again, name="again"),
    path("<uuid:award>/link/", lists.link, name="link"),
    path("lists/", lists.batches, name="lists"),
    path("lists/new/", lists.new, name="new_list"),
    path("lists/example.csv", lists.example, name="example_list"),
    path("lists/<uuid:batch>/", lists.batch, name="batch"),
    path("lists/<uuid:batch>/do/", lists.do, name="batch_do"),
    path("lists/<uuid:batch>/mend.csv", lists.mend, name="batch_mend"),
    path("lists/<uuid:batch>/result.csv", lists.result, name="batch_result"),
    path("keys/", views.keys, name="keys"),
    path("keys/new/", views.rotate, name="rotate"),
]
