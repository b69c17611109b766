"""Questions from files of other tools: brought, looked at in a dry run, confirmed; and the bank as a file."""

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
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from assessments.api import (
    import_outcomes,
    known_digests,
    outcome_digest,
    pack_items,
    read_media_file,
    tag_items,
    tidy_tag,
)
from assessments.items.exchange.archive import LARGEST_ARCHIVE
from assessments.items.exchange.gift import write_gift
from assessments.items.exchange.outcomes import REFUSED, ExchangeError
from assessments.items.exchange.qti_package import write_package
from assessments.items.exchange.reading import ReadFile, read_file
from assessments.items.exchange.table_files import rows_of, write_csv, write_workbook
from assessments.items.exchange.table_rows import COLUMNS, example_rows
from competencies.api import current_framework
from competencies.models import LEVELS, Competency
from frontend.author.access import author_of, authors_only
from frontend.author.bank import find_versions
from frontend.author.exchange_words import FORMAT_NAMES, describe_note, template_guide
from frontend.author.forms.filters import ItemFilterForm
from frontend.author.items import competency_choices, tags_in_use
from frontend.author.wording import locale_now
from frontend.choices import offer
from organisation import api as organisation

MOST_EXPORTED = 5000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    competencies = competency_choices()
    if request.method != "POST":
        return render(request, "author/import.html", {"form": QuestionFileForm(competencies=competencies)})
    form = QuestionFileForm(request.POST, request.FILES, competencies=competencies)
    if not form.is_valid():
        return render(request, "author/import.html", {"form": form}, status=422)
    file = form.cleaned_data["file"]
    key = organisation.keep_upload(author_of(request), file.chunks(), file.name)
    query = f"?competency={form.cleaned_data['competency']}&level={form.cleaned_data['level']}"
    return redirect(reverse("author:item-import-check", args=[key]) + query)


@require_http_methods(["GET", "POST"])
@authors_only
def check_questions(request: HttpRequest, key: UUID) -> HttpResponse:
    """What will come, what is approximated and what is refused, question by question; a POST makes the drafts."""
    chosen = ChosenForm(request.GET)
    opened = organisation.open_upload(author_of(request), key)
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
        drafts = import_outcomes(found.outcomes, competency=competency, level=level, actor=author_of(request))
        organisation.drop_upload(author_of(request), key)
        tag = tidy_tag(_("imported %(day)s") % {"day": timezone.localdate().isoformat()})
        tag_items([draft.item.code for draft in drafts], tag)
        said = ngettext("%(count)d draft was made.", "%(count)d drafts were made.", len(drafts))
        messages.success(request, said % {"count": len(drafts)})
        return redirect(f"{reverse('author:items')}?tag={tag}" if drafts else "author:items")
    context = {"name": name, "competency": competency, "level": level, **_report(found, level)}
    return render(request, "author/import_check.html", context)


def _report(found: ReadFile, level: int) -> dict[str, Any]:
    known = known_digests()
    codes = {code for code, _name in competency_choices()}
    rows = []
    counts = {"comes": 0, "approximated": 0, "refused": 0, "known": 0}
    for number, outcome in enumerate(found.outcomes, start=1):
        status = outcome.status
        if status != REFUSED:
            digest = outcome_digest(outcome, level)
            status = "known" if digest in known else status
            known.add(digest)
        counts[status] += 1
        notes = [describe_note(note.reason, note.detail) for note in outcome.notes]
        if status != REFUSED and outcome.competency and outcome.competency not in codes:
            notes.append(describe_note("unknown_competency", outcome.competency))
        rows.append({"number": outcome.row or number, "outcome": outcome, "status": status, "notes": notes})
    return {
        "rows": rows,
        "counts": counts,
        "coming": counts["comes"] + counts["approximated"],
        "format": FORMAT_NAMES[found.format],
        "guessed": found.guessed,
    }


@require_safe
@authors_only
def export_questions(request: HttpRequest) -> HttpResponse:
    """The questions of the list as it is filtered: a QTI 3 package, or `?format=` gift, xlsx or csv."""
    form = ItemFilterForm(request.GET, competencies=competency_choices(), tags=tags_in_use())
    packed = pack_items(list(find_versions(form.wanted())[:MOST_EXPORTED]))
    name = f"bank-{timezone.localdate().isoformat()}"
    match request.GET.get("format"):
        case "gift":
            text, left = write_gift([(item.code, item.content) for item in packed], locale_now())
            remark = "".join(f"// {code}: {describe_note(reason, '')}\n" for code, reason in left)
            return _file((remark + text).encode(), f"{name}.gift.txt", "text/plain; charset=utf-8")
        case "xlsx":
            rows, stay = rows_of(packed)
            lines = [[_("Item"), _("Why")], *([code, describe_note("not_in_a_row", "")] for code in stay)]
            return _file(write_workbook(rows, [(_("Not in this file"), lines)], title=_("Questions")), f"{name}.xlsx")
        case "csv":
            return _file(write_csv(rows_of(packed)[0]), f"{name}.csv", "text/csv; charset=utf-8")
    try:
        package = write_package(packed, read_media_file)
    except ExchangeError:
        messages.error(request, _("The pictures, audio and video are too large for one file. Narrow the list down."))
        return redirect(f"{reverse('author:items')}?{request.GET.urlencode()}")
    return _file(package, f"{name}.qti3.zip", "application/zip")


@require_safe
@authors_only
def question_template(request: HttpRequest) -> HttpResponse:
    """The workbook that people fill in: an empty sheet, one example of each kind, and what each column means."""
    examples = [[*COLUMNS], *([row.get(column, "") for column in COLUMNS] for row in example_rows())]
    guide = [[_("Column"), _("What to enter")], *map(list, template_guide())]
    sheets = [(_("Examples"), examples), (_("Guide"), guide)]
    return _file(write_workbook([], sheets, title=_("Questions")), "questions-template.xlsx")


def _file(content: bytes, name: str, content_type: str = XLSX) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
