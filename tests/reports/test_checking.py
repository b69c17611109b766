"""The comparison of all cells with a full recomputation."""

import struct

import pytest

from organisation.api import move_person, today
from organisation.domain.postings import leave
from organisation.models import Unit
from reports.domain import checking
from reports.domain.checking import check_cells
from reports.domain.folding import fold_changed_people
from reports.domain.marking import mark_people
from reports.models import Cell, CellBlock, CellCheck, DirtyPerson, FoldedPerson
from tests.factories.organisation import UnitFactory
from tests.factories.reports import make_competencies, make_position, set_estimate, staff
from tests.reports import oracle

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    top = UnitFactory(code="T", kind="province")
    from reports.api import rebuild_cells

    found = [*staff(UnitFactory(code="A", parent=top), position, competency, 6)]
    staff(UnitFactory(code="B", parent=top), position, competency, 7)
    rebuild_cells()
    return found


def test_right_cells_are_said_to_be_right(people):
    check = check_cells()
    assert (check.cells, check.wrong, check.examples) == (Cell.objects.count(), 0, [])
    assert CellCheck.objects.get() == check


def test_wrong_cells_are_found_healed_and_told(people, caplog):
    before = {scope: oracle.stored(scope) for scope in ("own", "subtree")}
    block = CellBlock.objects.get(unit__code="A", scope="alone", position_group=None)
    (below,) = struct.unpack_from(">q", block.sums)
    block.sums = struct.pack(">q", below + 1) + block.sums[8:]
    block.save()
    CellBlock.objects.filter(unit__code="B", position_group=None).delete()
    check = check_cells()
    told = sorted((each["unit"], each["scope"]) for each in check.examples)
    # A's cell, B's missing one, and the sum above that no longer was theirs.
    assert told == [("A", "own"), ("B", "own"), ("T", "subtree")]
    assert check.wrong == 3
    assert "3 of" in caplog.text
    assert {scope: oracle.stored(scope) for scope in ("own", "subtree")} == before
    assert check_cells().wrong == 0


def test_a_change_that_waits_to_be_folded_is_no_fault(people):
    competency = people[0].estimates.get().competency
    set_estimate(people[0], competency, 2.5)
    assert DirtyPerson.objects.count() == 1
    assert check_cells().wrong == 0
    assert oracle.stored("subtree") == oracle.subtree_cells(oracle.stored("own"))


@pytest.mark.parametrize("goes", ["elsewhere", "away"])
def test_a_person_who_goes_while_it_compares_is_no_fault_of_either_unit(people, monkeypatch, goes):
    """Control: the same change that nobody was told of is one."""
    monkeypatch.setattr(checking, "fold_changed_people", lambda: 0)  # it was over when the person went
    for is_told in (True, False):
        person = people.pop()
        if goes == "elsewhere":
            posting = person.postings.get()
            move_person(person, Unit.objects.get(code="B"), posting.position, day=today())
        else:
            leave(person, day=today())
        DirtyPerson.objects.all().delete()
        if is_told:
            mark_people([person.pk])
        assert (check_cells().wrong == 0) is is_told
        assert oracle.stored("subtree") == oracle.subtree_cells(oracle.stored("own"))


def test_what_is_kept_of_people_is_put_right(people):
    """A person's row that nobody was told of misleads the next fold; the comparison finds that and heals both."""
    before = oracle.stored("own")
    wrong, colleague = people[:2]
    kept = FoldedPerson.objects.get(person=wrong)
    right = bytes(kept.rows)
    level_of_another = bytes([1 + right[4] % 8])
    FoldedPerson.objects.filter(pk=kept.pk).update(rows=right[:4] + level_of_another + right[5:])
    set_estimate(colleague, colleague.estimates.get().competency, colleague.estimates.get().mean + 1e-9)
    fold_changed_people()
    assert oracle.stored("own") != before
    assert check_cells().wrong > 0
    assert bytes(FoldedPerson.objects.get(person=wrong).rows) == right
    assert check_cells().wrong == 0


def test_a_fold_reads_the_estimates_of_changed_people_alone(people):
    """A colleague's estimate that changed without a mark stays as it was kept; a fold of the unit does not see it."""
    before = oracle.stored("own")
    quiet, changed = people[:2]
    set_estimate(quiet, quiet.estimates.get().competency, 2.5, tell=False)
    DirtyPerson.objects.create(person=changed)
    fold_changed_people()
    assert oracle.stored("own") == before
    assert check_cells().wrong == 2
