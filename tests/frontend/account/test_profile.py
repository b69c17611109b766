"""The profile page: facts, language, tokens."""

from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse

from frontend.account.language import switch_language
from organisation.api import issue_token, token_digest
from organisation.models import AccessToken, AuditEvent
from tests.factories.organisation import (
    PASSWORD,
    PersonFactory,
    PositionFactory,
    PostingFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PROFILE = reverse("account_profile")


@pytest.fixture
def officer(client):
    user = UserFactory(username="an.nguyen")
    province = UnitFactory(name_vi="Tỉnh An Bình", kind="province")
    person = PersonFactory(user=user, full_name="Nguyễn Văn An")
    PostingFactory(
        person=person,
        unit=UnitFactory(name_vi="Xã Hoà Bình", parent=province),
        position=PositionFactory(name_vi="Công chức một cửa"),
        valid_from=date(2024, 3, 1),
    )
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("name", "args", "method"),
    [
        ("account_profile", [], "get"),
        ("account_choose_language", [], "post"),
        ("account_create_token", [], "post"),
        ("account_revoke_token", [1], "post"),
    ],
)
def test_anonymous_is_sent_to_sign_in(client, name, args, method):
    address = reverse(name, args=args)
    response = getattr(client, method)(address)
    assert (response.status_code, response["Location"]) == (302, f"/account/login/?next={address}")


def test_profile_shows_name_post_and_units_upwards(client, officer):
    response = client.get(PROFILE)
    profile = response.context["profile"]
    assert response.status_code == 200
    assert profile.person.full_name == "Nguyễn Văn An"
    assert profile.posting.position.name == "Công chức một cửa"
    assert [unit.name for unit in profile.units] == ["Xã Hoà Bình", "Tỉnh An Bình"]
    assert profile.roles == ["Người học"]


def test_profile_of_an_account_without_person_shows_its_roles(client):
    grant = RoleGrantFactory(role="hr", unit=UnitFactory(name_vi="Tỉnh An Bình", kind="province"))
    client.force_login(grant.user)
    profile = client.get(PROFILE).context["profile"]
    assert (profile.person, profile.posting, profile.roles) == (None, None, ["Nhân sự: Tỉnh An Bình"])


def test_choosing_a_language_saves_it_and_turns_the_page(client, officer):
    response = client.post(reverse("account_choose_language"), {"language": "en"}, follow=True)
    officer.refresh_from_db()
    assert officer.language == "en"
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert response.redirect_chain == [(PROFILE, 302)]
    assert [str(message) for message in response.context["messages"]] == ["Your language is saved."]
    assert response.headers["Content-Language"] == "en"


def test_choosing_an_unknown_language_changes_nothing(client, officer):
    response = client.post(reverse("account_choose_language"), {"language": "fr"})
    officer.refresh_from_db()
    assert (response.status_code, officer.language) == (422, "vi")


def test_signing_in_brings_the_language_of_the_account(client):
    UserFactory(username="english", language="en")
    client.post(reverse("account_login"), {"login": "english", "password": PASSWORD})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_signing_in_keeps_the_language_chosen_in_this_browser(client):
    UserFactory(username="english", language="en")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "vi"
    client.post(reverse("account_login"), {"login": "english", "password": PASSWORD})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "vi"


def test_new_token_is_shown_once_and_opens_the_account(client, officer):
    response = client.post(reverse("account_create_token"), {"name": "máy quét", "days": "30"})
    token = response.context["new_token"]
    kept = AccessToken.objects.get()
    assert response.status_code == 200
    assert response.content.decode().count(token) == 1
    assert (kept.user, kept.name, kept.digest) == (officer, "máy quét", token_digest(token))
    assert round((kept.expires_at - kept.created_at).total_seconds() / 3600) == 30 * 24
    assert "no-store" in response["Cache-Control"]
    assert client.get(PROFILE).content.decode().count(token) == 0
    assert list(AuditEvent.objects.values_list("action", "target")) == [("issued", "token máy quét")]


@pytest.mark.parametrize(
    "data", [{"name": "", "days": "30"}, {"name": "a", "days": "3000"}, {"name": "x" * 101, "days": "7"}]
)
def test_token_form_refuses_bad_input(client, officer, data):
    response = client.post(reverse("account_create_token"), data)
    assert (response.status_code, AccessToken.objects.count()) == (422, 0)


def test_an_eleventh_token_is_refused(client, officer):
    for number in range(10):
        issue_token(officer, f"token {number}")
    response = client.post(reverse("account_create_token"), {"name": "one more", "days": "7"})
    assert (response.status_code, AccessToken.objects.count()) == (422, 10)


def test_revoking_asks_first_then_shuts_out(client, officer):
    issue_token(officer, "máy quét")
    address = reverse("account_revoke_token", args=[AccessToken.objects.get().pk])
    assert client.get(address).status_code == 200
    assert AccessToken.objects.count() == 1
    response = client.post(address)
    assert (response.status_code, response["Location"], AccessToken.objects.count()) == (302, PROFILE, 0)
    assert list(AuditEvent.objects.values_list("action", "target")) == [("revoked", "token máy quét")]


@pytest.mark.parametrize("method", ["get", "post"])
def test_token_of_someone_else_is_not_found_and_audited(client, officer, method):
    issue_token(UserFactory(), "not yours")
    token = AccessToken.objects.get()
    response = getattr(client, method)(reverse("account_revoke_token", args=[token.pk]))
    assert (response.status_code, AccessToken.objects.count()) == (404, 1)
    assert list(AuditEvent.objects.values_list("actor_id", "action", "target")) == [
        (officer.pk, "refused", f"token {token.pk}")
    ]


def test_profile_asks_as_often_for_one_token_as_for_ten(client, officer, django_assert_num_queries):
    issue_token(officer, "first")
    client.get(PROFILE)
    with django_assert_num_queries(5):
        client.get(PROFILE)
    for number in range(9):
        issue_token(officer, f"token {number}")
    with django_assert_num_queries(5):
        client.get(PROFILE)


def test_switch_in_the_page_head_keeps_the_choice_of_who_is_signed_in(rf, officer):
    request = rf.post("/language/", {"language": "en", "next": PROFILE})
    request.user = officer
    response = switch_language(request)
    officer.refresh_from_db()
    assert (response.status_code, response["Location"], officer.language) == (302, PROFILE, "en")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_switch_to_an_unknown_language_changes_nothing(rf, officer):
    request = rf.post("/language/", {"language": "fr", "next": PROFILE})
    request.user = officer
    switch_language(request)
    officer.refresh_from_db()
    assert officer.language == "vi"
