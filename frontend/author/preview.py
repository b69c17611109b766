"""A question as its learners meet it: answered, scored and reviewed, and nothing recorded."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.items.content import Content
from assessments.items.problems import ResponseError
from assessments.items.registry import item_type
from assessments.models import Item, ItemVersion
from frontend.author.access import authors_only
from frontend.author.items import find_item
from frontend.author.wording import locale_now
from frontend.learn.player import read_answer

SEEDS = 1000


@require_http_methods(["GET", "POST"])
@authors_only
def preview_item(request: HttpRequest, code: str) -> HttpResponse:
    """Show the player's copy of `?version=`; a POST is scored, or moves a step of an ordering question."""
    item = find_item(code)
    version = _version(item, request.GET.get("version", ""))
    kind = item_type(item.kind)
    content = kind.parse_content(version.content)
    seed = _seed(request.GET.get("seed", ""))
    question = kind.player_view(content, locale_now(), seed)
    context: dict[str, Any] = {
        "item": item,
        "version": version,
        "question": question,
        "seed": seed,
        "next_seed": seed % SEEDS + 1,
        "chosen": [],
        "template": f"learn/questions/{item.kind}.html",
        "maximum": kind.maximum(content),
    }
    if request.method == "POST":
        context |= _answer(request, item.kind, content, question)
    return render(request, "author/item_preview.html", context, status=422 if context.get("error") else 200)


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


def _seed(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= SEEDS else 1


def _answer(request: HttpRequest, kind: str, content: Content, question: dict[str, Any]) -> dict[str, Any]:
    """Return what a posted answer adds to the page: a moved step, an error, or score and review."""
    module = item_type(kind)
    post = request.POST
    order = post.getlist("order")
    if "move" in post:
        return {"question": question | {"options": move_step(question["options"], order, str(post["move"]))}}
    try:
        value = module.parse_response(content, read_answer(request, kind))
    except ResponseError:
        return {"error": _("Answer the question first.")}
    return {
        "score": module.score(content, value),
        "review": module.review_view(content, locale_now(), value),
        "chosen": list(value),
        "question": question | {"options": _in_order(question["options"], order)},
    }


def move_step(options: list[dict[str, Any]], order: list[str], move: str) -> list[dict[str, Any]]:
    """Return the options in the posted order after `up:ID` or `down:ID`; an unknown step moves nothing."""
    options = _in_order(options, order)
    verb, _colon, wanted = move.partition(":")
    place = next((index for index, option in enumerate(options) if option["id"] == wanted), None)
    other = None if place is None else place - 1 if verb == "up" else place + 1
    if place is not None and other is not None and 0 <= other < len(options):
        options[place], options[other] = options[other], options[place]
    return options


def _in_order(options: list[dict[str, Any]], order: list[str]) -> list[dict[str, Any]]:
    places = {option_id: place for place, option_id in enumerate(order)}
    return sorted(options, key=lambda option: places.get(option["id"], len(order)))
