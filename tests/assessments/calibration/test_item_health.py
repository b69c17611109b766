"""The health of items as it is measured from everybody's answers."""

from datetime import date, timedelta

import numpy as np
import pytest

from assessments.domain.item_health import measure_item_health
from assessments.domain.queries.item_answers import age_band, read_exposure, read_groups
from assessments.measurement import ItemParameters
from assessments.models import ItemHealth, ItemParameterSet, ItemVersion, Response
from organisation.models import Person
from tests.assessments.calibration.bank import (
    RIGHT,
    START,
    WRONG,
    let_sit,
    make_competency,
    make_people,
    make_versions,
    true_items,
)
from tests.factories.organisation import PositionFactory, PostingFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def competency():
    return make_competency()


@pytest.fixture
def rng():
    return np.random.default_rng(21)


def health_of(code: str) -> ItemHealth:
    return ItemHealth.objects.get(version__item__code=code)


def test_health_of_good_items_raises_no_flag(competency, rng):
    truth = [ItemParameters("2pl", 1.6, b) for b in np.linspace(-1.4, 0.6, 15)]
    let_sit(make_versions(competency, truth), truth, rng.standard_normal(500), rng, share=0.25)
    assert measure_item_health(competency) == 15
    assert [each.flags for each in ItemHealth.objects.all()] == [[]] * 15
    figures = health_of("6.3-08").figures
    assert figures["statistics"]["facility"] == pytest.approx(0.5, abs=0.12)
    assert figures["statistics"]["infit"] == pytest.approx(1.0, abs=0.2)
    assert figures["s_x2"] is None, "nobody met all items"
    assert sum(figures["curve"]["n"]) == health_of("6.3-08").answers
    assert figures["time"]["median"] == pytest.approx(30, abs=6)


def test_health_finds_a_wrong_key(competency, rng):
    truth = true_items(rng, 6)
    theta = rng.standard_normal(300)
    scores = (rng.random((300, 6)) < 1 / (1 + np.exp(-1.2 * theta[:, None]))).astype(int)
    scores[:, 2] = 1 - scores[:, 2]
    let_sit(make_versions(competency, truth), truth, theta, rng, scores=scores)
    measure_item_health(competency)
    health = health_of("6.3-03")
    assert "negative_discrimination" in health.flags
    assert "option_key_weak" in health.flags
    assert health.figures["statistics"]["discrimination"] < -0.1


def test_health_counts_the_options_chosen(competency, rng):
    truth = true_items(rng, 4)
    versions = make_versions(competency, truth)
    let_sit(versions, truth, rng.standard_normal(200), rng)
    measure_item_health(competency)
    options = {each["option"]: each for each in health_of("6.3-01").figures["options"]}
    answers = Response.objects.filter(version=versions[0])
    for option in (RIGHT, *WRONG):
        share = answers.filter(value={"choice": option}).count() / answers.count()
        assert options[option]["share"] == pytest.approx(share, abs=1e-4)
        assert options[option]["correct"] == (option == RIGHT)


def test_health_names_the_partner_of_a_dependent_item(competency, rng):
    truth = true_items(rng, 8)
    theta = rng.standard_normal(400)
    scores = (rng.random((400, 8)) < 1 / (1 + np.exp(-theta[:, None]))).astype(int)
    scores[:, 1] = np.where(rng.random(400) < 0.8, scores[:, 0], scores[:, 1])
    let_sit(make_versions(competency, truth), truth, theta, rng, scores=scores)
    measure_item_health(competency)
    assert "depends_on_another" in health_of("6.3-01").flags
    assert health_of("6.3-01").figures["q3"][0]["label"] == "6.3-02 v1"


def test_health_tests_the_fit_where_all_items_were_met(competency, rng):
    truth = true_items(rng, 8)
    let_sit(make_versions(competency, truth), truth, rng.standard_normal(300), rng)
    measure_item_health(competency)
    fits = [each.figures["s_x2"] for each in ItemHealth.objects.all()]
    assert {fit["n"] for fit in fits} == {300}
    assert min(fit["p"] for fit in fits) > 0.001


def test_health_finds_unfairness_by_gender(competency, rng):
    truth = [ItemParameters("2pl", 1.2, b) for b in np.linspace(-1, 1, 8)]
    theta = rng.standard_normal(800)
    women = np.arange(800) % 2 == 0
    hard = np.zeros((800, 8))
    hard[:, 4] = 1.6 * women
    b = np.array([params.b for params in truth])
    scores = (rng.random((800, 8)) < 1 / (1 + np.exp(-1.2 * (theta[:, None] - b - hard)))).astype(int)
    people = make_people(800)
    for person, is_woman in zip(people, women.tolist(), strict=True):
        person.gender = "f" if is_woman else "m"
    Person.objects.bulk_update(people, ["gender"])
    let_sit(make_versions(competency, truth), truth, theta, rng, scores=scores, people=people)
    measure_item_health(competency)
    found = {each.version.item.code: each.figures["dif"][0] for each in ItemHealth.objects.all()}
    unfair = found.pop("6.3-05")
    assert (unfair["by"], unfair["reference"], unfair["focal"], unfair["class"]) == ("gender", "f", "m", "C")
    assert unfair["delta"] > 1.5, "harder for women, so easier for men"
    assert "unfair_to_a_group" in health_of("6.3-05").flags
    assert "C" not in {each["class"] for each in found.values()}


def test_health_finds_drift_between_months(competency, rng):
    truth = [ItemParameters("2pl", 1.2, b) for b in np.linspace(-1, 1, 6)]
    versions = make_versions(competency, truth)
    let_sit(versions, truth, rng.standard_normal(300), rng)
    leaked = [*truth[:5], ItemParameters("2pl", 1.2, -1.5)]
    let_sit(versions, leaked, rng.standard_normal(300), rng, started_at=START + timedelta(days=62))
    measure_item_health(competency)
    drift = health_of("6.3-06").figures["drift"]
    assert [each["period"] for each in drift] == ["2026-03", "2026-05"]
    assert [each["n"] for each in drift] == [300, 300]
    assert drift[1]["z"] > 3.5
    assert "drifting" in health_of("6.3-06").flags
    assert "drifting" not in health_of("6.3-01").flags


def test_measuring_again_replaces_the_figures(competency, rng):
    truth = true_items(rng, 3)
    versions = make_versions(competency, truth)
    measure_item_health(competency)
    assert list(ItemHealth.objects.values_list("answers", "flags")) == [(0, ["few_answers"])] * 3
    let_sit(versions, truth, rng.standard_normal(60), rng)
    measure_item_health(competency)
    assert [each.answers for each in ItemHealth.objects.all()] == [60] * 3


def test_items_whose_parameters_do_not_fit_their_answers_are_left_out(competency, rng):
    truth = true_items(rng, 4)
    versions = make_versions(competency, truth)
    let_sit(versions, truth, rng.standard_normal(60), rng)
    ItemParameterSet.objects.create(
        version=versions[1], competency=competency, parameters={"model": "gpcm", "a": 1.0, "steps": [0.0, 1.0]}
    )
    assert measure_item_health(competency) == 3
    assert not ItemHealth.objects.filter(version=versions[1]).exists()


def test_exposure_counts_sittings_since_the_item_was_first_given(competency, rng):
    truth = true_items(rng, 3)
    versions = make_versions(competency, truth)
    early = np.tile([1, -1, -1], (10, 1))
    late = np.tile([1, 1, -1], (5, 1))
    let_sit(versions, truth, np.zeros(10), rng, scores=early)
    let_sit(versions, truth, np.zeros(5), rng, scores=late, started_at=START + timedelta(days=40))
    exposure = read_exposure(competency.pk)
    assert {pk: (each.given, each.sittings) for pk, each in exposure.items()} == {
        versions[0].pk: (15, 15),
        versions[1].pk: (5, 5),
    }


def test_groups_are_read_where_they_are_known():
    user = UserFactory(language="en")
    (person, unknown) = make_people(2)
    person.user, person.gender, person.birth_date = user, "f", date(1990, 5, 1)
    person.save()
    PostingFactory(person=person, unit=UnitFactory(kind="commune"), position=PositionFactory())
    groups = read_groups([person.pk, unknown.pk])
    assert groups["gender"] == {person.pk: "f"}
    assert groups["age"] == {person.pk: "35_to_49"}
    assert groups["language"] == {person.pk: "en"}
    assert groups["unit_kind"] == {person.pk: "commune"}


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(1991, 6, 16), "under_35"),
        (date(1991, 6, 15), "35_to_49"),
        (date(1976, 6, 16), "35_to_49"),
        (date(1976, 6, 15), "50_and_over"),
    ],
)
def test_age_bands_begin_on_the_birthday(born, band):
    assert age_band(born, date(2026, 6, 15)) == band


def test_retired_versions_with_answers_are_measured_too(competency, rng):
    truth = true_items(rng, 2)
    versions = make_versions(competency, truth)
    let_sit(versions, truth, rng.standard_normal(40), rng)
    ItemVersion.objects.filter(pk=versions[0].pk).update(status="retired")
    assert measure_item_health(competency) == 2
