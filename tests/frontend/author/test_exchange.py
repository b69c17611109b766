"""Questions of other tools through the pages: dry run, drafts, and the bank as a file."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessments.domain import question_imports
from assessments.domain.items import create_item
from assessments.domain.question_imports import (
    TASK,
    drop_old_question_imports,
    run_question_import,
    wake_stalled_question_imports,
)
from assessments.items.exchange.qti_package import read_package
from assessments.items.exchange.table_files import write_csv, write_workbook
from assessments.items.exchange.table_rows import example_rows
from assessments.items.registry import item_type
from assessments.models import Item, ItemVersion, QuestionImport
from frontend.author.exporting import FORMATS
from organisation import api as organisation
from tests.assessments.items_more.test_exchange import GIFT, XXE
from tests.factories.assessments import make_item
from tests.factories.organisation import RoleGrantFactory

pytestmark = pytest.mark.django_db
IMPORT = reverse("author:item-import")
EXPORT = reverse("author:item-export")


@pytest.fixture(autouse=True)
def state(settings, tmp_path):
    settings.STATE_DIR = tmp_path


@pytest.fixture
def sent(monkeypatch):
    """Messages for the workers: task and arguments."""
    messages: list[tuple[str, list[int]]] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda task, args, **_options: messages.append((task, args)))
    return messages


def bring(client, content: bytes, name: str = "cau-hoi.txt"):
    fields = {"file": SimpleUploadedFile(name, content), "competency": "9.1", "level": "3"}
    return client.post(IMPORT, fields)


def test_dry_run_accounts_for_every_question_and_writes_nothing(client, trainer, competency):
    page = client.get(bring(client, GIFT.encode())["Location"])
    assert page.context["counts"] == {"comes": 1, "approximated": 7, "refused": 2, "known": 0}
    assert [row["number"] for row in page.context["rows"]] == list(range(1, 11))
    assert "Thiếu dấu đóng ngoặc nhọn." in page.content.decode()
    assert Item.objects.count() == 0


def test_confirmed_questions_are_drafts_of_who_brought_them(client, trainer, competency):
    check = bring(client, GIFT.encode())["Location"]
    response = client.post(check, follow=True)
    drafts = ItemVersion.objects.order_by("item__code")
    assert [(each.status, each.level, each.author) for each in drafts] == [("draft", 3, trainer)] * 8
    assert response.context["counts"] == {"comes": 1, "approximated": 7, "refused": 2, "known": 0}
    assert [row["code"] for row in response.context["rows"] if row["code"]] == [each.item.code for each in drafts]
    tagged = reverse("author:items") + "?tag=" + quote(response.context["job"].tag)
    assert (tagged in response.content.decode(), len(client.get(tagged).context["rows"])) == (True, 8)
    again = client.get(bring(client, GIFT.encode())["Location"])
    assert again.context["counts"] == {"comes": 0, "approximated": 0, "refused": 2, "known": 8}


def test_file_that_is_not_read_is_explained(client, trainer, competency):
    page = client.get(bring(client, XXE.encode(), "x.xml")["Location"])
    assert (page.status_code, page.context["fault"]) == (
        422,
        "Tệp có khai báo kiểu tài liệu hoặc thực thể nên không được đọc.",
    )


def test_bank_goes_out_and_the_same_questions_are_known_when_they_come_back(client, trainer, competency):
    kinds = ["single_choice", "multiple_choice", "ordering"]
    versions = [make_item(competency, number, kind=kind) for number, kind in enumerate(kinds, start=1)]
    package = client.get(EXPORT, {"format": "qti"}).content
    assert [each.content for each in read_package(package)] == [version.content for version in versions]
    page = client.get(bring(client, package, "bank.zip")["Location"])
    assert page.context["counts"] == {"comes": 0, "approximated": 0, "refused": 0, "known": 3}
    gift = client.get(EXPORT, {"format": "gift"}).content.decode()
    assert "::9.1-01::Bạn làm gì? 9.1-01 {" in gift
    assert gift.splitlines()[:2] == [
        "// 9.1-02: Câu này có trong tệp nhưng thiếu một số quy tắc mà GIFT không diễn đạt được.",
        "// 9.1-03: Bên kia không có loại câu hỏi này",
    ]


def test_file_control_speaks_the_language_of_the_page(client, trainer, competency):
    page = client.get(IMPORT).content.decode()
    assert '<label class="btn btn-secondary upload__button" for="id_file">' in page
    assert ("Chọn tệp</label>" in page, "Chưa chọn tệp nào." in page) == (True, True)


def test_template_filled_in_comes_with_its_rows(client, trainer, competency):
    template = client.get(reverse("author:item-template")).content
    examples = write_workbook(example_rows(), title="x")
    assert client.get(bring(client, template, "mau.xlsx")["Location"]).context["fault"] == "Tệp không có câu hỏi nào."
    page = client.get(bring(client, examples, "mau.xlsx")["Location"])
    assert page.context["counts"] == {"comes": 13, "approximated": 0, "refused": 0, "known": 0}
    assert [row["number"] for row in page.context["rows"]] == list(range(2, 15))
    broken = write_csv([example_rows()[0] | {"option_3_vi": example_rows()[0]["option_1_vi"]}])
    (row,) = client.get(bring(client, broken, "b.csv")["Location"]).context["rows"]
    assert row["notes"] == ["Không phù hợp với loại câu hỏi (option_3_vi: trùng với một mục khác)"]
    unknown = client.get(bring(client, write_csv([example_rows()[0] | {"competency": "0.0"}]), "a.csv")["Location"])
    assert unknown.context["rows"][0]["notes"] == [
        "Năng lực ghi trong tệp không có trong khung; dùng năng lực anh/chị đã chọn (0.0)"
    ]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_bank_goes_out_as_a_table_and_is_known_when_it_comes_back(client, trainer, competency, form):
    for number, kind in enumerate(["single_choice", "multiple_choice", "ordering"], start=1):
        make_item(competency, number, kind=kind)
    table = client.get(EXPORT, {"format": form}).content
    page = client.get(bring(client, table, f"bank.{form}")["Location"])
    assert page.context["counts"] == {"comes": 0, "approximated": 0, "refused": 0, "known": 3}


def many(count: int) -> bytes:
    return "\n\n".join(f"Câu {number}? {{=đúng ~sai}}" for number in range(count)).encode()


def test_many_questions_wait_for_a_worker_and_the_report_stays(
    client, trainer, competency, sent, django_capture_on_commit_callbacks
):
    check = bring(client, many(101), "nhiều.txt")["Location"]
    with django_capture_on_commit_callbacks(execute=True):
        waiting = client.post(check, follow=True)
        client.post(check)
    job = QuestionImport.objects.get()
    assert (job.status, sent, Item.objects.count()) == ("queued", [(TASK, [job.pk])], 0)
    page = waiting.content.decode()
    assert ('hx-trigger="every 2s"' in page, "Đang tạo bản nháp" in page) == (True, True)
    run_question_import(job.pk)
    run_question_import(job.pk)
    assert (Item.objects.count(), ItemVersion.objects.filter(author=trainer, status="draft").count()) == (101, 101)
    done = client.get(check, headers={"HX-Request": "true"})
    assert (done.headers["HX-Refresh"], done.context["counts"]["approximated"]) == ("true", 101)
    assert "nhiều.txt" in client.get(IMPORT).content.decode()
    client.force_login(RoleGrantFactory(role="trainer").user)
    assert client.get(check)["Location"] == IMPORT
    assert "nhiều.txt" not in client.get(IMPORT).content.decode()


def test_worker_that_fails_half_way_writes_nothing(client, trainer, competency, sent, monkeypatch):
    client.post(bring(client, many(101))["Location"])
    job = QuestionImport.objects.get()
    monkeypatch.setattr(question_imports, "tag_items", lambda *_args: 1 / 0)
    run_question_import(job.pk)
    job.refresh_from_db()
    assert (job.status, Item.objects.count(), ItemVersion.objects.count()) == ("failed", 0, 0)
    page = client.get(reverse("author:item-import-check", args=[job.key]))
    assert "Có trục trặc ở hệ thống, không phải ở tệp." in page.content.decode()


def test_file_that_is_gone_before_its_turn_is_said_to_be(client, trainer, competency, sent):
    client.post(bring(client, many(101))["Location"])
    job = QuestionImport.objects.get()
    organisation.drop_upload(trainer, job.key)
    run_question_import(job.pk)
    page = client.get(reverse("author:item-import-check", args=[job.key]))
    assert ("Đến lượt thì tệp không còn nữa." in page.content.decode(), Item.objects.count()) == (True, 0)


def test_import_that_stands_still_is_woken_and_an_old_report_forgotten(
    client, trainer, competency, sent, django_capture_on_commit_callbacks
):
    client.post(bring(client, many(101))["Location"])
    job = QuestionImport.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert wake_stalled_question_imports() == 0
        assert wake_stalled_question_imports(timezone.now() + timedelta(minutes=2)) == 1
    assert sent == [(TASK, [job.pk])]
    drop_old_question_imports()
    assert QuestionImport.objects.count() == 1
    QuestionImport.objects.update(created_at=timezone.now() - timedelta(days=200))
    drop_old_question_imports()
    assert QuestionImport.objects.count() == 0


def test_import_costs_few_statements_however_many_questions(
    client, trainer, competency, sent, django_assert_max_num_queries
):
    client.post(bring(client, many(600))["Location"])
    with django_assert_max_num_queries(45):
        run_question_import(QuestionImport.objects.get().pk)
    assert list(Item.objects.order_by("pk").values_list("code", flat=True)[::599]) == ["9.1-01", "9.1-600"]


def test_text_that_no_database_takes_is_refused_alone(client, trainer, competency):
    text = "Câu\0 một? {=đúng ~sai}\n\nHai? {=a\0 ~b}\n\nBa? {=a\0}\n\nBốn? {=a ~b}"
    page = client.post(bring(client, text.encode("utf-16"))["Location"], follow=True)
    assert page.context["counts"] == {"comes": 0, "approximated": 1, "refused": 3, "known": 0}


def test_long_list_goes_out_in_parts_that_all_come_back(client, trainer, competency, monkeypatch):
    monkeypatch.setattr("frontend.author.exporting.MOST_IN_PART", 3)
    client.post(bring(client, many(7))["Location"])
    for key, *_more in FORMATS.items():
        page = client.get(EXPORT, {"format": key, "level": "3"})
        assert (page.context["count"], [len(part.keys) for part in page.context["parts"]]) == (7, [3, 3, 1])
        assert f'href="?level=3&amp;format={key}&amp;part=3"' in page.content.decode()
        files = [client.get(EXPORT, {"format": key, "level": "3", "part": part}) for part in (1, 2, 3)]
        assert f"bank-{timezone.localdate().isoformat()}-3." in files[2]["Content-Disposition"]
        counts = [client.get(bring(client, file.content)["Location"]).context["counts"] for file in files]
        came = "approximated" if key == "gift" else "known"  # its own explanation is written out there
        assert [each[came] or each["comes"] for each in counts] == [3, 3, 1]
        assert client.get(EXPORT, {"format": key, "level": "3", "part": 4}).status_code == 404


def test_part_ends_where_its_contents_become_too_large(client, trainer, competency, monkeypatch):
    monkeypatch.setattr("frontend.author.exporting.MOST_OCTETS", 1200)
    client.post(bring(client, many(4))["Location"])
    page = client.get(EXPORT)
    assert sum(len(part.keys) for part in page.context["parts"]) == page.context["count"] == 4
    assert len(page.context["parts"]) > 1


def test_what_a_file_cannot_hold_is_said_before_and_in_it(client, trainer, competency, simulation):
    for kind in ("hotspot", "single_choice"):
        module = item_type(kind)
        create_item(kind, competency, module.SAMPLE, level=4, seconds=60, actor=trainer)
    page = client.get(EXPORT)
    assert (page.context["count"], page.context["simulations"]) == (2, 1)
    left = {each["key"]: [str(kind) for kind, _count in each["left"]] for each in page.context["formats"]}
    assert {key: len(kinds) for key, kinds in left.items()} == {"qti": 0, "xlsx": 1, "csv": 1, "gift": 1}
    table = client.get(EXPORT, {"format": "csv"}).content
    rows = client.get(bring(client, table, "a.csv")["Location"]).context["rows"]
    assert [(row["status"], row["label"][:7]) for row in rows] == [("known", "Trợ lý "), ("refused", "9.1-01:")]
    assert "(hotspot)" in rows[1]["notes"][0]


def test_start_page_lists_the_newest_drafts_and_leads_to_the_rest(client, trainer, competency):
    client.post(bring(client, many(33))["Location"])
    home = client.get(reverse("author:home"))
    assert (len(home.context["drafts"]), home.context["drafts_more"], home.context["untranslated"]) == (30, True, 33)
    assert f'href="{reverse("author:items")}?status=draft"' in home.content.decode()
