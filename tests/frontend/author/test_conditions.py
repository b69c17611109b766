"""The trainer's pages of accommodations, supervision and of a sitting as it goes on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.api import next_item, note_contact, start_attempt, submit_attempt
from assessments.domain.invigilation import invigilation_of
from assessments.domain.queries.live import LOST_AFTER, live_progress
from assessments.models import Accommodation, Assessment, Attempt
from tests.caching import clear_own_cache
from tests.factories.assessments import answer, make_item
from tests.factories.forms import make_form
from tests.factories.organisation import PersonFactory, PostingFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def english(client, trainer):
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def form(competency):
    return make_form([make_item(competency, number) for number in (1, 2, 3)])


def address(name, form, *more):
    return reverse(f"author:{name}", args=[form.code, *more])


def test_accommodation_is_granted_changed_and_withdrawn(english, trainer, form):
    PersonFactory(employee_code="NV7")
    page = address("assessment-accommodations", form)
    wanted = {"employee_code": "NV7", "extra_percent": "25", "larger_text": "on", "reason": "QĐ 12"}
    assert english.post(page, wanted)["Location"] == page
    granted = Accommodation.objects.get()
    assert (granted.extra_percent, granted.larger_text, granted.reason, granted.granted_by) == (
        *(25, True, "QĐ 12"),
        trainer,
    )
    shown = english.get(f"{page}?person=NV7").context["form"]
    assert (shown["employee_code"].value(), shown["extra_percent"].value(), shown["larger_text"].value()) == (
        *("NV7", 25),
        True,
    )
    english.post(page, wanted | {"extra_percent": "50"})
    assert Accommodation.objects.get().extra_percent == 50
    english.post(address("accommodation-withdraw", form, granted.pk))
    assert not Accommodation.objects.exists()


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"employee_code": "NV8"}, {"employee_code": ["There is nobody with this staff code."]}),
        ({"extra_percent": "301"}, {"extra_percent": ["Ensure this value is less than or equal to 300."]}),
        ({"extra_percent": "0"}, {"extra_percent": ["Grant something: more time, larger text or dates."]}),
        ({"reason": ""}, {"reason": ["This field is required."]}),
        (
            {"opens_at": "2026-12-02T08:00", "closes_at": "2026-12-01T08:00"},
            {"closes_at": ["It closes before it opens."]},
        ),
    ],
)
def test_accommodation_that_cannot_be_names_the_field(english, form, data, errors):
    PersonFactory(employee_code="NV7")
    wanted = {"employee_code": "NV7", "extra_percent": "25", "reason": "QĐ 12"}
    response = english.post(address("assessment-accommodations", form), wanted | data)
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert not Accommodation.objects.exists()


def test_trainer_grants_themselves_nothing_and_is_told_why(english, trainer, form):
    PersonFactory(employee_code="NV7", user=trainer)
    wanted = {"employee_code": "NV7", "extra_percent": "300", "reason": "QĐ 12"}
    response = english.post(address("assessment-accommodations", form), wanted)
    errors = {"employee_code": ["You cannot grant anything to yourself. Ask another trainer."]}
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert not Accommodation.objects.exists()


def test_supervision_is_set_shown_and_ended(english, form):
    page = address("assessment-invigilation", form)
    key = "AB" * 32
    wanted = {
        "supervised": "on",
        "access_code": "sen",
        "networks": "10.1.0.0/16\n10.9.9.9",
        "config_keys": key,
        "one_device": "on",
    }
    assert english.post(page, wanted)["Location"] == page
    room = invigilation_of(Assessment.objects.get())
    assert room is not None
    assert (room.access_code, room.networks, room.config_keys, room.one_device) == (
        *("sen", ["10.1.0.0/16", "10.9.9.9/32"], [key.lower()]),
        True,
    )
    shown = english.get(page).context["form"]
    assert shown["networks"].value() == "10.1.0.0/16\n10.9.9.9/32"
    english.post(page, {"access_code": "sen"})
    assert invigilation_of(Assessment.objects.get()) is None


def test_supervision_names_the_line_that_is_wrong(english, form):
    wanted = {"supervised": "on", "networks": "10.1.0.0/16\n10.1.2.3/16\nx", "config_keys": "12"}
    response = english.post(address("assessment-invigilation", form), wanted)
    assert (response.status_code, response.context["form"].errors) == (
        422,
        {
            "networks": [
                "Line 2: “10.1.2.3/16” is no network in CIDR notation.",
                "Line 3: “x” is no network in CIDR notation.",
            ],
            "config_keys": ["Line 1: “12” is no key of 64 hexadecimal digits."],
        },
    )


def test_certificate_of_a_form_needs_a_share(english, form):
    wanted = {"name_vi": "x", "name_en": "x", "minutes": "30", "wait_hours": "0", "feedback": "none", "certifies": "on"}
    page = address("assessment-settings", form)
    response = english.post(page, wanted)
    assert response.context["form"].errors == {
        "pass_share": ["A certificate of a form needs the share of points that passes."]
    }
    assert english.post(page, wanted | {"pass_share": "62.5"}).status_code == 302
    form.refresh_from_db()
    assert (form.certifies, form.pass_share) == (True, 0.625)
    assert english.get(page).context["form"]["pass_share"].value() == 62.5


def test_live_page_says_who_works_is_lost_has_finished_or_has_not_begun(english, form):
    now = timezone.now()
    unit = UnitFactory()
    names = ("working", "lost", "alive", "finished", "over", "waiting")
    people = {
        name: PostingFactory(unit=unit, person=PersonFactory(employee_code=name, full_name=f"Lê {name}")).person
        for name in names
    }
    type(form).objects.update(for_everybody=False)
    form.refresh_from_db()
    form.audience_units.add(unit)
    for name in names[:-1]:
        at = (
            now
            if name in ("working", "finished")
            else now - (timedelta(minutes=50) if name == "over" else LOST_AFTER * 2)
        )
        attempt = start_attempt(people[name], form, now=at)
        item = next_item(attempt, now=at)
        if name in ("working", "finished"):
            answer(attempt, item, now=at)
        if name == "finished":
            submit_attempt(attempt, now=at)
        if name == "alive":
            note_contact(attempt.pk, now)
    progress = live_progress(form, now)
    assert {each.employee_code: (each.state, each.answered, each.questions) for each in progress.sittings} == {
        "working": ("working", 1, 3),
        "lost": ("lost", 0, 3),
        "alive": ("working", 0, 3),
        "finished": ("finished", 1, 3),
        "over": ("time_over", 0, 3),
    }
    assert (progress.waiting, progress.waiting_count) == ((("waiting", "Lê waiting"),), 1)
    page = english.get(address("assessment-live", form)).content.decode()
    assert (page.count("Lost sight of"), page.count("Lê waiting (waiting)")) == (1, 1)


def test_live_page_takes_the_same_queries_for_1_and_300_people(english, form):
    clear_own_cache()

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert english.get(address("assessment-live", form)).status_code == 200
        return len(found)

    type(form).objects.update(for_everybody=False)
    form.audience_people.add(PersonFactory())
    next_item(start_attempt(form.audience_people.get(), form))
    queries()
    one = queries()
    now = timezone.now()
    more = [PersonFactory() for _ in range(299)]
    Attempt.objects.bulk_create(
        Attempt(person=each, assessment=form, started_at=now, deadline=now + timedelta(hours=1), seed=1, form={})
        for each in more
    )
    assert len(live_progress(form).sittings) == 300
    assert queries() == one == 4


def test_live_page_says_when_it_does_not_show_all(english, form, monkeypatch):
    monkeypatch.setattr("assessments.domain.queries.live.MOST", 2)
    monkeypatch.setattr("frontend.author.assessing.live.MOST", 2)
    for begun, is_cut in ((2, False), (3, True)):
        while Attempt.objects.count() < begun:
            start_attempt(PersonFactory(), form)
        assert len(live_progress(form).sittings) == 2
        page = english.get(address("assessment-live", form)).content.decode()
        assert ("only the first 2 sittings by name are shown" in page) is is_cut


def test_live_page_stops_refreshing_when_asked(english, form):
    page = address("assessment-live", form)
    assert [english.get(page + query).content.decode().count("every 5s") for query in ("", "?paused=1")] == [1, 0]
