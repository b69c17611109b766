"""Evidence and the estimates that follow from it alone."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone

from assessments.measurement import ItemParameters, estimate, report_level
from competencies.domain.evidence import ObservableScore, recompute_estimates, record_evidence
from competencies.domain.queries.estimates import estimates_at
from competencies.domain.standards import PROVISIONAL_CUTS
from competencies.models import Estimate, EstimateRevision, Evidence
from competencies.signals import estimate_changed
from tests.factories.competencies import MIDDLE, add_evidence, competency_of, make_framework
from tests.factories.organisation import PersonFactory

MARCH = datetime(2026, 3, 2, 8, tzinfo=UTC)
MAY = datetime(2026, 5, 4, 8, tzinfo=UTC)


def core_posterior(*scores: int):
    return estimate([(ItemParameters.from_dict(MIDDLE), score) for score in scores])


@pytest.mark.django_db
def test_evidence_makes_the_estimate_of_the_measurement_core():
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    (made,) = add_evidence(person, competency, {"a": 1, "b": 1, "c": 0})

    posterior = core_posterior(1, 1, 0)
    stored = Estimate.objects.get()
    assert stored == made
    assert stored.mean == pytest.approx(posterior.mean, abs=1e-12)
    assert stored.se == pytest.approx(posterior.se, abs=1e-12)
    assert stored.level_probabilities == pytest.approx(posterior.level_probabilities(PROVISIONAL_CUTS).tolist())
    report = report_level(posterior, PROVISIONAL_CUTS, 3)
    assert (stored.level, stored.band) == (report.level, report.band)
    assert (stored.evidence_count, stored.measured_at) == (3, MARCH)
    revision = EstimateRevision.objects.get()
    assert (revision.mean, revision.se, revision.reason, revision.at) == (
        stored.mean,
        stored.se,
        f"test sitting {person.pk}",
        MARCH,
    )


@pytest.mark.django_db
def test_same_evidence_again_changes_nothing():
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    add_evidence(person, competency, {"a": 1})
    assert add_evidence(person, competency, {"a": 0}) == []
    assert Evidence.objects.values_list("score", flat=True).get() == 1
    assert EstimateRevision.objects.count() == 1


@pytest.mark.django_db
def test_observable_met_again_counts_once_by_its_latest_observation():
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    add_evidence(person, competency, {"a": 0, "b": 1}, source_id="2", observed_at=MARCH)
    (after,) = add_evidence(person, competency, {"a": 1}, source_id="1", observed_at=MAY)
    assert (after.evidence_count, after.measured_at) == (2, MAY)
    assert after.mean == pytest.approx(core_posterior(1, 1).mean, abs=0.01)


@pytest.mark.django_db
def test_later_scoring_of_the_same_source_replaces_the_earlier_one():
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    add_evidence(person, competency, {"a": 0, "b": 1})
    (after,) = add_evidence(person, competency, {"a": 1}, scoring_version=2)
    assert after.mean == pytest.approx(core_posterior(1, 1).mean, abs=1e-12)
    assert Evidence.objects.count() == 3


FLAT = {"model": "2pl", "a": 1e-9, "b": 0.0}


@pytest.mark.django_db
def test_void_evidence_counts_no_more_and_gives_way_to_what_was_observed_before():
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    add_evidence(person, competency, {"a": 1, "b": 1}, source_id="1", observed_at=MARCH)
    add_evidence(person, competency, {"a": 0, "c": 0}, source_id="2", observed_at=MAY)
    void = {"scoring_version": 2, "maximum": 0, "parameters": FLAT}
    (after,) = add_evidence(person, competency, {"a": 0, "c": 0}, source_id="2", observed_at=MAY, **void)
    assert (after.evidence_count, after.measured_at) == (2, MARCH)
    assert after.mean == pytest.approx(core_posterior(1, 1).mean, abs=0.01)

    (after,) = add_evidence(person, competency, {"a": 0, "b": 0}, source_id="1", observed_at=MARCH, **void)
    assert (after.evidence_count, after.level, after.band) == (0, None, None)
    assert after.mean == pytest.approx(0.0, abs=1e-6)


@pytest.mark.django_db
def test_void_evidence_earns_no_level():
    """The control: many right answers earn one, the same answers void do not."""
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    answers = dict.fromkeys("abcdefghijklmnop", 1)
    (before,) = add_evidence(person, competency, answers)
    nothing = dict.fromkeys(answers, 0)
    (after,) = add_evidence(person, competency, nothing, scoring_version=2, maximum=0, parameters=FLAT)
    assert before.level is not None or before.band is not None
    assert (after.level, after.band) == (None, None)


@pytest.mark.django_db
def test_estimates_are_recomputable_from_evidence_alone():
    framework = make_framework("9.1", "9.2")
    people = [PersonFactory() for _ in range(3)]
    for number, person in enumerate(people):
        for code in ("9.1", "9.2"):
            add_evidence(person, competency_of(framework, code), {"a": number % 2, "b": 1, "c": 0, "d": 1})
    fields = [
        "person",
        "competency",
        "standard",
        "mean",
        "se",
        "joint_mean",
        "joint_se",
        "borrowed",
        "level_probabilities",
        "level",
        "band",
        "evidence_count",
    ]
    before = list(Estimate.objects.order_by("person", "competency").values_list(*fields, "measured_at"))
    Estimate.objects.all().delete()

    assert recompute_estimates([person.pk for person in people], "recomputed", as_of=MARCH) == 6
    assert list(Estimate.objects.order_by("person", "competency").values_list(*fields, "measured_at")) == before
    assert EstimateRevision.objects.filter(reason="recomputed").count() == 6


@pytest.mark.django_db
def test_estimates_at_a_moment_use_the_evidence_until_then():
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    add_evidence(person, competency, {"a": 1}, source_id="1", observed_at=MARCH)
    add_evidence(person, competency, {"b": 0}, source_id="2", observed_at=MAY)
    cuts = {competency.pk: PROVISIONAL_CUTS}
    in_march = estimates_at(person.pk, cuts, MARCH)[competency.pk]
    assert in_march.values.mean == pytest.approx(core_posterior(1).mean, abs=1e-12)
    assert [row.observable for row in in_march.evidence] == ["a"]
    assert estimates_at(person.pk, cuts, MAY)[competency.pk].values.mean == pytest.approx(0.0, abs=0.01)
    assert estimates_at(person.pk, cuts, datetime(2025, 1, 1, tzinfo=UTC)) == {}


@pytest.mark.django_db
def test_change_is_told_once_after_commit(django_capture_on_commit_callbacks):
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    heard: list[list[int]] = []

    def hear(person_ids: list[int], **kwargs: object) -> None:
        heard.append(person_ids)

    estimate_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            add_evidence(person, competency, {"a": 1, "b": 0})
            assert heard == []
    finally:
        estimate_changed.disconnect(hear)
    assert heard == [[person.pk]]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 30])
def test_recording_takes_the_same_queries_for_any_number_of_observables(count, django_assert_num_queries):
    framework = make_framework(*(f"9.{n}" for n in range(1, 31)))
    person = PersonFactory()
    pks = [competency_of(framework, f"9.{n}").pk for n in range(1, count + 1)]
    observables = [ObservableScore(pk, f"item {pk}", 1, 1, MIDDLE) for pk in pks]
    with django_assert_num_queries(5):
        record_evidence(person, source_kind="test", source_id="1", observed_at=MARCH, observables=observables)


@pytest.mark.django_db
def test_nothing_observed_touches_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert (
            record_evidence(PersonFactory.build(), source_kind="t", source_id="1", observed_at=MARCH, observables=[])
            == []
        )


@pytest.mark.django_db
def test_score_above_its_maximum_is_refused_by_the_database():
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    with pytest.raises(Exception, match="score_within_maximum"), transaction.atomic():
        record_evidence(
            person,
            source_kind="t",
            source_id="1",
            observed_at=MARCH,
            observables=[ObservableScore(competency.pk, "a", 2, 1, MIDDLE)],
        )


@pytest.mark.django_db(transaction=True)
def test_recording_needs_the_transaction_of_its_source():
    with pytest.raises(transaction.TransactionManagementError):
        record_evidence(PersonFactory.build(), source_kind="t", source_id="1", observed_at=MARCH, observables=[])


@pytest.mark.django_db(transaction=True)
def test_two_sources_at_once_both_count():
    person, competency = PersonFactory(), competency_of(make_framework(), "9.1")
    barrier = threading.Barrier(8)
    failures: list[BaseException] = []

    def record(number: int) -> None:
        try:
            barrier.wait()
            add_evidence(person, competency, {f"item {number}": 1}, source_id=str(number), observed_at=timezone.now())
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=record, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Estimate.objects.values_list("evidence_count", flat=True).get() == 8
    assert Estimate.objects.get().mean == pytest.approx(core_posterior(*[1] * 8).mean, abs=1e-12)
