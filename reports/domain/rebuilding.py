"""Making all cells anew, and learning the distributions that they stand on."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from reports.domain.basis import Basis, read_basis, read_distributions
from reports.domain.cells import count_cells, read_axes, sum_subtrees
from reports.domain.distribution import REFERENCE, Distribution, fit_distribution
from reports.domain.own_cells import Placements
from reports.domain.queries.placements import sampled_placements, units_of_cells
from reports.domain.turns import wait_for_turn
from reports.domain.unit_folding import fold_units
from reports.models import Cell, CellBasis, CompetencyDistribution, DirtyPerson

_GROWTH, _GROWTH_LEAST = 1.5, 300
_LEARNED_FROM = 100_000
"""People."""
_AT_ONCE = 2


def rebuild_cells(*, refit: bool = True) -> int:
    """Make every cell anew from people, and return how many cells there are then.

    refit: learn the competencies' distributions anew as well. Readers see the old cells until all new ones are there.
    """
    with transaction.atomic():
        wait_for_turn()
        rebuild_in_turn(read_basis(), refit=refit)
        return count_cells()


def rebuild_in_turn(basis: Basis, *, refit: bool) -> int:
    """Make every cell anew; the caller holds the turn. Return how many marks of changed people that settles."""
    now = timezone.now()
    marks, _ = DirtyPerson.objects.all().delete()
    if refit:
        _store_distributions(learn_distributions(basis.day))
    axes, distributions = read_axes(), read_distributions()
    for _changes in fold_units(units_of_cells(), basis, axes, distributions, now, anew=True):
        pass
    sum_subtrees(basis.parents, now)
    _note_basis(basis, refit=refit)
    return marks


def have_outgrown_distributions() -> bool:
    """Say whether the estimates have grown by half (and by at least 300) since the distributions were learned."""
    basis = CellBasis.objects.get()
    return basis.estimates >= _GROWTH * basis.fitted_estimates + _GROWTH_LEAST


def _note_basis(basis: Basis, *, refit: bool) -> None:
    counted = Cell.objects.filter(scope=Cell.Scope.OWN, position_group=None).aggregate(total=Sum("assessed"))
    estimates = counted["total"] or 0
    note = {
        "day": basis.day,
        "digest": basis.digest,
        "tree": basis.tree,
        "parents": basis.parents,
        "estimates": estimates,
        "rebuilt_at": timezone.now(),
    }
    if refit:
        note["fitted_estimates"] = estimates
    CellBasis.objects.update_or_create(pk=1, defaults=note, create_defaults={"fitted_estimates": 0} | note)


def learn_distributions(day: date, *, known_then: bool = False) -> dict[int, Distribution]:
    """Return by competency what people assessed in it teach; one of too few people is left out.

    Of a large nation a sample of people teaches as much: the spread between units is known from it to 1 or 2%.
    known_then: from the estimates as they were when the day ended, instead of those that stand.
    """

    def learn(people: Placements) -> Distribution:
        known = people.select(people.is_assessed)
        return fit_distribution(known.mean, known.se, known.unit, known.group)

    people = dict(sampled_placements(day, _LEARNED_FROM, known_then=known_then).by_competency())
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        learned = dict(zip(people, workers.map(learn, people.values()), strict=True))
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
