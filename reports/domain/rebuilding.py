"""Making all cells anew, and learning the distributions that they stand on."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from reports.domain.basis import Basis, read_basis, read_distributions
from reports.domain.cells import children_first, count_cells, read_axes, sum_subtrees
from reports.domain.distribution import REFERENCE, Distribution, fit_distribution
from reports.domain.own_cells import Placements
from reports.domain.queries.everybody import may_read_apart, read_everybody
from reports.domain.queries.placements import units_of_cells
from reports.domain.turns import wait_for_turn
from reports.domain.unit_folding import fold_units, in_parts
from reports.models import Cell, CellBasis, CompetencyDistribution, DirtyPerson

_GROWTH, _GROWTH_LEAST = 1.5, 300
LEARNED_FROM = 100_000
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
    apart = may_read_apart()
    marks, _ = DirtyPerson.objects.all().delete()
    units = units_of_cells()
    parts = in_parts(children_first(units, basis.parents))
    with read_everybody(parts, basis.day, sample=LEARNED_FROM if refit else 0, apart=apart) as everybody:
        if refit:
            _store_distributions(learn_distributions(everybody.sample()))
        folded = fold_units(parts, basis, read_axes(), read_distributions(), now, everybody.staff_of)
        sum_subtrees(basis.parents, now, units, (table for table, _added in folded))
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


def learn_distributions(people: Placements) -> dict[int, Distribution]:
    """Return by competency what people assessed in it teach; one of too few people is left out.

    Of a large nation a sample of people teaches as much: the spread between units is known from it to 1 or 2%.
    """

    def learn(people: Placements) -> Distribution:
        known = people.select(people.is_assessed)
        return fit_distribution(known.mean, known.se, known.unit, known.group)

    of = dict(people.by_competency())
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        learned = dict(zip(of, workers.map(learn, of.values()), strict=True))
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
