"""The health of the bank, and of one item with pictures."""

from functools import partial
from typing import Any

from celery import current_app
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from assessments.measurement import ItemParameters, information
from assessments.models import ItemHealth, ItemParameterSet, ItemVersion
from frontend.author.access import authors_only
from frontend.author.measurement.charts import draw_curve, draw_information, draw_options
from frontend.author.measurement.competencies import competency_choices, measured_competencies
from frontend.author.measurement.forms import HealthFilterForm
from frontend.author.measurement.words.health import group_name, health_flag
from frontend.author.wording import excerpt_of, locale_now

PER_PAGE = 50
TASK = "assessments.study_tasks.measure_health"
LETTERS = "ABCDEFGHIJ"


@require_GET
@authors_only
def show_bank_health(request: HttpRequest) -> HttpResponse:
    """Items in use with their figures and flags, those with flags first."""
    competencies = measured_competencies()
    form = HealthFilterForm(request.GET, competencies=competency_choices(competencies))
    form.is_valid()
    wanted = form.cleaned_data
    found = ItemHealth.objects.filter(version__status=ItemVersion.Status.PUBLISHED, competency__in=competencies)
    measured_at = found.aggregate(at=Max("measured_at"))["at"]
    if wanted.get("competency"):
        found = found.filter(competency__code=wanted["competency"])
    if wanted.get("flag") == "any":
        found = found.exclude(flags=[])
    elif wanted.get("flag"):
        found = found.filter(flags__contains=[wanted["flag"]])
    rows = found.select_related("version__item", "competency").order_by(
        "competency__domain__order", "competency__order", "version__item__code"
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [(each, excerpt_of(each.version), [health_flag(flag) for flag in each.flags]) for each in page],
        "measured_at": measured_at,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "chosen": wanted.get("competency", ""),
    }
    return render(request, "author/measurement/bank_health.html", context)


@require_POST
@authors_only
def measure(request: HttpRequest) -> HttpResponse:
    """Have the items of one competency, or of all of them, measured by the workers."""
    code = request.POST.get("competency", "")
    chosen = [each for each in measured_competencies() if not code or each.code == code]
    if code and not chosen:
        raise Http404
    for competency in chosen:
        transaction.on_commit(partial(current_app.send_task, TASK, [competency.pk], retry=False), robust=True)
    messages.success(
        request,
        ngettext(
            "The items of %(n)d competency are being measured. Open this page again in a moment.",
            "The items of %(n)d competencies are being measured. Open this page again in a moment.",
            len(chosen),
        )
        % {"n": len(chosen)},
    )
    return redirect("author:health")


@require_GET
@authors_only
def show_item_health(request: HttpRequest, code: str) -> HttpResponse:
    """Everything measured about one item: `?version=` and, where it measures several, `?competency=` choose."""
    found = list(
        ItemHealth.objects.filter(version__item__code=code)
        .select_related("version__item", "competency")
        .order_by("-version__number", "competency__order")
    )
    if not found:
        return _show_unmeasured(request, code)
    number, competency = request.GET.get("version", ""), request.GET.get("competency", "")
    shown = [
        each
        for each in found
        if (not number or str(each.version.number) == number) and (not competency or each.competency.code == competency)
    ]
    if not shown:
        raise Http404
    health = next((each for each in shown if each.version.status == ItemVersion.Status.PUBLISHED), shown[0])
    newest = (
        ItemParameterSet.objects.filter(version=health.version, competency=health.competency).order_by("-pk").first()
    )
    if newest is None:
        raise Http404
    parameters = ItemParameters.from_dict(newest.parameters, str(health.version))
    figures = health.figures
    options = _options(health)
    context = {
        "health": health,
        "item": health.version.item,
        "others": [each for each in found if each != health],
        "parameters": newest,
        "difficulty": parameters.difficulty,
        "excerpt": excerpt_of(health.version),
        "flags": [health_flag(flag) for flag in health.flags],
        "statistics": figures.get("statistics"),
        "curve": draw_curve(parameters, figures.get("curve")),
        "curve_rows": _curve_rows(figures.get("curve")),
        "information": draw_information(parameters),
        "information_rows": _information_rows(parameters),
        "options": options,
        "options_chart": draw_options(options) if options else None,
        "fit": figures.get("s_x2"),
        "related": [each | {"code": each["label"].split()[0]} for each in figures.get("q3", [])],
        "dif": [_named(each) for each in figures.get("dif", [])],
        "drift": [each for each in figures.get("drift", []) if each["mean"] is not None],
        "exposure": figures.get("exposure"),
        "time": figures.get("time"),
    }
    return render(request, "author/measurement/item_health.html", context)


def _show_unmeasured(request: HttpRequest, code: str) -> HttpResponse:
    version = ItemVersion.objects.filter(item__code=code).select_related("item__competency").order_by("-number").first()
    if version is None:
        raise Http404
    return render(request, "author/measurement/item_unmeasured.html", {"item": version.item})


def _options(health: ItemHealth) -> list[dict[str, Any]]:
    """The options with letter and text in the order the author wrote them, as far as they are in the version."""
    measured = {each["option"]: each for each in health.figures.get("options", [])}
    written = health.version.content.get("options", [])
    return [
        measured[option["id"]]
        | {
            "letter": LETTERS[at % len(LETTERS)],
            "text": option[locale_now()],
            "flags": [health_flag(f"option_{flag}") for flag in measured[option["id"]]["flags"]],
        }
        for at, option in enumerate(written)
        if option.get("id") in measured
    ]


def _curve_rows(curve: dict[str, list[float | None]] | None) -> list[dict[str, Any]]:
    if not curve:
        return []
    names = ("ability", "n", "observed", "error", "expected")
    return [dict(zip(names, row, strict=True)) for row in zip(*(curve[name] for name in names), strict=True) if row[1]]


def _information_rows(parameters: ItemParameters) -> list[tuple[int, float]]:
    abilities = range(-3, 4)
    return list(zip(abilities, information(parameters, [float(each) for each in abilities]).tolist(), strict=True))


def _named(each: dict[str, Any]) -> dict[str, Any]:
    return each | {name: group_name(each[name]) for name in ("by", "reference", "focal")} | {"grade": each["class"]}
