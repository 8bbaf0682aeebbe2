"""Addresses of the program lead's screens, inside one organization."""

from django.urls import path

from fieldstone.server.web.lead import jobs, views

app_name = "lead"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("tables/<slug:name>.csv", views.table, name="table"),
    path("almost/", views.almost, name="almost"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/near/", jobs.near, name="near"),
    path("registry/", views.registry, name="registry"),
    path("cohorts/", views.cohorts, name="cohorts"),
    path("cohorts/<uuid:cohort>/", views.cohort, name="cohort"),
]
