"""SCIM as an HR system uses it: moves, leavers, scope, conditions, searches, bulk, and what is refused."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from organisation.domain.hr_systems import admit_hr_system, revoke_hr_system
from organisation.domain.queries.units import today
from organisation.domain.units import close_unit
from organisation.models import AuditEvent, HrSystem, Person, Posting, RoleGrant, Unit, UnitVersion, User
from organisation.reorganising.steps import Dissolve, Merge, Split
from tests.factories.organisation import PersonFactory, PostingFactory, RoleGrantFactory, UnitFactory, UserFactory
from tests.organisation.conftest import Province
from tests.organisation.reorganising import DAY, applied, new

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
FURTHER = "urn:thang:scim:schemas:extension:postings:1.0:User"
WORK = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

Ask = Callable[..., HttpResponse]


@pytest.fixture
def ask(province: Province) -> Ask:
    """Send one request with the token of an HR system of An Bình: `ask("get", "/Users", headers...)`."""
    token = admit_hr_system("HRM An Bình", province.top)

    def send(method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        content = body if isinstance(body, str) else json.dumps(body or {})
        sent = {
            "Authorization": f"Bearer {token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        arguments = {} if method == "get" else {"data": content, "content_type": "application/scim+json"}
        return getattr(Client(), method)(f"/scim/v2{path}", headers=sent, **arguments)

    return send


def user(**changes: Any) -> dict[str, Any]:
    work = {"department": changes.pop("department", "AB-01")}
    return {
        "schemas": [USER, WORK],
        "userName": "CB001",
        "displayName": "Nguyễn Thị Hồng Ánh",
        "title": "clerk",
        WORK: work,
        **changes,
    }


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def replace(path: str, value: Any) -> dict[str, Any]:
    return patch({"op": "replace", "path": path, "value": value})


def posted(province: Province, unit: Unit, code: str, **details: Any) -> Person:
    person = PersonFactory(employee_code=code, **details)
    PostingFactory(person=person, unit=unit, position=province.clerk)
    return person


def refusal(response: HttpResponse) -> tuple[int, str | None, str]:
    body = json.loads(response.content)
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert response["Content-Type"] == "application/scim+json"
    return response.status_code, body.get("scimType"), body["detail"]


def found(response: HttpResponse) -> list[str]:
    return [each.get("userName") or each["displayName"] for each in json.loads(response.content)["Resources"]]


def history(person: Person) -> list[tuple[str, str, date | None, date | None]]:
    rows = person.postings.order_by("valid").select_related("unit", "position")
    return [(row.unit.code, row.position.code, row.valid.lower, row.valid.upper) for row in rows]


# --- people


def test_a_new_user_is_a_person_with_an_account_and_a_posting_from_today(
    ask: Ask, news: list[list[int]], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = ask(
            "post", "/Users", user(externalId="e-7", emails=[{"value": "anh@ab.example.vn", "type": "work"}])
        )
    assert response.status_code == 201
    person = Person.objects.get(employee_code="CB001")
    assert history(person) == [("AB-01", "clerk", today(), None)]
    assert news[-1] == [person.pk]
    account = person.user
    assert account is not None
    assert (account.username, account.email, account.is_active) == ("CB001", "anh@ab.example.vn", True)
    assert not account.has_usable_password()
    body = json.loads(response.content)
    assert body["id"] == str(person.pk)
    assert body["externalId"] == "e-7"
    assert body["name"] == {
        "formatted": "Nguyễn Thị Hồng Ánh",
        "familyName": "Nguyễn",
        "middleName": "Thị Hồng",
        "givenName": "Ánh",
    }
    assert body["meta"]["location"] == f"http://testserver/scim/v2/Users/{person.pk}" == response["Location"]
    assert body["meta"]["version"] == response["ETag"]
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.target) == ("scim_created", f"User {person.pk}")
    assert event.detail == {"system": "HRM An Bình"}


def test_a_department_change_moves_the_posting_today_and_keeps_the_history(
    ask: Ask, province: Province, news: list[list[int]], django_capture_on_commit_callbacks
) -> None:
    person = posted(province, province.first, "CB001")
    with django_capture_on_commit_callbacks(execute=True):
        assert ask("patch", f"/Users/{person.pk}", replace(f"{WORK}:department", "AB-02")).status_code == 204
    assert history(person) == [
        ("AB-01", "clerk", date(2020, 1, 1), today()),
        ("AB-02", "clerk", today(), None),
    ]
    assert {pk for message in news for pk in message} == {person.pk}
    # Again on the same day: what began today never held.
    ask("patch", f"/Users/{person.pk}", replace("title", "Chủ tịch xã"))
    assert history(person) == [
        ("AB-01", "clerk", date(2020, 1, 1), today()),
        ("AB-02", "chair", today(), None),
    ]


def test_the_day_of_a_move_is_that_of_vietnam(ask: Ask, province: Province) -> None:
    person = posted(province, province.first, "CB001")
    with time_machine.travel("2031-03-01T18:30:00Z", tick=False):  # half past one on the second in Hà Nội
        HrSystem.objects.update(expires_at=timezone.now() + timedelta(days=1))
        ask("patch", f"/Users/{person.pk}", replace(f"{WORK}:department", "AB-02"))
    assert history(person)[1][2] == date(2031, 3, 2)


def test_deactivation_ends_access_at_once(ask: Ask, province: Province) -> None:
    account = UserFactory(username="CB001")
    person = posted(province, province.first, "CB001", user=account)
    browser = Client()
    browser.force_login(account)
    assert browser.get("/").status_code == 200
    assert ask("patch", f"/Users/{person.pk}", replace("active", False)).status_code == 204
    assert browser.get("/").status_code == 302
    assert history(person) == [("AB-01", "clerk", date(2020, 1, 1), None)]


def test_a_deleted_user_has_left_and_can_be_hired_again(ask: Ask, province: Province) -> None:
    person = posted(province, province.first, "CB001", user=UserFactory(username="CB001"))
    assert ask("delete", f"/Users/{person.pk}").status_code == 204
    assert history(person) == [("AB-01", "clerk", date(2020, 1, 1), today())]
    assert not User.objects.get(username="CB001").is_active
    assert refusal(ask("get", f"/Users/{person.pk}"))[0] == 404
    again = ask("post", "/Users", user(department="AB-02"))
    assert again.status_code == 201
    assert json.loads(again.content)["id"] == str(person.pk)
    assert history(person)[1:] == [("AB-02", "clerk", today(), None)]
    assert User.objects.get(username="CB001").is_active


def test_a_user_who_was_made_and_deleted_on_one_day_can_be_hired_by_the_same_scope_alone(
    ask: Ask, province: Province
) -> None:
    made = ask("post", "/Users", user())
    key = json.loads(made.content)["id"]
    assert ask("delete", f"/Users/{key}").status_code == 204
    body = json.dumps(user(department="BM"))
    token = admit_hr_system("HRM Bình Minh", province.neighbour)
    sent = {"content_type": "application/scim+json", "headers": {"Authorization": f"Bearer {token}"}}
    assert refusal(Client().post("/scim/v2/Users", data=body, **sent))[:2] == (409, "uniqueness")
    again = ask("post", "/Users", user())
    assert (again.status_code, json.loads(again.content)["id"]) == (201, key)
    assert history(Person.objects.get()) == [("AB-01", "clerk", today(), None)]


@pytest.mark.parametrize("what", ["merged", "closed"])
def test_who_left_a_unit_that_has_ended_since_can_be_hired_by_who_answers_for_it(
    ask: Ask, province: Province, what: str
) -> None:
    long_ago = today() - timedelta(days=30)
    for code, unit in (("CB1", province.first), ("CB2", province.neighbour)):
        PostingFactory(person=PersonFactory(employee_code=code), unit=unit, valid_to=long_ago)
    if what == "merged":
        applied(Merge(("AB-01", "AB-02"), "AB-N", new("AB-N", "AB")), day=today() - timedelta(days=3))
    else:
        close_unit(province.first, today())
        close_unit(province.neighbour, today())
    department = "AB-N" if what == "merged" else "AB-02"
    answers = [ask("post", "/Users", user(userName=code, department=department)) for code in ("CB1", "CB2")]
    assert [answer.status_code for answer in answers] == [201, 409]
    person = Person.objects.get(employee_code="CB1")
    assert [(unit, end) for unit, _position, _first, end in history(person)] == [
        ("AB-01", long_ago),
        (department, None),
    ]


def test_an_account_with_a_role_keeps_its_address(ask: Ask, province: Province) -> None:
    """Whoever could change it would have the password sent to them."""
    account = UserFactory(username="CB001", email="chief@ab.example.vn")
    RoleGrantFactory(user=account, role=RoleGrant.Role.ADMIN)
    person = posted(province, province.first, "CB001", user=account)
    assert (
        ask("patch", f"/Users/{person.pk}", replace('emails[type eq "work"].value', "x@y.example")).status_code == 204
    )
    person.refresh_from_db()
    account.refresh_from_db()
    assert (person.email, account.email) == ("x@y.example", "chief@ab.example.vn")


def test_an_account_of_somebody_else_is_never_taken_over(ask: Ask) -> None:
    UserFactory(username="CB001")
    assert refusal(ask("post", "/Users", user()))[:2] == (409, "uniqueness")
    assert Person.objects.count() == 0


# --- scope


def test_nothing_outside_the_subtree_is_visible_or_writable(ask: Ask, province: Province) -> None:
    stranger = posted(province, province.neighbour, "BM001")
    inside = posted(province, province.first, "CB001")
    before = history(stranger)
    assert found(ask("get", "/Users")) == ["CB001"]
    assert found(ask("get", '/Users?filter=userName eq "BM001"')) == []
    assert sorted(found(ask("get", "/Groups"))) == ["Tỉnh An Bình", "Xã Hoà Bình", "Xã Tân Lập"]
    for method, path, body in [
        ("get", f"/Users/{stranger.pk}", None),
        ("put", f"/Users/{stranger.pk}", user(userName="BM001")),
        ("patch", f"/Users/{stranger.pk}", replace("active", False)),
        ("delete", f"/Users/{stranger.pk}", None),
        ("get", f"/Groups/{province.neighbour.pk}", None),
        ("patch", f"/Groups/{province.neighbour.pk}", replace("displayName", "Tỉnh Khác")),
        ("delete", f"/Groups/{province.neighbour.pk}", None),
    ]:
        assert refusal(ask(method, path, body))[0] == 404, (method, path)
    out = replace(f"{WORK}:department", "BM")
    assert refusal(ask("patch", f"/Users/{inside.pk}", out))[:2] == (400, "invalidValue")
    boss = replace(f"{WORK}:manager", {"value": str(stranger.pk)})
    assert refusal(ask("patch", f"/Users/{inside.pk}", boss))[:2] == (400, "invalidValue")
    assert refusal(ask("post", "/Users", user(userName="BM001")))[:2] == (409, "uniqueness")
    assert history(stranger) == before
    assert UnitVersion.objects.get(unit=province.neighbour).name_vi == "Tỉnh Bình Minh"


def test_a_system_of_another_subtree_has_external_ids_of_its_own(ask: Ask, province: Province) -> None:
    person = posted(province, province.first, "CB001")
    ask("patch", f"/Users/{person.pk}", replace("externalId", "a-1"))
    other = admit_hr_system("HRM Hoà Bình", province.first)
    seen = Client().get(f"/scim/v2/Users/{person.pk}", headers={"Authorization": f"Bearer {other}"})
    assert "externalId" not in json.loads(seen.content)
    assert found(ask("get", '/Users?filter=externalId eq "a-1"')) == ["CB001"]


# --- tokens


def test_a_token_is_kept_as_a_digest_and_ends_when_revoked_or_over(province: Province) -> None:
    token = admit_hr_system("HRM", province.top, days=1)
    assert token not in str(HrSystem.objects.values())

    def status() -> int:
        return Client().get("/scim/v2/Users", headers={"Authorization": f"Bearer {token}"}).status_code

    assert status() == 200
    HrSystem.objects.update(expires_at=timezone.now())
    assert status() == 401
    HrSystem.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert status() == 200
    assert revoke_hr_system("HRM")
    assert status() == 401
    assert not revoke_hr_system("HRM")


@pytest.mark.parametrize(
    "path", ["/Users", "/Groups", "/Users/1", "/Schemas", "/ResourceTypes", "/Bulk", "/Me", "/x", "/"]
)
def test_without_a_token_nothing_but_the_description_is_told(db: None, path: str) -> None:
    browser = Client()
    browser.force_login(RoleGrantFactory(role=RoleGrant.Role.ADMIN).user)
    response = browser.get(f"/scim/v2{path}")
    assert refusal(response)[0] == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="SCIM"'
    assert Client().get("/scim/v2/ServiceProviderConfig").status_code == 200


def test_a_system_that_asks_too_often_is_told_to_wait(ask: Ask, settings) -> None:
    settings.SCIM_REQUESTS_PER_MINUTE = 2
    answers = [ask("get", "/Users?count=0") for _ in range(6)]  # a minute may end between two of them
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"] == "60"
    assert refusal(answers[-1])[2] == "Too many requests: wait for a minute"


def test_the_command_admits_lists_and_revokes(province: Province, capsys) -> None:
    call_command("hr_system", "admit", "HRM", "--unit", "AB", "--days", "2")
    token = capsys.readouterr().out.strip()
    assert Client().get("/scim/v2/Users", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    call_command("hr_system", "list")
    assert capsys.readouterr().out == f"HRM\tAB\tuntil {timezone.now() + timedelta(days=2):%Y-%m-%d}\n"
    call_command("hr_system", "revoke", "HRM")
    call_command("hr_system", "list")
    assert capsys.readouterr().out == "HRM\tAB\trevoked\n"
    with pytest.raises(CommandError):
        call_command("hr_system", "revoke", "HRM")
    with pytest.raises(CommandError):
        call_command("hr_system", "admit", "HRM", "--unit", "NONE")


# --- groups


def test_members_of_a_group_are_its_primary_postings(ask: Ask, province: Province) -> None:
    person = posted(province, province.first, "CB001", full_name="Trần Văn Đức")
    elsewhere = posted(province, province.second, "CB002")
    PostingFactory(person=elsewhere, unit=province.first, position=province.chair, kind=Posting.Kind.SECONDARY)
    group = json.loads(ask("get", f"/Groups/{province.first.pk}").content)
    assert group["externalId"] == "AB-01"
    assert group["members"] == [
        {"value": str(person.pk), "$ref": f"http://testserver/scim/v2/Users/{person.pk}", "display": "Trần Văn Đức"}
    ]
    assert "members" not in json.loads(ask("get", f"/Groups/{province.first.pk}?excludedAttributes=members").content)
    assert found(ask("get", f'/Groups?filter=members eq "{person.pk}"')) == ["Xã Hoà Bình"]
    add = patch({"op": "add", "path": "members", "value": [{"value": str(elsewhere.pk)}]})
    assert refusal(ask("patch", f"/Groups/{province.first.pk}", add))[:2] == (400, "mutability")


def test_the_entity_tag_of_a_group_follows_its_members_shown_or_not(ask: Ask, province: Province) -> None:
    path, without = f"/Groups/{province.first.pk}", f"/Groups/{province.first.pk}?excludedAttributes=members"
    tag = ask("get", path)["ETag"]
    assert ask("get", without)["ETag"] == tag
    person = posted(province, province.first, "CB001", full_name="Trần Văn Đức")
    joined = ask("get", path, If_None_Match=tag)
    assert joined.status_code == 200
    assert ask("get", without)["ETag"] == joined["ETag"] != tag
    Person.objects.filter(pk=person.pk).update(full_name="Trần Văn Dũng")
    assert ask("get", path, If_None_Match=joined["ETag"]).status_code == 200
    seen = ask("get", without)["ETag"]
    assert ask("patch", path, replace("displayName", "Xã Mới"), If_Match=seen).status_code == 204
    assert ask("patch", path, replace("displayName", "Xã Khác"), If_Match=seen).status_code == 412


def test_a_group_is_made_renamed_and_closed_as_a_unit(ask: Ask, province: Province) -> None:
    made = ask("post", "/Groups", {"schemas": [], "displayName": "Phòng Kế toán", "externalId": "AB-KT"})
    assert made.status_code == 201
    unit = Unit.objects.get(code="AB-KT")
    version = UnitVersion.objects.get(unit=unit)
    assert (version.parent, version.kind, version.valid.lower) == (province.top, "office", today())
    assert ask("patch", f"/Groups/{unit.pk}", replace("displayName", "Phòng Tài chính")).status_code == 204
    assert UnitVersion.objects.get(unit=unit).search_key == "phong tai chinh phong tai chinh"
    # Renaming a unit that was there yesterday keeps its old name for the days before.
    ask("patch", f"/Groups/{province.first.pk}", replace("displayName", "Xã Hoà Bình Mới"))
    names = UnitVersion.objects.filter(unit=province.first).order_by("valid").values_list("name_vi", flat=True)
    assert list(names) == ["Xã Hoà Bình", "Xã Hoà Bình Mới"]
    assert ask("delete", f"/Groups/{unit.pk}").status_code == 204
    assert not Unit.objects.filter(code="AB-KT").exists()
    posted(province, province.second, "CB009")
    assert refusal(ask("delete", f"/Groups/{province.second.pk}"))[0] == 409
    assert refusal(ask("delete", f"/Groups/{province.top.pk}"))[0] == 409


# --- searching, conditions, bulk


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('userName eq "CB001"', ["CB001"]),
        ('userName eq "cb001"', []),
        ('userName ne "CB001"', ["CB002", "CB003"]),
        ('userName sw "CB" and not (userName ew "2")', ["CB001", "CB003"]),
        ('displayName co "văn"', ["CB002"]),
        ('name.formatted eq "trần văn đức"', ["CB002"]),
        ('title eq "chair" or userName eq "CB001"', ["CB001", "CB003"]),
        (f'{WORK}:department eq "AB-02"', ["CB003"]),
        ("active eq true", ["CB001"]),
        ("active eq false", ["CB002", "CB003"]),
        ("emails pr", ["CB001"]),
        ('emails.value ew "example.vn"', ["CB001"]),
        ('emails[type eq "work" and value co "anh"]', ["CB001"]),
        ('emails[type eq "home"]', []),
        (f"{WORK}:manager.value pr", []),
        ('meta.created gt "2020-01-01T00:00:00Z"', ["CB001", "CB002", "CB003"]),
        ('meta.lastModified lt "2020-01-01T00:00:00Z"', []),
        ("externalId pr", []),
        ("emails.value eq null", ["CB002", "CB003"]),
    ],
)
def test_users_are_found_by_filters(ask: Ask, province: Province, condition: str, expected: list[str]) -> None:
    posted(province, province.first, "CB001", full_name="Lê Hoà", email="anh@example.vn", user=UserFactory())
    posted(province, province.first, "CB002", full_name="Trần Văn Đức")
    third = PersonFactory(employee_code="CB003", full_name="Phạm Dương")
    PostingFactory(person=third, unit=province.second, position=province.chair)
    response = ask("get", f"/Users?filter={condition.replace('&', '%26')}&sortBy=userName")
    assert response.status_code == 200, response.content
    assert found(response) == expected
    search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": condition}
    assert sorted(found(ask("post", "/Users/.search", search))) == expected


def test_pages_follow_the_vietnamese_order_of_names(ask: Ask, province: Province) -> None:
    for code, name in [("1", "Lê Văn Đức"), ("2", "Lê Văn Dũng"), ("3", "Lê Thị Ánh"), ("4", "Lê Thị An")]:
        posted(province, province.first, code, full_name=name)
    assert found(ask("get", "/Users?sortBy=displayName")) == ["4", "3", "2", "1"]
    assert found(ask("get", "/Users?sortBy=displayName&sortOrder=descending")) == ["1", "2", "3", "4"]
    page = json.loads(ask("get", "/Users?sortBy=displayName&startIndex=2&count=2").content)
    assert [each["userName"] for each in page["Resources"]] == ["3", "2"]
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (4, 2, 2)
    everything = json.loads(ask("get", "/?startIndex=4&count=2").content)
    assert everything["totalResults"] == 7
    assert [each.get("userName") or each["externalId"] for each in everything["Resources"]] == ["4", "AB"]


def test_a_page_of_users_takes_as_many_queries_as_one(ask: Ask, province: Province, django_assert_num_queries) -> None:
    posted(province, province.first, "CB001")
    ask("get", "/Users")  # once a minute it is noted that the system asked
    with django_assert_num_queries(8):
        assert len(found(ask("get", "/Users"))) == 1
    for number in range(30):
        posted(province, province.first, f"CC{number}")
    with django_assert_num_queries(8):
        assert len(found(ask("get", "/Users"))) == 31


def further(person: Person) -> list[tuple[str, str, str, date, date | None]]:
    rows = person.postings.exclude(kind="primary").order_by("valid", "pk").select_related("unit", "position")
    return [(row.kind, row.unit.code, row.position.code, row.valid.lower, row.valid.upper) for row in rows]


SENT = {"kind": "secondment", "unit": "AB-02", "position": "chair", "from": "2198-01-01", "until": "2198-12-31"}
BESIDE = {"kind": "secondary", "unit": "AB-02", "position": "clerk", "from": "2198-02-01"}


def test_further_postings_are_written_shown_and_ended(ask: Ask, province: Province) -> None:
    made = ask("post", "/Users", user(**{FURTHER: {"postings": [SENT, {**BESIDE, "from": today().isoformat()}]}}))
    person = Person.objects.get()
    assert made.status_code == 201
    assert further(person) == [
        ("secondary", "AB-02", "clerk", today(), None),
        ("secondment", "AB-02", "chair", date(2198, 1, 1), date(2199, 1, 1)),
    ]
    assert json.loads(made.content)[FURTHER]["postings"] == [{**BESIDE, "from": today().isoformat()}, SENT]
    # A system that does not know them leaves them alone; one that says less ends what it no longer says.
    assert ask("put", f"/Users/{person.pk}", user(title="chair")).status_code == 200
    assert len(further(person)) == 2
    tag = ask("get", f"/Users/{person.pk}")["ETag"]
    longer = {**SENT, "until": "2198-06-30"}
    assert ask("put", f"/Users/{person.pk}", user(**{FURTHER: {"postings": [longer]}}), If_Match=tag).status_code == 200
    assert further(person) == [("secondment", "AB-02", "chair", date(2198, 1, 1), date(2198, 7, 1))]
    assert ask("get", f"/Users/{person.pk}")["ETag"] != tag
    assert ask("put", f"/Users/{person.pk}", user(), If_Match=tag).status_code == 412


def test_whoever_holds_a_post_twice_after_a_merger_can_be_changed_and_told_apart_by_the_ends(
    ask: Ask, province: Province
) -> None:
    person = posted(province, province.top, "CB001", user=UserFactory(username="CB001"))
    end, day = today() + timedelta(days=90), today() - timedelta(days=10)
    for unit, last in ((province.first, end), (province.second, None)):
        PostingFactory(person=person, unit=unit, position=province.clerk, kind="secondary", valid_to=last)
    applied(Merge(("AB-01", "AB-02"), "AB-N", new("AB-N", "AB")), day=day)
    twice = [("secondary", "AB-N", "clerk", day, end), ("secondary", "AB-N", "clerk", day, None)]

    def held() -> list[tuple[Any, ...]]:
        return [each for each in further(person) if each[1] == "AB-N" and each[4] != today()]

    path = f"/Users/{person.pk}"
    assert ask("patch", path, replace("active", False)).status_code == 204
    assert not User.objects.get(username="CB001").is_active
    shown = json.loads(ask("get", path).content)
    for order in (1, -1):
        postings = shown[FURTHER]["postings"][::order]
        assert ask("put", path, {**shown, FURTHER: {"postings": postings}}).status_code == 200
        assert held() == twice
    third = [*shown[FURTHER]["postings"], shown[FURTHER]["postings"][0]]
    assert refusal(ask("put", path, {**shown, FURTHER: {"postings": third}}))[0] == 400
    assert ask("put", path, {**shown, FURTHER: {"postings": shown[FURTHER]["postings"][1:]}}).status_code == 200
    assert held() == [("secondary", "AB-N", "clerk", day, None)]


@pytest.mark.parametrize("path", [FURTHER, f"{FURTHER}:postings"])
def test_further_postings_are_patched(ask: Ask, province: Province, path: str) -> None:
    person = posted(province, province.first, "CB001")
    add = {"op": "add", "path": f"{FURTHER}:postings", "value": [SENT]}
    for value in ([SENT], [BESIDE]):
        body = {"schemas": [PATCH], "Operations": [add | {"value": value}]}
        assert ask("patch", f"/Users/{person.pk}", body).status_code in (200, 204)
    assert [row[0] for row in further(person)] == ["secondment", "secondary"]
    remove = {"schemas": [PATCH], "Operations": [{"op": "remove", "path": path}]}
    assert ask("patch", f"/Users/{person.pk}", remove).status_code in (200, 204)
    assert further(person) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": "BM"},
        {"unit": "ZZ"},
        {"position": "pilot"},
        {"until": ""},
        {"until": "hôm qua"},
        {"from": "2198-12-31", "until": "2198-01-01"},
        {"unit": "AB-01"},
        {"kind": "primary"},
        {"from": "1990-01-01", "until": "1991-01-01"},
    ],
)
def test_a_further_posting_that_cannot_be_is_refused_whole(ask: Ask, province: Province, wrong: dict[str, str]) -> None:
    response = ask("post", "/Users", user(**{FURTHER: {"postings": [BESIDE, SENT | wrong]}}))
    assert refusal(response)[0] == 400
    assert Person.objects.count() == 0


def test_further_postings_outside_the_scope_are_neither_shown_nor_ended(ask: Ask, province: Province) -> None:
    person = posted(province, province.first, "CB001")
    PostingFactory(person=person, unit=province.neighbour, position=province.chair, kind="secondary")
    assert FURTHER not in json.loads(ask("get", f"/Users/{person.pk}").content)
    body = user(displayName=person.full_name, **{FURTHER: {"postings": []}})
    assert ask("put", f"/Users/{person.pk}", body).status_code == 200
    assert [row[4] for row in further(person)] == [None]


def test_a_department_change_by_patch_to_where_somebody_is_seconded_ends_that_today(
    ask: Ask, province: Province
) -> None:
    person = posted(province, province.first, "CB001")
    PostingFactory(person=person, unit=province.second, position=province.chair, kind="secondment",
                   valid_from=date(2024, 1, 1), valid_to=date(2199, 1, 1))  # fmt: skip
    assert ask("patch", f"/Users/{person.pk}", replace(f"{WORK}:department", "AB-02")).status_code == 204
    assert further(person) == [("secondment", "AB-02", "chair", date(2024, 1, 1), today())]


def test_entity_tags_guard_reading_and_writing(ask: Ask, province: Province) -> None:
    person = posted(province, province.first, "CB001")
    tag = ask("get", f"/Users/{person.pk}")["ETag"]
    assert ask("get", f"/Users/{person.pk}", If_None_Match=tag).status_code == 304
    assert ask("patch", f"/Users/{person.pk}", replace("title", "chair"), If_Match=tag).status_code == 204
    assert refusal(ask("patch", f"/Users/{person.pk}", replace("title", "clerk"), If_Match=tag))[0] == 412
    assert refusal(ask("delete", f"/Users/{person.pk}", If_Match=tag))[0] == 412
    assert ask("get", f"/Users/{person.pk}", If_None_Match=tag).status_code == 200


def test_a_bulk_request_does_what_it_can_and_says_what_it_could_not(ask: Ask, province: Province) -> None:
    person = posted(province, province.first, "CB001")
    response = ask(
        "post",
        "/Bulk",
        {
            "schemas": [BULK],
            "Operations": [
                {"method": "POST", "path": "/Users", "bulkId": "new", "data": user(userName="CB002")},
                {"method": "POST", "path": "/Users", "bulkId": "bad", "data": user(userName="CB003", title="none")},
                {
                    "method": "PATCH",
                    "path": f"/Users/{person.pk}",
                    "data": replace(f"{WORK}:manager", {"value": "bulkId:new"}),
                },
                {"method": "DELETE", "path": "/Users/999999"},
            ],
        },
    )
    assert response.status_code == 200
    operations = json.loads(response.content)["Operations"]
    assert [each["status"] for each in operations] == ["201", "400", "200", "404"]
    assert operations[1]["response"]["scimType"] == "invalidValue"
    person.refresh_from_db()
    assert person.manager == Person.objects.get(employee_code="CB002")
    assert not Person.objects.filter(employee_code="CB003").exists()


# --- what is refused


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("post", "/Users", "{", (400, "invalidSyntax")),
        ("post", "/Users", "[" * 100_000, (400, "invalidSyntax")),
        ("post", "/Users", {"schemas": [USER]}, (400, "invalidValue")),
        ("post", "/Users", user(department="NONE"), (400, "invalidValue")),
        ("post", "/Users", user(department="A\0"), (400, "invalidValue")),
        ("post", "/Users", user(title="Vua"), (400, "invalidValue")),
        ("post", "/Users", user(userName="Nguyễn"), (400, "invalidValue")),
        ("post", "/Users", user(userName="x" * 41), (400, "invalidValue")),
        ("post", "/Users", user(displayName="=1+1"), (400, "invalidValue")),
        ("post", "/Users", user(emails=[{"value": "nobody"}]), (400, "invalidValue")),
        ("post", "/Users", user(externalId="x" * 256), (400, "invalidValue")),
        ("post", "/Groups", {"schemas": [], "displayName": "a\u0000b"}, (400, "invalidValue")),
        ("get", "/Users?filter=userName eq", None, (400, "invalidFilter")),
        ("get", '/Users?filter=nickName eq "x"', None, (400, "invalidFilter")),
        ("get", '/Users?filter=groups.display eq "x"', None, (400, "invalidFilter")),
        ("get", "/Users?sortBy=nickName", None, (400, "invalidPath")),
        ("get", "/Users/abc", None, (404, None)),
        ("get", f"/Users/{10**30}", None, (404, None)),
        ("delete", "/Users", None, (405, None)),
        ("get", "/Me", None, (501, None)),
        ("get", "/Nothing", None, (404, None)),
    ],
)
def test_bad_input_is_answered_by_a_scim_error(
    ask: Ask, method: str, path: str, body: Any, expected: tuple[int, str | None]
) -> None:
    status, scim_type, detail = refusal(ask(method, path, body))
    assert (status, scim_type) == expected
    assert detail
    assert Person.objects.count() == 0


def test_a_user_name_in_use_is_refused(ask: Ask, province: Province) -> None:
    posted(province, province.first, "CB001")
    assert refusal(ask("post", "/Users", user()))[:2] == (409, "uniqueness")
    other = posted(province, province.first, "CB002")
    assert refusal(ask("patch", f"/Users/{other.pk}", replace("userName", "CB001")))[:2] == (409, "uniqueness")


def test_a_user_name_that_differs_only_in_case_is_in_use(ask: Ask, province: Province) -> None:
    person, other = (posted(province, province.first, code) for code in ("CB001", "CB002"))
    assert refusal(ask("post", "/Users", user(userName="cb001")))[:2] == (409, "uniqueness")
    assert refusal(ask("patch", f"/Users/{other.pk}", replace("userName", "cb001")))[:2] == (409, "uniqueness")
    assert ask("patch", f"/Users/{person.pk}", replace("userName", "cb001")).status_code == 204
    assert list(Person.objects.order_by("pk").values_list("employee_code", flat=True)) == ["cb001", "CB002"]


def test_attributes_that_are_not_kept_are_ignored(ask: Ask) -> None:
    response = ask("post", "/Users", user(phoneNumbers=[{"value": "0912"}], nickName="Anh", password="x"))
    assert response.status_code == 201
    assert set(json.loads(response.content)) == {
        *("schemas", "id", "userName", "displayName", "name", "title", "active", "groups", "meta", WORK)
    }


def test_a_body_that_is_too_big_is_refused(ask: Ask) -> None:
    assert refusal(ask("post", "/Users", "x" * (3 * 1024 * 1024)))[0] == 413
    assert refusal(ask("post", "/Bulk", " " * (1024 * 1024 + 1)))[0] == 413


def test_the_scope_of_a_system_follows_what_became_of_its_unit(ask: Ask, province: Province) -> None:
    posted(province, province.first, "CB1")
    HrSystem.objects.update(unit=province.first)
    steps = [
        Merge(("AB-01", "AB-02"), "N", new("N", "AB")),
        Split("N", ("X", "Y"), "Y", new=(new("X", "AB"), new("Y", "AB"))),
    ]
    for step, day in zip(steps, (DAY, today()), strict=True):
        applied(step, day=day)
    assert found(ask("get", "/Users")) == ["CB1"]
    assert sorted(found(ask("get", "/Groups"))) == ["Xã X", "Xã Y"]
    assert ask("post", "/Groups", {"schemas": [GROUP], "displayName": "Văn phòng"}).status_code == 201
    office = UnitVersion.objects.get(name_vi="Văn phòng")
    assert office.parent is not None
    assert office.parent.code == "Y"
    top = Unit.objects.get(code="X").pk
    assert ask("delete", f"/Groups/{top}").status_code == 409


def test_a_system_whose_unit_was_dissolved_sees_nothing(ask: Ask, province: Province) -> None:
    UnitFactory(code="Z", kind="commune", parent=province.top)
    HrSystem.objects.update(unit=Unit.objects.get(code="Z"))
    applied(Dissolve("Z", "AB"), day=today())
    assert found(ask("get", "/Groups")) == []
    assert ask("post", "/Groups", {"schemas": [GROUP], "displayName": "Văn phòng"}).status_code == 409


def test_a_unit_made_later_belongs_to_the_scope(ask: Ask, province: Province) -> None:
    UnitFactory(code="AB-03", name_vi="Xã Mới", parent=province.second)
    assert ask("post", "/Users", user(department="AB-03")).status_code == 201
