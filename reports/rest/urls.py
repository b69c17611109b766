"""Addresses of the room under /api/v1/."""

from django.urls import path

from reports.rest.views import GapsView

urlpatterns = [path("reports/gaps/", GapsView.as_view(), name="api-gaps")]
