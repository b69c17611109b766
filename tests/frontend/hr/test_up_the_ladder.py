"""Up the ladder on pages: a key of one's own, a signed publication, and its way into another instance and out again."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from competencies.models import Competency
from organisation.models import AuditEvent, Position, User
from reports.api import NoKey, add_publisher, count_cells, import_publication, publishing_key, rebuild_cells
from reports.domain.exports import run_export
from reports.domain.publication_format import UnitCells, read_publication
from reports.domain.publishers import wrong_totals
from reports.domain.values import CellValues
from reports.models import Publication, PublishedUnitElsewhere, Publisher, SigningKey, SubtreeExport
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.reports import test_ladder as ladder
from tests.reports.test_ladder import KEY, PUBLIC, as_of_q, exported

pytestmark = pytest.mark.django_db
world, elsewhere, staff = ladder.world, ladder.elsewhere, ladder.staff
OWN = "/hr/publishing/"
OTHERS = "/hr/publishers/"


@pytest.fixture
def admin(client, settings) -> User:
    settings.PUBLISHING_KEY = ""
    user: User = RoleGrantFactory(role="admin", unit=None).user
    client.force_login(user)
    return user


def bring(client: Client, content: bytes) -> str:
    """Upload the file; return the address of its check."""
    response = client.post(OTHERS, {"action": "bring", "file": SimpleUploadedFile("q.jsonl", content)})
    assert response.status_code == 302
    return response["Location"]


def shown_key(client: Client) -> str:
    found = re.search(r'id="public-key" value="([^"]+)"', client.get(OWN).content.decode())
    return found[1] if found else ""


def test_a_key_is_made_sealed_renewed_and_retired(client, admin, settings):
    assert shown_key(client) == ""
    client.post(OWN, {"action": "make-key"})
    first, key = shown_key(client), publishing_key()
    held = SigningKey.objects.get()
    assert bytes(held.public_key) == key.public_key().public_bytes_raw()
    assert key.private_bytes_raw() not in bytes(held.sealed)
    client.post(OWN, {"action": "make-key"})
    assert shown_key(client) not in ("", first)
    old = SigningKey.objects.get(pk=held.pk)
    assert (old.retired_at is not None, bytes(old.sealed)) == (True, b"")
    client.post(OWN, {"action": "retire-key"})
    with pytest.raises(NoKey):
        publishing_key()
    actions = AuditEvent.objects.filter(actor=admin).values_list("action", flat=True)
    assert list(actions) == ["signing_key_made", "signing_key_made", "signing_key_retired"]


def test_a_sealed_key_needs_the_secret_it_was_sealed_under(client, admin, settings):
    client.post(OWN, {"action": "make-key"})
    public, secret = publishing_key().public_key().public_bytes_raw(), settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    with pytest.raises(NoKey):
        publishing_key()
    settings.SECRET_KEY_FALLBACKS = [secret]
    assert publishing_key().public_key().public_bytes_raw() == public


def test_the_database_keeps_one_key_in_force_and_no_private_part_of_a_retired_one(admin):
    SigningKey.objects.create(public_key=b"1" * 32, sealed=b"x")
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.create(public_key=b"2" * 32, sealed=b"x")
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.update(retired_at=timezone.now())


def test_a_key_of_the_installation_is_used_and_not_changed_here(client, admin, settings):
    settings.PUBLISHING_KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
    assert publishing_key().private_bytes_raw() == b"k" * 32
    assert client.post(OWN, {"action": "make-key"}).status_code == 404
    assert not SigningKey.objects.exists()


def test_the_preview_counts_what_the_signed_file_says(client, admin, world):
    client.post(OWN, {"action": "make-key"})
    page = client.get(OWN, {"unit": "Tỉnh P"})
    found = page.context["found"]
    client.post(OWN, {"action": "publish", "unit": "P"})
    export = SubtreeExport.objects.get()
    run_export(export.pk)
    export.refresh_from_db()
    response = client.get(f"{OWN}{export.key}/publication.jsonl")
    content = b"".join(response.streaming_content)
    header, units = read_publication(content, publishing_key().public_key().public_bytes_raw())
    assert (len(units), header["cells"]) == (len(found.units), found.shown + found.suppressed)
    assert [count_cells(each) for each in units] == [(shown, hidden) for _n, _c, shown, hidden in page.context["rows"]]
    assert found.suppressed > 0
    assert export.summary["units"] == header["units"]
    assert AuditEvent.objects.get(action="figures_exported").actor == admin
    default_storage.delete(export.stored_name)


@pytest.mark.django_db(transaction=True)
def test_another_page_of_the_preview_reads_no_figures_again(client, admin, world):
    shown = client.get(OWN, {"unit": "P"}).context["found"]
    with CaptureQueriesContext(connection) as asked:
        assert client.get(OWN, {"unit": "P", "page": "2"}).context["found"] == shown
    assert sum("reports_publishedcell" in each["sql"] for each in asked.captured_queries) == 1, "the version alone"


def test_a_publication_is_its_makers_alone_and_ends_with_the_role(client, admin, world):
    client.post(OWN, {"action": "make-key"})
    client.post(OWN, {"action": "publish", "unit": "P"})
    export = SubtreeExport.objects.get()
    run_export(export.pk)
    address = f"{OWN}{export.key}/publication.jsonl"
    # It is no workbook of the big files either.
    assert client.get("/hr/exports/").context["kept"] == []
    assert client.get(f"/hr/exports/{export.key}/workbook.xlsx").status_code == 404
    client.force_login(RoleGrantFactory(role="admin", unit=None).user)
    assert client.get(address).status_code == 404
    admin.role_grants.all().delete()
    RoleGrantFactory(user=admin, role="hr", unit=world)
    client.force_login(admin)
    assert client.get(address).status_code == 404
    default_storage.delete(export.stored_name)


def test_without_a_key_nothing_is_published(client, admin, world):
    assert client.post(OWN, {"action": "publish", "unit": "P"}).status_code == 404
    assert not SubtreeExport.objects.exists()


def test_a_publisher_is_admitted_with_its_fingerprint_and_gets_another_key(client, admin):
    UnitFactory(code="Q", kind="province")
    UnitFactory(code="R", kind="province")
    key = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
    assert client.post(OTHERS, {"name": "Q", "unit": "Q", "key": "abc"}).status_code == 422
    page = client.post(OTHERS, {"name": "Q", "unit": "Q", "key": key}, follow=True)
    assert page.context["fingerprint"] in page.content.decode()
    made = Publisher.objects.get()
    assert bytes(made.public_key) == b"k" * 32
    # Neither the key nor the unit is another publisher's.
    for said in ({"unit": "R", "key": key}, {"unit": "Q", "key": key.replace("a2tr", "a2ts", 1)}):
        assert client.post(OTHERS, {"name": "R", **said}).status_code == 422
    client.post(f"{OTHERS}{made.pk}/", {"action": "key", "key": key.replace("a2tr", "a2ts", 1)})
    made.refresh_from_db()
    assert bytes(made.public_key) != b"k" * 32
    assert AuditEvent.objects.filter(action="publisher_added", actor=admin).count() == 2


def test_two_admins_at_once_add_one_publisher_and_the_first_key_stays(client, admin, world, monkeypatch):
    monkeypatch.setattr("frontend.hr.publishers.PublisherForm.clean_name", lambda form: form.cleaned_data["name"])
    for unit, key, status in (("P", b"k" * 32, 302), ("D", b"l" * 32, 422)):
        said = {"name": "Q", "unit": unit, "key": b64encode(key).decode()}
        assert client.post(OTHERS, said).status_code == status
    assert bytes(Publisher.objects.get().public_key) == b"k" * 32


def test_a_file_is_checked_accepted_shown_beside_and_withdrawn(client, admin, world, elsewhere):
    content = as_of_q(world)
    check = bring(client, content)
    page = client.get(check)
    assert not Publication.objects.exists()
    checked = page.context["checked"]
    assert (checked.publisher, checked.totals_wrong, checked.suppressed > 0) == (elsewhere, 0, True)
    client.post(check, {"action": "accept"})
    assert Publication.objects.get().publisher == elsewhere
    assert AuditEvent.objects.get(action="publication_imported").actor == admin
    nation = client.get("/hr/units/VN/").content.decode()
    assert "Sở Nội vụ tỉnh Q" in nation
    # The file itself is gone, and brought again it is a replay.
    assert client.get(check)["Location"] == OTHERS
    assert "đã được tiếp nhận" in client.get(bring(client, content)).content.decode()
    client.post(f"{OTHERS}{elsewhere.pk}/", {"action": "withdraw"})
    assert not PublishedUnitElsewhere.objects.exists()
    assert "Sở Nội vụ tỉnh Q" not in client.get("/hr/units/VN/").content.decode()
    assert client.get("/hr/units/Q/published/").status_code == 404
    assert "refused" in client.get(bring(client, content)).context
    # A newer file is taken again.
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        client.post(bring(client, as_of_q(world)), {"action": "accept"})
    assert (Publication.objects.get().withdrawn_at, PublishedUnitElsewhere.objects.exists()) == (None, True)


def test_figures_of_others_close_where_this_instance_counts_people(client, admin, world, elsewhere):
    import_publication(as_of_q(world))
    addresses = ["/hr/units/Q/published/", "/hr/units/Q/published/?of=D"]
    assert [client.get(each).status_code for each in addresses] == [200, 200]
    assert elsewhere.name in client.get("/hr/units/VN/").content.decode()
    staff(elsewhere.unit, Position.objects.get(), Competency.objects.order_by("pk")[0], 10)
    rebuild_cells()
    assert [client.get(each).status_code for each in addresses] == [404, 404]
    assert elsewhere.name not in client.get("/hr/units/VN/").content.decode()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_wrong_is_told_in_words_and_nothing_is_taken(client, admin, world, elsewhere, language):
    client.cookies["django_language"] = language
    content = as_of_q(world)
    lines = content.split(b"\n")
    hostile = [
        b"",
        b"x" * 300_000,
        content.replace(b'"threshold":5', b'"threshold":1'),
        content[:-40],
        b"\n".join([lines[0], lines[1].replace(b"Q", b"X", 1), *lines[2:]]),
        exported(world),  # of another unit
        content.replace(lines[0], json.dumps({**json.loads(lines[0]), "key": "AAAA"}).encode()),
        content.replace(b"\n", b"\r\n"),
        b'{"format":' + b"[" * 100_000,
    ]
    for each in hostile:
        page = client.get(bring(client, each))
        assert page.status_code == 200
        assert page.context["refused"], each[:100]
        assert 'value="accept"' not in page.content.decode()
        client.post(bring(client, each), {"action": "accept"})
    assert not Publication.objects.exists()


def test_another_administrators_file_is_not_opened(client, admin, world, elsewhere):
    check = bring(client, as_of_q(world))
    client.force_login(RoleGrantFactory(role="admin", unit=None).user)
    assert client.get(check)["Location"] == OTHERS
    client.post(check, {"action": "accept"})
    assert not Publication.objects.exists()


def test_a_publisher_that_speaks_for_another_unit_loses_its_figures(client, admin, world, elsewhere):
    client.post(bring(client, as_of_q(world)), {"action": "accept"})
    add_publisher(elsewhere.name, UnitFactory(code="S", kind="province"), PUBLIC)
    assert not Publication.objects.exists()


def test_totals_that_do_not_add_up_are_counted(world):
    _header, units = read_publication(exported(world), KEY.public_key().public_bytes_raw())
    assert list(wrong_totals(units)) == []
    whole, part = CellValues(required=12, assessed=10), CellValues(required=7, assessed=5)
    two = [UnitCells("P", "", "P", "P", {"1.1": whole}, None), UnitCells("A", "P", "A", "A", {"1.1": part}, None)]
    assert list(wrong_totals(two)) == [("P", "1.1")]
    # What is suppressed is not to be worked out, so nothing is said of it.
    assert list(wrong_totals([two[0], replace(two[1], cells={"1.1": None})])) == []
    assert list(wrong_totals([replace(two[0], own={"1.1": CellValues(required=5, assessed=5)}), two[1]])) == []
