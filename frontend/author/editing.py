"""Making and editing a question, and what may be done with its draft."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.api import create_item
from assessments.domain.authoring import (
    ItemChanged,
    NotADraft,
    NothingNew,
    NotInReview,
    NotInUse,
    OwnDraft,
    discard_item_draft,
    draft_item_version,
    publish_item_version,
    retire_item_version,
    version_stamp,
    version_to_edit,
)
from assessments.domain.sections import holdings
from assessments.items.problems import ContentError, ContentProblem
from assessments.models import Item, ItemVersion
from competencies.api import current_framework
from competencies.models import Competency
from frontend.author.access import author_of, authors_only
from frontend.author.forms.items import ItemVersionForm, problems_in_words, settings_of_post
from frontend.author.forms.kinds import SHAPES
from frontend.author.forms.media import take_media
from frontend.author.forms.new import NewItemForm
from frontend.author.forms.pictures import take_pictures
from frontend.author.items import competency_choices, find_item
from frontend.author.wording import REVIEW_STEPS, text_of
from frontend.choices import labels_of
from organisation.models import User

Status = ItemVersion.Status


@require_http_methods(["GET", "POST"])
@authors_only
def edit_item(request: HttpRequest, code: str) -> HttpResponse:
    """Edit a question; "save" keeps a draft, the other buttons only reshape the form and write no version."""
    item = _question(code)
    current = version_to_edit(item)
    if request.method != "POST":
        settings = {"level": current.level, "seconds": current.seconds, "base": version_stamp(current)}
        form = ItemVersionForm(item.kind, SHAPES[item.kind].load(current.content), settings)
        return _render_form(request, item, current, form)
    form, anchor = posted_form(request, item.kind)
    if not form.is_bound:
        return _render_form(request, item, current, form, anchor=anchor)
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
    return saved(request, draft)


@require_http_methods(["GET", "POST"])
@authors_only
def new_item(request: HttpRequest) -> HttpResponse:
    """Choose type, competency and level, which the address then holds; fill the form; save a first draft."""
    chosen = NewItemForm(request.GET if "kind" in request.GET else None, competencies=competency_choices())
    if not chosen.is_valid():
        return render(request, "author/item_new.html", {"chosen": chosen}, status=422 if chosen.is_bound else 200)
    kind = chosen.cleaned_data["kind"]
    if request.method == "POST":
        form, anchor = posted_form(request, kind)
    else:
        settings = {"level": chosen.cleaned_data["level"], "seconds": 60}
        form, anchor = ItemVersionForm(kind, SHAPES[kind].blank(), settings), ""
    if form.is_bound and form.is_valid():
        competency = Competency.objects.get(
            domain__framework=current_framework(), code=chosen.cleaned_data["competency"]
        )
        level, seconds = form.cleaned_data["level"], form.cleaned_data["seconds"]
        return saved(
            request,
            create_item(kind, competency, form.content, level=level, seconds=seconds, actor=author_of(request)),
        )
    names = labels_of(chosen, "competency")
    context = {
        "kind": kind,
        "competency": names[chosen.cleaned_data["competency"]],
        "steps": REVIEW_STEPS,
        "form": form,
        "anchor": anchor,
    }
    return render(request, "author/item_new_form.html", context, status=422 if form.errors else 200)


def posted_form(request: HttpRequest, kind: str) -> tuple[ItemVersionForm, str]:
    """Return the form that was posted: bound to be checked and saved, or unbound after a button that reshapes it.

    The second is the anchor to go on at. Files that came along are kept either way.
    """
    shape = SHAPES[kind]
    value = shape.read(request.POST)
    problems: list[ContentProblem] = []
    take_pictures(request, value, author_of(request), problems)
    take_media(request, value, author_of(request), problems)
    settings = settings_of_post(request.POST)
    action = request.POST.get("action", "save")
    if action in {"save", "preview"} or problems:
        return ItemVersionForm(kind, value, settings, bound=True, problems=problems), ""
    value, anchor = shape.change(value, action)
    return ItemVersionForm(kind, value, settings), anchor


def saved(request: HttpRequest, draft: ItemVersion) -> HttpResponse:
    """Say that a draft was saved, and lead to it or to its preview."""
    messages.success(request, _("The draft is saved. Learners do not see it until it is published."))
    name = "author:item-preview" if request.POST.get("action") == "preview" else "author:item"
    return redirect(f"{reverse(name, args=[draft.item.code])}?version={draft.number}")


def _render_form(
    request: HttpRequest,
    item: Item,
    current: ItemVersion,
    form: ItemVersionForm,
    *,
    newer: ItemVersion | None = None,
    anchor: str = "",
) -> HttpResponse:
    context = {
        "item": item,
        "kind": item.kind,
        "version": current,
        "steps": REVIEW_STEPS,
        "form": form,
        "anchor": anchor,
        "newer": newer,
        "newer_stamp": version_stamp(newer) if newer else "",
        "newer_texts": [(locale, text_of(newer.content, locale)) for locale in ("vi", "en")] if newer else [],
    }
    return render(request, "author/item_edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@authors_only
def publish_item(request: HttpRequest, code: str) -> HttpResponse:
    """Show the reviewed draft once more, then put it in use; its own author cannot."""

    def publish(version: ItemVersion, *, actor: User) -> ItemVersion:
        return publish_item_version(version, actor=actor, text=request.POST.get("text", ""))

    done = _("Version %(number)d is in use from now on.")
    return _confirm(request, code, Status.DRAFT, publish, "author/item_publish.html", done)


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
            except NotInReview:
                messages.warning(request, _("A draft is published after its author has asked for review."))
            except ContentError as error:
                missing = "; ".join(problems_in_words(item.kind, error.problems, version.content))
                messages.error(request, _("It cannot be published yet: %(problems)s.") % {"problems": missing})
            except OwnDraft:
                messages.warning(request, _("Another trainer reviews and publishes what you wrote."))
            except (NotADraft, NotInUse, ItemVersion.DoesNotExist):
                # Somebody else was faster, or the same person pressed twice.
                messages.warning(request, _("The item has changed meanwhile: there is no such version any more."))
            else:
                messages.success(request, done % {"number": version.number})
            return redirect("author:item", code)
        messages.warning(request, _("The version was changed after you opened this page. Look at it once more."))
    context = {
        "item": item,
        "version": version,
        "base": version_stamp(version),
        "published": item.versions.filter(status=Status.PUBLISHED).first(),
        "holdings": holdings(version__item=item),
        "texts": [(locale, text_of(version.content, locale)) for locale in ("vi", "en")],
    }
    return render(request, template, context)


def _question(code: str) -> Item:
    item = find_item(code)
    if item.kind == "simulation":
        raise Http404
    return item
