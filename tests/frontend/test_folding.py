"""Templates with what never changes written out: the same words, in each language, as without it."""

import pytest
from django.template import Context, Engine
from django.utils.translation import override

from frontend.folding import Loader, fold

PAGE = (
    "{% load i18n static ui %}{% translate 'Sign in' %} <a href=\"{% url 'account_login' %}\">{% icon 'user' %}</a>"
    "{% if name %}{% translate 'Sign out' %} {{ name }}{% else %}{% static 'frontend/icons.svg' %}{% endif %}"
    "{% translate 'Menu' as menu %}{{ menu|upper }}{% for one in many %}{% translate 'Close' %}{{ one }}{% endfor %}"
    "{% blocktranslate %}Signed in as {{ name }}{% endblocktranslate %}"
)


def engine() -> Engine:
    found = {"page.html": PAGE, "base.html": "<{% block a %}{% endblock %}>", "child.html": CHILD}
    return Engine(
        libraries={
            "i18n": "django.templatetags.i18n",
            "static": "django.templatetags.static",
            "ui": "frontend.templatetags.ui",
        },
        loaders=[("frontend.folding.Loader", [("django.template.loaders.locmem.Loader", found)])],
    )


CHILD = "{% extends 'base.html' %}{% load i18n %}{% block a %}{% translate 'Sign in' %}{{ block.super }}{% endblock %}"


@pytest.mark.parametrize("context", [{}, {"name": "An & Bình", "many": ["1", "<2>"]}])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_folded_template_says_what_the_plain_one_says(language, context):
    with override(language):
        plain = engine().from_string(PAGE).render(Context(context))
        assert engine().get_template("page.html").render(Context(context)) == plain


def test_each_language_has_a_template_of_its_own():
    site = engine()
    said = []
    for language in ("vi", "en", "vi"):
        with override(language):
            said.append(site.get_template("child.html").render(Context({})))
    assert said[0] == said[2] != said[1]


def test_constant_nodes_are_joined_to_one_text():
    with override("en"):
        template = engine().from_string("{% load i18n %}a {% translate 'Menu' %} b{{ c }}")
        fold(template.nodelist, Context({}))
        assert [type(node).__name__ for node in template.nodelist] == ["LoadNode", "TextNode", "VariableNode"]


def test_the_site_uses_it(settings):
    assert settings.TEMPLATES[0]["OPTIONS"]["loaders"][0][0] == f"{Loader.__module__}.{Loader.__name__}"
