"""HR's reorganisations: list, draft, steps, preview, approval, applying, undoing."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial, wraps
from typing import Any

from celery import current_app
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from competencies.api import count_requirements, requirements_for
from courses.api import count_open_enrolments, open_courses_of
from frontend.hr.access import hr_page, refuse, sees_people_of, sees_people_within
from frontend.hr.reorganisation_figures import shown_enrolments, shown_totals, shown_unit
from frontend.hr.reorganisation_forms import STEP_FORMS, ReorganisationForm
from frontend.hr.reorganisation_words import OUTCOME_TAGS, outcome_words, steps_in_words
from organisation.api import (
    NamedUnits,
    Preview,
    ReorganisationRefused,
    add_steps,
    approve_reorganisation,
    approvers_of_draft,
    can_see_unit,
    content_digest,
    describe_reorganisation,
    discard_draft,
    draft_reorganisation,
    find_unit,
    hr_scope,
    may_approve,
    may_draft,
    preview_people,
    preview_reorganisation,
    remove_step,
    roles_of,
    today,
    undo_reorganisation,
    units_named,
    units_of_people_seen,
    what_depends,
    withdraw_approval,
)
from organisation.api import read_steps as steps_of
from organisation.models import Posting, Reorganisation, Unit, UnitVersion, User
from reports.api import THRESHOLD, units_counted_apart

PAGE_SIZE = 50
APPLY_TASK = "organisation.tasks.apply_reorganisation"
_STATUS_TAGS = {"draft": "neutral", "approved": "info", "applied": "success", "undone": "warning"}


def _one(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the account and the reorganisation of `pk`, where it lies in the account's scope."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        if not roles_of(user) & {"hr", "admin"}:
            raise refuse(request, request.path)
        found = Reorganisation.objects.select_related(
            "scope", "author__person", "approved_by__person", "undone_by__person"
        ).filter(pk=pk)
        reorganisation = found.first()
        if reorganisation is None:
            raise Http404
        if not may_draft(user, reorganisation.scope):
            raise refuse(request, f"reorganisation {pk}")
        return view(request, user, reorganisation, **kwargs)

    return guarded


@hr_page
def reorganisations(request: HttpRequest, user: User) -> HttpResponse:
    """Every reorganisation that stays inside what the account answers for, the latest first."""
    rows = Reorganisation.objects.defer("record").annotate(step_count=Count("steps")).select_related("scope")
    if "admin" not in roles_of(user):
        mine = [each.pk for each in hr_scope(user)]
        open_scopes = [
            scope
            for scope in Unit.objects.filter(pk__in=rows.exclude(scope=None).values("scope"))
            if scope.pk in mine or can_see_unit(user, scope)
        ]
        rows = rows.filter(scope__in=open_scopes)
    page = Paginator(rows.order_by("-in_force", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [(each, _STATUS_TAGS[each.status]) for each in page.object_list]}
    return render(request, "hr/reorganisations.html", context)


def _scopes(user: User) -> list[UnitVersion] | None:
    if "admin" in roles_of(user):
        return None
    return list(UnitVersion.objects.filter(unit__in=hr_scope(user), valid__contains=today()).order_by("sort_key"))


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form for a new draft."""
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path())
    if not roles_of(user) & {"hr", "admin"}:
        raise refuse(request, request.path)
    form = ReorganisationForm(request.POST if request.method == "POST" else None, scopes=_scopes(user))
    if form.is_bound and form.is_valid():
        made = draft_reorganisation(**{"scope": None, **form.cleaned_data}, author=user)
        return redirect("hr:reorganisation", pk=made.pk)
    return render(request, "hr/reorganisation_form.html", {"form": form}, status=422 if form.is_bound else 200)


@_one
@require_http_methods(["GET", "POST"])
def describe(request: HttpRequest, user: User, reorganisation: Reorganisation) -> HttpResponse:
    """Number, title, day and note of a draft."""
    initial = {name: getattr(reorganisation, name) for name in ("number", "title", "in_force", "note")}
    form = ReorganisationForm(request.POST if request.method == "POST" else None, scopes=None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            describe_reorganisation(reorganisation, **form.cleaned_data, editor=user)
        except ReorganisationRefused as refused:
            messages.error(request, str(refused))
        return redirect("hr:reorganisation", pk=reorganisation.pk)
    context = {"form": form, "reorganisation": reorganisation}
    return render(request, "hr/reorganisation_form.html", context, status=422 if form.is_bound else 200)


@_one
@require_GET
def reorganisation(request: HttpRequest, user: User, reorganisation: Reorganisation) -> HttpResponse:
    """What it says, its steps, what it would do (or why it cannot be undone), and what may be done with it."""
    status = reorganisation.status
    is_open = status in ("draft", "approved")
    seen = content_digest(reorganisation) if status == "draft" else ""  # before the rest: what comes later is not seen
    sees_people = is_open and sees_people_within(user, reorganisation.scope, reorganisation.in_force)
    preview = preview_reorganisation(reorganisation, names_people=sees_people) if is_open else None
    steps = Paginator(reorganisation.steps.order_by("order"), PAGE_SIZE).get_page(request.GET.get("steps"))
    context: dict[str, Any] = {
        "reorganisation": reorganisation,
        "status_tag": _STATUS_TAGS[status],
        "is_draft": status == "draft",
        "may_approve": may_approve(reorganisation, user),
        "approvers": approvers_of_draft(reorganisation) if status == "draft" else [],
        "seen": seen,
        "is_due": reorganisation.in_force <= today(),
        "steps": steps_in_words(steps.object_list, reorganisation.in_force),
        "steps_page": steps,
        "kinds": [(kind, reorganisation.steps.model.Kind(kind).label) for kind in STEP_FORMS],
        "reasons": what_depends(reorganisation) if status == "applied" else [],
        "preview": preview,
    }
    if preview:
        context |= _preview_context(request, reorganisation, preview, sees_people=sees_people)
    return render(request, "hr/reorganisation.html", context)


def _preview_context(
    request: HttpRequest, reorganisation: Reorganisation, preview: Preview, *, sees_people: bool
) -> dict[str, Any]:
    page = Paginator(preview.units, PAGE_SIZE).get_page(request.GET.get("page"))
    shown, day = [each.unit.code for each in page.object_list], reorganisation.in_force
    apart = None if sees_people else units_counted_apart(preview.staff, day)
    enrolments = _enrolments([each.unit.code for each in page.object_list if each.to], day, exact=sees_people)
    required = count_requirements(shown, day) if sees_people else {}
    kinds = [(UnitVersion.Kind(kind).label, *counts) for kind, counts in preview.kinds.items()]
    return {
        "page": page,
        "units": [
            (
                each,
                outcome_words(each.outcome),
                OUTCOME_TAGS[each.outcome],
                shown_unit(each, required.get(each.unit.code, (0, 0)), enrolments.get(each.unit.code, 0), apart),
            )
            for each in page.object_list
        ],
        "kinds_of_units": kinds,
        "totals": shown_totals(preview, enrolments, apart),
        "threshold": THRESHOLD,
        "grants": Paginator(preview.grants, PAGE_SIZE).get_page(request.GET.get("officers")),
        "sees_people": sees_people,
    }


def _enrolments(codes: list[str], day: date, *, exact: bool) -> Mapping[str, int | None]:
    """Return how many courses the people of each of these units are in, None where that may not be told.

    Of the people of the day. Whoever may not see people reads of today's: of two days at once they would read what
    those few are in who come or go between them.
    """
    if exact:
        return dict.fromkeys(codes, 0) | count_open_enrolments(codes, day)
    held = Posting.objects.filter(unit__code__in=codes, kind=Posting.Kind.PRIMARY, valid__contains=today())
    staff = dict(held.order_by().values_list("unit__code").annotate(Count("pk")))
    found = count_open_enrolments(codes, today())
    return {code: shown_enrolments(found.get(code, 0), staff.get(code, 0)) for code in codes}


@_one
@require_GET
def people_going(request: HttpRequest, user: User, reorganisation: Reorganisation, code: str) -> HttpResponse:
    """Who of a unit would go where, with what goes along: requirements and courses. For who may see people alone."""
    day = reorganisation.in_force
    unit = find_unit(code, day)
    if unit is None or reorganisation.status not in ("draft", "approved"):
        raise Http404
    if not sees_people_of(user, unit, day):
        raise refuse(request, f"people of unit {code}")
    number = max(1, int(text)) if (text := request.GET.get("page", "")).isdecimal() and len(text) < 8 else 1
    found = preview_people(
        reorganisation, code, homes=units_of_people_seen(user), start=(number - 1) * PAGE_SIZE, most=PAGE_SIZE
    )
    if number > 1 and not found.rows:
        raise Http404
    people = [posting.person_id for posting, _to in found.rows]
    required, courses = requirements_for(people, day), open_courses_of(people)
    rows = [
        (
            posting,
            to,
            len(required[posting.person_id]),
            sum(bool(each.reason) for each in required[posting.person_id]),
            courses.get(posting.person_id, []),
        )
        for posting, to in found.rows
    ]
    context = {
        "reorganisation": reorganisation,
        "unit": found.unit,
        "rows": rows,
        "page": Paginator(range(found.count), PAGE_SIZE).get_page(number),
    }
    return render(request, "hr/reorganisation_people.html", context)


@_one
@require_http_methods(["GET", "POST"])
def add_step(request: HttpRequest, user: User, reorganisation: Reorganisation, kind: str) -> HttpResponse:
    """The form for a step of one kind."""
    make_form = STEP_FORMS.get(kind)
    if make_form is None:
        raise Http404
    made = {code for step in steps_of(reorganisation)[0] for code in units_named(step)}
    named = NamedUnits(reorganisation.in_force, made, reorganisation.scope_id)
    posted = request.POST if request.method == "POST" else None
    # An administrator answers for every list; problems tell him no more than that one does not fit.
    lists = "admin" in roles_of(user) or sees_people_within(user, reorganisation.scope, reorganisation.in_force)
    form = make_form(posted, reorganisation=reorganisation, named=named, takes_lists=lists)
    if form.is_bound and form.is_valid():
        try:
            add_steps(reorganisation, [form.step], editor=user)
        except ReorganisationRefused as refused:
            messages.error(request, str(refused))
            return redirect("hr:reorganisation", pk=reorganisation.pk)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("hr:reorganisation", pk=reorganisation.pk)
    label = reorganisation.steps.model.Kind(kind).label
    context = {"form": form, "reorganisation": reorganisation, "kind": label}
    return render(request, "hr/reorganisation_step.html", context, status=422 if form.is_bound else 200)


@_one
@require_POST
def drop_step(request: HttpRequest, user: User, reorganisation: Reorganisation, step: int) -> HttpResponse:
    """Take one step out of a draft."""
    try:
        remove_step(reorganisation, step, editor=user)
    except ReorganisationRefused as refused:
        messages.error(request, str(refused))
    return redirect("hr:reorganisation", pk=reorganisation.pk)


@_one
@require_POST
def act(request: HttpRequest, user: User, reorganisation: Reorganisation) -> HttpResponse:
    """Approve, withdraw, apply, undo or discard."""
    action = _ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        raise Http404
    try:
        said = action(reorganisation, user, request.POST.get("seen", ""))
    except ReorganisationRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
        if reorganisation.pk is None:
            return redirect("hr:reorganisations")
    return redirect("hr:reorganisation", pk=reorganisation.pk)


def _approve(reorganisation: Reorganisation, user: User, seen: str) -> str:
    names_people = sees_people_within(user, reorganisation.scope, reorganisation.in_force)
    approve_reorganisation(reorganisation, user, seen=seen, names_people=names_people)
    return _("Approved. It is applied when its day has come.")


def _withdraw(reorganisation: Reorganisation, user: User, seen: str) -> str:
    withdraw_approval(reorganisation, user)
    return _("The approval was withdrawn. This is a draft again.")


def _apply(reorganisation: Reorganisation, user: User, seen: str) -> str:
    """Leave the work to a worker: a large one takes longer than a page should."""
    send = partial(current_app.send_task, APPLY_TASK, args=[reorganisation.pk], retry=False)
    transaction.on_commit(send, robust=True)
    return _("It is being applied. Open this page again in a moment.")


def _undo(reorganisation: Reorganisation, user: User, seen: str) -> str:
    undo_reorganisation(reorganisation.pk, actor=user)
    return _("Undone. Units and people are as they were before.")


def _discard(reorganisation: Reorganisation, user: User, seen: str) -> str:
    discard_draft(reorganisation)
    reorganisation.pk = None
    return _("The draft was discarded.")


_ACTIONS: dict[str, Callable[[Reorganisation, User, str], str]] = {
    "approve": _approve,
    "withdraw": _withdraw,
    "apply": _apply,
    "undo": _undo,
    "discard": _discard,
}

reorganisation_patterns = [
    path("reorganisations/", reorganisations, name="reorganisations"),
    path("reorganisations/new/", new, name="reorganisation-new"),
    path("reorganisations/<int:pk>/", reorganisation, name="reorganisation"),
    path("reorganisations/<int:pk>/edit/", describe, name="reorganisation-edit"),
    path("reorganisations/<int:pk>/steps/<slug:kind>/", add_step, name="reorganisation-step"),
    path("reorganisations/<int:pk>/steps/<int:step>/remove/", drop_step, name="reorganisation-step-remove"),
    path("reorganisations/<int:pk>/act/", act, name="reorganisation-act"),
    path("reorganisations/<int:pk>/people/<str:code>/", people_going, name="reorganisation-people"),
]
