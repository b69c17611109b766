"""Review by another trainer, comments, tags, and versions side by side."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from assessments.api import create_item, save_draft
from assessments.items.differences import compare_contents
from assessments.models import ItemComment, ItemTag, ItemVersion
from organisation.models import User
from tests.factories.assessments import make_item, raw_content
from tests.factories.organisation import RoleGrantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(db):
    """Another trainer, signed in elsewhere."""
    client = Client()
    client.force_login(RoleGrantFactory(role="trainer").user)
    return client


@pytest.fixture
def draft(item, trainer):
    return save_draft(item, raw_content(item.kind, "mới"), level=4, seconds=60, actor=trainer)


def address(name: str, item: Any) -> str:
    return reverse(f"author:{name}", args=[item.code])


def step(client, name: str, draft, **fields: str) -> list[str]:
    """Take a step from the page of the draft, and return what is said then."""
    draft.refresh_from_db()
    page = client.get(address("item", draft.item), {"version": draft.number})
    response = client.post(address(name, draft.item), {"base": page.context["base"], **fields}, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def test_what_no_database_takes_is_left_out_of_comments_and_tags(client, trainer, item):
    client.post(address("item-comment", item), {"version": 1, "text": "hay\0 lắm"})
    assert ItemComment.objects.get().text == "hay lắm"
    assert client.post(reverse("author:item-tag"), {"code": [item.code, "\0"], "tag": "an\0 toàn"}).status_code == 302
    assert ItemTag.objects.get().name == "an toàn"


def test_draft_is_read_sent_back_changed_and_published_by_another(client, trainer, other, item, draft):
    assert step(client, "item-review", draft, text="Nhờ xem giúp") == [
        "Giảng viên khác giờ có thể duyệt và đưa bản nháp vào sử dụng."
    ]
    assert step(other, "item-return", draft) == ["Hãy nêu nội dung cần sửa trước khi trả lại bản nháp."]
    assert step(other, "item-return", draft, text="Phương án 2 chưa rõ") == [
        "Bản nháp không còn chờ duyệt. Tác giả có thể sửa tiếp."
    ]
    draft.refresh_from_db()
    assert draft.is_in_review is False
    step(client, "item-review", draft)
    assert step(client, "item-publish", draft) == ["Giảng viên khác sẽ duyệt và đưa vào sử dụng nội dung anh/chị soạn."]
    assert step(other, "item-publish", draft, text="Tốt") == ["Phiên bản 2 được dùng từ bây giờ."]
    assert list(item.versions.values_list("number", "status")) == [(1, "retired"), (2, "published")]
    said = list(ItemComment.objects.values_list("kind", "text"))
    assert said == [("asked", "Nhờ xem giúp"), ("returned", "Phương án 2 chưa rõ"), ("asked", ""), ("published", "Tốt")]
    page = client.get(address("item", item)).content.decode()
    assert [text in page for text in ("Phương án 2 chưa rõ", "Tốt")] == [True, True]


@pytest.mark.parametrize("is_imported", [False, True])
def test_whoever_wrote_in_a_draft_before_others_does_not_publish_it(client, trainer, other, item, draft, is_imported):
    if is_imported:
        ItemVersion.objects.filter(pk=draft.pk).update(writers=[])
    second = User.objects.get(pk=other.session["_auth_user_id"])
    save_draft(item, raw_content(item.kind, "mới,"), level=4, seconds=60, actor=second)
    save_draft(item, raw_content(item.kind, "mới."), level=4, seconds=60, actor=None)
    step(client, "item-review", draft)
    for own in (client, other):
        assert step(own, "item-publish", draft) == [
            "Giảng viên khác sẽ duyệt và đưa vào sử dụng nội dung anh/chị soạn."
        ]
        assert own.get(address("item", item), {"version": 2}).context["is_own"] is True
    for writer in (trainer, second):
        with pytest.raises(IntegrityError, match="by another"), transaction.atomic():
            ItemVersion.objects.filter(pk=draft.pk).update(status="published", reviewer=writer)
    third = Client()
    third.force_login(RoleGrantFactory(role="trainer").user)
    assert step(third, "item-publish", draft) == ["Phiên bản 2 được dùng từ bây giờ."]


def test_draft_that_nobody_asked_to_review_is_not_published(other, item, draft):
    assert step(other, "item-publish", draft) == ["Bản nháp chỉ được đưa vào sử dụng sau khi tác giả đề nghị duyệt."]
    assert list(item.versions.values_list("status", flat=True)) == ["published", "draft"]


def test_author_takes_a_draft_back_without_a_reason(client, trainer, draft):
    step(client, "item-review", draft)
    step(client, "item-return", draft)
    assert list(ItemComment.objects.values_list("kind", flat=True)) == ["asked", "taken_back"]


def test_step_from_an_old_page_is_not_taken(client, trainer, draft):
    response = client.post(address("item-review", draft.item), {"base": "old"}, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "Phiên bản đã thay đổi sau khi anh/chị mở trang này. Hãy xem lại một lần nữa."
    ]
    assert ItemComment.objects.count() == 0


def test_comments_are_kept_with_their_version_and_escaped(client, trainer, item):
    client.post(address("item-comment", item), {"version": "1", "text": "<b>Đậm</b>"})
    client.post(address("item-comment", item), {"version": "1", "text": "  "})
    assert list(ItemComment.objects.values_list("version__number", "text")) == [(1, "<b>Đậm</b>")]
    assert "&lt;b&gt;Đậm&lt;/b&gt;" in client.get(address("item", item)).content.decode()
    assert client.post(address("item-comment", item), {"version": "9", "text": "x"}).status_code == 404


def test_many_items_are_tagged_found_and_untagged(client, trainer, competency):
    codes = [make_item(competency, number).item.code for number in (1, 2, 3)]
    items, tag = reverse("author:items"), reverse("author:item-tag")
    back = f"{items}?level=4"
    response = client.post(tag, {"code": codes[:2], "tag": "  Đợt  Một ", "action": "tag", "back": back})
    assert response["Location"] == back
    assert list(ItemTag.objects.values_list("item__code", "name")) == [(code, "đợt một") for code in codes[:2]]
    found = client.get(items, {"tag": "đợt một"})
    assert [version.item.code for version, _excerpt, _kind in found.context["rows"]] == codes[:2]
    client.post(tag, {"code": codes[:1], "tag": "Đợt một", "action": "untag", "back": "https://evil.example/"})
    assert list(ItemTag.objects.values_list("item__code", flat=True)) == codes[1:2]


def test_tagging_leads_nowhere_else(client, trainer, item):
    response = client.post(reverse("author:item-tag"), {"code": [item.code], "tag": "x", "back": "//evil.example/"})
    assert response["Location"] == reverse("author:items")


def test_versions_are_compared_word_by_word(client, trainer, item, draft):
    page = client.get(address("item-compare", item))
    rows = dict(page.context["rows"])
    assert rows["Câu hỏi: Tiếng Việt"].words == [("same", "Bạn làm gì? "), ("gone", "9.1-01"), ("new", "mới")]
    html = page.content.decode()
    assert ("<del>9.1-01</del>" in html, "<ins>mới</ins>" in html) == (True, True)
    same = client.get(address("item-compare", item), {"before": "1", "after": "1"})
    assert same.context["rows"] == []


def test_contents_with_more_or_fewer_parts_are_compared():
    before = {"kind": "x", "options": [{"id": "1", "vi": "a", "correct": True}]}
    after = {"kind": "x", "options": [{"id": "2", "vi": "a", "correct": False}, {"id": "3", "vi": "b"}]}
    found = [(each.path, each.before, each.after) for each in compare_contents(before, after)]
    assert found == [("options[0].correct", "✓", "✗"), ("options[1].vi", None, "b")]
    assert [each.path for each in compare_contents(after, before)] == ["options[0].correct", "options[1].vi"]


def test_items_that_nobody_translated_are_found(client, trainer, competency):
    version = make_item(competency, 7)
    content = {**version.content, "stem": {"vi": "Only English", "en": "Only English"}}
    save_draft(version.item, content, level=4, seconds=60, actor=None)
    make_item(competency, 8)
    assert client.get(reverse("author:home")).context["untranslated"] == 1
    assert len(client.get(reverse("author:items"), {"missing": "stem.vi"}).context["rows"]) == 1


def test_missing_translations_are_counted_by_competency_and_part_one_click_from_the_items(client, trainer, competency):
    content = {**make_item(competency, 7).content}
    content["stem"] = {"vi": "Only English here", "en": "Only English here"}
    content["options"] = [each | {"why": {"vi": "Vì thế", "en": "Vì thế"}} for each in content["options"]]
    made = create_item("single_choice", competency, content, level=4, seconds=60, actor=None)
    make_item(competency, 9)
    home = client.get(reverse("author:home"))
    assert home.context["untranslated"] == 1
    (row,) = home.context["missing"]
    assert (row.competency, dict(row.counts)) == (competency, {"stem.vi": 1, "reasons.en": 1})
    address = reverse("author:items") + f"?competency={competency.code}&amp;missing=reasons.en"
    assert f'href="{address}"' in home.content.decode()
    found = client.get(address.replace("&amp;", "&"))
    assert [version.item.code for version, *_more in found.context["rows"]] == [made.item.code]
    counts = {
        missing: len(client.get(reverse("author:items"), {"missing": missing}).context["rows"])
        for missing in ("en", "vi", "stem.vi", "stem.en", "nothing")
    }
    assert counts == {"en": 1, "vi": 1, "stem.vi": 1, "stem.en": 0, "nothing": 3}


def test_list_takes_the_same_queries_for_one_item_and_for_thirty(
    client, trainer, competency, django_assert_num_queries
):
    make_item(competency, 1)
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("author:items"))
    for number in range(2, 31):
        make_item(competency, number)
    with django_assert_num_queries(len(few)):
        client.get(reverse("author:items"))


def primary(client, item, **query: str) -> list[str]:
    """The words of the primary buttons under "Next step"."""
    page = client.get(address("item", item), query).content.decode()
    section = page[page.index('aria-labelledby="next"') :].split("</section>")[0]
    return [
        strip_tags(each).strip() for each in re.findall(r'class="btn btn-primary"[^>]*>(.*?)</(?:a|button)>', section)
    ]


def test_item_page_has_one_primary_button_for_each_state(client, trainer, other, item):
    assert primary(client, item) == ["Sửa"]
    made = save_draft(item, raw_content(item.kind, "mới"), level=4, seconds=60, actor=trainer)
    assert (primary(client, item), primary(client, item, version="2")) == (["Xem bản nháp"], ["Đề nghị duyệt"])
    step(client, "item-review", made)
    assert (primary(client, item, version="2"), primary(other, item, version="2")) == ([], ["Duyệt và đưa vào sử dụng"])
