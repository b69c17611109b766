"""The trend of a unit, and its report as of other days."""

import io
import re
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from organisation.api import today
from organisation.reorganising.steps import Merge
from reports.api import keep_snapshots, make_snapshot, publish_figures, rebuild_cells
from reports.models import Snapshot
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.factories.reports import make_competencies, make_position, noon, place, revise, set_estimate
from tests.frontend.hr.reading import tables
from tests.organisation.reorganising import applied, new

pytestmark = pytest.mark.django_db
LAST = today().replace(day=1) - timedelta(days=1)
BEFORE = LAST.replace(day=1) - timedelta(days=1)
PAGE = "/hr/units/P/"


@pytest.fixture
def world(client):
    """A province of two wards: people who were weak two month ends ago and strong at the last; HR is signed in."""
    (competency,) = make_competencies(1)
    province = UnitFactory(code="P", kind="province", name_vi="Tỉnh An Bình")
    position = make_position({competency: 5})
    for code in ("A", "B"):
        for person in place(UnitFactory(code=code, parent=province, name_vi=f"Phường {code}"), position, 20):
            revise(person, competency, -1.5, noon(BEFORE), se=0.3)
            revise(person, competency, 2.0, noon(LAST), se=0.3)
            set_estimate(person, competency, 2.0, se=0.3, tell=False)
    rebuild_cells()
    for day in (BEFORE, LAST):
        make_snapshot(day)
    client.force_login(RoleGrantFactory(role="hr", unit=province, sees_people=True).user)
    return province


def text_of(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def errors(html: str) -> list[str]:
    found = re.search(r"data-error-summary>.*?<ul>(.*?)</ul>", html, re.DOTALL)
    return re.findall(r">([^<]+)</a>", found[1]) if found else []


def test_trend_is_drawn_told_in_words_and_in_a_table(client, world):
    html = client.get(PAGE).content.decode()
    assert "Khoảng cách đã thu hẹp." in html
    chart = html[html.index('aria-labelledby="trend-title') : html.index("</figure>")]
    assert chart.count("<circle") == 3
    table = tables(html)[-1]
    assert [row[0] for row in table] == ["Cuối ngày", text_of(today()), text_of(LAST), text_of(BEFORE)]
    assert [row[1:3] for row in table[1:]] == [["40", "40"]] * 3
    shares = [int(row[3].split("%")[0]) for row in table[1:]]
    assert (shares[0], shares[1] < 10, shares[2] > 90) == (shares[1], True, True)


def test_trend_mixes_no_structures(client, world):
    """Months whose sums are still of the structure before a reorganisation wait until they are counted anew."""
    Snapshot.objects.filter(day=BEFORE).update(structure="before the last reorganisation")
    days = re.findall(r'<th scope="row">(\d\d/\d\d/\d{4})</th>', client.get(PAGE).content.decode())
    assert days == [text_of(today()), text_of(LAST)]
    keep_snapshots()
    days = re.findall(r'<th scope="row">(\d\d/\d\d/\d{4})</th>', client.get(PAGE).content.decode())
    assert days == [text_of(today()), text_of(LAST), text_of(BEFORE)]


def test_another_day_is_shown_and_said(client, world):
    days = {"competence": BEFORE.isoformat(), "structure": today().isoformat()}
    html = client.get(PAGE, days).content.decode()
    assert f"Năng lực tính đến ngày {text_of(BEFORE)}, theo cơ cấu tổ chức tại ngày {text_of(today())}." in html
    assert ("hx-get" in html, "Trở về hôm nay" in html, 'id="trend"' in html) == (False, True, False)
    heat, _each = tables(html)
    assert [row[0] for row in heat[1:]] == ["Toàn đơn vị", "Phường A", "Phường B"]
    assert int(heat[1][1].split("%")[0]) > 90
    links = re.findall(r'href="(/hr/units/[AB]/[^"]*)"', html)
    assert links == [f"/hr/units/{code}/?competence={BEFORE}&amp;structure={today()}" for code in "AB"]


def test_a_day_within_a_month_shows_the_month_end_before_and_says_so(client, world):
    html = client.get(PAGE, {"competence": (LAST - timedelta(days=1)).isoformat()}).content.decode()
    assert f"{text_of(BEFORE)} là thời điểm gần nhất không muộn hơn ngày anh/chị chọn." in html


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"competence": "31/31/2026"}, ["Nhập một ngày có thật, ví dụ 2026-03-31."]),
        ({"competence": "2999-01-01", "structure": "2999-01-01"}, ["Ngày này chưa đến."] * 2),
        (
            {"competence": "2001-01-01"},
            [f"Không có số liệu lưu của ngày này. Số liệu sớm nhất là của ngày {text_of(BEFORE)}."],
        ),
        ({"structure": "2026-01-01"}, [f"Cơ cấu tổ chức phải từ ngày tính năng lực ({text_of(today())}) trở đi."]),
        ({"competence": "2999-01-01"}, ["Ngày này chưa đến."]),
    ],
)
def test_days_that_cannot_be_shown_say_why_and_leave_todays_report(client, world, days, said):
    html = client.get(PAGE, days).content.decode()
    assert errors(html) == said
    assert "hx-get" in html
    assert client.get(f"{PAGE}gap.xlsx", days).status_code == 404


def test_a_merged_ward_has_the_history_of_its_parts(client, world):
    applied(Merge(("A", "B"), "N", new("N", "P", name_vi="Phường Mới")), day=today())
    rebuild_cells()
    asked = {"competence": BEFORE.isoformat(), "structure": today().isoformat()}
    heat, _each = tables(client.get("/hr/units/N/", asked).content.decode())
    assert "40/40" in heat[1][1]
    then = {"competence": BEFORE.isoformat(), "structure": LAST.isoformat()}
    assert errors(client.get("/hr/units/N/", then).content.decode()) == [
        "Vào ngày đó chưa có hoặc không còn đơn vị này."
    ]
    old, _each = tables(client.get("/hr/units/A/", then).content.decode())
    assert "20/20" in old[1][1]
    assert [client.get("/hr/units/A/", each).status_code for each in ({}, asked)] == [404, 404]


def test_the_past_of_another_scope_is_not_found(client, world):
    client.force_login(RoleGrantFactory(role="hr", unit=UnitFactory(), sees_people=True).user)
    for path in (PAGE, f"{PAGE}gap.xlsx"):
        assert client.get(path, {"competence": BEFORE.isoformat(), "structure": LAST.isoformat()}).status_code == 404


def test_whoever_may_not_see_people_sees_no_other_day(client, world):
    """What changed between two days may be one person's result."""
    publish_figures()
    client.force_login(RoleGrantFactory(role="hr", unit=world).user)
    today_alone = client.get(PAGE).content.decode()
    html = client.get(PAGE, {"competence": BEFORE.isoformat()}).content.decode()
    assert tables(html) == tables(today_alone)
    assert "chênh lệch giữa hai ngày có thể để lộ kết quả của một người" in html
    assert ['id="trend"' in html, 'name="competence"' in html, "hx-get" in html] == [False, False, False]
    before, now = (client.get(f"{PAGE}gap.xlsx", days).content for days in ({"competence": BEFORE.isoformat()}, {}))
    assert [load_workbook(io.BytesIO(each)).worksheets[0]["G4"].value for each in (before, now)] == [0, 0]


def test_what_left_the_scope_shows_nothing_newer_than_when_it_left(client, world):
    from organisation.reorganising.steps import Move

    UnitFactory(code="Q", kind="province")
    applied(Move("A", "Q"), day=LAST + timedelta(days=1))
    rebuild_cells()
    allowed, newer = {"competence": LAST, "structure": LAST}, {"competence": today(), "structure": LAST}
    assert [client.get("/hr/units/A/", days).status_code for days in (allowed, newer, {})] == [200, 404, 404]


def test_workbook_of_another_day_names_it(client, world):
    days = {"competence": BEFORE.isoformat(), "structure": BEFORE.isoformat()}
    answer = client.get(f"{PAGE}gap.xlsx", days)
    assert f'thang-P-{BEFORE:%Y%m%d}.xlsx"' in answer.headers["Content-Disposition"]
    title = load_workbook(io.BytesIO(answer.content)).worksheets[0]["A1"].value
    said = f"năng lực tính đến ngày {text_of(BEFORE)}, cơ cấu tổ chức tại ngày {text_of(BEFORE)}"
    assert title == f"Khoảng cách năng lực: Tỉnh An Bình ({said})"


@pytest.mark.parametrize("units", [1, 20])
def test_another_day_takes_the_same_queries_for_any_number_of_units(client, world, units, django_assert_num_queries):
    for _ in range(units):
        UnitFactory(parent=world)
    keep_snapshots()
    with django_assert_num_queries(10):
        client.get(PAGE, {"competence": BEFORE.isoformat()})
