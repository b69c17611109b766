"""What leaves HR's pages as files."""

import csv
import io
import re

import pytest

pytestmark = pytest.mark.django_db
PAGE = "/hr/units/P/"


def test_csv_is_the_report(client, officer):
    answer = client.get(f"{PAGE}gap.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="thang-P-\d{8}\.csv"', answer.headers["Content-Disposition"])
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    first = {row["Đơn vị"]: row["Chưa đạt yêu cầu"] for row in rows if row["Mã năng lực"] == "1.1"}
    assert list(first) == ["Tỉnh An Bình", "Phường Bình", "Phường Ánh", "Xã Cam", "Xã Dừa"]
    assert [row["Số người thuộc diện yêu cầu"] for row in rows if row["Đơn vị"] == "Xã Cam"] == [
        "Quá ít người nên không hiển thị"
    ] * 2


def test_page_offers_its_files_narrowed_as_it_is(client, officer):
    html = client.get(PAGE, {"group": "desk"}).content.decode()
    assert re.findall(r'href="(/hr/units/P/gap[^"]+)"', html) == [
        f"/hr/units/P/gap.{ending}?group=desk" for ending in ("xlsx", "csv")
    ]
