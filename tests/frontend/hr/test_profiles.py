"""What positions require, page by page: as of a day, a new version shown and confirmed, a table brought and taken."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from competencies.api import newest_profile
from competencies.models import RoleProfile
from organisation.api import today
from organisation.models import RoleGrant
from tests.factories.organisation import PositionFactory, PostingFactory, RoleGrantFactory, UnitFactory
from tests.factories.reports import make_competencies, require

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(client: Client, settings: Any, tmp_path: Any) -> dict[str, Any]:
    """A country with one province; the officer of the country is signed in; clerks need the first competency."""
    settings.STATE_DIR = tmp_path
    first, second = make_competencies(2)
    clerk, chair = PositionFactory(code="clerk", name_en="Clerk"), PositionFactory(code="chair", name_en="Chair")
    require(clerk, {first: 4}, date(2024, 1, 1))
    require(chair, {first: 6, second: 3}, date(2024, 1, 1))
    top = UnitFactory(code="VN", kind="nation", name_vi="Việt Nam")
    province = UnitFactory(code="AB", kind="province", parent=top, name_vi="Tỉnh An Bình")
    PostingFactory(unit=province, position=clerk)
    client.force_login(RoleGrantFactory(role="hr", unit=top).user)
    client.cookies["django_language"] = "en"
    return locals()


def version(ground: dict[str, Any], **changes: Any) -> dict[str, Any]:
    newest = newest_profile(ground["clerk"])
    assert newest
    values = {"first_day": today(), "reason": "Đề án", "seen": newest.pk}
    return {**values, f"level-{ground['first'].pk}": 5, f"level-{ground['second'].pk}": 0, **changes}


def test_the_list_and_a_position_tell_a_day(client, ground):
    page = client.get(reverse("hr:profiles")).content.decode()
    assert page.index("Clerk") > 0
    assert "01/01/2024" in page
    assert (
        "Nothing is required"
        in client.get(reverse("hr:profile", args=["clerk"]), {"on": "2023-06-01"}).content.decode()
    )
    assert "Nothing is required" not in client.get(reverse("hr:profile", args=["clerk"])).content.decode()
    assert client.get(reverse("hr:profile", args=["clerk"]), {"on": "x"}).status_code == 200
    assert client.get(reverse("hr:profile", args=["pilot"])).status_code == 404


def test_a_version_is_shown_then_written(client, ground):
    address = reverse("hr:profile-new", args=["clerk"])
    assert "It concerns everybody who holds this position" in client.post(address, version(ground)).content.decode()
    RoleGrant.objects.update(sees_people=True)
    shown = client.post(address, version(ground)).content.decode()
    assert "It concerns 1 person" in shown
    assert RoleProfile.objects.filter(position=ground["clerk"]).count() == 1
    client.post(address, version(ground, step="confirm"))
    assert [each.valid.upper for each in RoleProfile.objects.filter(position=ground["clerk"]).order_by("valid")] == [
        today(),
        None,
    ]
    late = client.post(address, version(ground, step="confirm", seen=1), follow=True).content.decode()
    assert "Somebody changed what this position requires" in late
    assert RoleProfile.objects.filter(position=ground["clerk"]).count() == 2


def test_another_position_is_copied(client, ground):
    page = client.get(reverse("hr:profile-new", args=["clerk"]), {"copy": "chair"}).content.decode()
    assert page.count('<option value="6" selected>') == 1
    assert page.count('<option value="3" selected>') == 1
    assert "Begun with what Chair requires." in page


def test_a_version_to_come_is_withdrawn(client, ground):
    address = reverse("hr:profile-new", args=["clerk"])
    client.post(address, version(ground, first_day=today() + timedelta(days=9), step="confirm"))
    coming = newest_profile(ground["clerk"])
    assert coming is not None
    client.post(reverse("hr:profile-withdraw", args=["clerk", coming.pk]))
    assert RoleProfile.objects.filter(position=ground["clerk"]).count() == 1


def confirm_table(client: Client, address: str) -> Any:
    return client.post(address, {"seen": client.get(address).context["plan"].digest})


def test_a_table_writes_what_was_shown_or_nothing(client, ground):
    content = b"position,competency,level,from\nclerk,1.2,3,2025-01-01\n"
    address = client.post(reverse("hr:profiles-import"), {"file": SimpleUploadedFile("x.csv", content)})["Location"]
    seen = client.get(address).context["plan"].digest
    assert f'name="seen" value="{seen}"' in client.get(address).content.decode()
    # Another officer writes a version that the table would go over.
    write = RoleProfile.objects.filter(position=ground["clerk"])
    write.update(valid=DateRange(date(2024, 1, 1), date(2024, 6, 1)))
    require(ground["clerk"], {ground["first"]: 2}, date(2024, 6, 1))
    for said in ({"seen": seen}, {}):
        late = client.post(address, said, follow=True)
        assert "Somebody changed what this position requires." in late.content.decode()
    assert write.count() == 2
    assert confirm_table(client, address)["Location"] == reverse("hr:profiles")
    assert write.count() == 3


def test_a_table_is_checked_and_then_taken(client, ground):
    content = b"position,competency,level,from\nclerk,1.2,3,2025-01-01\n"
    kept = client.post(reverse("hr:profiles-import"), {"file": SimpleUploadedFile("x.csv", content)})
    assert "Clerk" in client.get(kept["Location"]).content.decode()
    assert RoleProfile.objects.filter(position=ground["clerk"]).count() == 1
    assert confirm_table(client, kept["Location"])["Location"] == reverse("hr:profiles")
    assert RoleProfile.objects.filter(position=ground["clerk"]).count() == 2
    wrong = client.post(
        reverse("hr:profiles-import"), {"file": SimpleUploadedFile("x.csv", content + b"pilot,1.2,3,\n")}
    )
    page = client.get(wrong["Location"]).content.decode()
    assert "There is no position" not in page  # the empty day is told first
    assert "The cell is empty" in page
    assert client.post(wrong["Location"]).status_code == 200
    assert RoleProfile.objects.filter(position=ground["clerk"]).count() == 2


def test_who_answers_for_a_part_reads_and_does_not_write(client, ground):
    client.force_login(RoleGrantFactory(role="hr", unit=ground["province"]).user)
    for name in ("hr:profiles", "hr:profiles-export"):
        assert client.get(reverse(name)).status_code == 200
    page = client.get(reverse("hr:profile", args=["clerk"])).content.decode()
    assert reverse("hr:profile-new", args=["clerk"]) not in page
    for address in (reverse("hr:profile-new", args=["clerk"]), reverse("hr:profiles-import")):
        assert client.get(address).status_code == 404
    assert client.post(reverse("hr:profile-new", args=["clerk"]), version(ground, step="confirm")).status_code == 404
    assert RoleProfile.objects.filter(position=ground["clerk"]).count() == 1


def test_the_workbook_is_one(client, ground):
    answer = client.get(reverse("hr:profiles-export"), {"on": "2025-01-01"})
    assert io.BytesIO(answer.content).read(2) == b"PK"
