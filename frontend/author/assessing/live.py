"""How the sittings of an assessment stand, while people sit."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from assessments.domain.queries.live import MOST, live_progress
from frontend.author.access import authors_only
from frontend.author.assessing.frame import render_page
from frontend.author.measurement.assessments import find_assessment


@require_GET
@never_cache
@authors_only
def show_live(request: HttpRequest, code: str) -> HttpResponse:
    """Who has begun, answers, has been lost sight of or has finished. htmx fetches the same page and takes its middle.

    `?paused=1` stops it, so that it can be read in peace.
    """
    assessment = find_assessment(code)
    progress = live_progress(assessment)
    context = {
        "progress": progress,
        "at": timezone.now(),
        "paused": request.GET.get("paused") == "1",
        "most": MOST,
        "begun": len(progress.sittings),
        "working": progress.count("working"),
        "lost": progress.count("lost"),
        "finished": progress.count("finished", "time_over"),
    }
    return render_page(request, assessment, "live", context)
