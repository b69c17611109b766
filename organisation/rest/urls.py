"""Addresses of the room under /api/v1/."""

from django.urls import path

from organisation.rest.views import UnitListView

urlpatterns = [path("units/", UnitListView.as_view(), name="api-units")]
