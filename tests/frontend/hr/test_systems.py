"""HR systems on pages: a token is shown once and kept as a digest, opens SCIM until it is renewed or taken back."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from organisation.api import token_digest
from organisation.models import AuditEvent, HrSystem, User
from tests.factories.organisation import PositionFactory, RoleGrantFactory, UnitFactory

pytestmark = pytest.mark.django_db
WORK = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", WORK],
    "userName": "CB001",
    "displayName": "Nguyễn Thị Hồng Ánh",
    "title": "clerk",
    WORK: {"department": "AB"},
}


@pytest.fixture
def admin(client) -> User:
    UnitFactory(code="AB", kind="province", name_vi="Tỉnh An Bình", name_en="An Binh Province")
    PositionFactory(code="clerk")
    user: User = RoleGrantFactory(role="admin", unit=None).user
    client.force_login(user)
    return user


def token_in(response) -> str:
    found = re.search(r'id="new-token" value="([^"]+)"', response.content.decode())
    return found[1] if found else ""


def admit(client: Client, **said: str):
    return client.post("/hr/systems/", {"name": "HRM", "unit": "an binh province", "days": "90", **said})


def ask(token: str, body: dict | None = None) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    if body:
        data = json.dumps(body)
        return Client().post("/scim/v2/Users", data, content_type="application/scim+json", headers=headers).status_code
    return Client().get("/scim/v2/Users", headers=headers).status_code


def test_a_system_is_admitted_its_token_shown_once_and_kept_as_a_digest(client, admin):
    response = admit(client)
    token = token_in(response)
    made = HrSystem.objects.get()
    assert (made.unit.code, made.digest) == ("AB", token_digest(token))
    assert 89 <= (made.expires_at - timezone.now()).days <= 90
    assert "no-store" in response["Cache-Control"]
    assert token not in client.get(f"/hr/systems/{made.pk}/").content.decode()
    assert token not in json.dumps(list(AuditEvent.objects.values()), default=str)
    assert AuditEvent.objects.get(action="hr_system_admitted").actor == admin


def test_the_token_opens_scim_and_the_page_says_when_and_what_was_changed(client, admin):
    token = token_in(admit(client))
    made = HrSystem.objects.get()
    assert "chưa lần nào" in client.get("/hr/systems/").content.decode()
    assert ask(token, USER) == 201
    page = client.get(f"/hr/systems/{made.pk}/")
    assert ("CB001" in page.content.decode(), "Hồng Ánh" in page.content.decode()) == (True, False)
    assert [(event.action, done) for event, done, _ in page.context["changes"]] == [("scim_created", "Đã thêm")]
    assert page.context["system"].last_used_at is not None
    # What another system wrote is not told here.
    other = token_in(admit(client, name="HRM 2"))
    page = client.get(f"/hr/systems/{HrSystem.objects.get(name='HRM 2').pk}/")
    assert (ask(other), page.context["changes"]) == (200, [])


def test_its_use_is_noted_once_a_minute(client, admin):
    token = token_in(admit(client))
    ask(token)
    first = HrSystem.objects.get().last_used_at
    assert first
    ask(token)
    assert HrSystem.objects.get().last_used_at == first
    HrSystem.objects.update(last_used_at=first - timedelta(minutes=2))
    ask(token)
    assert (HrSystem.objects.get().last_used_at or first) > first


def test_a_new_token_ends_the_old_one_and_taking_back_ends_both(client, admin):
    old = token_in(admit(client))
    page = f"/hr/systems/{HrSystem.objects.get().pk}/"
    new = token_in(client.post(page, {"action": "rotate", "unit": "AB", "days": "30"}))
    assert (ask(old), ask(new)) == (401, 200)
    client.post(page, {"action": "revoke"})
    client.post(page, {"action": "revoke"})
    assert ask(new) == 401
    assert AuditEvent.objects.filter(action="hr_system_revoked", actor=admin).count() == 1
    # A new token opens again.
    assert ask(token_in(client.post(page, {"action": "rotate", "unit": "AB", "days": "30"}))) == 200


@pytest.mark.parametrize(
    "said", [{"unit": "nowhere"}, {"unit": ""}, {"days": "100000"}, {"name": ""}, {"name": "x" * 101}]
)
def test_what_is_wrong_admits_nothing(client, admin, said):
    assert admit(client, **said).status_code == 422
    assert not HrSystem.objects.exists()


def test_a_name_that_is_taken_does_not_renew_a_token_by_accident(client, admin):
    token = token_in(admit(client))
    assert admit(client).status_code == 422
    assert ask(token) == 200


def test_two_admins_at_once_admit_one_system_and_the_first_token_stays(client, admin, monkeypatch):
    monkeypatch.setattr("frontend.hr.systems.SystemForm.clean_name", lambda form: form.cleaned_data["name"])
    token = token_in(admit(client))
    late = admit(client)
    assert (late.status_code, token_in(late)) == (422, "")
    assert HrSystem.objects.get().digest == token_digest(token)


def test_the_forms_of_a_new_system_lead_to_its_own_page(client, admin):
    text = admit(client).content.decode()
    pk = HrSystem.objects.get().pk
    assert text.count(f'action="/hr/systems/{pk}/"') == 2
