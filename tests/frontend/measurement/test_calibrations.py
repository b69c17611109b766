"""Calibrations on the pages: start, watch, read the proposal, decide."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import CalibrationRun, ItemParameterSet, Regrade
from tests.assessments.calibration.bank import make_versions
from tests.frontend.measurement.conftest import TRUE

pytestmark = pytest.mark.django_db

LIST = reverse("author:calibrations")
SETTINGS = {"competency": "6.3", "model": "2pl", "linking": "anchored"}


def page(client, run):
    return client.get(reverse("author:calibration", args=[run.pk]))


def texts(client, response):
    """What the pages said after the redirect."""
    return [str(message) for message in client.get(response["Location"]).context["messages"]]


def test_list_says_where_each_competency_stands(client, trainer, run):
    ((competency, counts, newest),) = client.get(LIST).context["rows"]
    assert (competency.code, counts.items, counts.calibrated, newest["run"]) == ("6.3", 8, 0, run)


def test_start_makes_a_run_and_wakes_a_worker(
    client, trainer, competency, versions, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(LIST, SETTINGS)
    run = CalibrationRun.objects.get()
    assert response["Location"] == reverse("author:calibration", args=[run.pk])
    assert (run.competency, run.model, run.linking, run.requested_by) == (competency, "2pl", "anchored", trainer)
    assert sent == [("assessments.calibration_tasks.continue_calibration", [run.pk])]


def test_start_with_an_unknown_competency_is_refused(client, trainer, versions):
    response = client.post(LIST, SETTINGS | {"competency": "9.9"})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["competency"])
    assert CalibrationRun.objects.count() == 0


def test_a_waiting_run_shows_progress_and_asks_again(client, trainer, competency):
    run = CalibrationRun.objects.create(competency=competency, status="running", done=40, people=100, responses=900)
    response = page(client, run)
    assert 'hx-trigger="every 2s"' in response.content.decode()
    assert not response.context["stalled"]
    CalibrationRun.objects.filter(pk=run.pk).update(moved_at=timezone.now() - timedelta(hours=1))
    assert page(client, run).context["stalled"]


def test_only_a_stalled_run_is_woken(client, trainer, competency, sent, django_capture_on_commit_callbacks):
    run = CalibrationRun.objects.create(competency=competency, status="running")
    wake = reverse("author:calibration-continue", args=[run.pk])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(wake)
    assert sent == []
    CalibrationRun.objects.filter(pk=run.pk).update(moved_at=timezone.now() - timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(wake)
    assert sent == [("assessments.calibration_tasks.continue_calibration", [run.pk])]


def test_the_page_reloads_when_its_part_finds_the_run_ended(client, trainer, run):
    response = client.get(reverse("author:calibration", args=[run.pk]), headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"


def test_proposal_compares_old_and_new_and_counts_people_who_move(client, trainer, run):
    context = page(client, run).context
    assert (context["calibrated"], context["provisional"], context["anchors"]) == (8, 0, 0)
    assert [row["proposal"].version.item.code for row in context["rows"]] == [f"6.3-{at:02d}" for at in range(1, 9)]
    assert all(row["old"]["a"] == 1.2 and row["new"]["b"] != row["old"]["b"] for row in context["rows"])
    assert context["levels"]["people"] == 240
    table = context["levels"]["table"]
    moved = sum(sum(row) for row in table) - sum(table[at][at] for at in range(8))
    assert moved == context["levels"]["moved"]


def test_items_that_cannot_be_calibrated_are_named_with_the_reason(client, trainer, competency, answered, sent):
    from assessments.domain.calibration import start_calibration
    from tests.assessments.calibration.test_calibration_runs import run_through

    make_versions(competency, TRUE[:1], prefix="new")
    run = run_through(start_calibration(trainer, [competency])[0])
    client.cookies["django_language"] = "en"
    ((refused, flag),) = page(client, run).context["refused"]
    assert (refused.version.item.code, flag.label) == ("new-01", "Nobody has answered it.")


def test_publish_puts_the_parameters_in_force_once(client, trainer, run):
    before = ItemParameterSet.objects.count()
    publish = reverse("author:calibration-publish", args=[run.pk])
    client.post(publish)
    assert ItemParameterSet.objects.count() == before + 8
    client.cookies["django_language"] = "en"
    assert texts(client, client.post(publish))[-1] == "There is no proposal to publish here."
    assert ItemParameterSet.objects.count() == before + 8
    run.refresh_from_db()
    assert (run.status, run.decided_by) == ("published", trainer)


def test_publish_is_refused_with_the_items_that_changed_meanwhile(client, trainer, competency, answered, run):
    ItemParameterSet.objects.create(version=answered[1], competency=competency, parameters=TRUE[1].to_dict())
    client.cookies["django_language"] = "en"
    (said,) = texts(client, client.post(reverse("author:calibration-publish", args=[run.pk])))
    assert said == "These items got other parameters since the calibration began: 6.3-02 v1. Calibrate anew."


def test_discard_changes_no_parameter(client, trainer, run):
    before = ItemParameterSet.objects.count()
    client.post(reverse("author:calibration-discard", args=[run.pk]))
    run.refresh_from_db()
    assert (run.status, ItemParameterSet.objects.count()) == ("discarded", before)


@pytest.mark.parametrize(
    ("problem", "detail", "named"),
    [
        ("no_answers", {"items": ["6.3-01 v1"]}, "6.3-01 v1"),
        ("disconnected", {"sets": [["6.3-01 v1"], ["6.3-02 v1", "6.3-03 v1"]]}, "6.3-02 v1, 6.3-03 v1"),
        ("not_converged", {"iterations": 500}, "500"),
        ("failed", {"said": "ZeroDivisionError: division by zero"}, "ZeroDivisionError"),
    ],
)
def test_a_failed_run_says_why_and_names_what(client, trainer, competency, problem, detail, named):
    run = CalibrationRun.objects.create(competency=competency, status="failed", problem=problem, detail=detail)
    response = page(client, run)
    assert response.status_code == 200
    assert named in response.content.decode()


def test_a_failed_run_speaks_the_readers_language(client, trainer, competency):
    detail = {"items": ["6.3-02 v1"], "said": "6.3-02 v1: discrimination a must be above 0, got -1.0"}
    run = CalibrationRun.objects.create(competency=competency, status="failed", problem="bad_parameters", detail=detail)
    text = page(client, run).content.decode()
    assert (text.count("6.3-02 v1"), text.count("độ phân biệt phải lớn hơn 0"), text.count("got -1.0")) == (1, 1, 0)


def test_unknown_run_is_not_found(client, trainer):
    assert client.get(reverse("author:calibration", args=[1])).status_code == 404


def test_a_published_proposal_leads_to_its_regrade_by_a_name_in_the_readers_language(client, trainer, run):
    client.post(reverse("author:calibration-publish", args=[run.pk]))
    Regrade.objects.all().delete()
    regrade = Regrade.objects.create(reason=f"calibration {run.pk}", corrections=[], calibration=run)
    address = reverse("author:regrade", args=[regrade.pk])
    assert page(client, run).content.decode().count(address) == 1
    for place, times in ((reverse("author:measurement"), 1), (address, 2)):
        text = client.get(place).content.decode()
        assert (text.count("Hiệu chuẩn năng lực 6.3"), text.count(regrade.reason)) == (times, 0)
