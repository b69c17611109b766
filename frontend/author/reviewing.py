"""The review of a draft by another trainer, comments on an item, and two versions side by side."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.api import ReviewRefused, add_comment, ask_for_review, end_review, version_stamp
from assessments.items.differences import Difference, compare_contents
from assessments.models import Item, ItemComment, ItemVersion
from frontend.author.access import author_of, authors_only
from frontend.author.forms.items import label_of_path
from frontend.author.items import find_item
from frontend.numbers import read_whole

Status = ItemVersion.Status


@require_POST
@authors_only
def ask_review(request: HttpRequest, code: str) -> HttpResponse:
    """Give the draft that was shown to another trainer to read."""
    draft = _shown_draft(request, code)
    if draft is not None:
        try:
            ask_for_review(draft, actor=author_of(request), text=request.POST.get("text", ""))
        except ReviewRefused:
            messages.info(request, _("This draft is already waiting for review."))
        else:
            messages.success(request, _("Another trainer can now review the draft and publish it."))
    return _back(code, draft)


@require_POST
@authors_only
def return_draft(request: HttpRequest, code: str) -> HttpResponse:
    """Send a draft back to its author with a reason; its author takes it back."""
    draft = _shown_draft(request, code)
    if draft is not None:
        try:
            end_review(draft, actor=author_of(request), text=request.POST.get("text", ""))
        except ReviewRefused as refusal:
            if refusal.reason == "no_text":
                messages.error(request, _("Say what should be changed before you send the draft back."))
            else:
                messages.info(request, _("This draft is no longer in review."))
        else:
            messages.success(request, _("The draft is no longer in review. Its author can go on with it."))
    return _back(code, draft)


@require_POST
@authors_only
def comment(request: HttpRequest, code: str) -> HttpResponse:
    """Add a comment to the version that was shown."""
    item = _question(code)
    version = _version(item, request.POST.get("version", ""))
    try:
        add_comment(version, ItemComment.Kind.REMARK, author_of(request), request.POST.get("text", ""))
    except ReviewRefused:
        messages.error(request, _("Write something first."))
    else:
        messages.success(request, _("The comment is added."))
    return redirect(f"{reverse('author:item', args=[code])}?version={version.number}#talk")


@require_safe
@authors_only
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Show what differs between `?before=` and `?after=`, without which the newest two versions are compared."""
    item = _question(code)
    versions = list(item.versions.order_by("-number"))
    after = _version(item, request.GET.get("after", "")) if "after" in request.GET else versions[0]
    others = [version for version in versions if version.number < after.number] or versions
    before = _version(item, request.GET.get("before", "")) if "before" in request.GET else others[0]
    differences = compare_contents(before.content, after.content)
    settings = [
        Difference("level", str(before.level), str(after.level)),
        Difference("seconds", str(before.seconds), str(after.seconds)),
    ]
    context = {
        "item": item,
        "versions": versions,
        "before": before,
        "after": after,
        "rows": [(label_of_path(item.kind, each.path, after.content), each) for each in differences]
        + [
            (label_of_path(item.kind, each.path, after.content), each) for each in settings if each.before != each.after
        ],
    }
    return render(request, "author/item_compare.html", context)


def _question(code: str) -> Item:
    item = find_item(code)
    if item.kind == "simulation":
        raise Http404
    return item


def _version(item: Item, number: str) -> ItemVersion:
    found = item.versions.filter(number=read_whole(number) or 0).first()
    if found is None:
        raise Http404
    return found


def _shown_draft(request: HttpRequest, code: str) -> ItemVersion | None:
    """Return the draft when it is still the one that was shown; else say so."""
    draft = _question(code).versions.filter(status=Status.DRAFT).first()
    if draft is None or version_stamp(draft) != request.POST.get("base"):
        messages.warning(request, _("The version was changed after you opened this page. Look at it once more."))
        return None
    return draft


def _back(code: str, draft: ItemVersion | None) -> HttpResponse:
    query = f"?version={draft.number}" if draft else ""
    return redirect(reverse("author:item", args=[code]) + query)
