"""Playing a simulation through the domain: the server's state, stored actions, evidence."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from assessments.domain.attempts import SEEN_DAYS, start_attempt
from assessments.domain.blueprints import make_standard_assessments
from assessments.domain.delivery import next_item
from assessments.domain.importing import ItemImportError, import_simulations
from assessments.domain.queries.results import review_items
from assessments.domain.refusals import AttemptNotFound, AttemptRefused, ResponseRefused
from assessments.domain.responses import Acknowledgement
from assessments.domain.simulation_log import playable_simulation, states
from assessments.domain.simulations import act, simulation_debrief, simulation_view
from assessments.domain.submission import submit_attempt
from assessments.models import Assessment, Attempt, ItemParameterSet, ItemVersion, Presentation, Response
from assessments.simulations import Entry, Simulation
from competencies.models import Competency, Evidence
from organisation.models import Person
from tests.factories.assessments import CONTENT, make_quiz
from tests.factories.competencies import competency_of, load_shipped_framework, make_post
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    framework = load_shipped_framework()
    import_simulations(CONTENT / "simulations")
    make_standard_assessments()
    return make_post({competency_of(framework, code): 3 for code in ("6.3", "7.1")})


@pytest.fixture
def attempt(person: Person) -> Attempt:
    return start_attempt(person, Assessment.objects.get(code="one-stop-reply"))


def played(attempt: Attempt) -> Simulation:
    return playable_simulation(Presentation.objects.get(attempt=attempt).version_id)


def script(simulation: Simulation, *, best: bool = True) -> tuple[Entry, ...]:
    """The trace of the scripted persona that is expected to do best, or worst."""
    scripted = [each for each in simulation.personas.values() if each.kind == "scripted"]
    scripted.sort(key=lambda persona: sum(low for low, _ in persona.expect.values()))
    return scripted[-1 if best else 0].trace


def do(attempt: Attempt, sequence: int, entry: Entry, **changes: Any) -> Acknowledgement:
    arguments: dict[str, Any] = {
        "key": uuid4(),
        "sequence": sequence,
        "action": entry.action,
        "params": dict(entry.params),
    }
    return act(attempt.pk, attempt.person_id, **(arguments | changes))


def play(attempt: Attempt, trace: tuple[Entry, ...]) -> None:
    for sequence, entry in enumerate(trace, start=1):
        assert do(attempt, sequence, entry).status == "accepted"


def test_import_publishes_the_simulation_with_a_parameter_set_for_each_competency(person):
    version = ItemVersion.objects.get(item__kind="simulation")
    simulation = playable_simulation(version.pk)
    sets = ItemParameterSet.objects.filter(version=version).select_related("competency")
    assert {each.competency.code: len(each.parameters["steps"]) for each in sets} == dict(simulation.competencies)
    assert import_simulations(CONTENT / "simulations").unchanged == 1
    assert [each.code for each in make_standard_assessments()] == ["digital-ai-quiz", "one-stop-reply"]
    assert Assessment.objects.count() == 2


def test_import_refuses_a_document_that_is_no_simulation(tmp_path, person):
    (tmp_path / "broken.yaml").write_text("format: 1\ncode: x\n", encoding="utf-8")
    with pytest.raises(ItemImportError, match=r"broken\.yaml: not_fit"):
        import_simulations(tmp_path)


@pytest.mark.parametrize("best", [True, False])
def test_script_played_to_the_end_scores_as_its_author_expects(attempt, best):
    simulation = played(attempt)
    trace = script(simulation, best=best)
    persona = next(each for each in simulation.personas.values() if each.trace == trace)
    play(attempt, trace)
    assert simulation_view(attempt, "vi")["ended"] is not None
    result = submit_attempt(attempt)
    evidence = Evidence.objects.filter(source_id=str(attempt.pk)).select_related("competency")
    assert {row.competency.code: row.maximum for row in evidence} == dict(simulation.competencies)
    for row in evidence:
        low, high = persona.expect[row.competency.code]
        assert low <= row.score <= high
        assert row.observable == simulation.code
    assert {row.competency.code: row.required for row in result.competencies} == {"6.3": 3, "7.1": 3, "7.5": None}
    assert {row.asked for row in result.competencies} == {1}
    assert len(simulation_debrief(attempt, "vi")) == len(simulation.rules)
    assert review_items(attempt, "vi") == []


def test_view_tells_what_to_count_the_next_action_as(attempt):
    assert simulation_view(attempt, "en")["sequence"] == 1
    do(attempt, 4, script(played(attempt))[0])
    view = simulation_view(attempt, "en")
    assert (view["sequence"], view["step"]) == (5, 1)


def test_same_key_acts_once(attempt):
    first = script(played(attempt))[0]
    key = uuid4()
    once, again = do(attempt, 1, first, key=key), do(attempt, 1, first, key=key)
    assert (once.repeated, again.repeated, again.response_id) == (False, True, once.response_id)
    with pytest.raises(ResponseRefused, match="key_reused"):
        do(attempt, 1, first, key=key, action="other")
    assert Response.objects.count() == 1


def test_stale_action_is_kept_and_not_done(attempt):
    trace = script(played(attempt))
    do(attempt, 1, trace[0])
    stale = do(attempt, 1, trace[1])
    assert stale.status == "superseded"
    assert simulation_view(attempt, "vi")["step"] == 1


def test_late_action_is_kept_and_not_done(attempt):
    late = do(attempt, 1, script(played(attempt))[0], now=attempt.deadline + timedelta(seconds=1))
    assert late.status == "late"
    assert simulation_view(attempt, "vi")["step"] == 0
    submit_attempt(attempt)
    assert Evidence.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"action": "no_such_action"}, ("action", "not_legal_now")),
        ({"params": {"unknown": 1}}, ("params", "parameter")),
        ({"params": {"text": "x" * 70_000}}, ("params", "too_large")),
        ({"params": {"text": "\0"}}, ("params", "control_character")),
        ({"params": {"text": "\ud800"}}, ("params", "control_character")),
        ({"params": {"number": float("nan")}}, ("params", "control_character")),
    ],
)
def test_action_that_is_not_legal_is_refused_and_not_kept(attempt, changes, expected):
    with pytest.raises(ResponseRefused) as caught:
        do(attempt, 1, script(played(attempt))[0], **changes)
    assert (caught.value.field, caught.value.reason) == expected
    assert Response.objects.count() == 0


@pytest.mark.parametrize("sequence", [0, 1_001, 1_000_000, 2**31])
def test_action_that_nobody_can_have_counted_to_is_refused(attempt, sequence):
    with pytest.raises(ResponseRefused) as caught:
        do(attempt, sequence, script(played(attempt))[0], now=attempt.started_at)
    assert (caught.value.field, caught.value.reason) == ("sequence", "sequence_range")


def test_nothing_can_be_done_after_the_end(attempt):
    trace = script(played(attempt))
    play(attempt, trace)
    with pytest.raises(ResponseRefused) as caught:
        do(attempt, len(trace) + 1, trace[0])
    assert caught.value.reason == "finished"


def test_a_simulation_is_not_taken_again_while_its_debrief_is_remembered(attempt):
    submit_attempt(attempt)
    with pytest.raises(AttemptRefused, match="taken_lately"):
        start_attempt(attempt.person, attempt.assessment)
    later = timezone.now() + timedelta(days=SEEN_DAYS + 1)
    assert start_attempt(attempt.person, attempt.assessment, now=later).pk != attempt.pk


def test_state_is_replayed_to_the_same_when_the_process_has_forgotten_it(attempt):
    play(attempt, script(played(attempt))[:5])
    kept = simulation_view(attempt, "vi")
    states._states.clear()
    assert simulation_view(attempt, "vi") == kept


def test_state_kept_for_another_log_is_not_used(attempt):
    play(attempt, script(played(attempt))[:2])
    log, state = states._states[attempt.pk]
    states.put(attempt.pk, (-1, *log), state)
    assert simulation_view(attempt, "vi")["step"] == 2


def test_another_persons_simulation_is_not_found(attempt):
    entry = script(played(attempt))[0]
    with pytest.raises(AttemptNotFound):
        act(attempt.pk, PersonFactory().pk, key=uuid4(), sequence=1, action=entry.action, params=dict(entry.params))
    with pytest.raises(AttemptNotFound):
        act(UUID(int=1), attempt.person_id, key=uuid4(), sequence=1, action=entry.action, params={})


def test_quiz_and_simulation_are_not_mixed_up(attempt):
    quiz_attempt = start_attempt(*make_quiz(["9.1"]))
    for call, reason in (
        (lambda: next_item(attempt), "not_adaptive"),
        (lambda: simulation_view(quiz_attempt, "vi"), "not_a_simulation"),
        (lambda: simulation_debrief(quiz_attempt, "vi"), "not_a_simulation"),
        (lambda: simulation_debrief(attempt, "vi"), "not_submitted"),
        (lambda: do(quiz_attempt, 1, Entry("look", {})), "not_a_simulation"),
    ):
        with pytest.raises(AttemptRefused) as caught:
            call()
        assert caught.value.reason == reason


def test_simulation_left_halfway_has_no_debrief(attempt):
    play(attempt, script(played(attempt))[:1])
    submit_attempt(attempt)
    assert simulation_debrief(attempt, "vi") == []
    assert Evidence.objects.count() == len(played(attempt).competencies)


@pytest.mark.parametrize("steps", [1, 6])
def test_acting_takes_the_same_queries_however_long_the_log(attempt, steps, django_assert_num_queries):
    trace = script(played(attempt))
    play(attempt, trace[:steps])
    with django_assert_num_queries(8):
        do(attempt, steps + 1, trace[steps])


def test_competencies_of_the_simulation_are_those_of_the_framework(person):
    codes = set(playable_simulation(ItemVersion.objects.get(item__kind="simulation").pk).competencies)
    assert codes == {"6.3", "7.1", "7.5"}
    assert set(Competency.objects.filter(code__in=codes).values_list("code", flat=True)) == codes
