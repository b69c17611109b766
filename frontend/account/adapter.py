"""How accounts come to be: HR makes them; nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Accounts come from HR data, never from a sign-up page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
