"""The form of the sign-in page."""

from typing import Any

from allauth.account.forms import LoginForm


class SignInForm(LoginForm):
    """Name or address, then password at once: the way for whoever forgot it comes after the button, on the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
