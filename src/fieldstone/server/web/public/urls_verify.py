"""Addresses for checking credentials, included by `urls`."""

from django.urls import path

from fieldstone.server.web.public import views_brought, views_pickup
from fieldstone.server.web.public import views_verify as views

urlpatterns = [
    path("check/", views.check, name="check"),
    path("c/<str:code>/", views.credential_page, name="credential"),
    path("c/<str:code>/credential.json", views.credential_file, name="credential_file"),
    path("c/<str:code>/record.json", views.record_file, name="record"),
    path("c/<str:code>/certificate.pdf", views.certificate_file, name="certificate"),
    path("c/<str:code>/badge.svg", views.badge, name="badge"),
    path("c/<str:code>/badge.png", views.badge_png, name="badge_png"),
    path("c/<str:code>/badge-2.<str:ending>", views.older_badge, name="older_badge"),
    path("c/<str:code>/card.png", views.card_picture, name="card"),
    path("c/<str:code>/evidence/<uuid:artifact>", views.evidence_file, name="award_evidence"),
    path("pickup/<str:token>/", views_pickup.page, name="pickup"),
    path("pickup/<str:token>/not-me/", views_pickup.not_me, name="pickup_not_me"),
    path("b/<uuid:brought>/", views_brought.page, name="brought"),
    path("b/<uuid:brought>/file", views_brought.file, name="brought_file"),
    path("achievements/<uuid:version>/stone.svg", views.stone_picture, name="stone_picture"),
]
