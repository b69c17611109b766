"""Questions of other tools through the pages: dry run, drafts, and the bank as a file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessments.items.exchange.qti_package import read_package
from assessments.items.exchange.table_files import write_csv, write_workbook
from assessments.items.exchange.table_rows import example_rows
from assessments.models import Item, ItemVersion
from tests.assessments.items_more.test_exchange import GIFT, XXE
from tests.factories.assessments import make_item

pytestmark = pytest.mark.django_db
IMPORT = reverse("author:item-import")


@pytest.fixture(autouse=True)
def state(settings, tmp_path):
    settings.STATE_DIR = tmp_path


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
    response = client.post(check)
    drafts = ItemVersion.objects.order_by("item__code")
    assert [(each.status, each.level, each.author) for each in drafts] == [("draft", 3, trainer)] * 8
    assert response["Location"].startswith(reverse("author:items") + "?tag=")
    assert len(client.get(response["Location"]).context["rows"]) == 8
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
    package = client.get(reverse("author:item-export")).content
    assert [each.content for each in read_package(package)] == [version.content for version in versions]
    page = client.get(bring(client, package, "bank.zip")["Location"])
    assert page.context["counts"] == {"comes": 0, "approximated": 0, "refused": 0, "known": 3}
    gift = client.get(reverse("author:item-export"), {"format": "gift"}).content.decode()
    assert "::9.1-01::Bạn làm gì? 9.1-01 {" in gift
    assert gift.startswith("// 9.1-03: Bên kia không có loại câu hỏi này")


def test_file_control_speaks_the_language_of_the_page(client, trainer, competency):
    page = client.get(IMPORT).content.decode()
    assert '<label class="btn btn-secondary upload__button" for="id_file">' in page
    assert ("Chọn tệp</label>" in page, "Chưa chọn tệp nào." in page) == (True, True)


def test_template_filled_in_comes_with_its_rows(client, trainer, competency):
    template = client.get(reverse("author:item-template")).content
    examples = write_workbook(example_rows(), title="x")
    assert client.get(bring(client, template, "mau.xlsx")["Location"]).context["fault"] == "Tệp không có câu hỏi nào."
    page = client.get(bring(client, examples, "mau.xlsx")["Location"])
    assert page.context["counts"] == {"comes": 8, "approximated": 0, "refused": 0, "known": 0}
    assert [row["number"] for row in page.context["rows"]] == list(range(2, 10))
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
    table = client.get(reverse("author:item-export"), {"format": form}).content
    page = client.get(bring(client, table, f"bank.{form}")["Location"])
    assert page.context["counts"] == {"comes": 0, "approximated": 0, "refused": 0, "known": 3}
