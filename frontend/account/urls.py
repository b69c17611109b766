"""Signing in and out, and the profile; the address of every account page."""

from allauth.account import views
from django.urls import path

from frontend.account import views as profile

account_patterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/<uidb36>-<key>/", views.password_reset_from_key, name="account_reset_password_from_key"),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("signup/", views.signup, name="account_signup"),
    path("profile/", profile.show_profile, name="account_profile"),
    path("profile/language/", profile.choose_language, name="account_choose_language"),
    path("profile/tokens/", profile.create_token, name="account_create_token"),
    path("profile/tokens/<int:token_id>/revoke/", profile.revoke_token, name="account_revoke_token"),
]
