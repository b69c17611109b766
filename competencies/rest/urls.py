"""Addresses of the room under /api/v1/."""

from django.urls import path

from competencies.rest.views import FrameworkView, MyEstimatesView

urlpatterns = [
    path("competencies/", FrameworkView.as_view(), name="api-competencies"),
    path("me/estimates/", MyEstimatesView.as_view(), name="api-my-estimates"),
]
