"""Addresses of the recognizer's screens, inside one organization."""

from django.urls import path

from fieldstone.server.web.employer import asking, views

app_name = "employer"
urlpatterns = [
    path("", views.promises, name="promises"),
    path("new/", views.choose, name="choose"),
    path("new/<str:kind>/<uuid:target>/", views.make, name="make"),
    path("claims/", views.claims, name="claims"),
    path("claims/<uuid:claim>/", views.claim, name="claim"),
    path("asks/", asking.asks, name="asks"),
    path("asks/new/", asking.choose, name="ask_choose"),
    path("asks/new/why/", asking.ask, name="ask"),
    path("asks/<uuid:ask>/", asking.ask_one, name="ask_one"),
    path("asks/<uuid:ask>/close/", asking.close, name="ask_close"),
    path("history/", views.history, name="history"),
    path("promises.csv", views.promises_csv, name="promises_csv"),
    path("claims.csv", views.claims_csv, name="claims_csv"),
    path("<uuid:promise>/", views.promise, name="promise"),
    path("<uuid:promise>/withdraw/", views.withdraw, name="withdraw"),
]
