"""Addresses of the room under /api/v1/."""

from django.urls import path

from assessments.rest import views

urlpatterns = [
    path("attempts/", views.AttemptListView.as_view(), name="api-attempts"),
    path("attempts/<uuid:attempt_id>/", views.AttemptDetailView.as_view(), name="api-attempt"),
    path("attempts/<uuid:attempt_id>/next/", views.NextView.as_view(), name="api-attempt-next"),
    path("attempts/<uuid:attempt_id>/responses/", views.ResponseListView.as_view(), name="api-attempt-responses"),
    path("attempts/<uuid:attempt_id>/submit/", views.SubmitView.as_view(), name="api-attempt-submit"),
    path("attempts/<uuid:attempt_id>/simulation/", views.SimulationView.as_view(), name="api-attempt-simulation"),
    path("attempts/<uuid:attempt_id>/actions/", views.ActionListView.as_view(), name="api-attempt-actions"),
]
