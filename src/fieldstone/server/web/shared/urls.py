"""Addresses of pages for everybody."""

from django.urls import path

from fieldstone.server.web.shared import views_account as views

app_name = "shared"
urlpatterns = [
    path("home/", views.home, name="home"),
    path("account/", views.account, name="account"),
    path("sign-in/paper/", views.sign_in_paper, name="sign_in_paper"),
    path("demo/in/<str:token>/", views.demo_in, name="demo_in"),
]
