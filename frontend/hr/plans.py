"""Training plans of a unit: list, form, the plan in words, workbook; asking to enrol people, and the second person."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.api import CourseClosed
from frontend.hr.access import refuse
from frontend.hr.plan_forms import PlanForm
from frontend.hr.units import WORKBOOK
from organisation.api import can_see_unit, find_unit, roles_of, today
from organisation.models import Unit, UnitVersion, User
from reports.api import (
    Asked,
    NotProposed,
    PlanInUse,
    PlanLine,
    PlanResult,
    RequestRefused,
    approve_request,
    approvers_of,
    ask_to_enrol,
    change_plan,
    describe_request,
    discard_plan,
    expected_people,
    explain_effect,
    explain_limit,
    explain_line,
    export_plan_xlsx,
    gap_report,
    likely_people,
    limit_name,
    make_plan,
    mark_shown,
    owns_plan,
    part_name,
    places_left,
    plan_notes,
    plannable_courses,
    plans_of,
    propose_people,
    refuse_request,
    sees_people_of_all,
    units_left_by,
    units_now,
    withdraw_request,
)
from reports.models import EnrolmentRequest, TrainingPlan

ORDERS = {"": False, "nearest": True}
LONGEST_REASON = 2000
REQUEST_TAGS = {"asked": "info", "approved": "success", "refused": "danger", "withdrawn": "neutral"}


def _guarded(
    view: Callable[..., HttpResponse], find: Callable[..., tuple[list[Unit], Any, bool]]
) -> Callable[..., HttpResponse]:
    """Give the view the account and what `find` finds, where the account may see the people of its units.

    Who may open the unit but not see its people is told why there is no plan for them; others meet a 404. find: also
    says whether the account may open it whatever it sees.
    """

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        if not roles_of(user) & {"hr", "admin"}:
            raise refuse(request, request.path)
        units, found, is_own = find(user, kwargs)
        if not units:
            raise Http404
        if not is_own and not all(can_see_unit(user, unit) for unit in units):
            raise refuse(request, request.path)
        if not is_own and not sees_people_of_all(user, units):
            return render(request, "hr/plan_refused.html", {"unit": _version(units[0])}, status=403)
        return view(request, user, found, **kwargs)

    return guarded


def _of_unit(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def find(_user: User, kwargs: dict[str, Any]) -> tuple[list[Unit], Unit | None, bool]:
        code = kwargs.pop("code")
        unit = find_unit(code) if "\0" not in code else None
        return [unit] if unit else [], unit, False

    return _guarded(view, find)


def _of_plan(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As `_guarded`, for the units that took the place of the plan's; where none did, for its owner too."""

    def find(user: User, kwargs: dict[str, Any]) -> tuple[list[Unit], TrainingPlan | None, bool]:
        plan = TrainingPlan.objects.select_related("unit", "author__person").filter(pk=kwargs.pop("pk")).first()
        if plan is None:
            return [], None, False
        units = units_now(plan.unit_id)
        is_own = not units and owns_plan(user, plan)
        return units or units_left_by(plan.unit_id) or [plan.unit], plan, is_own

    return _guarded(view, find)


def _in_force(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead back to the plan, in words, where its unit is no more and nothing took its place."""

    @wraps(view)
    def guarded(request: HttpRequest, user: User, plan: TrainingPlan, **kwargs: Any) -> HttpResponse:
        if not units_now(plan.unit_id):
            messages.error(request, _("The unit of this plan is no more, so nobody is enrolled by it."))
            return redirect(_url(plan))
        return view(request, user, plan, **kwargs)

    return guarded


def _unit_of(plan: TrainingPlan) -> Unit:
    """Return the plan's unit, what took its place, or else who answers for what it left."""
    return next(iter(units_now(plan.unit_id) or units_left_by(plan.unit_id)), plan.unit)


def _version(unit: Unit) -> UnitVersion:
    """Return the unit as it is today, or as it was last; by its code where that it was made has been undone."""
    versions = UnitVersion.objects.select_related("unit").filter(unit=unit)
    found = versions.filter(valid__contains=today()).first() or versions.order_by("valid").last()
    return found or UnitVersion(unit=unit, name_vi=unit.code, name_en=unit.code)


@_of_unit
@require_GET
def plans(request: HttpRequest, user: User, unit: Unit) -> HttpResponse:
    """The plans made for the unit, the latest first."""
    rows = [(plan, PlanResult.from_json(plan.result)) for plan in plans_of(unit, user)]
    context = {
        "unit": _version(unit),
        "rows": [(plan, result, expected_people(result.brought)) for plan, result in rows],
    }
    return render(request, "hr/plans.html", context)


@_of_unit
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, user: User, unit: Unit) -> HttpResponse:
    """The form for a new plan; a valid one is solved and kept."""
    return _ask(request, unit, None, lambda asked: make_plan(unit, asked, user))


@_of_plan
@_in_force
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, user: User, plan: TrainingPlan) -> HttpResponse:
    """The form of a plan that enrolled nobody yet, to ask it something else or solve it again."""
    if not plan.is_draft or _open_request(plan):
        messages.error(request, _in_use())
        return redirect("hr:plan", pk=plan.pk)
    return _ask(request, _unit_of(plan), plan, lambda asked: change_plan(plan, asked, user))


def _ask(
    request: HttpRequest, unit: Unit, plan: TrainingPlan | None, keep: Callable[[Asked], TrainingPlan]
) -> HttpResponse:
    courses = plannable_courses()
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        courses=courses,
        groups=gap_report(unit).groups,
        asked=Asked.from_json(plan.asked) if plan else None,
    )
    if form.is_bound and form.is_valid():
        try:
            return redirect("hr:plan", pk=keep(form.asked).pk)
        except PlanInUse:
            messages.error(request, _in_use())
            return redirect("hr:plans", code=unit.code)
    context = {
        "unit": _version(unit),
        "plan": plan,
        "form": form,
        "courses": [
            (
                each,
                fields,
                [
                    (said, explain_effect(said.effect.gain, said.effect.low, said.effect.high, said.measured_on))
                    for said in each.effects
                ],
            )
            for each, fields in form.of_courses()
        ],
        "unknown": [each.course for each in courses if not each.effects],
    }
    return render(request, "hr/plan_form.html", context, status=422 if form.is_bound else 200)


@_of_plan
@require_GET
def plan(request: HttpRequest, user: User, plan: TrainingPlan) -> HttpResponse:
    """The plan in words: its lines, what binds, what it stands on."""
    result = PlanResult.from_json(plan.result)
    requests = list(plan.requests.select_related("asked_by__person", "decided_by__person"))
    context = {
        "unit": _version(_unit_of(plan)),
        "plan": plan,
        "requests": [(each, REQUEST_TAGS[each.status], sum(map(len, each.people.values()))) for each in requests],
        "is_waiting": any(each.status == EnrolmentRequest.Status.ASKED for each in requests),
        "is_gone": not units_now(plan.unit_id),
        "result": result,
        "brought": expected_people(result.brought),
        "lines": [
            (place, line, part_name(line), explain_line(line), _effect_of(line), places_left(plan, place))
            for place, line in enumerate(result.lines)
        ],
        "limits": [
            (each, limit_name(each), explain_limit(each, weighted=result.is_weighted)) for each in result.limits
        ],
        "notes": plan_notes(plan, result),
    }
    return render(request, "hr/plan.html", context)


def _effect_of(line: PlanLine) -> str:
    return explain_effect(line.gain, line.gain_low, line.gain_high, line.measured_on)


@_of_plan
@require_GET
def export(request: HttpRequest, user: User, plan: TrainingPlan) -> HttpResponse:
    """The plan as a workbook."""
    response = HttpResponse(export_plan_xlsx(plan, _version(_unit_of(plan)).name), content_type=WORKBOOK)
    response["Content-Disposition"] = content_disposition_header(True, f"thang-plan-{plan.unit.code}-{plan.pk}.xlsx")
    return response


@_of_plan
@require_POST
def discard(request: HttpRequest, user: User, plan: TrainingPlan) -> HttpResponse:
    """Delete a plan that enrolled nobody."""
    try:
        discard_plan(plan)
    except PlanInUse:
        messages.error(request, _in_use())
        return redirect("hr:plan", pk=plan.pk)
    messages.success(request, _("The plan was discarded."))
    units = units_now(plan.unit_id)
    return redirect("hr:plans", code=units[0].code) if units else redirect("hr:home")


@_of_plan
@_in_force
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest, user: User, plan: TrainingPlan, line: int) -> HttpResponse:
    """Who would be enrolled by a line; whoever asks takes out whom they like, and a second person approves."""
    result = PlanResult.from_json(plan.result)
    if line >= len(result.lines):
        raise Http404
    if request.method == "POST":
        return _ask_to_enrol(request, user, plan, {line: request.POST.getlist("person")})
    order = request.GET.get("order", "")
    if order not in ORDERS:
        raise Http404
    found = propose_people(plan, line, nearest_first=ORDERS[order])
    address = reverse("hr:plan-enrol", args=[plan.pk, line])
    labels = {"": _("Most surely below first"), "nearest": _("Likeliest to reach it first")}
    context = {
        "unit": _version(_unit_of(plan)),
        "plan": plan,
        "line": result.lines[line],
        "part": part_name(result.lines[line]),
        "left": places_left(plan, line),
        "is_waiting": _open_request(plan) is not None,
        "candidates": found,
        "likely": sum(each.is_likely for each in found),
        "expected": expected_people(sum(each.chance for each in found if each.is_likely)),
        "tabs": [
            {"label": label, "url": f"{address}?order={key}" if key else address, "current": key == order}
            for key, label in labels.items()
        ],
    }
    return render(request, "hr/plan_enrol.html", context)


@_of_plan
@_in_force
@require_POST
def ask_for_all(request: HttpRequest, user: User, plan: TrainingPlan) -> HttpResponse:
    """Ask that everybody be enrolled who is proposed by any line and is likelier below than not."""
    return _ask_to_enrol(request, user, plan, likely_people(plan))


def _ask_to_enrol(
    request: HttpRequest, user: User, plan: TrainingPlan, people: Mapping[int, Sequence[str]]
) -> HttpResponse:
    if not any(people.values()):
        messages.error(request, _("Choose at least one person."))
        return redirect(_url(plan) if request.path.endswith("/ask/") else request.path)
    try:
        asked = ask_to_enrol(plan, people, user)
    except NotProposed:
        messages.error(request, _("Things have changed since you opened the page. Look at the list again."))
    except RequestRefused as refused:
        messages.error(request, _refusal(refused))
    else:
        messages.success(request, _("A second person is asked to approve it. Nobody has been enrolled yet."))
        return redirect("hr:plan-request", pk=plan.pk, number=asked.pk)
    return redirect(_url(plan))


@_of_plan
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, user: User, plan: TrainingPlan, number: int) -> HttpResponse:
    """What approving a request would do, and the second person's word on it; the asker may take it back."""
    found = plan.requests.select_related("asked_by__person", "decided_by__person").filter(pk=number).first()
    if found is None:
        raise Http404
    found.plan = plan
    if request.method == "POST":
        return _decide(request, user, found)
    is_open = found.status == EnrolmentRequest.Status.ASKED
    becomes = describe_request(found) if is_open else []
    asked = Asked.from_json(plan.asked)
    context = {
        "unit": _version(_unit_of(plan)),
        "plan": plan,
        "asked": found,
        "tag": REQUEST_TAGS[found.status],
        "is_open": is_open,
        "is_gone": not units_now(plan.unit_id),
        "is_own": found.asked_by_id == user.pk,
        "lines": [(each, part_name(each.line)) for each in becomes],
        "count": sum(len(each.people) for each in becomes),
        "shown": mark_shown(found, becomes),
        "left_out": sum(len(each.left_out) for each in becomes),
        "hours": sum(each.hours for each in becomes),
        "cost": sum(each.cost for each in becomes),
        "hours_limit": asked.hours,
        "budget": asked.budget,
        "approvers": approvers_of(plan, found.asked_by) if is_open else [],
    }
    return render(request, "hr/plan_request.html", context)


def _decide(request: HttpRequest, user: User, found: EnrolmentRequest) -> HttpResponse:
    action = request.POST.get("action")
    here = redirect("hr:plan-request", pk=found.plan_id, number=found.pk)
    try:
        if action == "approve":
            count, left = approve_request(found, user, request.POST.get("shown", ""))
            words = ngettext("%(count)s person was enrolled.", "%(count)s people were enrolled.", count)
            messages.success(request, words % {"count": count})
            if left:
                words = ngettext(
                    "%(count)s of those you were shown was left out: enrolled already, or not proposed any more.",
                    "%(count)s of those you were shown were left out: enrolled already, or not proposed any more.",
                    left,
                )
                messages.warning(request, words % {"count": left})
        elif action == "refuse":
            refuse_request(found, user, request.POST.get("reason", "")[:LONGEST_REASON])
            messages.success(request, _("The request was refused. Nobody was enrolled."))
        elif action == "withdraw":
            withdraw_request(found, user)
            messages.success(request, _("The request was taken back. Nobody was enrolled."))
        else:
            raise Http404
    except RequestRefused as refused:
        messages.error(request, _refusal(refused))
    except CourseClosed:
        messages.error(request, _("The course has been closed, so nobody can be enrolled."))
    return here


def _refusal(refused: RequestRefused) -> str:
    return {
        "open": _("Another request of this plan waits for approval. It must be decided first."),
        "own": _("A second person must approve: nobody decides what they asked for themselves."),
        "other": _("Somebody else asked for this."),
        "decided": _("This was decided meanwhile."),
        "changed": _("Things have changed since you opened the page. Look at the list again."),
        "nobody": _("Nobody of them can be enrolled any more."),
        "no_reason": _("Say why it is refused."),
    }[refused.reason]


def _open_request(plan: TrainingPlan) -> EnrolmentRequest | None:
    return plan.requests.filter(status=EnrolmentRequest.Status.ASKED).first()


def _in_use() -> str:
    return _("This plan has enrolled people or waits for approval, and stays as it is. Make a new one.")


def _url(plan: TrainingPlan) -> str:
    return reverse("hr:plan", args=[plan.pk])


plan_patterns = [
    path("units/<str:code>/plans/", plans, name="plans"),
    path("units/<str:code>/plans/new/", new, name="plan-new"),
    path("plans/<int:pk>/", plan, name="plan"),
    path("plans/<int:pk>/edit/", edit, name="plan-edit"),
    path("plans/<int:pk>/discard/", discard, name="plan-discard"),
    path("plans/<int:pk>/plan.xlsx", export, name="plan-export"),
    path("plans/<int:pk>/lines/<int:line>/", enrol, name="plan-enrol"),
    path("plans/<int:pk>/ask/", ask_for_all, name="plan-ask"),
    path("plans/<int:pk>/requests/<int:number>/", decide, name="plan-request"),
]
