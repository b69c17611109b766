"""How accounts come to be, and what signing in brings along: HR makes accounts; nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from frontend.account.language import remember_language
from organisation.models import User


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Accounts come from HR data, never from a sign-up page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Go on in the account's language, unless this browser was told another."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            remember_language(response, user.language)
        return response
