"""Tags on many items at once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from assessments.api import tag_items, tidy_tag, untag_items
from frontend.author.access import authors_only

MOST = 500


@require_POST
@authors_only
def tag(request: HttpRequest) -> HttpResponse:
    """Give the ticked items a tag, or take it away, and lead back to the list as it was."""
    codes = [code for code in request.POST.getlist("code")[:MOST] if "\0" not in code]
    name = tidy_tag(request.POST.get("tag", ""))
    if not codes or not name:
        messages.error(request, _("Tick at least one item and write a tag."))
    else:
        operate = untag_items if request.POST.get("action") == "untag" else tag_items
        count = operate(codes, name)
        said = ngettext("Tag “%(tag)s”: %(count)d item changed.", "Tag “%(tag)s”: %(count)d items changed.", count)
        messages.success(request, said % {"tag": name, "count": count})
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(reverse("author:items"))
    return redirect(back if safe else "author:items")
