"""The profile page: who I am here, the language I read, the tokens my programs use."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from frontend.account.forms import LanguageForm, TokenForm
from frontend.account.language import remember_language, save_language
from frontend.account.profile import profile_of
from frontend.middleware import address_of
from organisation.api import issue_token, record_audit
from organisation.models import AccessToken, User


@login_required
@never_cache
@require_GET
def show_profile(request: HttpRequest) -> HttpResponse:
    user = _account(request)
    return _render_profile(request, LanguageForm(initial={"language": user.language}), TokenForm(user=user))


@login_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    user = _account(request)
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _render_profile(request, form, TokenForm(user=user))
    language = form.cleaned_data["language"]
    save_language(user, language)
    with translation.override(language):
        messages.success(request, _("Your language is saved."))
    response = redirect("account_profile")
    remember_language(response, language)
    return response


@login_required
@never_cache
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Show the new token in the answer itself: it is stored nowhere, so no later page can show it again."""
    user = _account(request)
    language_form = LanguageForm(initial={"language": user.language})
    form = TokenForm(request.POST, user=user)
    if not form.is_valid():
        return _render_profile(request, language_form, form)
    name, days = form.cleaned_data["name"], form.cleaned_data["days"]
    token = issue_token(user, name, days)
    record_audit(
        actor=user,
        action="issued",
        target=f"token {name}",
        address=address_of(request),
        detail={"days": days},
    )
    return _render_profile(request, language_form, TokenForm(user=user), new_token=token)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Ask, then revoke: whatever program used the token is shut out at once."""
    user = _account(request)
    token = AccessToken.objects.filter(pk=token_id, user=user).first()
    if token is None:
        request.refusal = f"token {token_id}"  # type: ignore[attr-defined]  # read by the audit middleware
        raise Http404
    if request.method != "POST":
        return render(request, "profile/revoke_token.html", {"token": token})
    token.delete()
    record_audit(actor=user, action="revoked", target=f"token {token.name}", address=address_of(request))
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("account_profile")


def _account(request: HttpRequest) -> User:
    return cast(User, request.user)


def _render_profile(
    request: HttpRequest, language_form: LanguageForm, token_form: TokenForm, new_token: str = ""
) -> HttpResponse:
    context = {
        "profile": profile_of(_account(request)),
        "language_form": language_form,
        "token_form": token_form,
        "new_token": new_token,
        "now": timezone.now(),
    }
    status = 422 if language_form.errors or token_form.errors else 200
    return render(request, "profile/profile.html", context, status=status)
