"""Standards-shaped HTTP: status lists, DID documents, achievements, health."""

from django.urls import path

from fieldstone.server.api import showing, views

app_name = "api"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("status/<uuid:list_id>", views.status_list, name="status_list"),
    path("o/<slug:org>/did.json", views.did_document, name="did_document"),
    path("wallets/requests/<str:token>", showing.wallet_request, name="wallet_request"),
    path("wallets/answers/<str:token>", showing.wallet_answer, name="wallet_answer"),
    path("exchanges/<str:token>", showing.exchange, name="exchange"),
    path("achievements/<uuid:version>", views.achievement, name="achievement"),
]
