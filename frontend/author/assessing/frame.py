"""What every page of an assessment shares: who may open it, and the tabs to the others."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.models import Assessment

TABS: dict[str, Promise] = {
    "assessment": _("Questions"),
    "assessment-settings": _("Time, attempts, feedback"),
    "assessment-audience": _("Who takes it"),
    "assessment-accommodations": _("Accommodations"),
    "assessment-invigilation": _("Supervision"),
    "assessment-live": _("Live"),
}


def render_page(
    request: HttpRequest, assessment: Assessment, page: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render `author/assessing/<page>.html`; page: a key of TABS without its beginning, else one of the first tab's."""
    current = f"assessment-{page}" if f"assessment-{page}" in TABS else "assessment"
    tabs = [
        {"label": label, "url": reverse(f"author:{name}", args=[assessment.code]), "current": name == current}
        for name, label in TABS.items()
    ]
    everything = {"assessment": assessment, "tabs": tabs, "page_name": TABS[current], **context}
    return render(request, f"author/assessing/{page}.html", everything, status=status)
