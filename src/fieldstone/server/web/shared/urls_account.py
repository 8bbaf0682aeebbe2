"""Signing in: allauth's own addresses, by the names that allauth looks for."""

from allauth.account import views as account
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from fieldstone.server.web.shared import views_account as views

urlpatterns = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/again/", views.sign_in, name="account_request_login_code"),
    path("sign-in/new/", views.sign_in, name="account_signup"),
    path("sign-in/code/", account.confirm_login_code, name="account_confirm_login_code"),
    path("sign-in/closed/", account.account_inactive, name="account_inactive"),
    path("sign-in/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("sign-out/", account.logout, name="account_logout"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("account/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/all/", passkeys.list_webauthn, name="mfa_index"),
    path("account/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("language/", views.choose_language, name="set_language"),
]
