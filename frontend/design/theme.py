"""The theme that a person chose."""

from django.http import HttpRequest

THEMES = ("light", "dark")


def theme_of(request: HttpRequest) -> str:
    """Return "light", "dark", or "auto" for the system's."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else "auto"
