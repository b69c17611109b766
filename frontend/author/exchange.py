"""Questions from files of other tools: brought, looked at in a dry run, confirmed; and the template."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from assessments.api import (
    outcome_statuses,
    question_import_of,
    question_imports_of,
    start_question_import,
    tidy_tag,
)
from assessments.items.exchange.archive import LARGEST_ARCHIVE
from assessments.items.exchange.outcomes import REFUSED, ExchangeError
from assessments.items.exchange.reading import ReadFile, read_file
from assessments.items.exchange.row_fields import COLUMNS
from assessments.items.exchange.table_files import write_workbook
from assessments.items.exchange.table_rows import example_rows
from assessments.models import QuestionImport
from competencies.api import current_framework
from competencies.models import LEVELS, Competency
from frontend.author.access import author_of, authors_only
from frontend.author.exchange_words import FORMAT_NAMES, describe_note, template_guide
from frontend.author.exporting import as_file
from frontend.author.items import competency_choices
from frontend.choices import offer
from organisation import api as organisation


class QuestionFileForm(forms.Form):
    """The file, and what its questions measure where it does not say."""

    use_required_attribute = False

    file = forms.FileField(
        label=gettext_lazy("File of questions"),
        help_text=gettext_lazy(
            "Excel (.xlsx) or CSV by our template, GIFT, Aiken, Moodle XML, "
            "or QTI 2.1, 2.2 or 3.0 as an item or a package."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.gift,.xml,.zip"}),
    )
    competency = forms.ChoiceField(label=gettext_lazy("Competency, where the file names none"))
    level = forms.TypedChoiceField(
        label=gettext_lazy("Author's level, where the file names none"),
        coerce=int,
        choices=[(level, level) for level in range(1, LEVELS + 1)],
        initial=4,
    )

    def __init__(self, *args: Any, competencies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", gettext_lazy("Choose…")), *competencies]
        offer(self, "competency", choices)

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > LARGEST_ARCHIVE:
            raise forms.ValidationError(_("The file is too large."))
        return file


class ChosenForm(forms.Form):
    """What the address of the dry run says."""

    competency = forms.CharField(max_length=20)
    level = forms.IntegerField(min_value=1, max_value=LEVELS)


@require_http_methods(["GET", "POST"])
@authors_only
def bring_questions(request: HttpRequest) -> HttpResponse:
    """The form; a file that arrives is kept for an hour, and its dry run is the next page."""
    user, competencies = author_of(request), competency_choices()
    if request.method == "POST":
        form = QuestionFileForm(request.POST, request.FILES, competencies=competencies)
    else:
        form = QuestionFileForm(competencies=competencies)
    if not form.is_valid():
        context = {"form": form, "imports": question_imports_of(user)}
        return render(request, "author/import.html", context, status=422 if form.is_bound else 200)
    file = form.cleaned_data["file"]
    key = organisation.keep_upload(user, file.chunks(), file.name)
    query = f"?competency={form.cleaned_data['competency']}&level={form.cleaned_data['level']}"
    return redirect(reverse("author:item-import-check", args=[key]) + query)


@require_http_methods(["GET", "POST"])
@authors_only
def check_questions(request: HttpRequest, key: UUID) -> HttpResponse:
    """What will come, what is approximated and what is refused, question by question; a POST makes the drafts.

    Once that is confirmed, how far it is, and then what became of each question, for as long as reports are kept.
    """
    user = author_of(request)
    if job := question_import_of(user, key):
        return _show_import(request, job)
    chosen = ChosenForm(request.GET)
    opened = organisation.open_upload(user, key)
    competency = None
    if chosen.is_valid():
        named = Competency.objects.filter(domain__framework=current_framework())
        competency = named.filter(code=chosen.cleaned_data["competency"]).first()
    if opened is None or competency is None:
        messages.warning(request, _("The file is no longer there. Please send it again."))
        return redirect("author:item-import")
    file, name = opened
    with file:
        data = file.read(LARGEST_ARCHIVE + 1)
    try:
        found = read_file(data)
    except ExchangeError as error:
        said = describe_note(error.reason, error.detail)
        return render(request, "author/import_check.html", {"name": name, "fault": said}, status=422)
    level = chosen.cleaned_data["level"]
    if request.method == "POST":
        tag = tidy_tag(_("imported %(day)s") % {"day": timezone.localdate().isoformat()})
        count = len(found.outcomes)
        start_question_import(user, key, name, count=count, competency=competency, level=level, tag=tag)
        return redirect("author:item-import-check", key)
    context = {"name": name, "competency": competency, "level": level, **_dry_run(found, level)}
    return render(request, "author/import_check.html", context)


def _show_import(request: HttpRequest, job: QuestionImport) -> HttpResponse:
    """The page of a confirmed file, which asks again by itself while a worker is at it."""
    context: dict[str, Any] = {"job": job, "name": job.name, "competency": job.competency, "level": job.level}
    if job.status == job.Status.DONE:
        report = job.report
        rows = [_row(*each, is_row=report["is_table"]) for each in report["rows"]]
        context |= {"rows": rows, "counts": _count(rows), "format": FORMAT_NAMES[report["format"]]}
    elif job.status == job.Status.FAILED:
        context["fault"] = describe_note(*job.report["fault"])
    response = render(request, "author/import_done.html", context)
    if job.status != job.Status.QUEUED and getattr(request, "htmx", False):
        response["HX-Refresh"] = "true"
    return response


def _dry_run(found: ReadFile, level: int) -> dict[str, Any]:
    codes = {code for code, _name in competency_choices()}
    rows = []
    statuses = outcome_statuses(found.outcomes, level)
    for number, (outcome, status) in enumerate(zip(found.outcomes, statuses, strict=True), start=1):
        notes = [(note.reason, note.detail) for note in outcome.notes]
        if status != REFUSED and outcome.competency and outcome.competency not in codes:
            notes.append(("unknown_competency", outcome.competency))
        is_row = outcome.row is not None
        rows.append(_row(outcome.row or number, outcome.label, outcome.kind, status, notes, is_row=is_row))
    counts = _count(rows)
    return {
        "rows": rows,
        "counts": counts,
        "coming": counts["comes"] + counts["approximated"],
        "format": FORMAT_NAMES[found.format],
        "guessed": found.guessed,
    }


def _row(
    number: int, label: str, kind: str, status: str, notes: Sequence[Sequence[str]], code: str = "", *, is_row: bool
) -> dict[str, Any]:
    said = [describe_note(reason, detail) for reason, detail in notes]
    return {"number": number, "label": label, "kind": kind, "status": status, "notes": said, "code": code} | {
        "is_row": is_row
    }


def _count(rows: list[dict[str, Any]]) -> dict[str, int]:
    found = Counter(row["status"] for row in rows)
    return {status: found[status] for status in ("comes", "approximated", "refused", "known")}


@require_safe
@authors_only
def question_template(request: HttpRequest) -> HttpResponse:
    """The workbook that people fill in: an empty sheet, one example of each kind, and what each column means."""
    examples = [[*COLUMNS], *([row.get(column, "") for column in COLUMNS] for row in example_rows())]
    guide = [[_("Column"), _("What to enter")], *map(list, template_guide())]
    sheets = [(_("Examples"), examples), (_("Guide"), guide)]
    return as_file(write_workbook([], sheets, title=_("Questions")), "questions-template.xlsx")
