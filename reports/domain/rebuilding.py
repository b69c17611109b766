"""Making all cells anew, and learning the distributions that they stand on."""

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from reports.domain.basis import Basis, read_basis, read_distributions
from reports.domain.cells import sum_subtrees
from reports.domain.distribution import REFERENCE, fit_distribution
from reports.domain.queries.placements import assessed_placements, required_competencies, units_with_people
from reports.domain.turns import wait_for_turn
from reports.domain.unit_folding import fold_units
from reports.models import Cell, CellBasis, CompetencyDistribution, DirtyPerson

_UNITS_AT_A_TIME = 200
_GROWTH, _GROWTH_LEAST = 1.5, 300


def rebuild_cells(*, refit: bool = True) -> int:
    """Make every cell anew from people, and return how many cells there are then.

    refit: learn the competencies' distributions anew as well. Readers see the old cells until all new ones are there.
    """
    with transaction.atomic():
        wait_for_turn()
        rebuild_in_turn(read_basis(), refit=refit)
        return Cell.objects.count()


def rebuild_in_turn(basis: Basis, *, refit: bool) -> int:
    """Make every cell anew; the caller holds the turn. Return how many marks of changed people that settles."""
    now = timezone.now()
    marks, _ = DirtyPerson.objects.all().delete()
    if refit:
        _learn_distributions(basis)
    distributions = read_distributions()
    for units in units_with_people(basis.day, _UNITS_AT_A_TIME):
        fold_units(units, basis, distributions, now)
    sum_subtrees(basis.day, now)
    _note_basis(basis, refit=refit)
    return marks


def have_outgrown_distributions() -> bool:
    """Say whether the estimates have grown by half (and by at least 300) since the distributions were learned."""
    basis = CellBasis.objects.get()
    return basis.estimates >= _GROWTH * basis.fitted_estimates + _GROWTH_LEAST


def _note_basis(basis: Basis, *, refit: bool) -> None:
    counted = Cell.objects.filter(scope=Cell.Scope.OWN, position_group=None).aggregate(total=Sum("assessed"))
    estimates = counted["total"] or 0
    note = {"day": basis.day, "digest": basis.digest, "estimates": estimates, "rebuilt_at": timezone.now()}
    if refit:
        note["fitted_estimates"] = estimates
    CellBasis.objects.update_or_create(pk=1, defaults=note, create_defaults={"fitted_estimates": 0} | note)


def _learn_distributions(basis: Basis) -> None:
    CompetencyDistribution.objects.all().delete()
    rows = []
    for competency in required_competencies(basis.day):
        people = assessed_placements(competency, basis.day)
        learned = fit_distribution(people.mean, people.se, people.unit, people.group)
        if learned is not REFERENCE:
            rows.append(
                CompetencyDistribution(
                    competency_id=competency,
                    mu0=learned.mu0,
                    between_sd=learned.between_sd,
                    within_sd=learned.within_sd,
                    group_effects={str(group): effect for group, effect in learned.group_effects.items()},
                    people=learned.people,
                )
            )
    CompetencyDistribution.objects.bulk_create(rows)
