"""The components as templates use them."""

import re
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import translation


def render(source: str, language: str = "en", request: HttpRequest | None = None, **context: Any) -> str:
    """Render a template that loads the components; return it with white space folded."""
    with translation.override(language):
        filled = RequestContext(request, context) if request else Context(context)
        html = Template("{% load ui %}" + source).render(filled)
    return re.sub(r"\s+", " ", html).strip()


class Form(forms.Form):
    name = forms.CharField(help_text="As on the <b>decision</b>.", widget=forms.TextInput(attrs={"placeholder": "x"}))
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    ("value", "language", "words"),
    [(0, "en", "0 minutes"), (1, "en", "1 minute"), (80, "en", "1 hour 20 minutes"), (120, "vi", "2 giờ")],
)
def test_minutes_in_words(value: int, language: str, words: str) -> None:
    assert render("{{ value|minutes }}", language, value=value) == words


@pytest.mark.parametrize(
    ("count", "language", "text"),
    [
        (0, "vi", "0"),
        (999, "vi", "999"),
        (2036, "vi", "2.036"),
        (2_000_000, "vi", "2.000.000"),
        (2_000_000, "en", "2,000,000"),
        (None, "vi", ""),
    ],
)
def test_thousands_of_whole_numbers_stand_apart(count: int | None, language: str, text: str) -> None:
    assert render("{{ count|whole }}", language, count=count) == text


@pytest.mark.parametrize(("share", "text"), [(0, "0%"), (0.004, "<1%"), (0.425, "42%"), (1, "100%"), (None, "")])
def test_percent(share: float | None, text: str) -> None:
    assert render("{% autoescape off %}{{ share|percent }}{% endautoescape %}", share=share) == text


def test_field_names_its_hint_and_error_and_drops_the_placeholder() -> None:
    html = render("{% field form.name %}", form=Form({"name": ""}))
    control = re.search(r"<input[^>]*>", html)
    assert control is not None
    assert control.group() == (
        '<input type="text" name="name" class="form-control" aria-describedby="id_name-hint id_name-error" required '
        'aria-invalid="true" id="id_name">'
    )
    assert 'id="id_name-hint">As on the <b>decision</b>.</div>' in html


def test_field_escapes_a_hint_of_its_own() -> None:
    assert 'hint">&lt;b&gt;</div>' in render("{% field form.name hint=hint %}", form=Form(), hint="<b>")


def test_group_links_errors_to_its_first_choice() -> None:
    html = render("{% error_summary form %}", form=Form({"name": ""}))
    assert re.findall(r'href="([^"]+)"', html) == ["#id_name", "#id_kind_0"]


def test_error_summary_of_a_sound_form_is_nothing() -> None:
    assert render("{% error_summary form %}", form=Form({"name": "a", "kind": "a"})) == ""


def test_card_keeps_markup_of_its_content_and_escapes_its_title() -> None:
    html = render('{% card title=title href="/x/" level=3 %}<p>{{ title }}</p>{% endcard %}', title="A & <b>")
    assert html == (
        '<div class="card card--link"><h3 class="card__title"><a href="/x/">A &amp; &lt;b&gt;</a></h3>'
        "<p>A &amp; &lt;b&gt;</p></div>"
    )


def test_breadcrumbs_take_pairs_and_a_last_word() -> None:
    html = render('{% breadcrumbs "Home" "/" "Courses" "/courses/" "Here" %}')
    assert re.findall(r'<a href="([^"]+)">([^<]+)</a>', html) == [("/", "Home"), ("/courses/", "Courses")]
    assert re.findall(r'aria-current="page">([^<]+)<', html) == ["Here"]


def test_pagination_keeps_the_query() -> None:
    request = RequestFactory().get("/", {"q": "an", "page": "2"})
    html = render("{% pagination page %}", page=Paginator(range(30), 10).page(2), request=request)
    assert re.findall(r'href="([^"]+)" rel', html) == ["?q=an&amp;page=1", "?q=an&amp;page=3"]
    assert render("{% pagination page %}", page=Paginator(range(9), 10).page(1), request=request) == ""


def test_suppressed_heat_cell_shows_no_digit() -> None:
    assert re.findall(r"\d", render("{% heat_cell 0.4 0.3 0.5 3 4 True %}")) == []


def test_ladder_says_in_words_what_it_draws() -> None:
    html = render("{% ladder band=2 required=5 probability=0.824 %}")
    caption = re.search(r"<figcaption>(.*)</figcaption>", html)
    assert caption is not None
    assert caption.group(1) == (
        "You are most likely in the band Intermediate (levels 3–4). Probability 82%. Your post requires level 5."
    )
    assert "style=" not in html
