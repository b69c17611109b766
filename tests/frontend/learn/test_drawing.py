"""Pages drawn once for all who see the same: as drawn anew, new when content is, and with nothing of another's."""

import re
from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone
from django.utils.safestring import SafeString

from assessments.api import start_attempt
from assessments.models import Assessment
from courses.api import content_version
from frontend import drawing
from frontend.drawing import draw_page, draw_part
from frontend.learn.question_fields import prefix_of
from organisation.api import reading_content
from tests.factories.assessments import right_answer, wrong_answer
from tests.factories.organisation import PersonFactory
from tests.frontend.forms import fields_of_answer
from tests.frontend.learn.test_remembered import form_and_person

pytestmark = pytest.mark.django_db(transaction=True)

OTHER_EACH_TIME = re.compile(
    r'(name="csrfmiddlewaretoken" value="|"X-CSRFToken": "|name="key" value=")[\w-]+|(data-left=")\d+'
)


def plain(html: str) -> str:
    """The page without what is another with each request; blank lines and spaces at their edges do not count."""
    lines = (line.strip() for line in OTHER_EACH_TIME.sub(r"\1\2", html).splitlines())
    return "\n".join(line for line in lines if line)


class Sitting:
    """Somebody who takes a form on one page."""

    def __init__(self, client, person, form) -> None:
        self.client, self.person, self.form = client, person, form
        self.rules = f"/learn/assessments/{form.code}/"

    def begin(self) -> None:
        self.client.post(self.rules)
        self.attempt = self.person.attempts.get()
        self.page = f"/learn/attempts/{self.attempt.pk}/"
        self.result = f"{self.page}result/"

    def answer(self, *, right: bool, most: int) -> None:
        page = self.client.get(self.page)
        key, sequence = re.findall(r'name="(?:key|sequence)" value="([^"]+)"', page.text)
        fields = {}
        for item in self.attempt.form["sections"][0]["items"][:most]:
            raw = (right_answer if right else wrong_answer)(item["version"])
            for name, value in fields_of_answer("", raw).items():
                fields[prefix_of(item["version"]) + name] = value
        self.client.post(f"{self.page}page/", {"key": key, "sequence": sequence, **fields})


@pytest.fixture(params=["vi", "en"])
def sitting(request, client_of):
    person, form = form_and_person()
    Assessment.objects.filter(pk=form.pk).update(one_page=True, name_vi="Bài <thi> & thử")
    client = client_of(person)
    client.cookies["django_language"] = request.param
    return Sitting(client, person, Assessment.objects.get(pk=form.pk))


def both_ways(sitting: Sitting, path: str, monkeypatch) -> tuple[str, str]:
    """The page as it is kept, opened a second time, and as it is drawn anew."""
    sitting.client.get(path)
    kept = sitting.client.get(path)
    with monkeypatch.context() as patch:
        patch.setattr(drawing, "content_read", lambda: None)
        anew = sitting.client.get(path)
    assert (kept.status_code, anew.status_code) == (200, 200)
    return plain(kept.text), plain(anew.text)


@pytest.mark.parametrize("theme", ["dark", "auto"])
@pytest.mark.parametrize(("right", "most"), [(True, 3), (False, 3), (True, 1), (True, 0)])
def test_every_page_of_a_sitting_is_as_drawn_anew(sitting, monkeypatch, theme, right, most):
    def check(*paths: str) -> None:
        for path in paths:
            kept, anew = both_ways(sitting, path, monkeypatch)
            assert kept == anew
            assert f'data-bs-theme="{theme}"' in kept or theme == "auto"

    sitting.client.cookies["theme"] = theme
    check(sitting.rules)
    sitting.begin()
    check(sitting.page, f"{sitting.page}check/")
    sitting.answer(right=right, most=most)
    check(sitting.page, f"{sitting.page}check/")
    sitting.client.post(f"{sitting.page}submit/")
    check(sitting.result)


def test_nobody_gets_what_is_anothers(client_of):
    first, form = form_and_person()
    Assessment.objects.filter(pk=form.pk).update(one_page=True)
    form.refresh_from_db()
    second = PersonFactory(full_name="Người Thứ Hai")
    seen = {}
    for person in (first, second):
        sitting = Sitting(client_of(person), person, form)
        rules = sitting.client.get(sitting.rules).text
        sitting.begin()
        sitting.answer(right=person is first, most=3)
        page, check = sitting.client.get(sitting.page).text, sitting.client.get(f"{sitting.page}check/").text
        sitting.client.post(f"{sitting.page}submit/")
        seen[person.pk] = (sitting, rules + page + check + sitting.client.get(sitting.result).text)
    for person, other in ((first, second), (second, first)):
        sitting, html = seen[person.pk]
        theirs, _html = seen[other.pk]
        own = {person.full_name, person.user.username, str(sitting.attempt.pk), f'data-person="{person.user.pk}"'}
        foreign = {other.full_name, other.user.username, str(theirs.attempt.pk), f'data-person="{other.user.pk}"'}
        assert [each for each in own if each not in html] == []
        assert [each for each in foreign if each in html] == []


def test_a_change_of_content_is_seen_at_once(sitting):
    sitting.begin()
    assert "Tên khác" not in sitting.client.get(sitting.page).text
    Assessment.objects.filter(pk=sitting.form.pk).update(name_vi="Tên khác", name_en="Tên khác")
    assert "Tên khác" in sitting.client.get(sitting.page).text


def asked(person) -> HttpRequest:
    request = RequestFactory().get("/learn/?a=<b>")
    request.user = person.user
    vars(request)["_messages"] = []
    return request


def test_own_text_is_escaped_and_markup_is_not(client_of):
    person = PersonFactory(full_name="<i>An</i>")
    client_of(person)
    with reading_content(content_version):
        for name, drawn in (("<b>A</b>", "&lt;b&gt;A&lt;/b&gt;"), (SafeString("<b>B</b>"), "<b>B</b>")):
            html = draw_part("components/tag.html", {"kind": "info", "icon": ""}, {"label": name})
            assert drawn in html
        page = draw_page(asked(person), "learn/not_for_you.html", {}, {}).text
    assert "&lt;i&gt;An&lt;/i&gt;" in page
    assert "<i>An</i>" not in page
    assert drawing._SECRET not in page


def test_looks_that_differ_are_drawn_apart():
    with reading_content(content_version):
        looks = ({"kind": kind, "icon": ""} for kind in ("info", "danger"))
        drawn = {draw_part("components/tag.html", look, {"label": "x"}) for look in looks}
    assert len(drawn) == 2


def test_control_what_decides_how_it_looks_is_caught_when_it_is_called_own():
    own = {"label": "x", "icon": ""}
    anew = draw_part("components/tag.html", {"kind": "info"}, own)
    with reading_content(content_version):
        assert draw_part("components/tag.html", {"kind": "info"}, own) != anew


def test_late_pages_still_say_the_time_of_their_own_sitting(client_of):
    first, form = form_and_person()
    second = PersonFactory()
    Assessment.objects.filter(pk=form.pk).update(one_page=True)
    form.refresh_from_db()
    left: list[int] = []
    for person, minutes in ((first, 0), (second, 10)):
        attempt = start_attempt(person, form, now=timezone.now() - timedelta(minutes=minutes))
        page = client_of(person).get(f"/learn/attempts/{attempt.pk}/").text
        left += map(int, re.findall(r'data-left="(\d+)"', page))
    assert 595 <= left[0] - left[1] <= 605
