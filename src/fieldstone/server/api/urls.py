"""Standards-shaped HTTP: status lists, DID documents, achievements, the Open Badges API, OAuth, health."""

from django.urls import path

from fieldstone.server.api import badges, oauth, openbadges2, openid4vci, published, showing, views

app_name = "api"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("status/<uuid:list_id>", views.status_list, name="status_list"),
    path("refresh/<str:code>", views.refresh, name="refresh"),
    path("o/<slug:org>/did.json", views.did_document, name="did_document"),
    path("wallets/requests/<str:token>", showing.wallet_request, name="wallet_request"),
    path("wallets/answers/<str:token>", showing.wallet_answer, name="wallet_answer"),
    path("exchanges/<str:token>", showing.exchange, name="exchange"),
    path(".well-known/openid-credential-issuer/o/<slug:org>", openid4vci.issuer_metadata, name="vci_issuer"),
    path(".well-known/oauth-authorization-server/o/<slug:org>", openid4vci.server_metadata, name="vci_server"),
    path("o/<slug:org>/openid4vci/offer/<str:reference>", openid4vci.offer, name="vci_offer"),
    path("o/<slug:org>/openid4vci/par", openid4vci.par, name="vci_par"),
    path("o/<slug:org>/openid4vci/token", openid4vci.token, name="vci_token"),
    path("o/<slug:org>/openid4vci/nonce", openid4vci.nonce, name="vci_nonce"),
    path("o/<slug:org>/openid4vci/credential", openid4vci.give, name="vci_credential"),
    path("o/<slug:org>/openid4vci/deferred", openid4vci.deferred, name="vci_deferred"),
    path("o/<slug:org>/openid4vci/notification", openid4vci.notification, name="vci_notification"),
    path("achievements/<uuid:version>", views.achievement, name="achievement"),
    path("ob2/assertions/<str:code>", openbadges2.assertion, name="ob2_assertion"),
    path("ob2/badges/<uuid:version>", openbadges2.badge_class, name="ob2_badge"),
    path("ob2/issuers/<slug:org>", openbadges2.issuer, name="ob2_issuer"),
    path("issuers/<uuid:organization>", views.issuer, name="issuer"),
    path(
        "ctdl/micro-credentials/<uuid:micro_credential>", published.ctdl_micro_credential, name="ctdl_micro_credential"
    ),
    path("ctdl/stacks/<uuid:stack>", published.ctdl_stack, name="ctdl_stack"),
    path("ctdl/organizations/<uuid:organization>", published.ctdl_organization, name="ctdl_organization"),
    path("ctdl/frameworks/<uuid:program>", published.ctdl_framework, name="ctdl_framework"),
    path("ctdl/programs/<uuid:program>", published.ctdl_program, name="ctdl_program"),
    path("ims/case/v1p1/CFDocuments", published.case_documents, name="case_documents"),
    path("ims/case/v1p1/CFDocuments/<uuid:program>", published.case_document, name="case_document"),
    path("ims/case/v1p1/CFPackages/<uuid:program>", published.case_package, name="case_package"),
    path("openapi.json", badges.openapi, name="openapi"),
    path("ims/ob/v3p0/discovery", badges.discovery, name="discovery"),
    path("ims/ob/v3p0/credentials", badges.credentials, name="credentials"),
    path("ims/ob/v3p0/profile", badges.profile, name="profile"),
    path(".well-known/oauth-authorization-server", oauth.server_metadata, name="oauth_metadata"),
    path("oauth/register", oauth.register, name="register"),
    path("oauth/token", oauth.token, name="token"),
    path("oauth/revoke", oauth.revoke, name="revoke"),
]
