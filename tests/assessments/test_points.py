"""A pass by share of points is decided by every part that is right, though evidence holds whole points."""

from fractions import Fraction

import pytest

from assessments.domain.attempts import start_attempt
from assessments.domain.corrections import Correction
from assessments.domain.delivery import next_item
from assessments.domain.items import provisional_parameters, publish_new_version, version_digest
from assessments.domain.points import Points, points_of
from assessments.domain.regrading import publish_regrade, start_regrade
from assessments.domain.submission import submit_attempt
from assessments.items.registry import exact_points, exact_points_of_marks, item_type, marked_type
from assessments.models import Certificate, Item, RegradeResult
from competencies.models import Evidence
from tests.factories.assessments import answer
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.marking import hand_in, make_marker, mark_next
from tests.factories.organisation import RoleGrantFactory
from tests.factories.regrading import finish_regrade

pytestmark = pytest.mark.django_db
LETTERS = "abcdefghi"


def cloze(right):
    """A text with a gap for each letter of `right`, which is its accepted answer."""
    text = " ".join(f"[[g{number}]]" for number in range(len(right)))
    gaps = {f"g{number}": {"accepted": {"vi": [each], "en": [each]}} for number, each in enumerate(right)}
    same = {name: {"vi": "Điền", "en": "Fill in"} for name in ("stem", "rationale")}
    return {"kind": "cloze", **same, "text": {"vi": text, "en": text}, "gaps": gaps}


def filled(right, count):
    """The first `count` gaps filled rightly, the last one with "z" where it is not among them."""
    module = item_type("cloze")
    gaps = list(module.key(module.parse_content(cloze(right)))["gaps"])
    given = dict(zip(gaps, right[:count], strict=False))
    return {"gaps": given | ({gaps[-1]: "z"} if count < len(gaps) else {})}


def rubric(*criteria):
    """An essay of a criterion for each number, which is its most points."""
    several = [
        {
            "id": f"c{place}",
            "vi": f"Ý {place}",
            "en": f"Point {place}",
            "levels": [{"vi": f"Mức {level}", "en": f"Level {level}"} for level in range(most + 1)],
        }
        for place, most in enumerate(criteria)
    ]
    return item_type("essay").SAMPLE | {"rubric": several}


def publish(item, raw):
    module = item_type(item.kind)
    raw = module.parse_content(raw).to_dict()
    most = module.maximum(module.parse_content(raw))
    parameters = {item.competency_id: provisional_parameters(4, most)}
    return publish_new_version(item, raw, version_digest(raw, 4, 60), parameters, level=4, seconds=60)


@pytest.fixture
def competency():
    return competency_of(make_framework("9.1"), "9.1")


def make_question(competency, raw, code="9.1-parts"):
    return publish(Item.objects.create(code=code, kind=raw["kind"], competency=competency), raw)


def sat(competency, version, raw, **form):
    attempt = start_attempt(make_post({competency: 4}), make_form([version], certifies=True, **form))
    answer(attempt, next_item(attempt), raw_value=raw)
    submit_attempt(attempt)
    return attempt


def test_four_gaps_of_five_are_four_fifths_and_three_are_not(competency):
    right = LETTERS[:5]
    version = make_question(competency, cloze(right))
    attempt = sat(competency, version, filled(right, 4), pass_share=0.8)
    assert list(Evidence.objects.values_list("score", "maximum")) == [(3, 4)]
    assert points_of(attempt) == Points(Fraction(16, 5), 4, 0)
    assert (points_of(attempt).share, points_of(attempt).earned_shown) == (0.8, 3.2)
    assert Certificate.objects.get().reached == {"points": {"earned": 3.2, "maximum": 4, "share": 0.8}}
    assert points_of(sat(competency, version, filled(right, 3), pass_share=0.8)).share == 0.6
    assert Certificate.objects.count() == 1


def test_corrected_key_tells_parts_that_no_whole_point_shows(competency):
    """5 of 9 gaps and 6 of 9 are both 2 points of 4: evidence does not change, and who passes does."""
    version = make_question(competency, cloze(LETTERS))
    attempt = sat(competency, version, filled(LETTERS, 5), pass_share=0.6)
    assert (points_of(attempt).earned, Certificate.objects.count()) == (Fraction(20, 9), 0)
    corrected = publish(version.item, cloze(LETTERS[:8] + "z"))
    correction = Correction(version.pk, competency.pk, scored_as=corrected.pk)
    preview = start_regrade(RoleGrantFactory(role="trainer", unit=None).user, [correction], "khóa sai", previews=True)
    finish_regrade(preview)
    assert RegradeResult.objects.filter(regrade=preview).exists()
    assert (points_of(attempt).earned, Certificate.objects.count()) == (Fraction(20, 9), 0)
    run = publish_regrade(RoleGrantFactory(role="trainer", unit=None).user, preview.pk)
    finish_regrade(run)
    assert list(Evidence.objects.values_list("score", flat=True)) == [2]
    assert points_of(attempt).earned == Fraction(24, 9)
    assert Certificate.objects.get().reached["points"]["earned"] == 2.66


def test_key_applied_last_tells_the_parts_though_it_was_asked_for_first(competency):
    version = make_question(competency, cloze(LETTERS))
    attempt = sat(competency, version, filled(LETTERS, 5), pass_share=0.6)
    keys = [publish(version.item, cloze(right)) for right in (LETTERS[:8] + "z", LETTERS[:7] + "yi")]
    several = [start_regrade(None, [Correction(version.pk, competency.pk, scored_as=key.pk)], "x") for key in keys]
    for regrade in reversed(several):
        finish_regrade(regrade)
    assert points_of(attempt).earned == Fraction(24, 9)


def test_marks_count_as_they_were_given(competency):
    """10 points of 12 are 3 of 4 in whole points, and 83 percent; two markers' points count by their mean."""
    version = make_question(competency, rubric(4, 4, 4), "9.1-essay")
    form = make_form([version], certifies=True, pass_share=0.8)
    attempt = hand_in(make_post({competency: 4}), form)
    mark_next(make_marker(), form, 4, 3, 3)
    assert points_of(attempt).share is None
    mark_next(make_marker(), form, 4, 4, 3)
    assert list(Evidence.objects.values_list("score", "maximum")) == [(3, 4)]
    assert points_of(attempt).earned == Fraction(21, 2) / 3
    assert points_of(attempt).share == 0.875
    assert Certificate.objects.count() == 1


def test_markers_mean_in_whole_points_is_never_undercut(competency):
    """12 and 11 points of 12 are 4 and 3 whole ones, a half in the person's favour: the 4 that they were told stand."""
    version = make_question(competency, rubric(4, 4, 4), "9.1-essay")
    form = make_form([version])
    attempt = hand_in(make_post({competency: 4}), form)
    mark_next(make_marker(), form, 4, 4, 4)
    mark_next(make_marker(), form, 4, 4, 3)
    assert points_of(attempt) == Points(Fraction(4), 4, 0)


@pytest.mark.parametrize("kind", ["cloze", "matching", "single_choice", "essay"])
def test_what_is_exact_bins_to_the_score(kind):
    module = item_type(kind)
    content = module.parse_content(module.SAMPLE)
    if kind == "essay":
        assert exact_points(kind, content, "x") is None
        marks = {each.option.id: 1 for each in content.rubric.criteria}
        assert int(exact_points_of_marks(kind, content, "x", marks)) == marked_type(kind).score_marks(
            content, "x", marks
        )
    else:
        value = module.parse_response(content, module.key(content))
        assert exact_points(kind, content, value) == module.score(content, value) == module.maximum(content)
