"""Keeping the cells of month ends."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from organisation.api import today
from reports.domain.snapshots import _LOCK, keep_snapshots, make_snapshot, month_ends
from reports.models import Snapshot, SnapshotCell
from tests.factories.organisation import UnitFactory
from tests.factories.reports import make_competencies, make_position, noon, place, revise

pytestmark = pytest.mark.django_db


def test_month_ends_before_a_day():
    found = month_ends(date(2025, 12, 31), date(2026, 2, 28))
    assert list(found) == [date(2025, 12, 31), date(2026, 1, 31)]


def test_a_month_is_kept_once_and_says_what_was_known_then():
    (competency,) = make_competencies(1)
    (person,) = place(UnitFactory(), make_position({competency: 4}))
    end = today().replace(day=1) - timedelta(days=1)
    revise(person, competency, -1.0, noon(end))
    revise(person, competency, 3.0, noon(end + timedelta(days=1)))
    keep_snapshots()
    kept = list(SnapshotCell.objects.values_list("scope", "required", "assessed", "sum_below"))
    assert Snapshot.objects.get().day == end
    assert [row[:3] for row in kept] == [("own", 1, 1), ("subtree", 1, 1)]
    assert kept[0][3] > 500_000  # the later, better estimate was not known yet
    keep_snapshots()
    assert list(SnapshotCell.objects.values_list("scope", "required", "assessed", "sum_below")) == kept


def test_snapshots_are_left_to_whoever_is_at_them(settings):
    """A second worker waits for nothing and does nothing. Control: once the first is done, it does the work."""
    (competency,) = make_competencies(1)
    place(UnitFactory(), make_position({competency: 4}))
    holder = connection.copy()
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        with connection.cursor() as own:
            own.execute("SET LOCAL lock_timeout = '2s'")
        keep_snapshots()
        assert Snapshot.objects.count() == 0
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])  # closing alone lets go of it a moment later
    holder.close()
    keep_snapshots()
    Snapshot.objects.update(structure="another")
    keep_snapshots()
    assert Snapshot.objects.exclude(structure="another").count() == 1
    entry = settings.CELERY_BEAT_SCHEDULE["keep-snapshots"]
    assert entry["options"]["expires"] < entry["schedule"]


def test_past_months_can_be_made_later(capsys):
    (competency,) = make_competencies(1)
    place(UnitFactory(), make_position({competency: 4}))
    since = today() - timedelta(days=100)
    call_command("make_snapshots", "--from", since.isoformat())
    call_command("make_snapshots", "--from", since.isoformat())
    made = len(list(month_ends(since, today())))
    assert capsys.readouterr().out.splitlines() == [f"{made} snapshots made", "0 snapshots made"]


def test_nothing_is_kept_of_a_day_when_nobody_had_a_post():
    keep_snapshots()
    assert Snapshot.objects.count() == 0


def test_a_month_is_made_again_when_its_past_was_imported_later():
    (competency,) = make_competencies(1)
    unit, position = UnitFactory(), make_position({competency: 4})
    place(unit, position)
    end = today().replace(day=1) - timedelta(days=1)
    make_snapshot(end)
    place(unit, position)
    counts = [SnapshotCell.objects.get(scope="subtree").required]
    call_command("make_snapshots", "--from", end.isoformat(), "--again")
    assert [*counts, SnapshotCell.objects.get(scope="subtree").required] == [1, 2]


def test_a_day_that_is_not_over_is_refused():
    with pytest.raises(ValueError, match="not over"):
        make_snapshot(today())
