"""Addresses of the administrator's screens, inside one organization."""

from django.urls import path

from fieldstone.server.web.admin import lists, views

app_name = "admin"
urlpatterns = [
    path("", views.members, name="members"),
    path("<uuid:membership>/end/", views.end, name="end"),
    path("settings/", views.settings, name="settings"),
    path("about/", views.about, name="about"),
    path("lists/", lists.lists, name="lists"),
    path("record/", views.record, name="record"),
]
