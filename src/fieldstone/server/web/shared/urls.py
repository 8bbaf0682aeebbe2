"""Addresses of pages for everybody."""

from django.urls import path

from fieldstone.server.web.shared import views as shared_views
from fieldstone.server.web.shared import views_account as views
from fieldstone.server.web.shared import views_data

app_name = "shared"
urlpatterns = [
    path("language/", views.choose_language, name="set_language"),
    path("style/", shared_views.style, name="style"),
    path("home/", views.home, name="home"),
    path("account/data/", views_data.my_data, name="my_data"),
    path("account/data/export/", views_data.export, name="export"),
    path("account/data/delete/", views_data.leave, name="leave"),
    path("account/", views.account, name="account"),
    path("sign-in/paper/", views.sign_in_paper, name="sign_in_paper"),
    path("demo/in/<str:token>/", views.demo_in, name="demo_in"),
]
