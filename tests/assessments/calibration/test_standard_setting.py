"""Panels: ratings by table with faults by row and column, cut scores with errors, publication."""

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.domain.panel_ratings import RatingScheme, read_ratings, write_template
from assessments.domain.standard_setting import (
    PanelRefused,
    close_panel,
    convene_panel,
    enter_round,
    publish_panel,
    rating_scheme,
    summarise_panel,
)
from assessments.measurement import PROVISIONAL_CUTS, ItemParameters
from assessments.measurement.proposal import expected_score
from assessments.models import ItemParameterSet, PanelRating, StandardPanel
from competencies.api import cuts_in_force
from competencies.models import Competency, CutScore, Standard
from organisation.models import AuditEvent
from tests.assessments.calibration.bank import make_versions
from tests.factories.competencies import make_framework
from tests.factories.organisation import UserFactory

pytestmark = pytest.mark.django_db

JUDGES = ["Nguyễn Thị Ánh", "Trần Văn Đức", "Lê Quốc Bảo"]
ITEMS = [ItemParameters("2pl", 1.2, b) for b in (-2.0, -1.2, -0.6, 0.0, 0.5, 1.1, 1.7, 2.3)]
CUTS = np.array([-2.0, -1.3, -0.7, 0.1, 0.8, 1.4, 2.1])


@pytest.fixture
def actor():
    return UserFactory()


@pytest.fixture
def competency():
    return Competency.objects.get(domain__framework=make_framework("6.3", "6.4"), code="6.3")


@pytest.fixture
def panel(competency, actor):
    return convene(competency, actor)


def convene(competency: Competency, actor: object, method: str = "angoff", **options: object) -> StandardPanel:
    versions = make_versions(competency, ITEMS)
    wanted = {"name": "Hội đồng 1", "judges": JUDGES, "versions": versions} | options
    return convene_panel(actor, competency, method=method, **wanted)  # type: ignore[arg-type]  # a test's shorthand


def angoff_table(panel: StandardPanel, shift: float = 0.0, spread: float = 0.1) -> str:
    """What judges would say who see the items' parameters, each one a little off."""
    lines = ["judge\titem\t2\t3\t4\t5\t6\t7\t8"]
    for at, judge in enumerate(JUDGES):
        for item in panel.items.select_related("version__item"):
            params = ItemParameters.from_dict(item.parameters)
            shares = expected_score(params, CUTS + shift + spread * (at - 1)) * 100
            lines.append("\t".join([judge, item.version.item.code, *(f"{share:.4f}" for share in shares)]))
    return "\n".join(lines)


def bookmark_table(pages: list[list[int]]) -> str:
    rows = [",".join([judge, *map(str, row)]) for judge, row in zip(JUDGES, pages, strict=True)]
    return "\n".join(["judge,2,3,4,5,6,7,8", *rows])


def test_template_names_every_judgement(panel):
    lines = write_template(rating_scheme(panel)).splitlines()
    assert lines[0] == "judge,item,2,3,4,5,6,7,8"
    assert lines[1] == "Nguyễn Thị Ánh,6.3-01,,,,,,,"
    assert len(lines) == 1 + 3 * 8


def test_angoff_gives_the_cuts_that_the_judges_meant(panel, actor):
    assert enter_round(panel, 1, angoff_table(panel, shift=0.3, spread=0.3), actor) == 24
    enter_round(panel, 2, angoff_table(panel), actor)
    summary = summarise_panel(panel)
    assert summary.first is not None
    assert summary.second is not None
    np.testing.assert_allclose(summary.second.cuts, CUTS, atol=0.005)
    np.testing.assert_allclose(summary.first.cuts, CUTS + 0.3, atol=0.005)
    np.testing.assert_allclose(summary.second.se, 0.1 / np.sqrt(3), atol=0.002)
    assert summary.agreement[1] > summary.agreement[0] > 0.8
    assert summary.moved is not None
    assert max(summary.inconsistency) < 0.1


def test_first_round_alone_is_summarised(panel, actor):
    enter_round(panel, 1, angoff_table(panel), actor)
    summary = summarise_panel(panel)
    assert (summary.rounds, summary.second, len(summary.agreement)) == ((1,), None, 1)


def test_bookmarks_give_the_location_of_the_page(competency, actor):
    panel = convene(competency, actor, "bookmark")
    pages = [[1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 8], [2, 3, 4, 5, 6, 7, 8]]
    enter_round(panel, 1, bookmark_table(pages), actor)
    enter_round(panel, 2, bookmark_table(pages), actor)
    summary = summarise_panel(panel)
    locations = [page.location for page in summary.booklet]
    assert summary.second is not None
    assert summary.second.cuts[0] == pytest.approx((2 * locations[0] + locations[1]) / 3)
    assert locations[3] == pytest.approx(0.0 + np.log(0.67 / 0.33) / 1.2, abs=1e-3)


def test_publishing_puts_the_cuts_in_force_for_this_competency_alone(panel, competency, actor):
    enter_round(panel, 1, angoff_table(panel), actor)
    enter_round(panel, 2, angoff_table(panel), actor)
    standard = publish_panel(panel, actor)
    panel.refresh_from_db()
    other = Competency.objects.get(code="6.4", domain=competency.domain)
    in_force = cuts_in_force([competency.pk, other.pk])
    assert in_force[competency.pk].standard_pk == standard.pk == panel.standard_id
    np.testing.assert_allclose(in_force[competency.pk].cuts, CUTS, atol=0.005)
    assert in_force[other.pk].cuts == PROVISIONAL_CUTS
    assert (standard.method, panel.status) == ("angoff", "published")
    score = CutScore.objects.get(standard=standard)
    assert score.standard_errors == pytest.approx([0.1 / np.sqrt(3)] * 7, abs=0.002)
    event = AuditEvent.objects.latest("pk")
    assert (event.actor_id, event.action, event.target) == (actor.pk, "published", f"standard {standard.pk} for 6.3")
    with pytest.raises(PanelRefused, match="not_open"):
        publish_panel(panel, actor)


def test_publishing_before_the_second_round_is_refused(panel, actor):
    enter_round(panel, 1, angoff_table(panel), actor)
    with pytest.raises(PanelRefused) as refused:
        publish_panel(panel, actor)
    assert (refused.value.reason, refused.value.detail) == ("round", "2")
    assert Standard.objects.filter(method="angoff").count() == 0


def test_second_round_before_the_first_is_refused(panel, actor):
    with pytest.raises(PanelRefused) as refused:
        enter_round(panel, 2, angoff_table(panel), actor)
    assert (refused.value.reason, refused.value.detail) == ("round", "1")


def test_cuts_beyond_what_the_items_tell_apart_are_refused(panel, actor):
    lines = ["judge\titem\t2\t3\t4\t5\t6\t7\t8"]
    for judge in JUDGES:
        for item in panel.items.select_related("version__item"):
            values = [10, 20, 30, 40, 50, 99.9, 99.99]
            lines.append("\t".join([judge, item.version.item.code, *map(str, values)]))
    for number in (1, 2):
        enter_round(panel, number, "\n".join(lines), actor)
    summary = summarise_panel(panel)
    assert summary.fault
    with pytest.raises(PanelRefused, match="cuts"):
        publish_panel(panel, actor)
    panel.refresh_from_db()
    assert (panel.status, panel.standard) == ("open", None)


def test_a_round_with_a_fault_stores_nothing(panel, actor):
    enter_round(panel, 1, angoff_table(panel), actor)
    kept = list(PanelRating.objects.order_by("pk").values_list("pk", flat=True))
    table = angoff_table(panel).replace("Trần Văn Đức\t6.3-02\t", "Trần Văn Đức\t6.3-99\t")
    with pytest.raises(PanelRefused) as refused:
        enter_round(panel, 1, table, actor)
    assert [(each.row, each.column, each.reason, each.value) for each in refused.value.problems] == [
        (11, 2, "unknown_item", "6.3-99")
    ]
    assert list(PanelRating.objects.order_by("pk").values_list("pk", flat=True)) == kept


def test_panels_need_judges_and_items(competency, actor):
    versions = make_versions(competency, ITEMS)

    def refusal(**options: object) -> tuple[str, str]:
        wanted = {"method": "angoff", "name": "x", "judges": JUDGES, "versions": versions} | options
        with pytest.raises(PanelRefused) as refused:
            convene_panel(actor, competency, **wanted)  # type: ignore[arg-type]  # a test's shorthand
        return refused.value.reason, refused.value.detail

    assert refusal(judges=["Một người", " "]) == ("judges", "2")
    assert refusal(judges=["Trần Văn Đức", "trần văn  đức"]) == ("judges", "trần văn đức")
    assert refusal(versions=versions[:4]) == ("items", "5")
    assert refusal(versions=versions[:6], method="bookmark") == ("items", "7")
    assert StandardPanel.objects.count() == 0


def test_items_that_guessing_masters_cannot_be_bookmarked(competency, actor):
    guessed = [*ITEMS[:7], ItemParameters("3pl_fixed", 1.0, 0.0, 0.7)]
    versions = make_versions(competency, guessed)
    with pytest.raises(PanelRefused) as refused:
        convene_panel(actor, competency, method="bookmark", name="x", judges=JUDGES, versions=versions)
    assert (refused.value.reason, refused.value.detail) == ("guessing", "6.3-08 v1")


def test_items_with_parameters_that_cannot_be_are_named(competency, actor):
    versions = make_versions(competency, ITEMS)
    ItemParameterSet.objects.create(
        version=versions[4], competency=competency, parameters={"model": "2pl", "a": -1.0, "b": 0.0}
    )
    with pytest.raises(PanelRefused) as refused:
        convene_panel(actor, competency, method="angoff", name="x", judges=JUDGES, versions=versions)
    assert (refused.value.reason, refused.value.detail) == ("parameters", "6.3-05 v1")
    assert StandardPanel.objects.count() == 0


def test_closing_ends_a_panel_without_a_standard(panel, actor):
    close_panel(panel, actor)
    panel.refresh_from_db()
    assert (panel.status, panel.standard) == ("closed", None)
    with pytest.raises(PanelRefused, match="not_open"):
        enter_round(panel, 1, angoff_table(panel), actor)


@pytest.mark.parametrize(
    "values", [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 5], [0, 1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, float("nan")]]
)
def test_the_database_refuses_incomplete_or_falling_judgements(panel, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        PanelRating.objects.create(judge=panel.judges.first(), round=1, item=panel.items.first(), values=values)


def test_the_database_refuses_a_published_panel_without_a_standard(panel):
    with pytest.raises(IntegrityError, match="published_panel_has_a_standard"), transaction.atomic():
        StandardPanel.objects.filter(pk=panel.pk).update(status="published", decided_at=timezone.now())


ANGOFF = RatingScheme(("Ánh", "Đức"), items=("a", "b"))
BOOKMARK = RatingScheme(("Ánh", "Đức"), pages=12)


def faults(text: str, scheme: RatingScheme = ANGOFF) -> list[tuple[int, int, str, str]]:
    return [(each.row, each.column, each.reason, each.value) for each in read_ratings(text, scheme)[1]]


HEADER = "judge;item;2;3;4;5;6;7;8\n"
WHOLE = (
    HEADER + "Ánh;a;10;20;30;40;50;60;70\nánh;b;10;20;30;40;50;60;70,5\nĐức;a;10;20;30;40;50;60;70\n"
    "ĐỨC;b;11;21;31;41;51;61;71\n"
)


def test_ratings_are_read_with_decimal_commas_and_names_in_any_case():
    rows, problems = read_ratings(WHOLE, ANGOFF)
    assert (len(rows), problems) == (4, [])
    assert (rows[1].judge, rows[1].item, rows[1].values[-1]) == ("Ánh", "b", 70.5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(0, 0, "no_rows", "")]),
        ("judge;item;1;2\n", [(1, 0, "header", "judge;item;1;2")]),
        (HEADER + "Ánh;a;10;20\n", [(2, 0, "cells", "4")]),
        (WHOLE.replace("Đức;a", "Hoa;a"), [(4, 1, "unknown_judge", "Hoa")]),
        (WHOLE.replace("Ánh;a;10;20", "Ánh;a;x;nan"), [(2, 3, "not_a_number", "x"), (2, 4, "not_a_number", "nan")]),
        (WHOLE.replace("Ánh;a;10", "Ánh;a;0"), [(2, 3, "out_of_range", "0")]),
        (WHOLE.replace("50;60;70\nĐỨC", "50;60;100\nĐỨC"), [(4, 9, "out_of_range", "100")]),
        (WHOLE.replace("Ánh;a;10;20;30", "Ánh;a;10;20;15"), [(2, 5, "falls", "15")]),
        (WHOLE.replace("Đức;a", "Ánh;a"), [(4, 0, "repeated", "2")]),
        (WHOLE.replace("ĐỨC;b;11;21;31;41;51;61;71\n", ""), [(0, 0, "missing", "Đức, b")]),
        (
            HEADER + "".join(f"{judge};{item};10;20;30;30;50;60;70\n" for judge in ("Ánh", "Đức") for item in "ab"),
            [(0, 0, "levels_alike", "Ánh: 4, 5"), (0, 0, "levels_alike", "Đức: 4, 5")],
        ),
    ],
)
def test_faults_are_named_by_row_and_column(text, expected):
    assert faults(text) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("1,2,3,4,5,6,13", (2, 8, "out_of_range", "13")),
        ("1,2,3,4,5,6,6", (2, 8, "not_above", "6")),
        ("1,2,3,4,5,6,6.5", (2, 8, "not_whole", "6.5")),
    ],
)
def test_bookmark_faults_are_named(row, expected):
    text = f"judge,2,3,4,5,6,7,8\nÁnh,{row}\nĐức,1,2,3,4,5,6,7\n"
    assert faults(text, BOOKMARK) == [expected]
