"""Scoring again under a corrected key or corrected parameters; both results are kept."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.corrections import Correction, RegradeRefused, void_correction
from assessments.domain.correlations import learn_correlations
from assessments.domain.items import publish_new_version, version_digest
from assessments.domain.queries.results import attempt_result
from assessments.domain.queries.void import is_void
from assessments.domain.regrading import (
    continue_regrade,
    publish_regrade,
    regrade_attempt,
    regrades_of,
    start_regrade,
    wake_stalled_regrades,
)
from assessments.domain.submission import submit_attempt
from assessments.items.registry import item_type
from assessments.measurement import ItemParameters, estimate
from assessments.measurement_tasks import refresh_aged_estimates, run_regrade, sweep_regrades
from assessments.models import Attempt, ItemVersion, Presentation, Regrade, RegradeResult, Response
from competencies.domain.evidence import recompute_estimates
from competencies.models import CorrelationMatrix, Estimate, EstimateRevision, Evidence
from tests.factories.assessments import make_quiz, sit
from tests.factories.competencies import make_post
from tests.factories.organisation import UserFactory
from tests.factories.regrading import finish_regrade

pytestmark = pytest.mark.django_db
EASIER = {"model": "2pl", "a": 1.2, "b": -2.0}


@pytest.fixture
def woken():
    """The regrades that a worker was to go on with."""
    pks: list[int] = []
    with patch("assessments.domain.regrading.wake_regrade", pks.append):
        yield pks


def submitted(**fields) -> Attempt:
    """A sitting of one competency whose every answer is wrong."""
    person, quiz = make_quiz(["9.1"], max_items=4, error_rate=0.001, **fields)
    attempt = start_attempt(person, quiz, seed=3)
    sit(attempt, lambda given: False)
    submit_attempt(attempt)
    return attempt


def run(corrections: list[Correction], *, previews: bool = False) -> Regrade:
    regrade = start_regrade(None, corrections, "a test", previews=previews)
    return finish_regrade(regrade)


def corrected_key(version: ItemVersion) -> ItemVersion:
    """A version of the same item whose key is what everybody answered: the options of the wrong answer are right."""
    raw = {**version.content, "options": [dict(each) for each in version.content["options"]]}
    chosen = Response.objects.filter(version=version).latest("sequence").value
    picked = set(chosen.get("choices", [chosen.get("choice")]))
    for option in raw["options"]:
        option["correct"] = option["id"] in picked
    content = item_type(version.item.kind).parse_content(raw).to_dict()
    parameters = {version.item.competency_id: {"model": "2pl", "a": 1.2, "b": 0.0}}
    digest = version_digest(content, version.level, 60)
    return publish_new_version(version.item, content, digest, parameters, level=version.level, seconds=60)


def choice_given(attempt: Attempt) -> Presentation:
    """The first question of the sitting that has options to choose."""
    choices = Presentation.objects.filter(attempt=attempt, version__item__kind__in=["single_choice", "multiple_choice"])
    return choices.select_related("version__item").order_by("position")[0]


def test_corrected_parameters_are_read_with_the_stored_scores():
    attempt = submitted()
    competency = attempt.form["competencies"][0]["pk"]
    first = attempt_result(attempt)
    frozen = list(Presentation.objects.order_by("position").values_list("version", "parameters"))
    done = run([Correction(version, competency, parameters=EASIER) for version, _parameters in frozen])
    assert (done.status, done.done, done.total) == ("done", 1, 1)
    expected = estimate([(ItemParameters.from_dict(EASIER), 0)] * len(frozen))
    (result,) = RegradeResult.objects.all()
    assert first.competencies[0].values is not None
    assert result.mean_before == pytest.approx(first.competencies[0].values.mean, abs=1e-9)
    assert result.mean_after == pytest.approx(expected.mean, abs=1e-9)
    assert result.se_after == pytest.approx(expected.se, abs=1e-9)
    assert Estimate.objects.get().mean == pytest.approx(expected.mean, abs=1e-6)
    assert list(Presentation.objects.order_by("position").values_list("version", "parameters")) == frozen


def test_both_results_are_kept():
    attempt = submitted()
    competency = attempt.form["competencies"][0]["pk"]
    first = attempt_result(attempt)
    versions = list(Presentation.objects.values_list("version", flat=True))
    regrade = run([Correction(version, competency, parameters=EASIER) for version in versions])
    assert attempt_result(attempt) == first
    assert sorted(Evidence.objects.values_list("scoring_version", flat=True)) == sorted(
        [1] * len(versions) + [1 + regrade.pk] * len(versions)
    )
    assert list(EstimateRevision.objects.order_by("pk").values_list("reason", flat=True)) == [
        f"attempt {attempt.pk}",
        f"regrade {regrade.pk}",
    ]
    before = Estimate.objects.values_list("mean", "se", "evidence_count").get()
    recompute_estimates([attempt.person_id], "again")
    assert Estimate.objects.values_list("mean", "se", "evidence_count").get() == pytest.approx(before, abs=1e-9)


def test_corrected_key_scores_the_stored_answer_again():
    attempt = submitted()
    given = choice_given(attempt)
    again = corrected_key(given.version)
    run([Correction(given.version_id, given.competency_id, scored_as=again.pk)])
    (result,) = regrades_of(attempt)
    assert (result.score_before, result.score_after) == (0, 1)
    assert result.mean_before is not None
    assert result.mean_after is not None
    assert result.mean_after > result.mean_before
    assert Evidence.objects.filter(observable=given.version.item.code).count() == 2


def test_same_key_changes_nothing():
    attempt = submitted()
    given = choice_given(attempt)
    evidence, revisions = Evidence.objects.count(), EstimateRevision.objects.count()
    run([Correction(given.version_id, given.competency_id, scored_as=given.version_id)])
    assert (Evidence.objects.count(), EstimateRevision.objects.count()) == (evidence, revisions)
    assert regrades_of(attempt) == []
    assert RegradeResult.objects.count() == 1


def test_regrade_delivered_again_scores_nothing_twice():
    attempt = submitted()
    given = choice_given(attempt)
    regrade = run([Correction(given.version_id, given.competency_id, parameters=EASIER)])
    rows = Evidence.objects.count()
    run_regrade(regrade.pk)
    Regrade.objects.filter(pk=regrade.pk).update(status="running")
    assert not continue_regrade(regrade.pk)
    assert (Evidence.objects.count(), RegradeResult.objects.count()) == (rows, 1)


def test_regrade_that_cannot_be_is_refused():
    attempt = submitted()
    given = choice_given(attempt)
    other = ItemVersion.objects.exclude(item=given.version.item).first()
    assert other is not None
    for corrections, reason in [
        ([], "nothing"),
        ([Correction(10**9, given.competency_id)], "version"),
        (
            [Correction(given.version_id, given.competency_id, parameters={"model": "2pl", "a": -1, "b": 0})],
            "parameters",
        ),
        ([Correction(given.version_id, given.competency_id, scored_as=other.pk)], "another_item"),
    ]:
        with pytest.raises(RegradeRefused) as caught:
            start_regrade(None, corrections, "a test")
        assert caught.value.reason == reason
        assert str(caught.value).count(str(given.version)) == (reason == "parameters")
    assert Regrade.objects.count() == 0


def test_few_people_teach_no_correlations():
    submitted()
    assert learn_correlations() is None
    assert CorrelationMatrix.objects.count() == 0


def test_nightly_refresh_leaves_fresh_estimates_alone():
    submitted()
    revisions = EstimateRevision.objects.count()
    refresh_aged_estimates()
    assert EstimateRevision.objects.count() == revisions


def retired(version: ItemVersion) -> ItemVersion:
    ItemVersion.objects.filter(pk=version.pk).update(status="retired")
    return ItemVersion.objects.select_related("item").get(pk=version.pk)


def test_void_version_counts_for_nobody_as_if_it_had_not_been_asked():
    attempt = submitted()
    version = retired(choice_given(attempt).version)
    others = Presentation.objects.exclude(version=version).values_list("parameters", flat=True)
    expected = estimate([(ItemParameters.from_dict(each), 0) for each in others])
    before = Estimate.objects.get().mean
    regrade = start_regrade(None, [void_correction(version)], "no right option")
    finish_regrade(regrade)
    after = Estimate.objects.get()
    assert (after.mean, after.se) == pytest.approx((expected.mean, expected.se), abs=1e-6)
    (result,) = RegradeResult.objects.all()
    assert (result.mean_before, result.mean_after) == pytest.approx((before, expected.mean), abs=1e-6)
    assert Evidence.objects.filter(observable=version.item.code).count() == 2


def test_void_says_who_would_change_and_keeps_nothing_of_the_preview():
    attempt = submitted()
    version = retired(choice_given(attempt).version)
    kept = (Evidence.objects.count(), EstimateRevision.objects.count(), Estimate.objects.get().mean)
    preview = run([void_correction(version)], previews=True)
    assert (preview.status, preview.done, preview.total) == ("previewed", 1, 1)
    assert (Evidence.objects.count(), EstimateRevision.objects.count(), Estimate.objects.get().mean) == kept
    assert (regrades_of(attempt), is_void(version.pk)) == ([], False)
    fields = ("score_before", "score_after", "mean_before", "mean_after", "level_after", "band_after")
    foreseen = RegradeResult.objects.values_list(*fields).get()
    published = publish_regrade(UserFactory(), preview.pk)
    assert is_void(version.pk)
    assert list(Regrade.objects.all()) == [published]
    finish_regrade(published)
    assert RegradeResult.objects.values_list(*fields).get() == foreseen
    with pytest.raises(RegradeRefused, match="nothing"):
        publish_regrade(UserFactory(), preview.pk)


def test_preview_looks_at_every_sitting_and_goes_on_where_it_was_left(woken):
    """Far more than a page shows; delivered twice, it looks at none twice."""
    first = submitted(max_exposure=1.0)
    competency = choice_given(first).version.item.competency
    assert competency is not None
    for _ in range(60):
        again = start_attempt(make_post({competency: 4}), first.assessment, seed=3)
        sit(again, lambda given: False)
        submit_attempt(again)
    version = retired(choice_given(first).version)
    preview = start_regrade(None, [void_correction(version)], "x", previews=True)
    assert continue_regrade(preview.pk, limit=20)
    preview.refresh_from_db()
    assert (preview.status, preview.done) == ("previewing", 20)
    Regrade.objects.update(moved_at=timezone.now() - timedelta(minutes=6))
    woken.clear()
    assert wake_stalled_regrades() == 1
    while continue_regrade(preview.pk, limit=20):
        pass
    preview.refresh_from_db()
    assert (preview.status, preview.done) == ("previewed", preview.total)
    assert preview.total > 50
    assert not continue_regrade(preview.pk)


def test_void_stays_void_under_later_corrections():
    attempt = submitted()
    given = choice_given(attempt)
    version = retired(given.version)
    run([void_correction(version)])
    mean = Estimate.objects.get().mean
    run([Correction(version.pk, given.competency_id, parameters=EASIER)])
    assert Estimate.objects.get().mean == mean


def test_only_a_retired_version_of_a_question_is_void_and_once():
    attempt = submitted()
    version = ItemVersion.objects.select_related("item").get(pk=choice_given(attempt).version_id)
    with pytest.raises(RegradeRefused, match="in_use"):
        start_regrade(None, [void_correction(version)], "x")
    start_regrade(None, [void_correction(retired(version))], "x")
    with pytest.raises(RegradeRefused, match="void"):
        start_regrade(None, [void_correction(retired(version))], "x")
    version.item.competency_id = None
    with pytest.raises(RegradeRefused, match="several"):
        void_correction(version)
    assert Regrade.objects.count() == 1


def test_lost_message_is_swept_up_and_no_attempt_scored_twice(woken):
    attempt = submitted()
    given = choice_given(attempt)
    regrade = start_regrade(None, [Correction(given.version_id, given.competency_id, parameters=EASIER)], "a test")
    woken.clear()
    assert wake_stalled_regrades() == 0
    sweep_regrades()
    assert woken == []
    Regrade.objects.update(moved_at=timezone.now() - timedelta(minutes=6))
    sweep_regrades()
    assert woken == [regrade.pk]
    run_regrade(regrade.pk)
    rows = Evidence.objects.count()
    run_regrade(regrade.pk)
    sweep_regrades()
    assert (len(woken), Evidence.objects.count(), RegradeResult.objects.count()) == (1, rows, 1)


def test_regrades_never_run_out_of_numbers():
    attempt = submitted()
    given = choice_given(attempt)
    Regrade.objects.create(pk=32_766, reason="the last that a small number holds", corrections=[], status="done")
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('assessments_regrade', 'id'), 40000)")
    correction = Correction(given.version_id, given.competency_id, parameters=EASIER)
    assert run([correction]).pk == 40_001
    versions = Evidence.objects.filter(observable=given.version.item.code).order_by("pk")
    assert list(versions.values_list("scoring_version", flat=True)) == [1, 40_002]


def test_attempt_already_scored_by_the_regrade_is_left_alone():
    attempt = submitted()
    given = choice_given(attempt)
    correction = Correction(given.version_id, given.competency_id, parameters=EASIER)
    regrade = run([correction])
    assert regrade_attempt(regrade, attempt.pk, {given.version_id: correction}) == []


def test_sitting_open_when_its_item_became_void_is_scored_again_when_handed_in(woken):
    first = submitted(max_exposure=1.0)
    competency = choice_given(first).version.item.competency
    assert competency is not None
    late = start_attempt(make_post({competency: 4}), first.assessment, seed=3)
    sit(late, lambda given: False)
    version = ItemVersion.objects.filter(presentations__attempt=late).filter(presentations__attempt=first)[0]
    regrade = run([void_correction(retired(version))])
    woken.clear()
    assert wake_stalled_regrades() == 0
    submit_attempt(late)
    assert wake_stalled_regrades() == 1
    assert woken == [regrade.pk]
    run_regrade(regrade.pk)
    assert RegradeResult.objects.filter(attempt=late).count() == 1
    assert wake_stalled_regrades() == 0
