"""One person's postings through time, and the changes that HR makes in them: shown first, then confirmed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from competencies.api import requirements_of
from frontend.hr.access import last_home_page
from frontend.hr.posting_forms import FORMS, ChangeForm
from frontend.middleware import address_of
from organisation.api import PostingsChanged, can_see_people, changing_postings, last_home_of, postings_version, today
from organisation.models import Person, Posting, UnitVersion, User

ENTRIES_SHOWN = 50
_OF_ONE_POSTING = ("end", "correct")


@dataclass(frozen=True, slots=True)
class Row:
    """A posting as it is shown. state: `now`, `over` or `to_come`."""

    posting: Any
    unit: str
    days: str
    state: str
    may_change: bool = False


class UnitsThroughTime:
    """Names of some units through time, and whether an account answers for them. A query, and one for each answer."""

    def __init__(self, unit_pks: Iterable[int]) -> None:
        self._versions: dict[int, list[UnitVersion]] = defaultdict(list)
        for version in UnitVersion.objects.filter(unit__in=set(unit_pks)).select_related("unit").order_by("valid"):
            self._versions[version.unit_id].append(version)
        self._answers: dict[int, bool] = {}

    def name(self, pk: int, day: date) -> str:
        """Return the unit's name on a day; the last one where it was not in force then."""
        versions = self._versions[pk]
        return next((each.name for each in versions if day in each.valid), versions[-1].name if versions else "")

    def answers(self, user: User, pk: int) -> bool:
        """Say whether the account may see the unit's people, as it is today or, when it has ended, was at last."""
        if pk not in self._answers:
            last = self._versions[pk][-1] if self._versions[pk] else None
            ended = last.valid.upper if last else None
            day = ended - timedelta(days=1) if ended and ended <= today() else today()
            self._answers[pk] = last is not None and can_see_people(user, last.unit, day)
        return self._answers[pk]


@last_home_page
@require_GET
def postings(request: HttpRequest, user: User, home: Posting) -> HttpResponse:
    """Every posting of the person with its days, the newest first, what was changed in them and why."""
    held = home.person.postings.select_related("unit", "position").order_by("-valid__startswith", "kind", "pk")
    units = UnitsThroughTime(each.unit_id for each in held)
    context = {
        "posting": home,
        "is_here_today": today() in home.valid,
        "is_own": home.person.user_id == user.pk,
        "rows": [posting_row(each, units, user) for each in held],
        "entries": _entries(home.person, user),
    }
    return render(request, "hr/postings.html", context)


@last_home_page
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, user: User, home: Posting, act: str, pk: int | None = None) -> HttpResponse:
    """The form of one change; what it would do; and, once that is confirmed, the change."""
    if act not in FORMS or (act in _OF_ONE_POSTING) != (pk is not None) or home.person.user_id == user.pk:
        raise Http404
    chosen = None
    if pk is not None:
        chosen = home.person.postings.select_related("unit", "position").filter(pk=pk).first()
        if chosen is None or not UnitsThroughTime([chosen.unit_id]).answers(user, chosen.unit_id):
            raise Http404
    bound = request.method == "POST"
    seen = request.POST.get("seen", "") if bound else postings_version(home.person)
    form = FORMS[act](home.person, chosen, request.POST if bound else None, initial=_initial(act, chosen))
    effect = None
    if bound and form.is_valid():
        try:
            if request.POST.get("step") == "confirm":
                _apply(request, user, form, seen)
                messages.success(request, _("The postings were changed."))
                return _back(user, home.person)
            effect = _preview(request, user, form, seen)
        except PostingsChanged:
            messages.error(
                request,
                _("Somebody changed this person's postings meanwhile. Nothing was written. Look at them again."),
            )
            return _back(user, home.person)
        except ValidationError as refused:
            form.add_error(None, refused)
    shown = posting_row(chosen, UnitsThroughTime([chosen.unit_id])) if chosen else None
    context: dict[str, Any] = {"posting": home, "chosen": shown, "form": form, "act": act, "seen": seen}
    context["is_here_today"] = today() in home.valid
    if effect is None:
        return render(request, "hr/posting_change.html", context, status=422 if bound else 200)
    return render(request, "hr/posting_preview.html", context | effect)


def _back(user: User, person: Person) -> HttpResponse:
    """Lead to the person's postings; where the change took them out of the officer's sight, to where HR begins."""
    home = last_home_of(person, today())
    if home and can_see_people(user, home.unit):
        return redirect("hr:postings", code=person.employee_code)
    return redirect("hr:home")


def _initial(act: str, chosen: Posting | None) -> dict[str, Any]:
    if act != "correct" or chosen is None:
        return {"first_day": today(), "last_day": today() if act == "end" else None}
    last = chosen.valid.upper - timedelta(days=1) if chosen.valid.upper else None
    return {
        "unit": chosen.unit.code,
        "position": chosen.position_id,
        "first_day": chosen.valid.lower,
        "last_day": last,
    }


def _apply(request: HttpRequest, user: User, form: ChangeForm, seen: str) -> None:
    with changing_postings(
        form.person,
        seen=seen,
        reason=form.cleaned_data["reason"],
        action=form.done,
        actor=user,
        address=address_of(request),
    ):
        before = _held(form.person)
        form.apply()
        _check_scope(user, form, before, _held(form.person))


def _check_scope(user: User, form: ChangeForm, before: dict[int, Posting], after: dict[int, Posting]) -> None:
    """Raise ValidationError unless the officer answers for every unit whose postings the change is about.

    These are the units on the form, and those of all primary postings that differ, be they of days that are over. What
    ends beside them, because the person leaves the service, ends wherever it is.
    """
    changed = {unit.pk: unit for unit in form.units()}
    for pk in {*before, *after}:
        pair = before.get(pk), after.get(pk)
        if _said(pair[0]) != _said(pair[1]):
            changed |= {each.unit_id: each.unit for each in pair if each and each.kind == Posting.Kind.PRIMARY}
    units = UnitsThroughTime(changed)
    outside = [unit.code for pk, unit in sorted(changed.items()) if not units.answers(user, pk)]
    if outside:
        raise ValidationError(
            _(
                "You do not answer for unit %(code)s. An officer of a unit above both, or an administrator's"
                " staff file, can do this."
            )
            % {"code": outside[0]}
        )


def _preview(request: HttpRequest, user: User, form: ChangeForm, seen: str) -> dict[str, Any]:
    """Return what the change would do, having done it and taken it back."""
    person = form.person
    day = max(form.day, today())
    with transaction.atomic():
        before, required = _held(person), _required(person, day)
        _apply(request, user, form, seen)
        after, required_after = _held(person), _required(person, day)
        transaction.set_rollback(True)
    units = UnitsThroughTime(each.unit_id for each in (*before.values(), *after.values()))
    asked: dict[str, tuple[str, int | None, int | None]] = {
        code: (name, None, level) for code, (name, level) in required_after.items()
    }
    for code, (name, level) in required.items():
        asked[code] = (name, level, required_after.get(code, (name, None))[1])
    return {
        "day": day,
        "changes": [
            (posting_row(old, units) if old else None, posting_row(new, units) if new else None)
            for old, new in ((before.get(pk), after.get(pk)) for pk in sorted({*before, *after}))
            if _said(old) != _said(new)
        ],
        "counted": (_home_name(before, units, day), _home_name(after, units, day)),
        "required": [(name, *levels) for name, *levels in asked.values() if levels[0] != levels[1]],
        "reaches_back": form.day < today(),
    }


def _held(person: Person) -> dict[int, Posting]:
    return {each.pk: each for each in person.postings.select_related("unit", "position")}


def _said(posting: Posting | None) -> tuple[Any, ...] | None:
    return (posting.unit_id, posting.position_id, posting.valid) if posting else None


def _required(person: Person, day: date) -> dict[str, tuple[str, int]]:
    return {
        each.competency.code: (f"{each.competency.code} {each.competency.name}", each.level)
        for each in requirements_of(person, day)
    }


def _home_name(held: dict[int, Posting], units: UnitsThroughTime, day: date) -> str:
    home = next((each for each in held.values() if each.kind == Posting.Kind.PRIMARY and day in each.valid), None)
    return units.name(home.unit_id, day) if home else ""


def posting_row(posting: Any, units: UnitsThroughTime, user: User | None = None) -> Row:
    first, end = posting.valid.lower, posting.valid.upper
    day = min(max(first or today(), today()), end - timedelta(days=1) if end else date.max)
    state = "to_come" if first and first > today() else "over" if end and end <= today() else "now"
    may_change = user is not None and units.answers(user, posting.unit_id)
    return Row(posting, units.name(posting.unit_id, day), _days(posting.valid), state, may_change)


def _days(valid: Any) -> str:
    first = date_format(valid.lower, "SHORT_DATE_FORMAT") if valid.lower else "…"
    last = date_format(valid.upper - timedelta(days=1), "SHORT_DATE_FORMAT") if valid.upper else "…"
    return f"{first} – {last}"


def _entries(person: Person, user: User) -> list[dict[str, Any]]:
    """Return what was recorded of the person's postings, the newest first.

    Who did it and why is told, if known, of changes in units that the account answers for.
    """
    events = apps.get_model("organisation", "PostingEvent").objects.filter(person_id=person.pk)
    found = list(events.select_related("pgh_context").order_by("-pgh_id")[:ENTRIES_SHOWN])
    notes = [each.pgh_context.metadata if each.pgh_context else {} for each in found]
    accounts = User.objects.select_related("person").in_bulk([note["actor"] for note in notes if "actor" in note])
    units = UnitsThroughTime(each.unit_id for each in found)
    words = {"insert": _("Recorded"), "update": _("Changed"), "delete": _("Removed")}
    return [
        {
            "at": each.pgh_created_at,
            "what": words.get(each.pgh_label, each.pgh_label),
            "kind": each.get_kind_display(),
            "unit": units.name(each.unit_id, max(each.valid.lower or today(), today())),
            "days": _days(each.valid),
            "by": accounts[note["actor"]].shown_name if note.get("actor") in accounts else "",
            "reason": note.get("reason", "") if units.answers(user, each.unit_id) else "",
        }
        for each, note in zip(found, notes, strict=True)
    ]


posting_patterns = [
    path("people/<str:code>/postings/", postings, name="postings"),
    path("people/<str:code>/postings/<slug:act>/", change, name="posting-change"),
    path("people/<str:code>/postings/<int:pk>/<slug:act>/", change, name="posting-act"),
]
