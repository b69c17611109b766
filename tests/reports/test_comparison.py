"""Units side by side."""

import pytest

from reports.api import Gap, GapReport, Named, Share, compare_units
from reports.domain.comparison import Apart, Compared
from reports.domain.gaps import NOBODY, SUPPRESSED, CompetencyGap


def gap(low: float, estimate: float, high: float) -> Gap:
    return Gap(20, 10, Share(estimate, low, high), 0.5, None)


def report(published: bool = False, **gaps: Gap) -> GapReport:
    unit = Named(1, "U", "Đơn vị", "Unit")
    told = [CompetencyGap(Named(ord(code), code, code, code), each) for code, each in gaps.items()]
    return GapReport(unit, [], None, None, [], told, [], None, [], published=published)


@pytest.mark.parametrize(
    ("gaps", "apart", "difference"),
    [
        ([gap(0.6, 0.7, 0.8), gap(0.1, 0.2, 0.3)], [Apart(0, [1])], 0.5),
        ([gap(0.1, 0.2, 0.3), gap(0.6, 0.7, 0.8)], [Apart(1, [0])], 0.5),
        ([gap(0.3, 0.4, 0.6), gap(0.1, 0.2, 0.3)], [], 0.0),  # they meet in one point
        ([gap(0.7, 0.8, 0.9), gap(0.4, 0.5, 0.6), gap(0.1, 0.2, 0.3)], [Apart(0, [1, 2]), Apart(1, [2])], 0.6),
        ([gap(0.7, 0.8, 0.9), SUPPRESSED, NOBODY], [], 0.0),
    ],
)
def test_units_are_apart_when_their_intervals_do_not_meet(gaps, apart, difference):
    row = Compared(Named(1, "A", "A", "A"), gaps)
    assert (row.apart, pytest.approx(row.difference)) == (apart, difference)


def test_every_competency_is_listed_by_its_greatest_share():
    first = report(A=gap(0.1, 0.2, 0.3), B=SUPPRESSED, C=gap(0.4, 0.5, 0.6))
    second = report(published=True, A=gap(0.6, 0.7, 0.8))
    assert [(row.competency.code, list(row.gaps)) for row in compare_units([first, second])] == [
        ("A", [gap(0.1, 0.2, 0.3), gap(0.6, 0.7, 0.8)]),
        ("C", [gap(0.4, 0.5, 0.6), SUPPRESSED]),  # what is not published is not "required of nobody"
        ("B", [SUPPRESSED, SUPPRESSED]),
    ]
    assert [row.gaps[0] for row in compare_units([report(), first]) if row.competency.code == "A"] == [NOBODY]
