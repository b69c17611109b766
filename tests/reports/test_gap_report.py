"""The gap report: what it says, in which order, what it hides, and at what price."""

import itertools

import numpy as np
import pytest

from organisation.models import Posting
from reports.api import CompetencyGap, Gap, GapReport, Named, Share, UnitNotInForce, gap_report, rebuild_cells
from reports.domain.gaps import SUPPRESSED, GapTable, by_need, describe_sums
from reports.domain.values import SUMS
from reports.models import Cell
from tests.factories.organisation import PositionGroupFactory, UnitFactory
from tests.factories.reports import make_competencies, make_position, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def province():
    return UnitFactory(code="P", kind="province", name_vi="Tỉnh P")


def codes(gaps):
    return [each.competency.code for each in gaps]


def test_report_says_what_the_cells_say(province):
    (competency,) = make_competencies(1)
    office = UnitFactory(code="A", kind="office", parent=province)
    staff(office, make_position({competency: 4}), competency, 12, assessed=9, mean=-0.4)
    rebuild_cells()
    report = gap_report(province)
    gap = report.competencies[0].gap
    cell = Cell.objects.get(unit=province, scope="subtree", position_group=None)
    assert gap.below and gap.levels
    assert (report.unit.code, [each.code for each in report.trail]) == ("P", [])
    assert (gap.required, gap.assessed, gap.coverage) == (12, 9, 0.75)
    assert gap.below.estimate == pytest.approx(cell.sum_below / 9e6)
    assert gap.below.low < gap.below.estimate < gap.below.high
    assert gap.shortfall == pytest.approx(cell.sum_shortfall / 9e6)
    assert sum(gap.levels) == pytest.approx(9, abs=1e-4)
    assert gap.bands == pytest.approx([sum(gap.levels[at : at + 2]) for at in (0, 2, 4, 6)])
    assert report.folded_at == max(Cell.objects.values_list("folded_at", flat=True))


def test_competencies_and_children_come_by_need(province):
    first, second, third = make_competencies(3)
    weak, strong = UnitFactory(code="WEAK", parent=province), UnitFactory(code="STRONG", parent=province)
    position = make_position({first: 2, second: 7, third: 5})
    for competency, unit, mean in itertools.product((first, second), (weak, strong), (0,)):
        staff(unit, position, competency, 8, mean=mean - (unit == weak))
    rebuild_cells()
    report = gap_report(province)
    assert codes(report.competencies) == [second.code, first.code, third.code]
    assert codes(report.top_gaps(2)) == [second.code, first.code]
    assert [row.of.code for row in report.children] == ["WEAK", "STRONG"]
    assert report.competencies[2].gap.assessed == 0
    assert (report.competencies[2].gap.below, report.competencies[2].gap.suppressed) == (None, False)


def told(shares):
    """The headlines, by code, of a report of these (estimate, low, high) by code."""
    gaps = [
        CompetencyGap(Named(pk, code, code, code), Gap(50, 40, Share(*share), 1.0, (5.0,) * 8))
        for pk, (code, share) in enumerate(shares.items())
    ]
    unit = Named(0, "P", "P", "P")
    return codes(GapReport(unit, [], None, None, [], by_need(gaps), [], None, []).top_gaps())


def test_headlines_come_by_what_is_sure():
    noisy, sure, slight, second = (0.9, 0.45, 1.0), (0.44, 0.41, 0.47), (0.08, 0.06, 0.1), (0.5, 0.36, 0.64)
    assert told({"noisy": noisy, "sure": sure, "slight": slight, "second": second}) == ["sure", "second", "noisy"]
    # The control: the same share from few people is no sure gap, and from many people it is the first.
    assert told({"noisy": (0.9, 0.85, 0.95), "sure": sure, "second": second}) == ["noisy", "sure", "second"]


def test_unit_without_people_reports_nothing(province):
    UnitFactory(code="A", parent=province)
    rebuild_cells()
    report = gap_report(province)
    assert (report.competencies, [row.gaps for row in report.children], report.top_gaps()) == ([], [{}], [])


def test_unit_not_in_force_is_refused():
    from datetime import date

    past = UnitFactory(valid_to=date(2010, 1, 1))
    with pytest.raises(UnitNotInForce):
        gap_report(past)


def test_small_child_is_suppressed_with_the_next_smallest(province):
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    for code, count in (("A", 3), ("B", 6), ("C", 9)):
        staff(UnitFactory(code=code, parent=province), position, competency, count)
    rebuild_cells()
    report = gap_report(province)
    shown = {row.of.code: row.gap(competency.pk).suppressed for row in report.children}
    assert shown == {"A": True, "B": True, "C": False}
    hidden = next(row.gap(competency.pk) for row in report.children if row.of.code == "B")
    assert (hidden.required, hidden.assessed, hidden.below, hidden.shortfall, hidden.levels) == (None,) * 5


def test_suppressed_complement_stays_suppressed_on_its_own_page_and_below(province):
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    staff(UnitFactory(code="A", parent=province), position, competency, 2)
    complement = UnitFactory(code="B", parent=province)
    office = UnitFactory(code="B1", parent=complement)
    staff(office, position, competency, 8)
    staff(UnitFactory(code="C", parent=province), position, competency, 20)
    rebuild_cells()
    assert gap_report(complement).competencies[0].gap.suppressed
    assert gap_report(office).competencies[0].gap.suppressed
    assert not gap_report(province).competencies[0].gap.suppressed


def test_own_staff_is_a_part_like_any_other(province):
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    staff(province, position, competency, 2)
    for code, count in (("A", 6), ("B", 9)):
        staff(UnitFactory(code=code, parent=province), position, competency, count)
    rebuild_cells()
    report = gap_report(province)
    assert report.own and report.own.gap(competency.pk).suppressed
    assert {row.of.code: row.gap(competency.pk).suppressed for row in report.children} == {"A": True, "B": False}


def test_leaf_shows_its_position_groups_when_all_are_large_enough(province):
    first, second = make_competencies(2)
    groups = PositionGroupFactory.create_batch(2)
    large, small = (make_position({first: 4, second: 3}, group=group) for group in groups)
    office = UnitFactory(code="A", parent=province)
    staff(office, large, first, 9)
    staff(office, small, first, 6)
    staff(office, small, second, 9)
    staff(UnitFactory(code="B", parent=province), large, first, 30)
    rebuild_cells()
    rows = {row.of.pk: row for row in gap_report(office).by_group}
    assert [rows[group.pk].gap(first.pk).assessed for group in groups] == [9, 6]
    assert [rows[group.pk].gap(second.pk).suppressed for group in groups] == [False, False]
    assert [rows[group.pk].gap(second.pk).assessed for group in groups] == [0, 9]


def test_filter_by_position_group_narrows_every_figure(province):
    (competency,) = make_competencies(1)
    groups = PositionGroupFactory.create_batch(2)
    desk, head = (make_position({competency: 4}, group=group) for group in groups)
    for code in ("A", "B"):
        unit = UnitFactory(code=code, parent=province)
        staff(unit, desk, competency, 9)
        staff(unit, head, competency, 7)
    rebuild_cells()
    report = gap_report(province, position_group=groups[1])
    assert report.group
    assert (report.group.code, [each.code for each in report.groups]) == (groups[1].code, [g.code for g in groups])
    assert report.competencies[0].gap.required == 14
    assert [row.gap(competency.pk).required for row in report.children] == [7, 7]


def test_simple_subtraction_recovers_nothing(province):
    """Parent minus shown children, over all groups and by each filter; without suppression it does recover."""
    (competency,) = make_competencies(1)
    groups = PositionGroupFactory.create_batch(3)
    positions = [make_position({competency: 4}, group=group) for group in groups]
    for number, sizes in enumerate([(9, 3, 0), (12, 8, 6), (7, 7, 1), (20, 10, 5), (2, 1, 0)]):
        unit = UnitFactory(code=f"U{number}", parent=province)
        for position, size in zip(positions, sizes, strict=True):
            staff(unit, position, competency, size)
    rebuild_cells()

    def shown(gap):
        return None if gap.suppressed else (gap.assessed or 0)

    recovered: list[int] = []
    for group in (None, *groups):
        report = gap_report(province, position_group=group)
        whole = shown(report.competencies[0].gap)
        assert report.own
        parts = [shown(row.gap(competency.pk)) for row in [*report.children, report.own]]
        if whole is not None:
            recovered.append(whole - sum(part for part in parts if part is not None))
    for unit_row in range(5):
        code = f"U{unit_row}"
        reports = {g: gap_report(province, position_group=g) for g in (None, *groups)}
        figures = {
            g: shown(next(row for row in report.children if row.of.code == code).gap(competency.pk))
            for g, report in reports.items()
        }
        if figures[None] is not None:
            recovered.append(figures[None] - sum(figures[g] or 0 for g in groups))
    assert [people for people in recovered if 0 < people < 5] == []

    cells = Cell.objects.filter(scope="subtree")  # the control: with every figure shown a subtraction works
    whole = cells.get(unit=province, position_group=None).assessed
    others = cells.filter(unit__code__in=["U0", "U1", "U2", "U3"], position_group=None)
    assert whole - sum(cell.assessed for cell in others) == 3


@pytest.mark.parametrize("filtered", [False, True])
def test_query_count_does_not_grow(province, filtered, django_assert_num_queries):
    competencies = make_competencies(4)
    group = PositionGroupFactory()
    position = make_position(dict.fromkeys(competencies, 4), group=group)
    wanted = group if filtered else None
    staff(UnitFactory(parent=province), position, competencies[0], 6)
    rebuild_cells()
    with django_assert_num_queries(4):
        gap_report(province, position_group=wanted)
    for _ in range(30):
        middle = UnitFactory(parent=province)
        staff(UnitFactory(parent=middle), position, competencies[1], 1)
    rebuild_cells()
    with django_assert_num_queries(4):
        gap_report(province, position_group=wanted)


def test_nothing_is_kept_of_what_is_suppressed():
    """What a page says of itself, to be asked for again when it changes, tells nothing of hidden figures either."""
    sums = np.arange(2 * SUMS, dtype=np.int64).reshape(1, 2, SUMS)
    rows = []
    for people in (3, 4):
        sums[0, 0, 0] = people
        rows += GapTable([7, 8], sums, np.array([[True, False]])).rows([Named(1, "A", "A", "A")])
    assert repr(rows[0]) == repr(rows[1])
    assert rows[0].gaps == rows[1].gaps == {7: SUPPRESSED, 8: describe_sums(sums[:, 1])[0]}


def test_report_reads_no_people(province, django_assert_num_queries):
    (competency,) = make_competencies(1)
    staff(UnitFactory(parent=province), make_position({competency: 4}), competency, 8)
    rebuild_cells()
    Posting.objects.all().delete()
    assert gap_report(province).competencies[0].gap.assessed == 8


def test_own_staff_never_stand_in_the_place_of_the_whole(province):
    (competency,) = make_competencies(1)
    groups = PositionGroupFactory.create_batch(2)
    posts = [make_position({competency: 4}, group=group) for group in groups]
    units = [UnitFactory(parent=province) for _ in range(4)]
    for count, unit in enumerate(units, start=20):
        below = UnitFactory(parent=unit)
        for post in posts:
            staff(unit, post, competency, count)
            staff(below, post, competency, 30)
    rebuild_cells()
    for group in (None, *groups):
        for count, unit in enumerate(units, start=20):
            report = gap_report(unit, position_group=group)
            people = 1 if group else 2
            assert report.own is not None
            assert [report.competencies[0].gap.required, report.children[0].required, report.own.required] == [
                people * (count + 30),
                people * 30,
                people * count,
            ]


def test_own_staff_are_weighed_before_the_fold_that_follows_a_first_unit_below(province):
    (competency,) = make_competencies(1)
    large, small = PositionGroupFactory.create_batch(2)
    office = UnitFactory(code="A", parent=province)
    for group, count in ((large, 9), (small, 3)):
        staff(office, make_position({competency: 4}, group=group), competency, count)
    rebuild_cells()
    UnitFactory(parent=office)
    own = gap_report(office).own
    assert own and own.gap(competency.pk).assessed == 12
    for group in (large, small):
        own = gap_report(office, position_group=group).own
        assert own and own.gap(competency.pk).suppressed
