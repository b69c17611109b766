# ruff: noqa: E501 - the table of refusals has one case a line
"""A document that is not a simulation is refused with every problem, its path and its line."""

import json
from typing import Any

import pytest

from assessments.simulations import SimulationError, load_simulation

from .samples import SMALL, changed, small, small_data


def problems(text: str) -> list[str]:
    with pytest.raises(SimulationError) as caught:
        load_simulation(text)
    return [f"{problem.path}: {problem.message}" for problem in caught.value.problems]


def test_small_simulation_loads() -> None:
    simulation = small()
    assert simulation.code == "small_visit"
    assert simulation.competencies == {"1.1": 3, "2.2": 1}
    assert simulation.measurement["1.1"].steps == (-1.0, 0.0, 1.0)
    assert (simulation.limits.max_actions, simulation.limits.minutes) == (12, 5)


def test_digest_depends_on_content_and_not_on_layout() -> None:
    digest = small().digest
    assert len(digest) == 64
    assert load_simulation("# a comment\n" + SMALL).digest == digest
    assert load_simulation(changed()).digest == digest
    assert load_simulation(changed(("title/en", "Another title"))).digest != digest


CASES: list[tuple[str, Any, str]] = [
    ("format", 2, "format: this version reads format 1"),
    ("title", "Only one language", "title: expected a mapping, found text"),
    ("title/en", "", "title.en: must have 1 to 6000 characters"),
    ("title", {"vi": "Chỉ có tiếng Việt"}, "title: 'en' is missing"),
    ("limits/max_actions", True, "limits.max_actions: expected a whole number, found true or false"),
    ("limits/max_actions", 301, "limits.max_actions: must be from 1 to 300"),
    ("world/clock/start", "25:00", "world.clock: start is a time of day such as '15:40'"),
    ("world/variables/clock", {"type": "bool", "initial": True}, "world.variables.clock: 'clock' is a name of the engine's own"),
    ("world/variables/stamp_count/type", "integer", "world.variables.stamp_count.type: unknown variable type 'integer'; did you mean 'int'?"),
    ("world/variables/stamp_count/initial", "x", "world.variables.stamp_count.initial: stamp_count is a whole number, not 'x'"),
    ("world/variables/hidden_mood/initial", "sad", "world.variables.hidden_mood.initial: hidden_mood is one of calm, cross, not 'sad'"),
    ("world/variables/seen_letters/initial", ["m3"], "world.variables.seen_letters.initial: seen_letters cannot hold 'm3'"),
    ("world/variables/letter_edits/draft", "lettre", "world.variables.letter_edits.draft: unknown draft 'lettre'; did you mean 'letter'?"),
    ("world/mailboxes/post/1/when", "stamp_count", "world.mailboxes.post[1].when: fails on the initial state: must be true or false, gives 0"),
    ("world/mailboxes/post/1/id", "m1", "world.mailboxes.post: message 'm1' is given twice"),
    ("world/drafts/letter/0/replace/0/id", "keep", "world.drafts.letter[0].replace[0].id: 'keep' is taken; give each replacement its own id"),
    ("world/assistants/helper/replies/q1/variants", [], "world.assistants.helper.replies.q1.variants: at least one wording of the reply is needed"),
    ("screens/chat/panes/0/type", "hologram", "screens.chat.panes[0].type: unknown pane type 'hologram'; known: assistant, case_file, document, draft, mailbox, note"),
    ("screens/chat/panes/0/show", "help", "screens.chat.panes[0].show: unknown entry of world.assistants 'help'; did you mean 'helper'?"),
    ("screens/chat/panes/0/asked", "seen_letters", "screens.chat.panes[0].asked: unknown list variable 'seen_letters'; known: questions_put"),
    ("screens/chat/panes", [], "screens.chat.panes: a screen has at least one pane"),
    ("screens/gone/final", False, "screens: no screen is final, so the simulation could never end"),
    ("screens/gone/panes/1/id", "goodbye", "screens.gone.panes: pane 'goodbye' is given twice"),
    ("actions/finish/gaurd", "true", "actions.finish.gaurd: unknown key; did you mean 'guard'?"),
    ("actions/finish/guard", "stamp_count >", "actions.finish.guard: not a valid CEL expression: mismatched input '<EOF>' (character 14)"),
    ("actions/finish/guard", "stamp_cuont > 1", "actions.finish.guard: unknown variable 'stamp_cuont'; did you mean 'stamp_count'?"),
    ("actions/finish/guard", "stamp_count + 1", "actions.finish.guard: fails on the initial state: must be true or false, gives 1"),
    ("actions/finish/guard", 'hidden_mood == "angry"', "actions.finish.guard: hidden_mood is never 'angry'; known: calm, cross"),
    ("actions/finish/guard", 'letter_edits.s1 == "r9"', "actions.finish.guard: letter_edits.s1 is never 'r9'; known: keep, r1, redact, remove"),
    ("actions/finish/guard", 'letter_edits.s9 == "keep"', "actions.finish.guard: 'letter_edits' has no segment 's9'"),
    ("actions/finish/guard", 'never("finish")', "actions.finish.guard: before, count, never may be used in evidence only"),
    ("actions/finish/guard", ["true"], "actions.finish.guard: expected a CEL expression"),
    ("actions/finish/screens", ["desck"], "actions.finish.screens[0]: unknown screen 'desck'; did you mean 'desk'?"),
    ("actions/finish/screens", ["gone"], "actions.finish.screens: screen 'gone' is final; nothing can be done there"),
    ("actions/finish/effects/1/goto", "going", "actions.finish.effects[1].goto: unknown screen 'going'; did you mean 'gone'?"),
    ("actions/finish/effects/0", {"set": "stamp_count"}, "actions.finish.effects[0]: 'to' is missing"),
    ("actions/finish/effects/0", {"set": "letter_edits", "to": "1"}, "actions.finish.effects[0].set: unknown variable 'letter_edits'; known: hidden_mood, hidden_weight, questions_put, seen_letters, stamp_count, written_amount"),
    ("actions/finish/effects/0", {"jump": "gone"}, "actions.finish.effects[0]: an effect is one of set (with to), edit (with from), reset or goto"),
    ("actions/open_letter/effects/0/to", "[params.lettre]", "actions.open_letter.effects[0].to: this action has no parameter 'lettre'"),
    ("actions/open_letter/pane", "helper", "actions.open_letter.pane: none of its screens has a pane 'helper'"),
    ("actions/open_letter/parameters/letter/type", "dropdown", "actions.open_letter.parameters.letter.type: unknown parameter type 'dropdown'; known: choice, edit, segment, text"),
    ("actions/open_letter/parameters/letter/of", "mailboxes.past", "actions.open_letter.parameters.letter.of: unknown fixture with choices 'mailboxes.past'; did you mean 'mailboxes.post'?"),
    ("actions/change_letter/parameters/edit/of", "stamp_count", "actions.change_letter.parameters.edit.of: unknown edits variable 'stamp_count'; known: letter_edits"),
    ("actions/write_amount/parameters/amount/max_length", 5000, "actions.write_amount.parameters.amount.max_length: must be from 1 to 500"),
    ("evidence", [], "evidence: a simulation gives evidence about at least one competency"),
    ("evidence/0/levels", [], "evidence[0].levels: a rule has 1 to 6 levels"),
    ("evidence/0/levels/0", 'before("open_leter", "finish")', "evidence[0].levels[0]: there is no action 'open_leter'"),
    ("evidence/0/levels/0", 'count("open_letter[page=1]") > 0', "evidence[0].levels[0]: action 'open_letter' has no parameter 'page'"),
    ("evidence/0/levels/0", 'never("open_letter[letter=m9]")', "evidence[0].levels[0]: letter of 'open_letter' is never 'm9'; known: m1, m2"),
    ("evidence/0/levels/0", 'outcome == "desk"', "evidence[0].levels[0]: outcome is never 'desk'; known: , gone"),
    ("evidence/0/competency", "one point one!", "evidence[0]: 'one point one!' is not the code of a competency"),
    ("measurement/1.1/steps", [0.5], "measurement.1.1.steps: 1 steps for a score of 0 to 3"),
    ("measurement/1.1/a", 0, "measurement.1.1.a: must be from 0.1 to 4"),
    ("measurement/9.9", {}, "measurement.9.9: unknown key; known here: 1.1, 2.2"),
    ("personas/novice/trace/0/action", "finnish", "personas.novice.trace[0].action: unknown action 'finnish'; did you mean 'finish'?"),
    ("personas/novice/expect/1.1", 4, "personas.novice.expect.1.1: must be from 0 to 3"),
    ("personas/novice/expect/1.1", [2, 1], "personas.novice.expect.1.1: a range is [low, high]"),
    ("personas/novice/outcome", "desk", "personas.novice.outcome: unknown final screen 'desk'; known: gone"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "problem"), CASES, ids=[case[2][:60] for case in CASES])
def test_fault_is_named_with_its_path(path: str, value: Any, problem: str) -> None:
    assert problem in problems(changed((path, value)))


def test_fault_is_named_with_its_line() -> None:
    text = SMALL.replace("guard: stamp_count < 3", "guard: stamp_count <")
    line = 1 + text.split("guard: stamp_count <\n")[0].count("\n")
    with pytest.raises(SimulationError) as caught:
        load_simulation(text)
    assert [(problem.line, problem.path) for problem in caught.value.problems] == [(line, "actions.write_amount.guard")]
    assert str(caught.value).startswith(f"line {line}, actions.write_amount.guard: not a valid CEL expression")


def test_all_faults_are_told_at_once() -> None:
    text = changed(("title/en", 3), ("actions/finish/guard", "("), ("evidence/2/levels/0", "outcome == 1 +"))
    assert [problem.split(":")[0] for problem in problems(text)] == [
        "title.en",
        "actions.finish.guard",
        "evidence[2].levels[0]",
    ]


@pytest.mark.parametrize("key", sorted(small_data()))
def test_every_part_is_required(key: str) -> None:
    data = small_data()
    del data[key]
    assert problems(json.dumps(data)) == [f": {key!r} is missing"]


@pytest.mark.parametrize("value", [None, 7, "?", True, [], [[1]], {"a": {"b": 1}}, [None]], ids=repr)
@pytest.mark.parametrize("key", sorted(small_data()))
def test_wrong_type_at_the_top_is_refused(key: str, value: Any) -> None:
    assert {problem.split(":")[0].split(".")[0].split("[")[0] for problem in problems(changed((key, value)))} >= {key}


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of every value inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *(found for key, part in inner for found in leaves(part, (*path, str(key))))]


def test_wrong_type_at_any_depth_gives_problems_or_loads_but_never_crashes() -> None:
    strange = [None, 7, -1.5, "?", True, [], {}, [[1]], {"a": {"b": 1}}]
    refused = 0
    for place, path in enumerate(leaves(small_data())[1:]):
        try:
            load_simulation(changed(("/".join(path), strange[place % len(strange)])))
        except SimulationError as error:
            refused += 1
            assert all(problem.message and len(problem.message) < 400 for problem in error.problems)
    assert refused > 200


def test_list_at_the_top_is_refused() -> None:
    assert problems("[1, 2]") == [": expected a mapping, found a list"]
