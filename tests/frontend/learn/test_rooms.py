"""Supervised sittings, larger text and certificates on the pages."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.api import start_attempt, submit_attempt
from assessments.domain.accommodations import grant_accommodation
from assessments.domain.invigilation import set_invigilation
from assessments.domain.queries.live import live_progress
from assessments.models import Attempt, Certificate, DeviceLease
from tests.caching import clear_own_cache
from tests.factories.assessments import make_item, sit
from tests.factories.competencies import competency_of, make_framework
from tests.factories.forms import make_form
from tests.factories.organisation import PersonFactory, RoleGrantFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_tries_yet():
    clear_own_cache()


@pytest.fixture
def person():
    return PersonFactory(user=UserFactory(), full_name="Lê Bảo")


@pytest.fixture
def form():
    competency = competency_of(make_framework("9.1"), "9.1")
    return make_form([make_item(competency, number) for number in (1, 2)])


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person.user)
    client.cookies["django_language"] = "en"
    return client


def start(client, form, **data):
    return client.post(reverse("learn:assessment", args=[form.code]), data)


def test_wrong_code_is_said_and_the_right_one_lets_in(person, form):
    set_invigilation(form, RoleGrantFactory().user, access_code="sen 42")
    client = signed_in(person)
    page = client.get(reverse("learn:assessment", args=[form.code]))
    assert page.content.decode().count('name="code"') == 1
    refused = start(client, form, code="sen")
    assert (refused.status_code, Attempt.objects.count()) == (409, 0)
    assert "This is not the access code of the exam room." in refused.content.decode()
    assert refused.content.decode().count('name="code"') == 1
    begun = start(client, form, code="Sen 42")
    assert begun["Location"] == reverse("learn:attempt", args=[Attempt.objects.get().pk])
    assert client.get(begun["Location"]).status_code == 200


def test_second_device_is_refused_until_it_takes_over_and_then_the_first_is(person, form):
    set_invigilation(form, RoleGrantFactory().user, access_code="sen")
    first, second = signed_in(person), signed_in(person)
    page = start(first, form, code="sen")["Location"]
    refused = second.get(page)
    assert (refused.status_code, "another device" in refused.content.decode()) == (403, True)
    assert second.post(f"{page}submit/").status_code == 403
    offer = second.get(reverse("learn:assessment", args=[form.code])).content.decode()
    assert ("If you go on here, it stops there." in offer, "Go on on this device" in offer) == (True, True)
    assert start(second, form).status_code == 409
    assert start(second, form, code="sen")["Location"] == page
    assert [first.get(page).status_code, second.get(page).status_code] == [403, 200]
    assert [each.get(f"{page}pulse/").status_code for each in (first, second)] == [403, 204]
    assert DeviceLease.objects.count() == 2
    assert start(second, form)["Location"] == page


def test_network_and_browser_are_checked_on_every_page(person, form):
    key = "ab" * 32
    set_invigilation(form, RoleGrantFactory().user, networks=["127.0.0.0/8"], config_keys=[key], one_device=False)
    client = signed_in(person)

    def sealed(path):
        return {"X-SafeExamBrowser-ConfigKeyHash": hashlib.sha256(f"http://testserver{path}{key}".encode()).hexdigest()}

    start_page = reverse("learn:assessment", args=[form.code])
    plain = client.get(start_page).content.decode()
    assert ("Safe Exam Browser with the settings" in plain, 'class="btn btn-primary btn-lg"' in plain) == (True, False)
    page = client.post(start_page, headers=sealed(start_page))["Location"]
    assert client.get(page, headers=sealed(page)).status_code == 200
    assert client.get(page, headers=sealed(start_page)).status_code == 403
    assert client.get(page, headers=sealed(page), REMOTE_ADDR="10.0.0.1").status_code == 403
    for view in ("", "pulse/"):
        asked = [({}, "127.0.0.1"), (sealed(page + view), "10.0.0.1"), (sealed(page + view), "127.0.0.1")]
        statuses = [client.get(page + view, headers=sent, REMOTE_ADDR=place).status_code for sent, place in asked]
        assert statuses == [403, 403, 204 if view else 200]


def test_without_supervision_the_session_names_no_device(person, form):
    client = signed_in(person)
    client.get(start(client, form)["Location"])
    assert "device" not in client.session


def test_larger_text_marks_the_pages_of_the_sitting(person, form):
    grant_accommodation(form, person, RoleGrantFactory().user, reason="Khiếm thị", larger_text=True)
    client = signed_in(person)
    assert "question--larger" in client.get(start(client, form)["Location"]).content.decode()


def test_start_page_says_what_a_person_is_granted(person, form):
    later = timezone.now() + timedelta(days=9)
    grant = {"extra_percent": 25, "larger_text": True, "closes_at": later}
    grant_accommodation(form, person, RoleGrantFactory().user, reason="Khiếm thị", **grant)
    other = PersonFactory(user=UserFactory())
    pages = [signed_in(each).get(reverse("learn:assessment", args=[form.code])) for each in (person, other)]
    texts = [" ".join(each.content.decode().split()) for each in pages]
    words = "For you: every time is longer by 25%; the text is larger; it closes on "
    assert [words in text for text in texts] == [True, False]


def test_sign_of_life_reaches_the_trainers_page(person, form):
    client = signed_in(person)
    page = start(client, form)["Location"]
    before = live_progress(form).sittings[0].contact_at
    assert client.get(f"{page}pulse/").status_code == 204
    assert live_progress(form).sittings[0].contact_at > before


def test_certificate_is_reached_from_the_result_and_read_by_anyone(person, form):
    type(form).objects.update(certifies=True, pass_share=0.5)
    form.refresh_from_db()
    attempt = start_attempt(person, form)
    sit(attempt)
    submit_attempt(attempt)
    number = Certificate.objects.get().number
    address = reverse("certificate", args=[number])
    assert address in signed_in(person).get(reverse("learn:result", args=[attempt.pk])).content.decode()
    stranger = Client()
    stranger.cookies["django_language"] = "en"
    html = stranger.get(address).content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    for words in ("Lê Bảo", form.name_en, "with 2 of 2 points (100%).", number, f"http://testserver{address}"):
        assert words in text, words
    assert (person.employee_code in html, str(attempt.pk) in html) == (False, False)
    found = stranger.get(reverse("certificate-check"), {"number": number.lower().replace("-", " ")})
    assert found["Location"] == address
    unknown = stranger.get(reverse("certificate-check"), {"number": "0000-0000-0000"})
    assert (unknown.status_code, "There is no certificate with this number" in unknown.content.decode()) == (404, True)


def test_withdrawn_certificate_says_so_everywhere_and_its_person_is_told_at_sign_in(person, form):
    type(form).objects.update(certifies=True, pass_share=0.5)
    form.refresh_from_db()
    attempt = start_attempt(person, form)
    sit(attempt)
    submit_attempt(attempt)
    Certificate.objects.update(withdrawn_at=timezone.now(), told_at=None)
    number = Certificate.objects.get().number
    client = signed_in(person)
    client.cookies["django_language"] = "en"
    pages = [reverse("certificate", args=[number]), reverse("learn:result", args=[attempt.pk])]
    texts = [client.get(page).content.decode() for page in pages]
    assert ["no longer valid" in texts[0], "You have passed" in texts[1], "was withdrawn" in texts[1]] == [
        *(True, False, True)
    ]
    told = []
    for _ in range(2):
        person.user.set_password("Mat-khau-123")
        person.user.save()
        browser = Client()
        browser.cookies["django_language"] = "en"
        response = browser.post(
            reverse("account_login"), {"login": person.user.username, "password": "Mat-khau-123"}, follow=True
        )
        told.append([str(each) for each in response.context["messages"] if number in str(each)])
    assert told == [
        [f"Your certificate {number} of “{form.name_en}” was withdrawn: your corrected result passes no more."],
        [],
    ]


def test_numbers_are_asked_for_thirty_times_a_minute(db):
    client = Client()
    statuses = [client.get(reverse("certificate", args=["0000-0000-0000"])).status_code for _ in range(31)]
    assert statuses == [404] * 30 + [429]
