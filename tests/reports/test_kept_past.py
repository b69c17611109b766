"""What is kept of a day whose past became another: reorganisations applied late or undone, postings corrected."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from assessments.measurement import MIN_EVIDENCE
from organisation.api import today, undo_reorganisation
from organisation.models import Position, Posting, Unit
from organisation.reorganising.steps import Merge, Split
from reports.api import DaysRefused, as_of, ask_days, rebuild_cells, report_of_days
from reports.domain import basis
from reports.domain.as_of import DayBeingMade
from reports.domain.basis import structure_digest
from reports.domain.queries.structure import surroundings
from reports.domain.snapshots import keep_snapshots, make_snapshot
from reports.domain.trend import trend
from reports.models import Snapshot, SnapshotCell
from tests.factories.organisation import PostingFactory, RoleGrantFactory, UnitFactory, UserFactory
from tests.factories.reports import make_competencies, make_position, noon, place, revise
from tests.organisation.reorganising import applied, new

pytestmark = pytest.mark.django_db

MERGE = Merge(("A", "B"), "N", new("N", "T"))
SPLIT = Split("A", ("A1", "A2"), "A1", (new("A1", "T"), new("A2", "T")), "evenly")


def month_end() -> date:
    return today().replace(day=1) - timedelta(days=1)


@pytest.fixture
def top():
    """A province of a ward of 6 and one of 7, of whom all were assessed before the month ended."""
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    top = UnitFactory(code="T", kind="province")
    for code, people in (("A", 6), ("B", 7)):
        for at, person in enumerate(place(UnitFactory(code=code, parent=top), position, people)):
            revise(person, competency, at / 4 - 1.0, noon(month_end() - timedelta(days=40)))
    return top


def kept(scope: str = "subtree") -> dict[str, list[int]]:
    """People required and assessed by unit."""
    rows = SnapshotCell.objects.filter(scope=scope).values_list("unit__code", "required", "assessed")
    return {code: counts for code, *counts in rows}


def asked(structure: date) -> list[int | None]:
    days = as_of(month_end(), structure)
    assert days
    report = report_of_days(Unit.objects.get(code="T"), days)
    return [each.gap.assessed for each in report.competencies]


def correct(start: str, end: str) -> None:
    """One person of a unit turns out to have worked in the other all along."""
    posting = Posting.objects.filter(unit__code=start).order_by("person").first()
    assert posting
    posting.unit = Unit.objects.get(code=end)
    posting.save()


def test_a_reorganisation_applied_late_is_in_the_days_it_was_in_force(top):
    keep_snapshots()
    before = kept()
    applied(MERGE, day=month_end() - timedelta(days=10))
    with pytest.raises(DayBeingMade):
        as_of(month_end(), today())
    user = RoleGrantFactory(role="admin", unit=None).user
    with pytest.raises(DaysRefused) as refused:
        ask_days(user, month_end(), today())
    assert "competence" in refused.value.reasons
    keep_snapshots()
    assert (before, kept("own")) == ({"T": [13, 13], "A": [6, 6], "B": [7, 7]}, {"N": [13, 13]})
    assert kept() == {"T": [13, 13], "N": [13, 13]}
    assert [asked(day) for day in (month_end(), today())] == [[13], [13]]


def test_a_reorganisation_undone_is_in_no_day(top):
    made = applied(MERGE, day=month_end() - timedelta(days=10))
    rebuild_cells()
    keep_snapshots()
    competency = SnapshotCell.objects.values_list("competency", flat=True).first()
    undo_reorganisation(made.pk, actor=UserFactory())
    with pytest.raises(DayBeingMade):
        as_of(month_end(), today())
    keep_snapshots()
    assert kept() == {"T": [13, 13], "A": [6, 6], "B": [7, 7]}
    assert asked(today()) == [13]
    assert [point.gap.required for point in trend(surroundings(top.pk, today()), competency)] == [13]


def test_days_before_a_reorganisation_stay_as_they_were_kept(top):
    """The control: only sums follow a structure that came later."""
    keep_snapshots()
    made_at = Snapshot.objects.get().made_at
    applied(MERGE, day=month_end() + timedelta(days=1))
    assert asked(today()) == [13]
    keep_snapshots()
    assert (kept(), Snapshot.objects.get().made_at) == ({"T": [13, 13], "N": [13, 13]}, made_at)


@pytest.mark.parametrize(("start", "end"), [("A", "B"), ("B", "A")])
def test_nobody_is_lost_or_doubled_when_a_unit_is_split_after_its_past_was_corrected(top, start, end):
    keep_snapshots()
    correct(start, end)
    applied(SPLIT, day=today())
    days = as_of(month_end(), today())
    with pytest.raises(DaysRefused), transaction.atomic():
        report_of_days(top, days)
    keep_snapshots()
    assert (kept()["T"], asked(today()), asked(month_end())) == ([13, 13], [13], [13])
    assert sum(kept("own")[code][0] for code in "AB") == 13


def test_a_correction_found_by_a_reader_is_made_anew(top):
    """Sums were stored before the correction, and somebody asks for another structure."""
    applied(SPLIT, day=month_end() + timedelta(days=1))
    between = month_end() + timedelta(days=1)
    applied(Merge(("A1", "A2"), "C", new("C", "T")), day=today())
    keep_snapshots()
    correct("A", "B")
    days = as_of(month_end(), between)
    with pytest.raises(DaysRefused) as refused:
        report_of_days(top, days)
    assert "competence" in refused.value.reasons
    with pytest.raises(DayBeingMade):
        as_of(month_end(), month_end())
    keep_snapshots()
    assert [asked(day) for day in (month_end(), between, today())] == [[13]] * 3


@pytest.mark.parametrize("is_summed", [True, False])
def test_a_reader_of_a_day_that_is_made_anew_meanwhile_reads_it_again(top, is_summed):
    """Nobody is told that there is nobody, and what is new is not made once more."""
    between = month_end() + timedelta(days=1)
    applied(MERGE, day=today())
    keep_snapshots()
    days = as_of(month_end(), today() if is_summed else between)
    make_snapshot(month_end(), again=True)
    with pytest.raises(DaysRefused) as refused:
        report_of_days(top, days)
    assert "competence" in refused.value.reasons
    assert asked(days.structure) == [13]


def test_a_trend_leaves_out_a_month_that_is_made_anew_while_it_is_read(top, monkeypatch):
    """Without the units beside it nothing would say what must be hidden."""
    place(UnitFactory(code="C", parent=top), Position.objects.get(), 2)
    keep_snapshots()
    competency = SnapshotCell.objects.values_list("competency", flat=True).first()
    around = surroundings(Unit.objects.get(code="A").pk, today())
    assert [point.day for point in trend(around, competency)] == [month_end()]

    def then_anew(day):
        make_snapshot(month_end(), again=True)
        return structure_digest(day)

    monkeypatch.setattr("reports.domain.trend.structure_digest", then_anew)
    assert trend(around, competency) == []


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_finds_a_correction_waits_for_no_worker(top):
    """It holds the day for as long as it makes it anew."""
    applied(SPLIT, day=month_end() + timedelta(days=1))
    applied(Merge(("A1", "A2"), "C", new("C", "T")), day=today())
    keep_snapshots()
    correct("A", "B")
    days = as_of(month_end(), month_end() + timedelta(days=1))
    worker = connection.copy()
    try:
        worker.set_autocommit(False)
        with worker.cursor() as cursor:
            cursor.execute("DELETE FROM reports_snapshotcell")
            cursor.execute("DELETE FROM reports_snapshot")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        with pytest.raises(DaysRefused):
            report_of_days(top, days)
    finally:
        worker.rollback()
        worker.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def test_a_secondary_posting_that_was_carried_over_takes_nobody_back(top):
    person = Posting.objects.filter(unit__code="A").first().person
    PostingFactory(person=person, unit=Unit.objects.get(code="B"), kind="secondary")
    applied(Merge(("B",), "A"), day=month_end() - timedelta(days=10))
    keep_snapshots()
    days = as_of(month_end(), month_end() - timedelta(days=20))
    counts = [report_of_days(Unit.objects.get(code=code), days).competencies[0].gap.required for code in "AB"]
    assert counts == [6, 7]


def test_a_correction_without_a_split_changes_nothing_that_was_kept(top):
    keep_snapshots()
    correct("A", "B")
    applied(MERGE, day=today())
    keep_snapshots()
    assert kept("own") == {"A": [6, 6], "B": [7, 7]}


def test_days_are_made_anew_when_the_evidence_that_counts_is_another(top, monkeypatch):
    keep_snapshots()
    monkeypatch.setattr(basis, "MIN_EVIDENCE", MIN_EVIDENCE + 1)
    with pytest.raises(DayBeingMade):
        as_of(month_end(), today())
    keep_snapshots()
    assert as_of(month_end(), today())


def test_a_worker_that_dies_at_a_day_leaves_it_to_the_next(top, monkeypatch):
    keep_snapshots()
    applied(MERGE, day=month_end() - timedelta(days=10))
    with monkeypatch.context() as patched:
        patched.setattr("reports.domain.snapshots.compute_own_cells", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keep_snapshots()
    assert kept("own") == {"A": [6, 6], "B": [7, 7]}
    keep_snapshots()
    assert kept() == {"T": [13, 13], "N": [13, 13]}
    keep_snapshots()
    assert Snapshot.objects.filter(day=month_end()).count() == 1
