"""Calibration runs: from evidence to a proposal, the same however it is split, published whole or not at all."""

from datetime import timedelta
from unittest.mock import patch

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.domain.calibration import (
    CalibrationRefused,
    discard_calibration,
    is_stalled,
    note_failure,
    publish_calibration,
    start_calibration,
    wake_stalled,
)
from assessments.domain.calibration_steps import advance_run, calculate_chunk, prepare_run
from assessments.domain.queries.response_table import read_response_table
from assessments.domain.regrading import NO_INFORMATION
from assessments.measurement import ItemParameters, ItemPrior, calibrate
from assessments.models import (
    CalibrationChunk,
    CalibrationProposal,
    CalibrationRun,
    CalibrationStatistics,
    ItemParameterSet,
    ItemVersion,
    Presentation,
)
from competencies.models import Estimate, Evidence
from organisation.models import AuditEvent
from tests.assessments.calibration.bank import (
    START,
    author_items,
    let_sit,
    make_competency,
    make_people,
    make_versions,
    new_of,
    true_items,
)
from tests.factories.organisation import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor():
    return UserFactory()


@pytest.fixture
def competency():
    return make_competency()


def run_through(run: CalibrationRun, people_per_chunk: int = 2000) -> CalibrationRun:
    """Do in this process what workers do."""
    iteration = prepare_run(run.pk, people_per_chunk)
    while iteration is not None:
        run.refresh_from_db()
        for number in range(run.chunks):
            calculate_chunk(run.pk, iteration, number)
        iteration = advance_run(run.pk, iteration)
    run.refresh_from_db()
    return run


def calibrated(competency, actor, people_per_chunk: int = 2000, **options) -> CalibrationRun:
    (run,) = start_calibration(actor, [competency], **options)
    return run_through(run, people_per_chunk)


def proposal_of(run: CalibrationRun, code: str) -> CalibrationProposal:
    return run.proposals.get(version__item__code=code)


@pytest.fixture
def sat(competency):
    """A bank of eight items, nearly all of which 560 people answered, and another item that nobody met."""
    rng = np.random.default_rng(3)
    truth = true_items(rng, 8)
    versions = make_versions(competency, author_items(truth))
    theta = rng.standard_normal(560)
    scores = let_sit(versions, truth, theta, rng, share=0.95)
    make_versions(competency, author_items(truth[:1]), prefix="unmet")
    return versions, truth, scores


def test_response_table_is_what_people_answered(competency, sat):
    versions, _truth, scores = sat
    table = read_response_table(competency.pk)
    assert [each.pk for each in table.versions[:8]] == [each.pk for each in versions]
    assert table.responses is not None
    expected = np.column_stack([np.where(scores < 0, np.nan, scores), np.full(len(scores), np.nan)])
    np.testing.assert_array_equal(table.responses.matrix(0, len(scores)), expected)
    assert (len(table.presentations), len(table.observed_at)) == (table.responses.item.size,) * 2


def test_response_table_keeps_the_first_answer_to_a_version(competency):
    rng = np.random.default_rng(1)
    truth = true_items(rng, 1)
    versions = make_versions(competency, truth)
    (person,) = make_people(1)
    for days, score in ((5, 0), (1, 1)):
        let_sit(
            versions,
            truth,
            np.zeros(1),
            rng,
            people=[person],
            scores=np.array([[score]]),
            started_at=START + timedelta(days=days),
        )
    table = read_response_table(competency.pk)
    assert table.responses is not None
    assert table.responses.score.tolist() == [1]


def test_calibration_equals_the_engine_in_one_process(competency, sat, actor):
    run = calibrated(competency, actor)
    assert (run.status, run.people, run.done, run.problem) == ("ready", 560, 100, "")
    table = read_response_table(competency.pk)
    assert table.responses is not None
    responses = table.responses.without(["unmet-01 v1"])
    found = calibrate(responses, ItemPrior(b_mean=(-0.375,) * 8, b_sd=1.5))
    for at, params in enumerate(found.parameters):
        row = proposal_of(run, params.label.split()[0])
        assert new_of(row)["a"] == pytest.approx(params.a, abs=1e-10)
        assert new_of(row)["b"] == pytest.approx(params.b, abs=1e-10)
        assert row.standard_errors == pytest.approx(found.se[at], abs=1e-8)


def test_calibration_recovers_the_truth(competency, sat, actor):
    _versions, truth, _scores = sat
    run = calibrated(competency, actor)
    rows = list(run.proposals.filter(new__isnull=False))
    z = [(new_of(row)["b"] - params.b) / row.standard_errors[1] for row, params in zip(rows, truth, strict=True)]
    assert np.sqrt(np.mean(np.square(z))) < 1.5
    assert {row.outcome for row in rows} == {"calibrated"}


def test_one_and_four_chunks_give_the_same_answer(competency, sat, actor):
    whole = calibrated(competency, actor, people_per_chunk=10_000)
    split = calibrated(competency, actor, people_per_chunk=140)
    assert (whole.chunks, split.chunks) == (1, 4)
    for one, other in zip(whole.proposals.all(), split.proposals.all(), strict=True):
        assert (one.version_id, one.outcome, one.flags) == (other.version_id, other.outcome, other.flags)
        if one.new:
            numbers = [(new_of(each)["a"], new_of(each)["b"], *each.standard_errors) for each in (one, other)]
            np.testing.assert_allclose(numbers[0], numbers[1], rtol=0, atol=1e-8)
    assert whole.result["loglikelihood"] == pytest.approx(split.result["loglikelihood"], abs=1e-8)
    assert whole.result["levels"]["table"] == split.result["levels"]["table"]


def test_a_task_delivered_twice_changes_nothing(competency, sat, actor):
    (run,) = start_calibration(actor, [competency])
    iteration = prepare_run(run.pk, 280)
    assert (iteration, prepare_run(run.pk, 280)) == (0, 0)
    assert advance_run(run.pk, 0) is None, "no chunk is there yet"
    calculate_chunk(run.pk, 0, 0)
    assert advance_run(run.pk, 0) is None, "one chunk is missing"
    calculate_chunk(run.pk, 0, 1)
    calculate_chunk(run.pk, 0, 1)
    assert CalibrationStatistics.objects.filter(run=run).count() == 2
    assert advance_run(run.pk, 0) == 1
    assert advance_run(run.pk, 0) is None, "this step was taken"
    calculate_chunk(run.pk, 0, 0)
    assert CalibrationStatistics.objects.filter(run=run).count() == 0, "a late chunk of an old step leaves nothing"


def test_working_rows_go_when_the_proposal_is_there(competency, sat, actor):
    run = calibrated(competency, actor)
    assert (CalibrationChunk.objects.count(), CalibrationStatistics.objects.count(), bytes(run.sequence)) == (0, 0, b"")


def test_items_that_cannot_be_calibrated_are_refused_by_name(competency, actor):
    rng = np.random.default_rng(5)
    truth = true_items(rng, 6)
    versions = make_versions(competency, truth)
    partial = make_versions(competency, [ItemParameters("gpcm", 1.0, steps=(-0.5, 0.5))], prefix="partial")
    scores = (rng.random((600, 7)) < 0.5).astype(int)
    scores[:, 2] = 1
    scores[:, 3] = -1
    scores[:, 6] *= 2
    let_sit([*versions, *partial], truth, rng.standard_normal(600), rng, scores=scores)
    run = calibrated(competency, actor)
    refused = {row.version.item.code: row.flags for row in run.proposals.filter(outcome="refused")}
    assert refused == {
        "6.3-03": ["one_score:1"],
        "6.3-04": ["no_answers"],
        "partial-01": ["score_never_given:1"],
    }
    assert run.proposals.filter(outcome="calibrated").count() == 4


def test_items_whose_highest_score_changed_are_refused(competency, sat, actor):
    _versions, _truth, _scores = sat
    row = Evidence.objects.filter(observable="6.3-05").earliest("pk")
    row.pk, row.maximum, row.scoring_version = None, 2, 2
    row.save()
    run = calibrated(competency, actor)
    assert proposal_of(run, "6.3-05").flags == ["mixed_maximum"]


@pytest.mark.parametrize(
    ("people", "model", "outcome"),
    [
        (199, "difficulty", "provisional"),
        (200, "difficulty", "calibrated"),
        (499, "2pl", "provisional"),
        (500, "2pl", "calibrated"),
    ],
)
def test_items_with_too_few_answers_stay_uncalibrated(competency, actor, people, model, outcome):
    rng = np.random.default_rng(8)
    truth = true_items(rng, 5)
    let_sit(make_versions(competency, author_items(truth)), truth, rng.standard_normal(people), rng)
    run = calibrated(competency, actor, model=model)
    assert {row.outcome for row in run.proposals.all()} == {outcome}
    publish_calibration(run, actor)
    newest = ItemParameterSet.objects.order_by("-pk")[:5]
    assert {(each.calibrated, each.responses) for each in newest} == {(outcome == "calibrated", people)}


def test_difficulty_alone_holds_the_discrimination(competency, sat, actor):
    run = calibrated(competency, actor, model="difficulty")
    slopes = [new_of(row)["a"] for row in run.proposals.filter(new__isnull=False)]
    assert slopes == pytest.approx([1.2] * 8, abs=2e-3)


def test_partial_scores_are_calibrated_by_gpcm(competency, actor):
    rng = np.random.default_rng(11)
    truth = [
        ItemParameters("gpcm", float(np.exp(rng.normal(0, 0.2))), steps=tuple(np.sort(rng.normal(0, 0.8, 3)).tolist()))
        for _ in range(6)
    ]
    let_sit(make_versions(competency, truth), truth, rng.standard_normal(900), rng)
    run = calibrated(competency, actor)
    for row, params in zip(run.proposals.all(), truth, strict=True):
        assert new_of(row)["model"] == "gpcm"
        assert new_of(row)["steps"] == pytest.approx(params.steps, abs=0.45)


def test_empty_competency_fails_by_name_and_writes_nothing(competency, actor):
    make_versions(competency, true_items(np.random.default_rng(1), 2))
    run = calibrated(competency, actor)
    assert (run.status, run.problem, run.detail) == ("failed", "no_answers", {"items": ["6.3-01 v1", "6.3-02 v1"]})
    assert CalibrationProposal.objects.count() == 0


@pytest.mark.parametrize("bad", [{"a": 0.0}, {"a": -1.0}, {"b": "NaN"}, {"c": 1.5, "model": "3pl_fixed"}])
def test_anchor_with_parameters_that_cannot_be_fails_by_name(competency, actor, bad):
    rng = np.random.default_rng(2)
    truth = true_items(rng, 5)
    versions = make_versions(competency, truth, calibrated=True)
    let_sit(versions, truth, rng.standard_normal(60), rng)
    ItemParameterSet.objects.create(
        version=versions[3], competency=competency, parameters={**truth[3].to_dict(), **bad}, calibrated=True
    )
    count = ItemParameterSet.objects.count()
    run = calibrated(competency, actor)
    assert (run.status, run.problem, run.detail["items"]) == ("failed", "bad_parameters", ["6.3-04 v1"])
    assert (CalibrationProposal.objects.count(), ItemParameterSet.objects.count()) == (0, count)


def test_void_answers_are_refused_by_name(competency, actor):
    """What a regrade made void has maximum 0: it says nothing, and is not taken for wrong answers."""
    rng = np.random.default_rng(2)
    truth = true_items(rng, 5)
    versions = make_versions(competency, author_items(truth))
    let_sit(versions, truth, rng.standard_normal(200), rng)
    ItemVersion.objects.filter(pk=versions[2].pk).update(status="retired")
    said = Evidence.objects.filter(observable="6.3-03").values("person_id", "source_kind", "source_id", "observed_at")
    Evidence.objects.bulk_create(
        Evidence(
            **row,
            competency=competency,
            observable="6.3-03",
            score=0,
            maximum=0,
            parameters=NO_INFORMATION,
            scoring_version=2,
        )
        for row in said
    )
    run = calibrated(competency, actor)
    assert (run.status, [row.version.item.code for row in run.proposals.all()]) == (
        "ready",
        ["6.3-01", "6.3-02", "6.3-04", "6.3-05"],
    )
    (refused,) = run.plan["refused"]
    assert (refused["label"], refused["reason"]) == ("6.3-03 v1", "one_score")


def test_unlinked_sets_of_items_fail_by_name(competency, actor):
    rng = np.random.default_rng(2)
    truth = true_items(rng, 5)
    versions = make_versions(competency, author_items(truth))
    scores = (rng.random((400, 5)) < 0.5).astype(int)
    scores[:200, :2] = -1
    scores[200:, 2:] = -1
    let_sit(versions, truth, np.zeros(400), rng, scores=scores)
    run = calibrated(competency, actor)
    assert (run.status, run.problem) == ("failed", "disconnected")
    assert run.detail == {"sets": [["6.3-01 v1", "6.3-02 v1"], ["6.3-03 v1", "6.3-04 v1", "6.3-05 v1"]]}


def test_anchors_keep_their_parameters_and_the_scale(competency, actor):
    rng = np.random.default_rng(4)
    truth = true_items(rng, 8)
    anchors = make_versions(competency, truth[:4], calibrated=True, prefix="anchor")
    others = make_versions(competency, author_items(truth[4:]), prefix="new")
    theta = 0.6 + 0.8 * rng.standard_normal(900)
    let_sit([*anchors, *others], truth, theta, rng)
    run = calibrated(competency, actor)
    assert (run.result["mean"], run.result["sd"]) == (pytest.approx(0.6, abs=0.1), pytest.approx(0.8, abs=0.1))
    rows = {row.version.item.code: row for row in run.proposals.all()}
    assert {code: row.outcome for code, row in rows.items()} == {
        f"{name}-{at:02d}": outcome
        for name, outcome in (("anchor", "anchor"), ("new", "calibrated"))
        for at in range(1, 5)
    }
    errors = [new_of(rows[f"new-{at:02d}"])["b"] - params.b for at, params in enumerate(truth[4:], start=1)]
    assert np.abs(errors).max() < 0.4
    publish_calibration(run, actor)
    assert ItemParameterSet.objects.filter(version__in=anchors).count() == 4


def test_an_anchor_that_drifted_is_released_and_reported(competency, actor):
    rng = np.random.default_rng(6)
    truth = true_items(rng, 10)
    known = [*truth[:7], ItemParameters("2pl", truth[7].a, truth[7].b + 1.2)]
    anchors = make_versions(competency, known, calibrated=True, prefix="anchor")
    others = make_versions(competency, author_items(truth[8:]), prefix="new")
    let_sit([*anchors, *others], truth, rng.standard_normal(1500), rng)
    run = calibrated(competency, actor)
    assert run.plan["released"] == ["anchor-08 v1"]
    row = proposal_of(run, "anchor-08")
    assert (row.outcome, row.flags) == ("calibrated", ["drifted"])
    assert new_of(row)["b"] == pytest.approx(truth[7].b, abs=0.25)
    assert row.drift is not None
    assert row.drift > 0.05


def test_setting_the_scale_anew_has_no_anchors(competency, actor):
    rng = np.random.default_rng(4)
    truth = true_items(rng, 6)
    let_sit(make_versions(competency, truth, calibrated=True), truth, 0.8 + rng.standard_normal(800), rng)
    run = calibrated(competency, actor, linking="free")
    assert (run.plan["anchors"], run.result["mean"], run.result["sd"]) == ([], 0.0, 1.0)
    moved = [new_of(row)["b"] - params.b for row, params in zip(run.proposals.all(), truth, strict=True)]
    assert np.mean(moved) == pytest.approx(-0.8, abs=0.15)


def test_levels_that_would_change_are_counted_and_nothing_is_written(competency, sat, actor):
    _versions, _truth, scores = sat
    before = (Evidence.objects.count(), Estimate.objects.count(), ItemParameterSet.objects.count())
    levels = calibrated(competency, actor).result["levels"]
    table = np.array(levels["table"])
    assert levels["people"] == (scores >= 0).any(axis=1).sum() == table.sum()
    assert levels["moved"] == table.sum() - np.trace(table) > 0
    assert (Evidence.objects.count(), Estimate.objects.count(), ItemParameterSet.objects.count()) == before


def test_unchanged_parameters_move_nobody(competency, actor):
    from assessments.domain.calibration_proposal import count_level_changes

    rng = np.random.default_rng(9)
    truth = true_items(rng, 4)
    versions = make_versions(competency, truth)
    let_sit(versions, truth, rng.standard_normal(100), rng)
    changes = count_level_changes(
        competency.pk, {each.pk: params.to_dict() for each, params in zip(versions, truth, strict=True)}
    )
    assert (changes.people, changes.moved, changes.largest_shift) == (100, 0, 0.0)


def test_publishing_puts_parameters_in_force_and_leaves_attempts_alone(competency, sat, actor):
    versions, _truth, _scores = sat
    frozen = list(Presentation.objects.order_by("pk").values_list("parameters", flat=True))
    run = calibrated(competency, actor)
    assert publish_calibration(run, actor) == 8
    run.refresh_from_db()
    assert (run.status, run.decided_by) == ("published", actor)
    newest = versions[0].parameter_sets.order_by("-pk").first()
    row = proposal_of(run, "6.3-01")
    assert (newest.parameters, newest.calibrated, newest.responses) == (row.new, True, row.responses)
    assert list(Presentation.objects.order_by("pk").values_list("parameters", flat=True)) == frozen
    event = AuditEvent.objects.latest("pk")
    assert (event.actor_id, event.action, event.target) == (actor.pk, "published", f"calibration {run.pk} of 6.3")
    assert event.detail == {"versions": 8, "calibrated": 8, "levels_moved": run.result["levels"]["moved"]}
    with pytest.raises(CalibrationRefused, match="not_ready"):
        publish_calibration(run, actor)


def test_publishing_leaves_out_versions_retired_meanwhile(competency, sat, actor):
    versions, _truth, _scores = sat
    run = calibrated(competency, actor)
    ItemVersion.objects.filter(pk=versions[0].pk).update(status="retired")
    assert publish_calibration(run, actor) == 7


def test_publishing_over_newer_parameters_is_refused_by_name(competency, sat, actor):
    versions, _truth, _scores = sat
    run = calibrated(competency, actor)
    ItemParameterSet.objects.create(
        version=versions[3], competency=competency, parameters={"model": "2pl", "a": 1, "b": 0}
    )
    count = ItemParameterSet.objects.count()
    with pytest.raises(CalibrationRefused) as refused:
        publish_calibration(run, actor)
    assert (refused.value.reason, refused.value.items) == ("changed_meanwhile", ("6.3-04 v1",))
    assert ItemParameterSet.objects.count() == count


def test_nothing_is_half_published(competency, sat, actor):
    run = calibrated(competency, actor)
    row = proposal_of(run, "6.3-07")
    new_of(row)["a"] = -1.0
    row.save()
    count = ItemParameterSet.objects.count()
    with pytest.raises(CalibrationRefused) as refused:
        publish_calibration(run, actor)
    assert (refused.value.reason, refused.value.items) == ("bad_parameters", ("6.3-07 v1",))
    run.refresh_from_db()
    assert (ItemParameterSet.objects.count(), run.status) == (count, "ready")


def test_a_second_start_returns_the_run_under_way(competency, sat, actor):
    (first,) = start_calibration(actor, [competency])
    (second,) = start_calibration(actor, [competency])
    assert first.pk == second.pk
    with pytest.raises(IntegrityError, match="one_calibration_of_a_competency_at_a_time"), transaction.atomic():
        CalibrationRun.objects.create(competency=competency)


def test_discarding_stops_a_run_and_its_late_tasks(competency, sat, actor):
    (run,) = start_calibration(actor, [competency])
    prepare_run(run.pk)
    discard_calibration(run, actor)
    calculate_chunk(run.pk, 0, 0)
    assert (advance_run(run.pk, 0), CalibrationStatistics.objects.count(), CalibrationChunk.objects.count()) == (
        None,
        0,
        0,
    )
    with pytest.raises(CalibrationRefused, match="not_active"):
        discard_calibration(run, actor)
    assert list(
        AuditEvent.objects.filter(target__startswith="calibration").order_by("pk").values_list("action", flat=True)
    ) == ["started", "discarded"]


def test_an_unforeseen_error_fails_the_run_with_its_words(competency, sat, actor):
    (run,) = start_calibration(actor, [competency])
    note_failure(run.pk, "MemoryError: out of memory")
    run.refresh_from_db()
    assert (run.status, run.problem, run.detail) == ("failed", "failed", {"said": "MemoryError: out of memory"})


def test_a_run_that_does_not_converge_fails(competency, sat, actor):
    (run,) = start_calibration(actor, [competency])
    with patch("assessments.domain.calibration_steps.MOST_ITERATIONS", 2):
        run_through(run)
    assert (run.status, run.problem, run.detail) == ("failed", "not_converged", {"iterations": 2})


def test_stalled_runs_are_woken(competency, sat, actor, django_capture_on_commit_callbacks):
    (run,) = start_calibration(actor, [competency])
    assert not is_stalled(run)
    later = timezone.now() + timedelta(minutes=6)
    assert is_stalled(run, later)
    with (
        patch("assessments.domain.calibration.current_app.send_task") as send,
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert wake_stalled(later) == 1
    send.assert_called_once_with("assessments.calibration_tasks.continue_calibration", [run.pk], retry=False)
