"""The item list and the page of one item."""

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from assessments.api import NOT_ADAPTIVE, version_stamp
from assessments.domain.sections import holdings
from assessments.items.media import missing_alternatives
from assessments.items.registry import item_type
from assessments.models import Assessment, Item, ItemParameterSet, ItemTag, ItemVersion, SectionDraw
from competencies.api import current_framework
from competencies.models import Competency, Framework
from frontend.author.access import author_of, authors_only
from frontend.author.bank import find_versions
from frontend.author.forms.filters import ItemFilterForm
from frontend.author.forms.items import problems_in_words
from frontend.author.wording import REVIEW_STEPS, excerpt_of, text_of
from frontend.learn.wording import KIND_NAMES

PER_PAGE = 50


@require_GET
@authors_only
def show_items(request: HttpRequest) -> HttpResponse:
    tags = tags_in_use()
    form = ItemFilterForm(request.GET, competencies=competency_choices(), tags=tags)
    page = Paginator(find_versions(form.wanted()), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [(version, excerpt_of(version), KIND_NAMES[version.item.kind]) for version in page],
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "tags": tags,
    }
    return render(request, "author/items.html", context)


def tags_in_use() -> list[str]:
    """Return every tag that an item has, in the order of the alphabet."""
    return list(ItemTag.objects.order_by("name").values_list("name", flat=True).distinct())


def competency_choices() -> list[tuple[str, str]]:
    """Return code and name of every competency of the framework in force; none when there is no framework."""
    try:
        framework = current_framework()
    except Framework.DoesNotExist:
        return []
    found = Competency.objects.filter(domain__framework=framework).order_by("domain__order", "order")
    return [(each.code, f"{each.code} {each.name}") for each in found]


@require_GET
@authors_only
def show_item(request: HttpRequest, code: str) -> HttpResponse:
    """One item with the version asked for by `?version=`, else the one in use, else the newest."""
    item = find_item(code)
    if item.kind == "simulation":
        return redirect("author:simulation", code)
    versions = list(
        item.versions.select_related("author", "reviewer").annotate(shown=Count("presentations")).order_by("-number")
    )
    version = _chosen(versions, request.GET.get("version", ""))
    context = {
        "item": item,
        "kind": KIND_NAMES[item.kind],
        "versions": versions,
        "version": version,
        "version_number": str(version.number),
        "steps": REVIEW_STEPS,
        "step": 3 if version.is_in_review else 1,
        "draft": next((each for each in versions if each.status == ItemVersion.Status.DRAFT), None),
        "parameters": _parameters_in_force(version),
        "assessments": _assessments_that_choose(item),
        "holdings": holdings(version__item=item),
        "texts": [(locale, text_of(version.content, locale)) for locale in ("vi", "en")],
        "missing": _missing(version),
        "base": version_stamp(version),
        "is_own": version.is_by(author_of(request).pk),
        "comments": item.comments.select_related("author", "version"),
        "tags": item.tags.all(),
    }
    return render(request, "author/item.html", context)


def _missing(version: ItemVersion) -> list[str]:
    """Return what a draft's media still need before it can be published, in words."""
    if version.status != ItemVersion.Status.DRAFT or not version.content.get("media"):
        return []
    content = item_type(version.item.kind).parse_content(version.content)
    return problems_in_words(version.item.kind, missing_alternatives(content), version.content)


def find_item(code: str) -> Item:
    """Return an item with its competency, or answer 404."""
    item = Item.objects.select_related("competency").filter(code=code).first()
    if item is None or not item.versions.exists():
        raise Http404
    return item


def _chosen(versions: Sequence[ItemVersion], number: str) -> ItemVersion:
    if number:
        found = next((each for each in versions if str(each.number) == number), None)
        if found is None:
            raise Http404
        return found
    return next((each for each in versions if each.status == ItemVersion.Status.PUBLISHED), versions[0])


def _parameters_in_force(version: ItemVersion) -> list[ItemParameterSet]:
    """Return the newest parameter set of each competency that the version measures."""
    newest: dict[int, ItemParameterSet] = {}
    for each in version.parameter_sets.select_related("competency").order_by("pk"):
        newest[each.competency_id] = each
    return list(newest.values())


def _assessments_that_choose(item: Item) -> list[Assessment]:
    """Return the draws whose rows may draw the item as it is published, and the quizzes over its competency or by post,
    which may choose it.
    """
    chosen = Q(mode=Assessment.Mode.ADAPTIVE) & (Q(by_post=True) | Q(competencies=item.competency))
    competency = item.competency
    rows = SectionDraw.objects.filter(
        Q(competency=None) | Q(competency=competency),
        Q(domain=None) | Q(domain=competency.domain_id if competency else None),
        Q(level=None) | Q(level__in=item.versions.filter(status=ItemVersion.Status.PUBLISHED).values("level")),
        kind__in=["", item.kind],
    )
    drawn = Q(mode=Assessment.Mode.DRAW, sections__draws__in=rows)
    is_published = item.versions.filter(status=ItemVersion.Status.PUBLISHED).exists()
    if not is_published:
        drawn = Q(pk=None)
    if not is_published or item.kind in NOT_ADAPTIVE:
        chosen = Q(pk=None)
    return list(Assessment.objects.filter(chosen | drawn).distinct().order_by("code"))
