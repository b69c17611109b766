"""`manage.py load_content`: everything that ships, and every item of it played."""

import json
from io import StringIO
from statistics import NormalDist

import pytest
from django.core.management import CommandError, call_command

from assessments.domain.attempts import start_attempt
from assessments.domain.submission import submit_attempt
from assessments.domain.versions import item_of, playable_version
from assessments.models import Assessment, Item, ItemParameterSet, ItemVersion
from competencies.models import Framework, RoleProfile
from organisation.models import Position
from tests.factories.assessments import right_answer, sit, wrong_answer
from tests.factories.organisation import PostingFactory

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("load_content", stdout=out)
    return out.getvalue()


def test_load_content_is_idempotent():
    first = load()
    models = (Framework, RoleProfile, Item, ItemVersion, ItemParameterSet, Assessment)
    before = [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in models]
    second = load()
    assert [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in models] == before
    assert "items: 0 new, 0 changed" in second
    assert first.splitlines()[-1] == "assessments: digital-ai-quiz, one-stop-reply"


def test_load_content_makes_the_standard_quiz():
    load()
    quiz = Assessment.objects.get(code="digital-ai-quiz")
    assert (quiz.mode, quiz.by_post, quiz.is_open) == ("adaptive", True, True)
    assert (quiz.minutes, quiz.max_items, quiz.max_items_per_competency) == (30, 20, 4)
    simulation = Assessment.objects.get(code="one-stop-reply")
    assert simulation.simulation is not None
    assert (simulation.mode, simulation.simulation.kind, simulation.is_open) == ("simulation", "simulation", True)


def test_load_content_writes_nothing_when_a_file_is_wrong(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match=r"the file is missing|không có tệp này"):
        load()
    assert Framework.objects.count() == 0


def test_every_shipped_item_is_shown_without_its_key_and_played():
    load()
    versions = ItemVersion.objects.filter(status="published").exclude(item__kind="simulation").select_related("item")
    assert versions.count() >= 12 * 6
    for version in versions:
        playable = playable_version(version.pk)
        for locale in ("vi", "en"):
            shown = json.dumps(playable.kind.player_view(playable.content, locale, version.pk), ensure_ascii=False)
            hidden = [version.content["rationale"][locale]]
            hidden += [option["why"][locale] for option in version.content["options"] if "why" in option]
            assert not [text for text in hidden if json.dumps(text, ensure_ascii=False)[1:-1] in shown], version
            assert '"correct"' not in shown
        best = playable.kind.score(
            playable.content, playable.kind.parse_response(playable.content, right_answer(version.pk))
        )
        worst = playable.kind.score(
            playable.content, playable.kind.parse_response(playable.content, wrong_answer(version.pk))
        )
        assert (best, worst) == (playable.kind.maximum(playable.content), 0), version
        assert item_of(version.pk) == version.content


@pytest.mark.parametrize("able", [True, False])
def test_every_post_can_take_the_quiz(able):
    load()
    quiz = Assessment.objects.get(code="digital-ai-quiz")
    for position in Position.objects.all():
        person = PostingFactory(position=position).person
        attempt = start_attempt(person, quiz, seed=1)
        given = sit(attempt, lambda item: able)
        result = submit_attempt(attempt)
        measured = [row for row in result.competencies if row.asked]
        assert 15 <= len(given) <= 20, position
        assert min(row.asked for row in measured) >= 3, position
        assert len(measured) >= 5, position
        for row in measured:
            assert row.p_below is not None
            assert row.required is not None
            if able:
                assert row.p_below < 0.5 or row.required not in range(3, 7), (position, row)
            else:
                unmeasured = NormalDist().cdf(row.cuts[row.required - 1])
                assert row.p_below > unmeasured, (position, row)
                assert row.p_below > 0.5 or row.required not in range(4, 7), (position, row)
