"""Where measurement begins: what there is, and what waits for somebody."""

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.models import Assessment, CalibrationRun, ItemHealth, ItemVersion, Regrade, StandardPanel
from frontend.author.access import authors_only


@require_GET
@authors_only
def show_measurement(request: HttpRequest) -> HttpResponse:
    runs = CalibrationRun.objects.aggregate(
        ready=Count("pk", filter=Q(status="ready")), active=Count("pk", filter=Q(status__in=["queued", "running"]))
    )
    health = ItemHealth.objects.filter(version__status=ItemVersion.Status.PUBLISHED).aggregate(
        measured=Count("pk"), flagged=Count("pk", filter=~Q(flags=[])), at=Max("measured_at")
    )
    context = {
        "runs": runs,
        "health": health,
        "open_panels": StandardPanel.objects.filter(status=StandardPanel.Status.OPEN).count(),
        "regrades": Regrade.objects.select_related("calibration__competency")[:10],
        "assessments": Assessment.objects.order_by("mode", "code"),
    }
    return render(request, "author/measurement/hub.html", context)
