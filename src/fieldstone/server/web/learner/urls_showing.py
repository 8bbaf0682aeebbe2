"""Addresses of showing credentials, part of the learner's addresses."""

from django.urls import path

from fieldstone.server.web.learner import showing

urlpatterns = [
    path("show/<str:token>/answer/", showing.answer, name="answer"),
    path("credentials/answer/", showing.answer_elsewhere, name="answer_elsewhere"),
    path("credentials/shown/", showing.shown, name="shown"),
    path("credentials/shown/<uuid:shown>/take-back/", showing.take_back, name="take_back"),
    path("credentials/<uuid:award>/app/", showing.to_app, name="to_app"),
    path("credentials/<uuid:award>/app/<str:token>/", showing.in_app, name="in_app"),
]
