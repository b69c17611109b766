"""Where authors begin: courses, the item bank at a glance, drafts, assessments."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.items.translations import FIELDS
from assessments.models import Assessment, ItemVersion
from competencies.api import current_framework
from competencies.models import LEVELS, Framework
from courses.models import Course
from frontend.author.access import authors_only
from frontend.author.bank import bank_at_a_glance, missing_translations
from frontend.author.wording import FIELD_NAMES

DRAFTS_SHOWN = 30
"""The newest; an import may make thousands, which the item bank lists page by page."""


@require_GET
@authors_only
def show_home(request: HttpRequest) -> HttpResponse:
    try:
        rows = bank_at_a_glance(current_framework())
    except Framework.DoesNotExist:
        rows = []
    untranslated, missing = missing_translations()
    drafts = ItemVersion.objects.filter(status=ItemVersion.Status.DRAFT).select_related("item", "author")
    newest = list(drafts.defer("content").order_by("-created_at", "-pk")[: DRAFTS_SHOWN + 1])
    context = {
        "courses": Course.objects.prefetch_related("modules__lessons").order_by("code"),
        "rows": rows,
        "levels": range(1, LEVELS + 1),
        "total": sum(row.total for row in rows),
        "uncalibrated": sum(row.uncalibrated for row in rows),
        "empty_rows": sum(not row.total for row in rows),
        "drafts": newest[:DRAFTS_SHOWN],
        "drafts_more": len(newest) > DRAFTS_SHOWN,
        "untranslated": untranslated,
        "missing": missing,
        "fields": [FIELD_NAMES[field] for field in FIELDS],
        "assessments": Assessment.objects.select_related("simulation").order_by("mode", "code"),
    }
    return render(request, "author/home.html", context)
