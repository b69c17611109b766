"""The item list and the page of one item."""

import pytest
from django.urls import reverse

from assessments.api import create_item, publish_draft, save_draft
from assessments.domain.authoring import retire_item_version
from assessments.domain.items import publish_new_version, version_digest
from assessments.items.registry import item_type
from assessments.models import Item, ItemParameterSet
from competencies.models import Competency
from tests.factories.assessments import AssessmentFactory, make_item, raw_content
from tests.factories.forms import make_draw

pytestmark = pytest.mark.django_db

ITEMS = reverse("author:items")


def codes(client, **query):
    response = client.get(ITEMS, query)
    assert response.status_code == 200
    return [version.item.code for version, _excerpt, _kind in response.context["rows"]]


def draft(item, word="", level=4):
    return save_draft(item, raw_content(item.kind, word), level=level, seconds=60, actor=None)


@pytest.fixture
def bank(competency, item):
    other = Competency.objects.get(code="9.2")
    make_item(competency, 2, kind="multiple_choice", level=6)
    make_item(other, 1, kind="ordering", level=6)
    return competency


def test_list_without_filters_has_every_item_in_framework_order(client, trainer, bank):
    assert codes(client) == ["9.1-01", "9.1-02", "9.2-01"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"competency": "9.2"}, ["9.2-01"]),
        ({"level": "6"}, ["9.1-02", "9.2-01"]),
        ({"kind": "ordering"}, ["9.2-01"]),
        ({"level": "6", "competency": "9.1"}, ["9.1-02"]),
        ({"level": "9"}, ["9.1-01", "9.1-02", "9.2-01"]),
        ({"q": "9.1-02"}, ["9.1-02"]),
        ({"q": "what do you do"}, ["9.1-01", "9.1-02", "9.2-01"]),
        ({"q": "correct"}, []),
        ({"q": "100%"}, []),
    ],
)
def test_filters_narrow_the_list(client, trainer, bank, query, expected):
    assert codes(client, **query) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nghị định", ["9.1-01"]),
        ("NGHỊ ĐỊNH", ["9.1-01"]),
        ("nghi dinh", ["9.1-01"]),
        ("định nghị", ["9.1-01"]),
        ("Đoc lap", ["9.1-01"]),
        ("nghị quyết", []),
    ],
)
def test_search_finds_words_with_or_without_diacritics(client, trainer, bank, item, words, expected):
    draft(item, "Nghị định về Độc lập")
    publish_draft(item, None)
    assert codes(client, q=words) == expected


def test_status_filters_tell_drafts_retired_and_uncalibrated_apart(client, trainer, bank, item):
    retire_item_version(make_item(bank, 3).item.versions.get(), actor=trainer)
    calibrated = make_item(bank, 4)
    ItemParameterSet.objects.create(
        version=calibrated, competency=bank, parameters={"model": "2pl", "a": 1.0, "b": 0.1}, calibrated=True
    )
    draft(item, "mới")
    assert codes(client, status="published") == ["9.1-01", "9.1-02", "9.1-04", "9.2-01"]
    assert codes(client, status="uncalibrated") == ["9.1-01", "9.1-02", "9.2-01"]
    assert codes(client, status="draft") == ["9.1-01"]
    assert codes(client, status="retired") == ["9.1-03"]


def test_list_asks_as_often_for_one_item_as_for_thirty(client, trainer, item, competency, django_assert_num_queries):
    client.get(ITEMS)
    with django_assert_num_queries(7):
        assert len(codes(client)) == 1
    for number in range(2, 31):
        make_item(competency, number)
    with django_assert_num_queries(7):
        assert len(codes(client)) == 30


def test_list_is_paged_and_keeps_its_filters(client, trainer, competency):
    for number in range(1, 54):
        make_item(competency, number)
    response = client.get(ITEMS, {"competency": "9.1", "page": "2"})
    assert [version.item.code for version, _excerpt, _kind in response.context["rows"]] == [
        "9.1-51",
        "9.1-52",
        "9.1-53",
    ]
    assert 'href="?competency=9.1&amp;page=1"' in response.content.decode()


def test_item_page_shows_both_languages_key_parameters_and_use(client, trainer, item):
    quiz = AssessmentFactory()
    context = client.get(reverse("author:item", args=[item.code])).context
    assert [(locale, text["stem"]) for locale, text in context["texts"]] == [
        ("vi", "Bạn làm gì? 9.1-01"),
        ("en", "What do you do? 9.1-01"),
    ]
    assert [option["correct"] for option in context["texts"][0][1]["options"]] == [True, False, False, False]
    assert [(each.competency.code, each.calibrated) for each in context["parameters"]] == [("9.1", False)]
    assert context["assessments"] == [quiz]


def test_item_page_names_the_draws_that_may_draw_it(client, trainer, item, competency):
    other = Competency.objects.get(code="9.2")
    for code, row in {
        "any": {},
        "fits": {"competency": competency, "kind": item.kind, "level": 4},
        "other-level": {"level": 5},
        "other-kind": {"kind": "ordering"},
        "other": {"competency": other},
        "domain": {"domain": competency.domain},
    }.items():
        make_draw({"count": 1, **row}, code=code)
    address = reverse("author:item", args=[item.code])
    assert [each.code for each in client.get(address).context["assessments"]] == ["any", "domain", "fits"]
    retire_item_version(item.versions.get(), actor=trainer)
    assert client.get(address).context["assessments"] == []


def test_item_page_shows_the_version_in_use_and_the_draft_on_request(client, trainer, item):
    draft(item, "mới")
    address = reverse("author:item", args=[item.code])
    assert client.get(address).context["version"].number == 1
    assert client.get(address, {"version": "2"}).context["version"].number == 2
    assert client.get(address).context["draft"].number == 2


def test_home_counts_the_bank_by_competency_and_level(client, trainer, bank, item):
    draft(item, "mới")
    context = client.get(reverse("author:home")).context
    rows = [(row.competency.code, row.levels, row.uncalibrated) for row in context["rows"]]
    assert rows == [("9.1", [0, 0, 0, 1, 0, 1, 0, 0], 2), ("9.2", [0, 0, 0, 0, 0, 1, 0, 0], 1)]
    assert (context["total"], context["uncalibrated"], context["empty_rows"]) == (3, 3, 0)
    assert [each.item.code for each in context["drafts"]] == ["9.1-01"]


def test_home_asks_as_often_for_one_item_as_for_thirty(client, trainer, item, competency, django_assert_num_queries):
    address = reverse("author:home")
    client.get(address)
    with django_assert_num_queries(8):
        client.get(address)
    for number in range(2, 31):
        draft(make_item(competency, number).item, "mới")
    with django_assert_num_queries(8):
        client.get(address)


def test_adaptive_quiz_is_not_named_by_what_it_cannot_choose(client, trainer, competency):
    """It needs the score at once: no essay; and learners are given published versions alone."""
    quiz = AssessmentFactory(code="quiz")
    quiz.competencies.add(competency)
    essay = item_type("essay")
    content = essay.parse_content(essay.SAMPLE).to_dict()
    item = Item.objects.create(code="9.1-70", kind="essay", competency=competency)
    publish_new_version(item, content, version_digest(content, 4, 60), {}, level=4, seconds=60)
    draft = create_item("single_choice", competency, raw_content(), level=4, seconds=60, actor=trainer)
    chosen = make_item(competency, 72)
    pages = [client.get(reverse("author:item", args=[code])) for code in ("9.1-70", draft.item.code, chosen.item.code)]
    assert [page.context["assessments"] for page in pages] == [[], [], [quiz]]
