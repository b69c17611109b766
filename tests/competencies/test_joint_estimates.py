"""Evidence in one competency narrows the others, own and borrowed information stay apart, and evidence ages."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from assessments.measurement import GRID, LOG_PRIOR, ItemParameters, Posterior, ageing, loglikelihood_on_grid
from competencies.domain.ageing import LASTS, SD_PER_YEAR, measure_again_from, people_to_refresh
from competencies.domain.correlation import (
    OTHER_DOMAIN,
    SAME_DOMAIN,
    add_correlation_matrix,
    correlations_in_force,
)
from competencies.domain.evidence import recompute_estimates, refresh_estimates
from competencies.domain.queries.estimates import estimates_at, estimates_of
from competencies.domain.standards import PROVISIONAL_CUTS
from competencies.models import Competency, CorrelationMatrix, Estimate, EstimateRevision
from organisation.models import Person
from tests.factories.competencies import CompetencyFactory, add_evidence, competency_of, make_framework
from tests.factories.organisation import PersonFactory

DAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
HARD = {"model": "2pl", "a": 1.6, "b": 1.2}
STRONG = {f"strong {n}": int(n < 9) for n in range(12)}
FEW = {"a": 1, "b": 0, "c": 1}


@pytest.fixture
def pair() -> tuple[Competency, Competency]:
    framework = make_framework("9.1", "9.2")
    return competency_of(framework, "9.1"), competency_of(framework, "9.2")


def measured(pair: tuple[Competency, Competency]) -> Person:
    """Somebody with much evidence of strength in the first competency and little in the second."""
    person = PersonFactory()
    add_evidence(person, pair[0], STRONG, source_id=f"1 {person.pk}", observed_at=DAY, parameters=HARD)
    add_evidence(person, pair[1], FEW, source_id=f"2 {person.pk}", observed_at=DAY)
    return person


def curve(scores: dict[str, int], parameters: dict[str, object]) -> np.ndarray:
    return loglikelihood_on_grid([(ItemParameters.from_dict(parameters), score) for score in scores.values()])


def exact_marginals(first: np.ndarray, second: np.ndarray, r: float) -> list[tuple[float, float]]:
    """Mean and SD in both competencies by quadrature over the plane, 61 x 61 points."""
    x, y = np.meshgrid(GRID, GRID, indexing="ij")
    log = first[:, None] + second[None, :] - 0.5 * (x**2 - 2 * r * x * y + y**2) / (1 - r**2)
    weights = np.exp(log - log.max())
    weights /= weights.sum()
    found = []
    for axis in (1, 0):
        margin = weights.sum(axis=axis)
        mean = float(margin @ GRID)
        found.append((mean, float(np.sqrt(margin @ (GRID - mean) ** 2))))
    return found


@pytest.mark.django_db
def test_joint_estimates_agree_with_exact_quadrature(pair):
    person = measured(pair)
    exact = exact_marginals(curve(STRONG, HARD), curve(FEW, {"model": "2pl", "a": 1.2, "b": 0.0}), SAME_DOMAIN)
    stored = Estimate.objects.filter(person=person).order_by("competency__code")
    for estimate, (mean, sd) in zip(stored, exact, strict=True):
        assert estimate.joint_mean == pytest.approx(mean, abs=0.02)
        assert estimate.joint_se == pytest.approx(sd, abs=0.02)


@pytest.mark.django_db
def test_own_estimate_takes_no_notice_of_other_competencies(pair):
    person, other = measured(pair), PersonFactory()
    add_evidence(other, pair[1], FEW, source_id="alone", observed_at=DAY)
    figures = ("mean", "se", "joint_mean", "joint_se", "borrowed")
    mean, se, joint_mean, joint_se, borrowed = (
        Estimate.objects.filter(person=person, competency=pair[1]).values_list(*figures).get()
    )
    alone = Estimate.objects.filter(person=other).values_list(*figures).get()
    assert alone == pytest.approx((mean, se, mean, se, 0.0), abs=1e-9)
    assert joint_mean > mean + 0.1
    assert joint_se < se - 0.015
    assert 0.1 < borrowed < 0.6


@pytest.mark.django_db
def test_new_evidence_in_one_competency_moves_the_other(pair):
    person = PersonFactory()
    add_evidence(person, pair[1], FEW, source_id="2", observed_at=DAY)
    figures = ("mean", "se", "joint_mean")
    before = Estimate.objects.filter(person=person).values_list(*figures).get()
    changed = add_evidence(person, pair[0], STRONG, source_id="1", observed_at=DAY, parameters=HARD)
    assert [each.competency_id for each in changed] == [pair[0].pk, pair[1].pk]
    after = Estimate.objects.filter(person=person, competency=pair[1]).values_list(*figures).get()
    assert after[2] > before[2]
    assert after[:2] == pytest.approx(before[:2], abs=1e-12)


@pytest.mark.django_db
def test_estimates_step_by_step_are_those_of_all_evidence_at_once(pair):
    person = measured(pair)
    fields = ["competency", "mean", "se", "joint_mean", "joint_se", "borrowed", "level_probabilities", "level"]
    stored = list(Estimate.objects.order_by("competency").values_list(*fields))
    Estimate.objects.all().delete()
    recompute_estimates([person.pk], "again", as_of=DAY)
    assert list(Estimate.objects.order_by("competency").values_list(*fields)) == stored
    at = estimates_at(person.pk, dict.fromkeys([each.pk for each in pair], PROVISIONAL_CUTS), DAY)
    assert [at[row[0]].values.joint_mean for row in stored] == pytest.approx([row[3] for row in stored], abs=1e-12)


@pytest.mark.django_db
def test_borrowing_alone_earns_no_level(pair):
    person = PersonFactory()
    add_evidence(person, pair[0], STRONG, source_id="1", observed_at=DAY, parameters=HARD)
    add_evidence(person, pair[1], {"a": 1, "b": 1}, source_id="2", observed_at=DAY)
    two = Estimate.objects.get(competency=pair[1])
    assert (two.evidence_count, two.level, two.band) == (2, None, None)


@pytest.mark.django_db
def test_correlations_default_by_domain_until_a_matrix_is_in_force(pair):
    far = CompetencyFactory()
    pks = [pair[0].pk, pair[1].pk, far.pk]
    default = correlations_in_force(pks, DAY)
    assert default.competencies == tuple(pks)
    assert default.matrix_pk is None
    assert default.rows == (
        (1.0, SAME_DOMAIN, OTHER_DOMAIN),
        (SAME_DOMAIN, 1.0, OTHER_DOMAIN),
        (OTHER_DOMAIN, OTHER_DOMAIN, 1.0),
    )
    learned = add_correlation_matrix(pks[:2], [1, 0.7, 0.7, 1], people=300, average=0.7, kept=0.5, at=DAY)
    now = correlations_in_force(pks, DAY)
    assert now.matrix_pk == learned.pk
    assert now.rows[0] == (1.0, 0.7, OTHER_DOMAIN)
    assert correlations_in_force(pks, DAY - timedelta(seconds=1)) == default


@pytest.mark.django_db
def test_matrix_that_is_not_square_is_refused_by_the_database(pair):
    with pytest.raises(IntegrityError, match="correlation_matrix_is_square"), transaction.atomic():
        add_correlation_matrix([1, 2], [1.0, 0.5, 1.0], people=1, average=0.5, kept=0.5, at=DAY)
    assert CorrelationMatrix.objects.count() == 0


@pytest.mark.django_db
def test_evidence_widens_with_age_and_never_beyond_the_prior(pair):
    person = PersonFactory()
    add_evidence(person, pair[0], STRONG, observed_at=DAY, parameters=HARD)
    cuts = {pair[0].pk: PROVISIONAL_CUTS}
    errors = [
        estimates_at(person.pk, cuts, DAY + timedelta(days=round(365.25 * years)))[pair[0].pk].values.se
        for years in (0, 1, 4, 1000)
    ]
    assert errors == sorted(errors)
    assert errors[1] - errors[0] > 0.01
    assert errors[3] == pytest.approx(1.0, abs=0.02)


@pytest.mark.django_db
def test_likelihood_of_a_normal_curve_ages_by_the_documented_walk(pair):
    """Many answers make a nearly normal likelihood: its variance must grow by sd^2 a year."""
    person = PersonFactory()
    scores = {f"i{n}": n % 2 for n in range(40)}
    add_evidence(person, pair[0], scores, observed_at=DAY)
    cuts = {pair[0].pk: PROVISIONAL_CUTS}
    now, later = (
        estimates_at(person.pk, cuts, DAY + timedelta(days=days))[pair[0].pk].values for days in (0, round(2 * 365.25))
    )
    variance = [1 / (1 / values.se**2 - 1) for values in (now, later)]
    assert variance[1] - variance[0] == pytest.approx(2 * SD_PER_YEAR**2, rel=0.05)


@pytest.mark.django_db
def test_answers_of_two_years_meet_at_the_later_one(pair):
    """The forward recursion by hand: the old curve is spread, then met with the new one."""
    person = PersonFactory()
    later = DAY + timedelta(days=731)
    add_evidence(person, pair[0], STRONG, source_id="1", observed_at=DAY, parameters=HARD)
    add_evidence(person, pair[0], FEW, source_id="2", observed_at=later)
    flat = Posterior(np.exp(curve(STRONG, HARD)) / np.exp(curve(STRONG, HARD)).sum())
    spread = ageing(flat, 731 / 365.25, SD_PER_YEAR)
    expected = Posterior.from_log_weights(
        np.log(np.maximum(spread.weights, 1e-300)) + curve(FEW, {"model": "2pl", "a": 1.2, "b": 0.0}) + LOG_PRIOR
    )
    stored = Estimate.objects.get()
    assert (stored.mean, stored.se) == pytest.approx((expected.mean, expected.se), abs=1e-6)


@pytest.mark.django_db
def test_refresh_makes_anew_what_has_widened_and_nothing_else(pair):
    person = measured(pair)
    assert refresh_estimates(100, now=DAY + timedelta(days=1)) == 0
    later = DAY + timedelta(days=365)
    assert people_to_refresh(later, 100) == [person.pk]
    before = Estimate.objects.get(competency=pair[0])
    assert refresh_estimates(100, now=later) == 1
    after = Estimate.objects.get(competency=pair[0])
    assert after.se > before.se + 0.02
    assert after.as_of == later
    assert EstimateRevision.objects.filter(reason="refresh").count() == 2
    assert refresh_estimates(100, now=later) == 0


@pytest.mark.django_db
def test_refresh_takes_up_a_newer_matrix(pair):
    measured(pair)
    add_correlation_matrix([each.pk for each in pair], [1, 0.9, 0.9, 1], people=300, average=0.9, kept=1, at=DAY)
    before = Estimate.objects.get(competency=pair[1]).borrowed
    assert refresh_estimates(100, now=DAY) == 1
    assert Estimate.objects.get(competency=pair[1]).borrowed > before
    assert refresh_estimates(100, now=DAY) == 0


def test_time_to_measure_again_is_when_too_little_is_recent():
    times = [DAY, DAY + timedelta(days=10), DAY + timedelta(days=20), DAY + timedelta(days=30)]
    assert measure_again_from(times) == times[1] + LASTS
    assert measure_again_from(times[:2]) is None
    assert timedelta(days=822) == LASTS


@pytest.mark.django_db
def test_page_is_told_when_to_measure_again(pair):
    person = measured(pair)
    (row, _) = estimates_of(person)
    assert not row.is_too_old(DAY + LASTS - timedelta(seconds=1))
    assert row.is_too_old(DAY + LASTS)
