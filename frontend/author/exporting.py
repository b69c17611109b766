"""The bank as files: every question of a list, in as many parts as can be read back."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Case, F, Func, IntegerField, QuerySet, TextField, When
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from assessments.api import media_sizes, pack_items, read_media_file
from assessments.items.exchange.gift import KINDS as GIFT_KINDS
from assessments.items.exchange.gift import write_gift
from assessments.items.exchange.outcomes import ExchangeError
from assessments.items.exchange.qti_package import PackedItem, write_package
from assessments.items.exchange.table_files import left_rows, rows_of, write_csv, write_workbook
from assessments.items.exchange.table_rows import KINDS as ROW_KINDS
from assessments.items.media import files_of
from assessments.items.media_files import KEPT
from assessments.items.registry import ITEM_TYPES
from assessments.models import ItemVersion
from frontend.author.access import authors_only
from frontend.author.bank import find_versions
from frontend.author.exchange_words import describe_note
from frontend.author.forms.filters import ItemFilterForm
from frontend.author.items import competency_choices, tags_in_use
from frontend.author.wording import locale_now
from frontend.learn.wording import KIND_NAMES

MOST_IN_PART = 1000
MOST_OCTETS = 4_000_000
"""Of the contents of a part: less than the readers take in any of the formats."""
MOST_MEDIA = 25_000_000
"""Octets of the pictures, sounds and films of a part, which a QTI package brings along."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, tuple[str | Promise, str | Promise, frozenset[str]]] = {
    "qti": ("QTI 3", gettext_lazy("Everything of every question; comes back the very same."), frozenset(ITEM_TYPES)),
    "xlsx": (
        gettext_lazy("Excel workbook"),
        gettext_lazy("A row each, by the template; its last sheet names what no row can hold."),
        frozenset(ROW_KINDS),
    ),
    "csv": (
        gettext_lazy("CSV table"),
        gettext_lazy("The same rows; what no row can hold has a row that says so."),
        frozenset(ROW_KINDS),
    ),
    "gift": (
        "GIFT",
        gettext_lazy("One language, for Moodle; remarks on top name what was left out or simplified."),
        frozenset(GIFT_KINDS),
    ),
}
"""By `format`: name, what the file holds, and the kinds of question that it can hold."""


@dataclass(frozen=True, slots=True)
class Part:
    """Questions of one file, by the keys of their versions."""

    number: int
    keys: tuple[int, ...]


@require_safe
@authors_only
def export_questions(request: HttpRequest) -> HttpResponse:
    """The questions of the list as it is filtered: what there is to download, or with `?format=` and `part` a file."""
    form = ItemFilterForm(request.GET, competencies=competency_choices(), tags=tags_in_use())
    versions = find_versions(form.wanted())
    kinds = Counter(versions.order_by().values_list("item__kind", flat=True))
    parts = list(_parts(versions.exclude(item__kind="simulation")))
    chosen = request.GET.get("format")
    number = request.GET.get("part", "1" if len(parts) == 1 else "")
    if chosen not in FORMATS or not number:
        return render(request, "author/export.html", _context(request, parts, kinds))
    if not (number.isascii() and number.isdigit() and len(number) < 6 and 1 <= int(number) <= len(parts)):
        raise Http404
    part = parts[int(number) - 1]
    packed = pack_items(list(versions.filter(pk__in=part.keys)))
    name = f"bank-{timezone.localdate().isoformat()}"
    try:
        return _write(packed, chosen, f"{name}-{part.number}" if len(parts) > 1 else name)
    except ExchangeError:  # one question alone is too much
        messages.error(request, _("The pictures, audio and video are too large for one file. Narrow the list down."))
        return redirect("author:items")


def _parts(versions: QuerySet[ItemVersion]) -> Iterator[Part]:
    """Cut the list where a file would become more than can be read back. Three queries."""
    sizes = media_sizes()
    seen: set[str] = set()
    octets = Func(Cast(F("content"), TextField()), function="octet_length", output_field=IntegerField())
    keys: list[int] = []
    number, size, media = 1, 0, 0
    shown = Case(When(words__contains=KEPT, then=F("content")))
    found = versions.annotate(words=Cast(F("content"), TextField())).values_list("pk", octets, shown)
    for key, more, content in found:
        files = set(files_of(content)) if content else set()
        heavier = sum(sizes.get(path, 0) for path in files - seen)
        if keys and (len(keys) == MOST_IN_PART or size + more > MOST_OCTETS or media + heavier > MOST_MEDIA):
            yield Part(number, tuple(keys))
            number, keys, size, media, seen = number + 1, [], 0, 0, set()
            heavier = sum(sizes.get(path, 0) for path in files)
        keys.append(key)
        seen |= files
        size, media = size + more, media + heavier
    if keys:
        yield Part(number, tuple(keys))


def _context(request: HttpRequest, parts: list[Part], kinds: Counter[str]) -> dict[str, Any]:
    query = request.GET.copy()
    for name in ("format", "part", "page"):
        query.pop(name, None)
    simulations = kinds.pop("simulation", 0)
    formats = [
        {
            "key": key,
            "name": name,
            "holds": holds,
            "left": [(KIND_NAMES[kind], count) for kind, count in sorted(kinds.items()) if kind not in known],
        }
        for key, (name, holds, known) in FORMATS.items()
    ]
    return {
        "formats": formats,
        "parts": parts,
        "count": kinds.total(),
        "simulations": simulations,
        "query": query.urlencode(),
    }


def _write(packed: list[PackedItem], chosen: str, name: str) -> HttpResponse:
    match chosen:
        case "gift":
            text, left = write_gift([(item.code, item.content) for item in packed], locale_now())
            remark = "".join(f"// {code}: {describe_note(reason, '')}\n" for code, reason in left)
            return as_file((remark + text).encode(), f"{name}.gift.txt", "text/plain; charset=utf-8")
        case "xlsx":
            rows, stay = rows_of(packed)
            lines = [[_("Item"), _("Reason")], *([item.code, describe_note(reason, "")] for item, reason in stay)]
            return as_file(write_workbook(rows, [(_("Not in this file"), lines)], title=_("Questions")), f"{name}.xlsx")
        case "csv":
            rows, stay = rows_of(packed)
            return as_file(write_csv([*rows, *left_rows(stay)]), f"{name}.csv", "text/csv; charset=utf-8")
    return as_file(write_package(packed, read_media_file), f"{name}.qti3.zip", "application/zip")


def as_file(content: bytes, name: str, content_type: str = XLSX) -> HttpResponse:
    """Return a file to keep."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
