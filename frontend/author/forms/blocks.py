"""The text of a lesson's block in both languages."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.domain.authoring import TextFault, find_text_faults
from frontend.author.forms.fields import TextArea


class BlockTextForm(forms.Form):
    """`base` is the stamp of the text that the author began from."""

    use_required_attribute = False

    vi = TextArea(
        label=gettext_lazy("Text in Vietnamese"),
        widget=forms.Textarea(attrs={"rows": 16, "lang": "vi", "spellcheck": "true"}),
    )
    en = TextArea(
        label=gettext_lazy("Text in English"),
        widget=forms.Textarea(attrs={"rows": 16, "lang": "en", "spellcheck": "true"}),
    )
    base = forms.CharField(widget=forms.HiddenInput)

    @property
    def texts(self) -> dict[str, str]:
        """What was entered, by language."""
        return {locale: self.data.get(locale, "") for locale in ("vi", "en")}

    def clean(self) -> dict[str, Any]:
        for fault in find_text_faults(self.texts):
            self.add_error(fault.locale, describe_fault(fault))
        return self.cleaned_data


def describe_fault(fault: TextFault) -> str:
    """Return a fault in the reader's language, with the language of the text and the line in front."""
    language = _("Vietnamese") if fault.locale == "vi" else _("English")
    words = {
        "empty": _("the text is empty"),
        "long": _("the text is too long"),
        "heading": _("headings begin with ## and go down one step at a time, to #### at most"),
        "picture": _("a picture cannot stand in the text; it is a block of its own"),
    }.get(fault.kind, fault.message)
    if fault.line is None:
        return _("%(language)s: %(fault)s.") % {"language": language, "fault": words}
    return _("%(language)s, line %(line)d: %(fault)s.") % {"language": language, "line": fault.line, "fault": words}
