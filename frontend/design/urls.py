"""The design system's own pages, and the address that remembers the theme."""

from django.urls import path

from frontend.design import views

app_name = "design"
urlpatterns = [
    path("", views.show_components, name="index"),
    path("error/<int:code>/", views.show_error_page, name="error"),
    path("theme/", views.choose_theme, name="theme"),
]
