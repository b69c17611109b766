"""The preview of an item's version, and the gallery where every type of question can be tried."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from assessments.items.registry import ITEM_TYPES, item_type, needs_marking
from assessments.models import Item, ItemVersion
from frontend.author.access import authors_only
from frontend.author.items import find_item
from frontend.author.tryout import try_question
from frontend.author.wording import KIND_HINTS, REVIEW_STEPS


@require_http_methods(["GET", "POST"])
@authors_only
def preview_item(request: HttpRequest, code: str) -> HttpResponse:
    """Show the player's copy of `?version=`; a POST is scored, or moves a step of an ordering question."""
    item = find_item(code)
    version = _version(item, request.GET.get("version", ""))
    content = item_type(item.kind).parse_content(version.content)
    context = {"item": item, "version": version, "steps": REVIEW_STEPS, **try_question(request, item.kind, content)}
    return render(request, "author/item_preview.html", context, status=422 if context.get("error") else 200)


@require_safe
@authors_only
def show_gallery(request: HttpRequest) -> HttpResponse:
    """List every type of question with what it is good for."""
    kinds = [{"kind": kind, "hint": KIND_HINTS[kind], "is_marked": needs_marking(kind)} for kind in ITEM_TYPES]
    return render(request, "author/gallery.html", {"kinds": kinds})


@require_http_methods(["GET", "POST"])
@authors_only
def try_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Try a type of question with its sample; a POST is scored, and nothing is recorded."""
    if kind not in ITEM_TYPES:
        raise Http404
    module = item_type(kind)
    context = {"kind": kind, "hint": KIND_HINTS[kind]}
    context |= try_question(request, kind, module.parse_content(module.SAMPLE))
    return render(request, "author/gallery_kind.html", context, status=422 if context.get("error") else 200)


def _version(item: Item, number: str) -> ItemVersion:
    if item.kind == "simulation":
        raise Http404
    versions = {str(version.number): version for version in item.versions.all()}
    if number:
        if number not in versions:
            raise Http404
        return versions[number]
    published = [version for version in versions.values() if version.status == ItemVersion.Status.PUBLISHED]
    return (published or list(versions.values()))[-1]
