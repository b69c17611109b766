"""A question as its learners meet it: answered, scored and reviewed, and nothing recorded."""

from typing import Any

from django.http import HttpRequest

from assessments.items import file_upload, ordering
from assessments.items.problems import ResponseError
from assessments.items.registry import item_type, needs_marking
from frontend.author.wording import locale_now
from frontend.learn.answers import read_answer
from frontend.learn.faults import TWO_WAYS, describe_fault
from frontend.learn.uploads import FilesRefused, check_files
from frontend.numbers import read_whole

SEEDS = 1000


def try_question(request: HttpRequest, kind: str, content: Any) -> dict[str, Any]:
    """Return what a page shows of a question: the player's copy shuffled by `?seed=`, and after a POST what came of it.

    `is_shuffled` says whether another seed shows another order; `error` for an answer that was not taken; `score` (None
    where people mark) and `review` for one that was; a moved step of an ordering question changes the question alone.
    """
    module = item_type(kind)
    seed = _seed(request.GET.get("seed", ""))
    question = module.player_view(content, locale_now(), seed)
    context: dict[str, Any] = {
        "question": question,
        "is_shuffled": any(module.player_view(content, locale_now(), other) != question for other in range(1, 9)),
        "seed": seed,
        "next_seed": seed % SEEDS + 1,
        "maximum": module.maximum(content),
        "given": request.POST,
        "unrecorded": True,
    }
    return context | _answer(request, kind, content, question) if request.method == "POST" else context


def _seed(text: str) -> int:
    seed = read_whole(text) or 1
    return seed if seed <= SEEDS else 1


def _answer(request: HttpRequest, kind: str, content: Any, question: dict[str, Any]) -> dict[str, Any]:
    module = item_type(kind)
    order = request.POST.getlist("order")
    if "move" in request.POST and kind == ordering.KIND:
        return {"question": question | {"options": move_step(question["options"], order, request.POST["move"])}}
    try:
        raw = check_files(request, content) if kind == file_upload.KIND else read_answer(request.POST, kind)
        value = module.parse_response(content, raw)
    except FilesRefused as refusal:
        return {"error": " ".join(refusal.messages)}
    except ResponseError as fault:
        return {"error": describe_fault(fault.reason, fault.field), "two_ways": fault.reason in TWO_WAYS}
    return {
        "score": module.score(content, value),
        "is_marked": needs_marking(kind),
        "review": module.review_view(content, locale_now(), value),
    }


def move_step(options: list[dict[str, Any]], order: list[str], move: str) -> list[dict[str, Any]]:
    """Return the options in the posted order after `up:ID` or `down:ID`; an unknown step moves nothing."""
    places = {option_id: place for place, option_id in enumerate(order)}
    options = sorted(options, key=lambda option: places.get(option["id"], len(order)))
    verb, _colon, wanted = move.partition(":")
    place = next((index for index, option in enumerate(options) if option["id"] == wanted), None)
    other = None if place is None else place - 1 if verb == "up" else place + 1
    if place is not None and other is not None and 0 <= other < len(options):
        options[place], options[other] = options[other], options[place]
    return options
