"""Editing a question, and what may be done with its draft."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.domain.authoring import (
    ItemChanged,
    NothingNew,
    discard_item_draft,
    draft_item_version,
    publish_item_version,
    retire_item_version,
    version_stamp,
    version_to_edit,
)
from assessments.models import Item, ItemVersion
from frontend.author.access import author_of, authors_only
from frontend.author.forms.items import ItemVersionForm, reshape_values, values_of_content, values_of_post
from frontend.author.items import find_item
from frontend.author.wording import text_of

Status = ItemVersion.Status


@require_http_methods(["GET", "POST"])
@authors_only
def edit_item(request: HttpRequest, code: str) -> HttpResponse:
    """Edit a question; "save" keeps a draft, the other buttons only reshape the options and write nothing."""
    item = _question(code)
    current = version_to_edit(item)
    if request.method != "POST":
        values = values_of_content(current.content)
        values |= {"level": current.level, "seconds": current.seconds, "base": version_stamp(current)}
        return _render_form(request, item, current, ItemVersionForm(item.kind, values))
    values = values_of_post(request.POST, item.kind)
    action = values.get("action", "save")
    if action not in {"save", "preview"}:
        return _render_form(request, item, current, ItemVersionForm(item.kind, reshape_values(values, action)))
    form = ItemVersionForm(item.kind, values, bound=True)
    if not form.is_valid():
        return _render_form(request, item, current, form)
    try:
        draft = draft_item_version(
            item,
            form.content,
            level=form.cleaned_data["level"],
            seconds=form.cleaned_data["seconds"],
            base=form.cleaned_data["base"],
            author=author_of(request),
        )
    except ItemChanged as changed:
        form.add_error(None, _("Someone saved this item after you opened it. Nothing of yours is lost: see below."))
        return _render_form(request, item, current, form, newer=changed.version)
    if draft.status != Status.DRAFT:
        messages.info(request, _("Nothing was changed."))
        return redirect("author:item", code)
    messages.success(request, _("The draft is saved. Learners do not see it until it is published."))
    name = "author:item-preview" if action == "preview" else "author:item"
    return redirect(f"{reverse(name, args=[code])}?version={draft.number}")


def _render_form(
    request: HttpRequest, item: Item, current: ItemVersion, form: ItemVersionForm, newer: ItemVersion | None = None
) -> HttpResponse:
    context = {
        "item": item,
        "version": current,
        "form": form,
        "newer": newer,
        "newer_stamp": version_stamp(newer) if newer else "",
        "newer_texts": [(locale, text_of(newer.content, locale)) for locale in ("vi", "en")] if newer else [],
    }
    return render(request, "author/item_edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@authors_only
def publish_item(request: HttpRequest, code: str) -> HttpResponse:
    """Show the draft once more, then put it in use."""
    done = _("Version %(number)d is in use from now on.")
    return _confirm(request, code, Status.DRAFT, publish_item_version, "author/item_publish.html", done)


@require_http_methods(["GET", "POST"])
@authors_only
def discard_item(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, then throw the draft away."""
    done = _("The draft, version %(number)d, is discarded.")
    return _confirm(request, code, Status.DRAFT, discard_item_draft, "author/item_discard.html", done)


@require_http_methods(["GET", "POST"])
@authors_only
def retire_item(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, then take the published version out of use."""
    done = _("Version %(number)d is out of use: no new quiz draws this item.")
    return _confirm(request, code, Status.PUBLISHED, retire_item_version, "author/item_retire.html", done)


def _confirm(
    request: HttpRequest, code: str, status: str, operate: Callable[..., object], template: str, done: str
) -> HttpResponse:
    """Ask about the item's version of this status; on POST operate on the very version that was shown."""
    item = _question(code)
    version = item.versions.filter(status=status).first()
    if version is None:
        messages.warning(request, _("The item has changed meanwhile: there is no such version any more."))
        return redirect("author:item", code)
    if request.method == "POST":
        if request.POST.get("base") == version_stamp(version):
            try:
                operate(version, actor=author_of(request))
            except NothingNew:
                messages.warning(request, _("The draft says the same as the version in use. Change it or discard it."))
            else:
                messages.success(request, done % {"number": version.number})
            return redirect("author:item", code)
        messages.warning(request, _("The version was changed after you opened this page. Look at it once more."))
    context = {
        "item": item,
        "version": version,
        "base": version_stamp(version),
        "published": item.versions.filter(status=Status.PUBLISHED).first(),
        "texts": [(locale, text_of(version.content, locale)) for locale in ("vi", "en")],
    }
    return render(request, template, context)


def _question(code: str) -> Item:
    item = find_item(code)
    if item.kind == "simulation":
        raise Http404
    return item
