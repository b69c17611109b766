"""The language that a person chose, kept on the account and carried to every page by Django's cookie."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as set_language_cookie

from organisation.models import User


def remember_language(response: HttpResponse, language: str) -> None:
    """Set the cookie that Django's locale middleware reads."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type]  # the stubs know it as any str
    )


def save_language(user: User, language: str) -> None:
    """Keep the language on the account. ValueError for one that the site does not speak."""
    if language not in dict(settings.LANGUAGES):
        raise ValueError(f"{language!r} is no language of the site")
    user.language = language
    user.save(update_fields=["language"])


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Answer the switch in the page head as Django's `set_language` does, and keep the choice of who is signed in."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        save_language(request.user, language)
    return set_language_cookie(request)
