"""The person's home: where am I against my post, what next, how long will it take."""

from collections import Counter

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from competencies.api import estimates_of
from courses.api import content_version, learning_path
from frontend.kept import keep_page
from frontend.learn.access import person_of
from frontend.learn.standing import standings
from frontend.learn.tasks import next_step, task_of
from organisation.api import reading_content, roles_of, today
from organisation.models import Person, Posting, UnitVersion


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show the learner's home; take who is no learner to the page of their role."""
    person = person_of(request)
    if person is None:
        return _home_of_others(request)
    with reading_content(content_version):
        return keep_page(request, person, lambda: _home_of(request, person))


def _home_of(request: HttpRequest, person: Person) -> HttpResponse:
    found = standings(estimates_of(person))
    needed = {each.competency.pk for each in found if each.needs_work}
    unmeasured = {each.competency.pk for each in found if each.verdict in ("not_assessed", "insufficient")}
    path = learning_path(person, needed, unmeasured)
    counts = Counter(each.verdict for each in found)
    context = {
        "person": person,
        "post": _post_of(person),
        "standings": found,
        "measured": [each for each in found if each.verdict != "not_assessed"],
        "unmeasured": [each for each in found if each.verdict == "not_assessed"],
        "met": counts["meets"] + counts["likely_meets"],
        "below": counts["likely_below"],
        "unknown": counts["not_assessed"] + counts["insufficient"],
        "path": path,
        "tasks": [task_of(each) for each in path.steps],
        "next": next_step(path),
    }
    return render(request, "learn/home.html", context)


def _home_of_others(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    roles = roles_of(request.user)
    if roles & {"hr", "admin"}:
        return redirect("hr:home")
    if "trainer" in roles:
        return redirect("author:home")
    return render(request, "learn/nobody.html")


def _post_of(person: Person) -> dict[str, str] | None:
    """The names of the person's position and unit today. 2 queries."""
    posting = (
        Posting.objects.filter(person=person, kind=Posting.Kind.PRIMARY, valid__contains=today())
        .select_related("position")
        .first()
    )
    if posting is None:
        return None
    unit = UnitVersion.objects.filter(unit=posting.unit_id, valid__contains=today()).first()
    return {"position": posting.position.name, "unit": unit.name if unit else ""}
