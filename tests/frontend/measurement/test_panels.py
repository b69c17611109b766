"""Panels on the pages: convene, two rounds, publish; every fault by row and column."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessments.models import PanelRating, StandardPanel
from competencies.api import cuts_in_force
from tests.assessments.calibration.bank import make_versions
from tests.frontend.measurement.conftest import TRUE

pytestmark = pytest.mark.django_db

JUDGES = ["Nguyễn Thị Ánh", "Trần Văn Đức", "Lê Quốc Bảo"]
NEW = reverse("author:panel-new") + "?competency=6.3"


def convene(client, versions, method="angoff", judges=JUDGES, count=8):
    return client.post(
        NEW,
        {
            "name": "Hội đồng 6.3",
            "method": method,
            "judges": "\n".join(judges),
            "items": [version.item.code for version in versions[:count]],
        },
    )


@pytest.fixture
def panel(client, trainer, versions):
    convene(client, versions)
    return StandardPanel.objects.get()


def table(panel, shift=0):
    """Ratings that rise from level to level, each judge a little off."""
    lines = ["judge\titem\t2\t3\t4\t5\t6\t7\t8"]
    for at, judge in enumerate(JUDGES):
        for number, code in enumerate(panel.items.values_list("version__item__code", flat=True)):
            shares = [20 + 9 * level + at + shift - number for level in range(7)]
            lines.append("\t".join([judge, code, *map(str, shares)]))
    return "\n".join(lines)


def enter(client, panel, number, text="", **data):
    return client.post(reverse("author:panel-round", args=[panel.pk]), {"round": number, "table": text} | data)


def show(client, panel):
    return client.get(reverse("author:panel", args=[panel.pk]))


def test_standards_show_the_cuts_in_force(client, trainer, versions):
    ((competency, score, measured),) = client.get(reverse("author:standards")).context["rows"]
    assert (competency.code, score.cuts, measured) == ("6.3", [-2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25], True)


def test_convening_needs_a_competency_with_items(client, trainer, competency):
    assert client.get(NEW).status_code == 404


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"judges": ["Một mình"]}, "judges"),
        ({"judges": ["Lê Quốc Bảo", "lê quốc bảo"]}, "judges"),
        ({"count": 4}, "items"),
        ({"count": 0}, "items"),
        ({"count": 6, "method": "bookmark"}, "items"),
    ],
)
def test_a_panel_that_cannot_be_names_the_field(client, trainer, versions, options, field):
    response = convene(client, versions, **options)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert StandardPanel.objects.count() == 0


def test_template_is_what_the_form_takes_back(client, panel):
    response = client.get(reverse("author:panel-template", args=[panel.pk]))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[:2] == ["judge,item,2,3,4,5,6,7,8", "Nguyễn Thị Ánh,6.3-01,,,,,,,"]
    assert len(lines) == 1 + 3 * 8


def test_two_rounds_give_cuts_with_errors_and_agreement(client, panel):
    assert enter(client, panel, 1, table(panel, 4)).status_code == 302
    upload = SimpleUploadedFile("r2.csv", table(panel).replace("\t", ";").encode("utf-8-sig"))
    assert enter(client, panel, 2, file=upload).status_code == 302
    context = show(client, panel).context
    cuts = [cut for _level, cut, _se, _sd in context["cuts"]]
    assert cuts == sorted(cuts)
    assert all(0 < se < sd for _level, _cut, se, sd in context["cuts"])
    assert [number for number, _cuts, _se in context["rounds"]] == [1, 2]
    assert [0 < value <= 1 for _number, value in context["agreement"]] == [True, True]
    assert context["summary"].moved == pytest.approx(4.0)
    assert len(context["chart"].dots) == 3 * 7


def test_a_table_with_faults_stores_nothing_and_names_row_and_column(client, panel):
    lines = table(panel).split("\n")
    lines[1] = lines[1].replace("\t29\t", "\t5\t")
    lines[3] = lines[3].replace(JUDGES[0], "Ai đó")
    del lines[-1]
    client.cookies["django_language"] = "en"
    response = enter(client, panel, 1, "\n".join(lines))
    assert response.status_code == 422
    faults = response.context["faults"]
    assert "Row 2, column 4: 5 is lower than for the level before." in faults
    assert "Row 4, column 1: “Ai đó” is not a judge of this panel." in faults
    missing = enter(client, panel, 1, "\n".join(table(panel).split("\n")[:-1]))
    assert missing.context["faults"] == ["The table: no row for Lê Quốc Bảo, 6.3-08."]
    assert PanelRating.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"text": ""}, "table"),
        ({"file": SimpleUploadedFile("x.csv", b"\xff\xfe\x00")}, "file"),
        ({"file": SimpleUploadedFile("x.csv", b"x" * (1024 * 1024 + 1))}, "file"),
    ],
)
def test_a_round_without_a_readable_table_names_the_field(client, panel, data, field):
    response = enter(client, panel, 1, **data)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_the_second_round_waits_for_the_first(client, panel):
    client.cookies["django_language"] = "en"
    response = enter(client, panel, 2, table(panel))
    assert response.context["form"].non_field_errors() == ["Round 1 is not entered yet."]


def test_publish_puts_the_cuts_in_force_for_this_competency(client, panel):
    publish = reverse("author:panel-publish", args=[panel.pk])
    enter(client, panel, 1, table(panel))
    client.post(publish)
    panel.refresh_from_db()
    assert panel.status == "open", "one round is not enough"
    enter(client, panel, 2, table(panel))
    client.post(publish)
    panel.refresh_from_db()
    in_force = cuts_in_force([panel.competency_id])[panel.competency_id]
    assert (panel.status, in_force.standard_pk) == ("published", panel.standard_id)
    expected = [cut for _level, cut, _se, _sd in show(client, panel).context["cuts"]]
    assert list(in_force.cuts) == pytest.approx(expected)


def test_a_closed_panel_takes_no_more_rounds(client, panel):
    client.post(reverse("author:panel-close", args=[panel.pk]))
    client.cookies["django_language"] = "en"
    response = enter(client, panel, 1, table(panel))
    assert response.context["form"].non_field_errors() == ["This panel has ended."]


def marks(last):
    rows = [f"{judge},1,2,3,4,5,6,{last + at % 2}" for at, judge in enumerate(JUDGES)]
    return "\n".join(["judge,2,3,4,5,6,7,8", *rows])


def test_bookmarks_show_the_booklet_from_easy_to_hard(client, trainer, competency):
    convene(client, make_versions(competency, TRUE), method="bookmark")
    panel = StandardPanel.objects.get()
    pages = [page.location for _number, _item, page in show(client, panel).context["booklet"]]
    assert (len(pages), pages) == (8, sorted(pages))
    assert enter(client, panel, 1, marks(7)).status_code == 302
    cuts = [cut for _level, cut, _se, _sd in show(client, panel).context["cuts"]]
    assert cuts[:6] == pytest.approx(pages[:6])


def test_cuts_that_do_not_rise_are_shown_as_a_fault_beside_the_booklet(client, trainer, versions):
    """Items of one level stand at one place of the booklet: marks on two of them give one cut."""
    convene(client, versions, method="bookmark")
    panel = StandardPanel.objects.get()
    enter(client, panel, 1, marks(7))
    enter(client, panel, 2, marks(7))
    page = show(client, panel)
    assert (page.context["summary"].final, len(page.context["booklet"])) == (None, 8)
    (high, cut), (low, other) = page.context["summary"].cuts_at_fault
    assert (high, cut) == (low + 1, other)
    said = f"Bậc {high} sẽ bắt đầu từ {cut:.2f}, trong khi bậc {low} đã bắt đầu từ {other:.2f}.".replace(".", ",", 2)
    assert page.content.decode().count(said) == 1
    assert page.content.decode().count(page.context["summary"].fault) == 0
    client.cookies["django_language"] = "en"
    response = client.post(reverse("author:panel-publish", args=[panel.pk]), follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "The panel's cut scores do not increase from level to level, so they cannot be published."
    ]
    panel.refresh_from_db()
    assert panel.status == "open"


def test_bookmarks_that_do_not_rise_name_row_and_column(client, trainer, versions):
    convene(client, versions, method="bookmark")
    panel = StandardPanel.objects.get()
    wrong = "\n".join(["judge,2,3,4,5,6,7,8", *(f"{judge},1,2,3,3,5,6,99" for judge in JUDGES)])
    client.cookies["django_language"] = "en"
    faults = enter(client, panel, 1, wrong).context["faults"]
    assert sorted(faults[:2]) == [
        "Row 2, column 5: page 3 is not after the page for the level before.",
        "Row 2, column 8: 99 is out of range.",
    ]
