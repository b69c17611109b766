"""What a course takes and does, said by its trainer."""

import pytest
from django.urls import reverse

from courses.models import CourseEffect, ModuleOutcome
from tests.factories.courses import LessonFactory, ModuleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(competency):
    module = ModuleFactory()
    LessonFactory(module=module)
    ModuleOutcome.objects.create(module=module, competency=competency, level=4)
    return module.course


def test_trainer_says_hours_cost_and_gain(client, trainer, course, competency):
    address = reverse("author:course-effort", args=[course.code])
    answer = client.post(address, {"hours": "6", "cost": "250000", f"gain-{competency.pk}": "0.4"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("author:course", args=[course.code]))
    course.refresh_from_db()
    assert (course.hours, course.cost, course.effects.get().claimed) == (6.0, 250_000, 0.4)
    html = client.get(answer["Location"]).content.decode()
    assert "6 giờ làm việc mỗi người." in html
    assert "Chi phí 250.000 đồng mỗi người." in html
    assert "Chưa có: còn quá ít người" in html


def test_measured_effect_stands_beside_the_claim(client, trainer, course, competency):
    measured = {"gain": 0.3, "se": 0.1, "people": 41, "compared": 50, "measured_at": "2026-01-01T00:00Z"}
    CourseEffect.objects.create(course=course, competency=competency, claimed=0.5, **measured)
    html = client.get(reverse("author:course", args=[course.code])).content.decode()
    assert "0,30 (từ 0,10 đến 0,50), 41 người" in html


@pytest.mark.parametrize(
    ("field", "value"), [("hours", "0"), ("hours", "x"), ("cost", ""), ("cost", "-1"), ("gain", "0"), ("gain", "8")]
)
def test_bad_input_is_named_by_its_field(client, trainer, course, competency, field, value):
    name = f"gain-{competency.pk}" if field == "gain" else field
    values = {"hours": "", "cost": "0", f"gain-{competency.pk}": ""} | {name: value}
    answer = client.post(reverse("author:course-effort", args=[course.code]), values)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [name])
    assert CourseEffect.objects.count() == 0
