"""Making all cells anew, and learning the distributions that they stand on."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from reports.domain.basis import Basis, read_basis, read_distributions
from reports.domain.cells import sum_subtrees
from reports.domain.distribution import REFERENCE, Distribution, fit_distribution
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
        _store_distributions(learn_distributions(basis.day))
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


def learn_distributions(day: date, *, known_then: bool = False) -> dict[int, Distribution]:
    """Return by competency what all people assessed in it teach; one of too few people is left out.

    known_then: from the estimates as they were when the day ended, instead of those that stand.
    """
    learned = {}
    for competency in required_competencies(day):
        people = assessed_placements(competency, day, known_then=known_then)
        learned[competency] = fit_distribution(people.mean, people.se, people.unit, people.group)
    return {competency: each for competency, each in learned.items() if each is not REFERENCE}


def _store_distributions(learned: Mapping[int, Distribution]) -> None:
    CompetencyDistribution.objects.all().delete()
    CompetencyDistribution.objects.bulk_create(
        CompetencyDistribution(
            competency_id=competency,
            mu0=each.mu0,
            between_sd=each.between_sd,
            within_sd=each.within_sd,
            group_effects={str(group): effect for group, effect in each.group_effects.items()},
            people=each.people,
        )
        for competency, each in learned.items()
    )
