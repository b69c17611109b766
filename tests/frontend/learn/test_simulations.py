"""The simulation player: forms for what may be done now, redrawn in place or as a page, and nothing of the rules."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from assessments.api import act, import_simulations, make_standard_assessments, note_contact, start_attempt
from assessments.domain.queries.live import LOST_AFTER, live_progress
from assessments.models import Assessment, Attempt, Response
from competencies.models import Estimate
from frontend.learn.desk import arrange
from tests.factories.assessments import CONTENT
from tests.factories.competencies import load_shipped_framework
from tests.factories.organisation import PersonFactory
from tests.frontend.learn.conftest import part_of
from tests.frontend.learn.test_results import cards

pytestmark = pytest.mark.django_db
SCENARIO = CONTENT / "simulations" / "one_stop_reply.yaml"


@pytest.fixture
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(SCENARIO.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def sitting(db, client_of):
    load_shipped_framework()
    import_simulations(CONTENT / "simulations")
    make_standard_assessments()
    person = PersonFactory()
    attempt = start_attempt(person, Assessment.objects.get(code="one-stop-reply"), seed=1)
    return client_of(person), attempt


def test_running_simulation_shows_as_in_contact(sitting):
    """Control: without its sign of life it is lost sight of."""
    client, attempt = sitting
    later = timezone.now() + 2 * LOST_AFTER
    assert [each.state for each in live_progress(attempt.assessment, later).sittings] == ["lost"]
    page = client.get(url("simulation", attempt)).content.decode()
    (address,) = re.findall(r'data-pulse="([^"]+)"', page)
    assert page.count("frontend/learn/pulse.") == 1
    assert client.get(address).status_code == 204
    note_contact(attempt.pk, later)
    assert [each.state for each in live_progress(attempt.assessment, later).sittings] == ["working"]


def url(name: str, attempt: Attempt) -> str:
    return reverse(f"learn:{name}", args=[attempt.pk])


def fields(step: dict[str, Any]) -> dict[str, str]:
    """An action of a trace as its form posts it."""
    posted = {"action": step["action"]}
    for name, value in step.get("params", {}).items():
        if isinstance(value, dict):
            posted |= {f"param-{name}-{part}": each for part, each in value.items()}
        else:
            posted[f"param-{name}"] = value
    return posted


def form_in(html: str, posted: dict[str, str]) -> dict[str, str]:
    """The hidden fields of the form in the page that sends this action, so that what is played is what is shown."""
    for form in re.findall(r"<form[^>]*/simulation/act/.*?</form>", html, re.DOTALL):
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        shown = {name for name in posted if f'name="{name}"' in form}
        if hidden["action"] == posted["action"] and shown >= set(posted) and _offers(form, posted):
            return hidden | posted
    raise AssertionError(f"the page has no form for {posted}")


def _offers(form: str, posted: dict[str, str]) -> bool:
    typed = set(re.findall(r'<input class="form-control"[^>]* name="([^"]+)"', form))
    return all(name in typed or f'value="{value}"' in form for name, value in posted.items())


def do(client, attempt, step: dict[str, Any], **headers: str):
    page = client.get(url("simulation", attempt)).content.decode()
    return client.post(url("act", attempt), form_in(page, fields(step)), headers=headers or None)


def same(html: str) -> str:
    """A drawn desk without what differs from one drawing to the next: keys, and seconds on the clock."""
    desk = part_of(html, '<div class="sim" id="desk">', "</body>" if "</body>" in html else html[-20:])
    desk = desk.split('<footer class="site-footer">')[0].rstrip()
    desk = desk.removesuffix("</div>\n</main>").rstrip().removesuffix("</main>").rstrip()
    desk = re.sub(r'name="key" value="[^"]+"', 'name="key" value=""', desk)
    return re.sub(r'data-left="\d+"', 'data-left=""', desk).strip()


def test_expert_plays_to_the_end_through_the_forms_of_the_page(sitting, document):
    client, attempt = sitting
    for step in document["personas"]["expert"]["trace"]:
        assert do(client, attempt, step)["location"] == url("simulation", attempt)
    attempt.refresh_from_db()
    assert attempt.status == "submitted"
    page = client.get(url("result", attempt))
    result = page.context
    earned = {code: re.findall(r"\d+", said) for code, _words, said in cards(page)}
    assert earned == {"6.3": ["3", "3"], "7.1": ["3", "3"], "7.5": ["3", "3"]}
    assert [remark.score == remark.maximum for group in result["remarks"] for remark in group["remarks"]] == [True] * 8
    assert Estimate.objects.filter(person=attempt.person).count() == 3


def test_last_screen_stays_to_be_read_and_leads_to_the_result(sitting, document):
    client, attempt = sitting
    for step in document["personas"]["hasty"]["trace"]:
        do(client, attempt, step)
    page = client.get(url("simulation", attempt))
    assert (page.context["view"]["ended"], page.context["view"]["actions"]) == ("screen", [])
    assert url("result", attempt) in page.content.decode()


def test_swapped_desk_is_that_of_a_fresh_page(sitting, document):
    """Control: no two steps of the trace draw the same desk."""
    client, attempt = sitting
    trace = document["personas"]["expert"]["trace"]
    drawn = set()
    for step in trace:
        swapped = do(client, attempt, step, **{"HX-Request": "true"})
        view = client.get(url("simulation", attempt))
        assert same(swapped.content.decode()) == same(view.content.decode()), step
        drawn.add(same(swapped.content.decode()))
    assert len(drawn) == len(trace)


def test_notice_is_also_said_aloud(sitting, document):
    client, attempt = sitting
    steps = document["personas"]["expert"]["trace"]
    said = []
    for step in steps[:9]:
        trigger = do(client, attempt, step, **{"HX-Request": "true"}).headers.get("HX-Trigger")
        said.append(json.loads(trigger)["announce"]["text"] if trigger else "")
    assert said == [""] * 8 + ["Đã lưu thay đổi."]


def test_pages_never_hold_rules_screens_or_texts_not_yet_reached(sitting, document):
    """Control: after the last step the remark's words stand on the result page."""
    client, attempt = sitting
    remark = " ".join(document["evidence"][0]["met"]["vi"].split())
    secret = [remark, "outcome ==", "personas", "15.000 đồng/việc"]
    page = client.get(url("simulation", attempt)).content.decode()
    assert [words in page for words in secret] == [False] * 4
    for step in document["personas"]["expert"]["trace"]:
        do(client, attempt, step)
    assert remark in client.get(url("result", attempt)).content.decode()


def test_step_sent_twice_is_done_once(sitting):
    client, attempt = sitting
    page = client.get(url("simulation", attempt)).content.decode()
    form = form_in(page, fields({"action": "go_draft"}))
    assert {client.post(url("act", attempt), form)["location"] for _each in range(2)} == {url("simulation", attempt)}
    assert Response.objects.count() == 1


def test_step_of_another_window_is_told_and_not_done(sitting):
    client, attempt = sitting
    here = client.get(url("simulation", attempt)).content.decode()
    do(client, attempt, {"action": "go_draft"})
    response = client.post(url("act", attempt), form_in(here, fields({"action": "go_chat"})))
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "Đã có một thao tác khác được thực hiện trước, có thể từ một cửa sổ khác. Thao tác này chưa được thực hiện."
    ]
    assert client.get(url("simulation", attempt)).context["view"]["screen"]["id"] == "draft"


def test_ended_simulation_that_was_not_handed_in_offers_to(sitting, document):
    """The last step is saved and the process dies before the submission: nothing leads round in circles."""
    client, attempt = sitting
    for number, step in enumerate(document["personas"]["hasty"]["trace"], start=1):
        params = step.get("params", {})
        act(attempt.pk, attempt.person_id, key=uuid4(), sequence=number, action=step["action"], params=params)
    page = client.get(url("simulation", attempt)).content.decode()
    assert (url("submit", attempt) in page, url("result", attempt) in page) == (True, False)
    assert client.post(url("submit", attempt))["location"] == url("result", attempt)


@pytest.mark.parametrize(
    "change",
    [{"action": "send_reply", "param-channel": "c1"}, {"action": "nothing"}, {"param-message": "m9"}, {"key": "x"}],
)
def test_step_that_is_not_offered_is_told_and_not_stored(sitting, change):
    client, attempt = sitting
    page = client.get(url("simulation", attempt)).content.decode()
    form = form_in(page, fields({"action": "open_message", "params": {"message": "m1"}})) | change
    response = client.post(url("act", attempt), form, headers={"HX-Request": "true"})
    assert (response.status_code, Response.objects.count()) == (200, 0)
    assert response.context["problem"] != ""


def test_step_after_the_deadline_leads_out(sitting):
    client, attempt = sitting
    page = client.get(url("simulation", attempt)).content.decode()
    Attempt.objects.update(
        started_at=attempt.started_at - timedelta(hours=2), deadline=attempt.deadline - timedelta(hours=1)
    )
    form = form_in(page, fields({"action": "go_draft"}))
    response = client.post(url("act", attempt), form, headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == url("simulation", attempt)
    assert [each.status for each in Response.objects.all()] == ["late"]
    assert client.get(url("simulation", attempt)).templates[0].name == "learn/attempt_over.html"


def test_quiz_address_of_a_simulation_leads_to_the_desk(sitting):
    client, attempt = sitting
    assert client.get(url("attempt", attempt))["location"] == url("simulation", attempt)


def test_desk_puts_each_action_where_it_is_used():
    choice = {"id": "message", "type": "choice", "label": "Thư", "options": [{"value": "m1", "label": "Một"}]}
    actions = [
        {"id": "open", "label": "Mở", "role": "act", "pane": "office", "confirm": None, "parameters": [choice]},
        {"id": "clear", "label": "Dọn", "role": "act", "pane": "office", "confirm": None, "parameters": []},
        {"id": "go", "label": "Đi", "role": "navigate", "pane": None, "confirm": None, "parameters": []},
        {"id": "send", "label": "Gửi", "role": "submit", "pane": "office", "confirm": "Gửi?", "parameters": []},
    ]
    messages = [{"id": "m1", "opened": False}, {"id": "m2", "opened": True}]
    pane = {"id": "office", "type": "mailbox", "title": "Hộp thư", "messages": messages}
    desk = arrange({"actions": actions, "panes": [pane]})
    assert [each["id"] for each in desk["navigation"]] == ["go"]
    assert (desk["actions"], [each["id"] for each in desk["endings"]]) == ([], ["send"])
    assert (desk["panes"][0]["inline"]["id"], [each["id"] for each in desk["panes"][0]["actions"]]) == (
        "open",
        ["clear"],
    )
    assert [each["openable"] for each in desk["panes"][0]["items"]] == [True, False]


def test_desk_marks_the_place_one_clock_and_what_ends_the_situation(sitting):
    client, attempt = sitting
    do(client, attempt, {"action": "go_draft"})
    page = client.get(url("simulation", attempt)).content.decode()
    assert re.findall(r'aria-current="page">.*?</svg>([^<]+)<', page) == ["Bản trả lời"]
    assert page.count("<time-left") == 1
    endings = part_of(page, '<section class="sim__actions sim__endings"', "</section>")
    assert re.findall(r'name="action" value="(\w+)"', endings) == ["send_reply", "escalate"]
    assert endings.count('class="btn btn-primary"') == page.count('class="btn btn-primary"') == 2
