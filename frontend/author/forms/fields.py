"""Fields that the authoring forms share."""

from typing import Any

from django import forms


class TextArea(forms.CharField):
    """A text that is needed, but whose emptiness the room below judges, together with all else that may be wrong."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)

    def validate(self, value: str) -> None:
        """Accept every text."""
