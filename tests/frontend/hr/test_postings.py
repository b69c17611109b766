"""HR looks at one person's postings and changes them: shown first, then confirmed, by one officer at a time."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from organisation.api import posting_of, postings_version, today
from organisation.models import AuditEvent, Person, Posting
from tests.factories.organisation import PersonFactory, PositionFactory, PostingFactory, RoleGrantFactory, UnitFactory
from tests.factories.reports import make_competencies, require

pytestmark = pytest.mark.django_db

TOMORROW = today() + timedelta(days=1)


@pytest.fixture
def ground(client: Client) -> dict[str, Any]:
    """Province AB with the wards A and B, beside BM; Ánh is a clerk in A; the officer of AB is signed in."""
    competency, other = make_competencies(2)
    clerk, chair = PositionFactory(code="clerk", name_en="Clerk"), PositionFactory(code="chair", name_en="Chair")
    require(clerk, {competency: 4})
    require(chair, {competency: 6, other: 3})
    top = UnitFactory(code="AB", name_vi="Tỉnh An Bình", kind="province")
    first, second = (UnitFactory(code=code, name_vi=f"Xã {code}", parent=top) for code in ("A", "B"))
    outside = UnitFactory(code="BM", name_vi="Tỉnh Bình Minh", kind="province")
    person = PersonFactory(employee_code="CB001", full_name="Nguyễn Thị Hồng Ánh")
    home = PostingFactory(person=person, unit=first, position=clerk)
    officer = RoleGrantFactory(role="hr", unit=top, sees_people=True).user
    client.force_login(officer)
    client.cookies["django_language"] = "en"
    return locals()


def address(act: str, posting: Posting | None = None) -> str:
    if posting is None:
        return reverse("hr:posting-change", args=["CB001", act])
    return reverse("hr:posting-act", args=["CB001", posting.pk, act])


def moving(ground: dict[str, Any], **changes: Any) -> dict[str, Any]:
    values = {"unit": "B", "position": ground["chair"].pk, "first_day": today(), "reason": "Quyết định 12"}
    return {**values, "seen": postings_version(ground["person"]), **changes}


def adding(ground: dict[str, Any], **changes: Any) -> dict[str, Any]:
    days = {"first_day": today(), "last_day": today() + timedelta(days=90)}
    return moving(ground, kind="secondment", **days) | changes


def held(person: Person) -> list[tuple[str, str, date, date | None]]:
    rows = person.postings.order_by("valid", "kind").values_list("kind", "unit__code", "valid")
    return [(kind, code, valid.lower, valid.upper) for kind, code, valid in rows]


def test_a_move_is_shown_and_written_only_when_it_is_confirmed(client, ground):
    before = held(ground["person"])
    shown = client.post(address("move"), moving(ground))
    page = shown.content.decode()
    assert shown.status_code == 200
    assert f"in {ground['second'].versions.get().name} instead of {ground['first'].versions.get().name}" in page
    for competency, old, new in (("competency", "4", "6"), ("other", "–", "3")):
        row = page[page.index(f"{ground[competency].code} ") :]
        cells = row[: row.index("</tr>")]
        assert f">{old}</td>" in cells
        assert f">{new}</td>" in cells
    assert held(ground["person"]) == before
    assert AuditEvent.objects.filter(action="posting_moved").count() == 0
    done = client.post(address("move"), moving(ground, step="confirm"))
    assert done.status_code == 302
    assert held(ground["person"]) == [
        ("primary", "A", date(2020, 1, 1), today()),
        ("primary", "B", today(), None),
    ]
    event = AuditEvent.objects.get(action="posting_moved")
    assert (event.actor, event.detail) == (ground["officer"], {"reason": "Quyết định 12"})
    assert client.get(reverse("hr:postings", args=["CB001"])).content.decode().count("Quyết định 12") == 2


def test_a_change_is_told_once_and_a_look_tells_nothing(client, ground, django_capture_on_commit_callbacks):
    from organisation.signals import posting_changed

    heard: list[list[int]] = []

    def listen(person_ids: list[int], **kwargs: Any) -> None:
        heard.append(person_ids)

    posting_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            client.post(address("move"), moving(ground))
        assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            client.post(address("move"), moving(ground, step="confirm"))
        assert heard
        assert {each for told in heard for each in told} == {ground["person"].pk}
    finally:
        posting_changed.disconnect(listen)


def test_the_second_of_two_officers_is_told_and_writes_nothing(client, ground):
    seen = postings_version(ground["person"])
    client.post(address("move"), moving(ground, step="confirm", seen=seen))
    after = held(ground["person"])
    late = client.post(address("move"), moving(ground, unit="A", step="confirm", seen=seen), follow=True)
    assert "Somebody changed this person&#x27;s postings meanwhile" in late.content.decode()
    assert held(ground["person"]) == after


@pytest.mark.parametrize("kind", ["secondary", "secondment"])
def test_a_further_posting_counts_nowhere_else(client, ground, kind):
    page = client.post(address("add"), adding(ground, kind=kind)).content.decode()
    assert "The same as before." in page
    assert f"as before in {ground['first'].versions.get().name}" in page
    client.post(address("add"), adding(ground, kind=kind, step="confirm"))
    assert held(ground["person"])[1] == (kind, "B", today(), today() + timedelta(days=91))
    assert posting_of(ground["person"], today()) == ground["home"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_day": ""}, "A secondment ends: give its last day."),
        ({"last_day": date(2020, 1, 1)}, "The last day lies before the first."),
        ({"unit": "A"}, "the person&#x27;s own on some of these days"),
        ({"first_day": date(2019, 1, 1)}, "no primary posting"),
        ({"unit": "nowhere"}, "There is no unit “nowhere”."),
        ({"reason": " "}, "This field is required."),
    ],
)
@pytest.mark.parametrize("step", ["", "confirm"])
def test_what_cannot_be_is_told_on_the_form(client, ground, changes, words, step):
    refused = client.post(address("add"), adding(ground, step=step, **changes))
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert len(held(ground["person"])) == 1


def test_secondments_do_not_overlap_and_end(client, ground):
    client.post(address("add"), adding(ground, step="confirm"))
    sent = ground["person"].postings.get(kind="secondment")
    again = client.post(address("add"), adding(ground, step="confirm"))
    assert again.status_code == 422
    assert "The person is seconded elsewhere on some of these days." in again.content.decode()
    ending = {"last_day": today() + timedelta(days=9), "reason": "Về sớm", "step": "confirm"}
    client.post(address("end", sent), ending | {"seen": postings_version(ground["person"])})
    assert held(ground["person"])[1][3] == today() + timedelta(days=10)


def test_a_secondment_ends_where_the_person_is_taken_on_for_good(client, ground):
    client.post(address("add"), adding(ground, step="confirm"))
    client.post(address("move"), moving(ground, first_day=TOMORROW, step="confirm"))
    assert held(ground["person"]) == [
        ("primary", "A", date(2020, 1, 1), TOMORROW),
        ("secondment", "B", today(), TOMORROW),
        ("primary", "B", TOMORROW, None),
    ]


def test_a_move_out_of_the_scope_is_refused_with_words(client, ground):
    for step in ("", "confirm"):
        refused = client.post(address("move"), moving(ground, unit="BM", step=step))
        assert refused.status_code == 422
        assert "You do not answer for unit BM." in refused.content.decode()
    assert len(held(ground["person"])) == 1


def test_somebody_outside_the_scope_cannot_be_taken_or_looked_at(ground):
    stranger = Client()
    stranger.force_login(RoleGrantFactory(role="hr", unit=ground["outside"], sees_people=True).user)
    pages = (reverse("hr:postings", args=["CB001"]), address("move"), address("end", ground["home"]))
    assert [stranger.get(page).status_code for page in pages] == [404, 404, 404]
    assert stranger.post(address("move"), moving(ground, unit="BM", step="confirm")).status_code == 404
    assert len(held(ground["person"])) == 1


def test_days_in_a_unit_of_others_are_not_rewritten(client, ground):
    """Before Ánh came to A she was in BM: a move from a day of then would shorten what others recorded."""
    Posting.objects.filter(pk=ground["home"].pk).update(valid=DateRange(date(2024, 1, 1), None))
    PostingFactory(person=ground["person"], unit=ground["outside"], position=ground["clerk"],
                   valid_from=date(2020, 1, 1), valid_to=date(2024, 1, 1))  # fmt: skip
    before = held(ground["person"])
    for step in ("", "confirm"):
        refused = client.post(address("move"), moving(ground, first_day=date(2022, 1, 1), step=step))
        assert "You do not answer for unit BM." in refused.content.decode()
    assert held(ground["person"]) == before
    assert AuditEvent.objects.filter(action="posting_moved").count() == 0


def test_what_was_held_elsewhere_ends_with_the_service(client, ground):
    PostingFactory(person=ground["person"], unit=ground["outside"], position=ground["chair"], kind="secondary")
    leaving = {"last_day": today(), "reason": "Nghỉ hưu", "step": "confirm"}
    client.post(address("end", ground["home"]), leaving | {"seen": postings_version(ground["person"])})
    assert [row[3] for row in held(ground["person"])] == [TOMORROW, TOMORROW]


def test_a_posting_in_a_unit_of_others_is_not_changed(client, ground):
    other = PostingFactory(person=ground["person"], unit=ground["outside"], position=ground["chair"], kind="secondary")
    assert client.get(address("end", other)).status_code == 404
    assert "BM" in client.get(reverse("hr:postings", args=["CB001"])).content.decode()


def test_officers_that_see_no_people_and_officers_themselves_change_nothing(client, ground):
    grant = ground["officer"].role_grants.get()
    grant.sees_people = False
    grant.save()
    assert client.get(address("move")).status_code == 404
    grant.sees_people = True
    grant.save()
    Person.objects.update(user=ground["officer"])
    assert client.get(reverse("hr:postings", args=["CB001"])).status_code == 200
    assert client.post(address("move"), moving(ground, step="confirm")).status_code == 404
    assert len(held(ground["person"])) == 1


def test_a_correction_reaches_back_and_the_log_keeps_what_was(client, ground):
    values = {"unit": "B", "position": ground["clerk"].pk, "first_day": date(2021, 2, 3), "reason": "Nhập nhầm"}
    values |= {"last_day": "", "seen": postings_version(ground["person"])}
    assert "The change reaches back" in client.post(address("correct", ground["home"]), values).content.decode()
    client.post(address("correct", ground["home"]), values | {"step": "confirm"})
    assert held(ground["person"]) == [("primary", "B", date(2021, 2, 3), None)]
    events = apps.get_model("organisation", "PostingEvent").objects.order_by("pgh_id")
    assert [each.unit.code for each in events] == ["A", "B"]


def test_whoever_leaves_the_primary_posting_leaves_all(client, ground):
    client.post(address("add"), adding(ground, kind="secondary", last_day="", step="confirm"))
    leaving = {"last_day": TOMORROW, "reason": "Nghỉ hưu", "seen": postings_version(ground["person"])}
    page = client.post(address("end", ground["home"]), leaving).content.decode()
    assert "nowhere, no longer in A Commune" in page
    client.post(address("end", ground["home"]), leaving | {"step": "confirm"})
    end = TOMORROW + timedelta(days=1)
    assert held(ground["person"]) == [("primary", "A", date(2020, 1, 1), end), ("secondary", "B", today(), end)]


def test_a_change_that_never_held_is_taken_back_and_told(client, ground):
    client.post(address("add"), adding(ground, first_day=TOMORROW, step="confirm"))
    sent = ground["person"].postings.get(kind="secondment")
    values = {"last_day": today(), "reason": "Huỷ quyết định", "step": "confirm"}
    client.post(address("end", sent), values | {"seen": postings_version(ground["person"])})
    assert len(held(ground["person"])) == 1
    page = client.get(reverse("hr:postings", args=["CB001"])).content.decode()
    assert "Removed" in page
    assert "Huỷ quyết định" in page


def test_the_page_asks_as_often_for_many_postings(client, ground, django_assert_max_num_queries):
    for year in range(2000, 2015):
        PostingFactory(person=ground["person"], unit=ground["second"], position=ground["clerk"], kind="secondary",
                       valid_from=date(year, 1, 1), valid_to=date(year, 12, 1))  # fmt: skip
    with django_assert_max_num_queries(25):
        assert client.get(reverse("hr:postings", args=["CB001"])).status_code == 200


@pytest.mark.parametrize("act", ["end", "correct"])
def test_whoever_left_before_today_is_still_reached_and_put_right(client, ground, act):
    yesterday = today() - timedelta(days=1)
    values = {"unit": "A", "position": ground["clerk"].pk, "first_day": date(2020, 1, 1), "last_day": yesterday}
    values |= {"reason": "Nghỉ hưu tuần trước", "step": "confirm"}
    done = client.post(address(act, ground["home"]), values | {"seen": postings_version(ground["person"])}, follow=True)
    assert done.status_code == 200
    page = done.content.decode()
    assert "The postings were changed." in page
    assert "Nghỉ hưu tuần trước" in page
    assert reverse("hr:person", args=["CB001"]) + '"' not in page, "of that page there is none for them"
    assert client.get(address("correct", ground["home"])).status_code == 200
    back = values | {"last_day": "", "seen": postings_version(ground["person"])}
    client.post(address("correct", ground["home"]), back)
    assert held(ground["person"]) == [("primary", "A", date(2020, 1, 1), None)]


def test_whoever_left_from_a_unit_of_others_is_not_reached(client, ground):
    Posting.objects.filter(pk=ground["home"].pk).update(
        unit=ground["outside"], valid=DateRange(date(2020, 1, 1), today())
    )
    earlier = PostingFactory(person=ground["person"], unit=ground["first"], position=ground["clerk"],
                             valid_from=date(2018, 1, 1), valid_to=date(2020, 1, 1))  # fmt: skip
    pages = (reverse("hr:postings", args=["CB001"]), address("correct", earlier))
    assert [client.get(page).status_code for page in pages] == [404, 404]


def test_the_log_tells_reasons_to_who_answers_for_the_unit_alone(client, ground):
    client.post(address("move"), moving(ground, step="confirm", reason="Kỷ luật"))
    log = reverse("hr:postings", args=["CB001"])
    assert client.get(log).content.decode().count("Kỷ luật") == 2
    new = Client()
    new.force_login(RoleGrantFactory(role="hr", unit=ground["second"], sees_people=True).user)
    assert [(each["reason"], each["unit"]) for each in new.get(log).context["entries"]] == [
        ("Kỷ luật", "Xã B"),
        ("", "Xã A"),
        ("", "Xã A"),
    ]
