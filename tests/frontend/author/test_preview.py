"""Previews: the learner's copy, score and review, and nothing recorded."""

import pytest
from django.urls import reverse

from assessments.api import save_draft
from assessments.items.registry import ITEM_TYPES
from assessments.models import Attempt, Presentation, Response
from tests.factories.assessments import make_item, raw_content, right_answer, wrong_answer

pytestmark = pytest.mark.django_db
ORDERLESS = {"essay", "file_upload", "highlight", "prompt", "short_text", "table"}


def address(item):
    return reverse("author:item-preview", args=[item.code])


def recorded() -> list[int]:
    return [Attempt.objects.count(), Presentation.objects.count(), Response.objects.count()]


def test_question_is_the_players_copy_in_the_pages_language(client, trainer, item):
    response = client.get(address(item))
    question = response.context["question"]
    assert set(question) == {"kind", "stem", "options"}
    assert [set(option) for option in question["options"]] == [{"id", "text"}] * 4
    assert question["stem"] == "Bạn làm gì? 9.1-01"
    html = response.content.decode()
    assert [word in html for word in ("Vì sao", "Nguyên tắc 9.1-01")] == [False, False]
    client.cookies["django_language"] = "en"
    assert client.get(address(item)).context["question"]["stem"] == "What do you do? 9.1-01"


def test_another_seed_gives_another_order(client, trainer, item):
    orders = {
        tuple(option["id"] for option in client.get(address(item), {"seed": seed}).context["question"]["options"])
        for seed in range(1, 9)
    }
    assert len(orders) > 1


@pytest.mark.parametrize("kind", sorted(ITEM_TYPES))
def test_another_order_is_offered_where_there_is_one(client, trainer, kind):
    page = client.get(reverse("author:gallery-kind", args=[kind]))
    assert ("Đổi thứ tự phương án" in page.text) == (kind not in ORDERLESS)


@pytest.mark.parametrize("kind", ["single_choice", "multiple_choice", "ordering"])
@pytest.mark.parametrize(("make_answer", "score"), [(right_answer, 1), (wrong_answer, 0)])
def test_an_answer_is_scored_and_reviewed_and_not_recorded(client, trainer, competency, kind, make_answer, score):
    version = make_item(competency, 7, kind=kind)
    response = client.post(address(version.item), make_answer(version.pk))
    assert (response.status_code, response.context["score"]) == (200, score)
    assert response.context["review"]["rationale"] == "Nguyên tắc 9.1-07"
    assert recorded() == [0, 0, 0]


@pytest.mark.parametrize("kind", ["single_choice", "multiple_choice", "ordering"])
def test_no_answer_is_asked_for_again(client, trainer, competency, kind):
    version = make_item(competency, 7, kind=kind)
    response = client.post(address(version.item), {})
    wanted = "Hãy trả lời câu hỏi trước." if kind == "ordering" else "Anh/chị hãy chọn một phương án trước."
    assert (response.status_code, response.context["error"]) == (422, wanted)


def test_steps_move_without_javascript(client, trainer, competency):
    item = make_item(competency, 7, kind="ordering").item
    shown = [option["id"] for option in client.get(address(item)).context["question"]["options"]]
    moved = client.post(address(item), {"order": shown, "move": f"down:{shown[0]}"})
    after = [option["id"] for option in moved.context["question"]["options"]]
    assert after == [shown[1], shown[0], *shown[2:]]
    again = client.post(address(item), {"order": after, "move": f"up:{shown[0]}"})
    assert [option["id"] for option in again.context["question"]["options"]] == shown
    stays = client.post(address(item), {"order": shown, "move": f"up:{shown[0]}"})
    assert [option["id"] for option in stays.context["question"]["options"]] == shown


def test_a_draft_can_be_previewed_before_it_is_published(client, trainer, item):
    save_draft(item, raw_content(item.kind, "nháp"), level=4, seconds=60, actor=trainer)
    assert client.get(address(item), {"version": "2"}).context["question"]["stem"] == "Bạn làm gì? nháp"
    assert client.get(address(item)).context["question"]["stem"] == "Bạn làm gì? 9.1-01"


PLAY = reverse("author:simulation-play", args=["one_stop_reply"])


def posted(entry) -> dict[str, str]:
    """A log entry as the form of its action posts it."""
    fields = {"action": entry.action}
    for name, value in entry.params.items():
        fields[f"p-{name}"] = f"{value['segment']}:{value['change']}" if isinstance(value, dict) else value
    return fields


def test_simulation_page_says_how_every_persona_fares(client, trainer, simulation):
    outline = client.get(reverse("author:simulation", args=["one_stop_reply"])).context["outline"]
    assert [row["result"].persona for row in outline.personas] == list(simulation.personas)
    assert [row["result"].passed for row in outline.personas] == [True] * len(simulation.personas)
    assert len(outline.screens) == len(simulation.screens)
    assert len(outline.actions) == len(simulation.actions)
    assert len(outline.rules) == len(simulation.rules)


def test_experts_play_by_forms_alone_earns_full_marks_and_leaves_no_attempt(client, trainer, simulation):
    for entry in simulation.personas["expert"].trace:
        response = client.post(PLAY, posted(entry), follow=True)
        assert [str(message) for message in response.context["messages"]] == []
    context = response.context
    assert context["view"]["ended"] == "screen"
    assert [(each.score, each.maximum) for each in context["scores"]] == [
        (maximum, maximum) for maximum in simulation.competencies.values()
    ]
    assert len(context["remarks"]) == len(simulation.rules)
    assert recorded() == [0, 0, 0]


def test_every_action_that_may_be_done_has_its_form(client, trainer, simulation):
    for entry in [None, *simulation.personas["expert"].trace]:
        response = client.post(PLAY, posted(entry), follow=True) if entry else client.get(PLAY)
        context = response.context
        forms = response.content.decode().count('name="action"') - 1  # beside the one that starts again
        assert forms == len([action for action in context["view"]["actions"] if not action.get("here")])


def test_what_cannot_be_done_now_is_refused_and_changes_nothing(client, trainer, simulation):
    response = client.post(PLAY, {"action": "no_such_action"}, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["Lúc này chưa làm được thao tác đó."]
    assert response.context["view"]["step"] == 0


def test_starting_again_takes_another_seed(client, trainer, simulation):
    client.post(PLAY, posted(simulation.personas["expert"].trace[0]))
    response = client.post(PLAY, {"action": "restart:"}, follow=True)
    assert response.context["view"]["step"] == 0
    assert client.session["author_play"]["seed"] == 2


def test_two_trainers_play_apart(client, trainer, simulation, django_user_model):
    client.post(PLAY, posted(simulation.personas["expert"].trace[0]))
    client.logout()
    client.force_login(trainer)
    assert client.get(PLAY).context["view"]["step"] == 0
