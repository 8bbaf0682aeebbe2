"""Addresses of the coach's screens, inside one organization."""

from django.urls import path

from fieldstone.server.web.coach import views, working

app_name = "coach"
urlpatterns = [
    path("", views.learners, name="learners"),
    path("add/", views.add, name="add"),
    path("almost/", views.almost, name="almost"),
    path("work/", working.placements, name="placements"),
    path("work/<uuid:placement>/", working.placement, name="placement"),
    path("<uuid:learner>/", views.learner, name="learner"),
    path("<uuid:learner>/code/", views.code, name="code"),
]
