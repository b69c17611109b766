"""Certificates, for everyone who has the number: what one says, to be checked or printed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assessments.api import certificate_news, find_certificate, within_rate
from frontend.middleware import address_of
from organisation.models import User

TRIES, SECONDS = 30, 60
"""So many numbers may be asked for from one address in so many seconds."""


class NumberForm(forms.Form):
    number = forms.CharField(
        label=_("Number of the certificate"),
        help_text=_("Twelve letters and digits, such as 7K2M-Q0XD-93TA."),
        max_length=30,
    )


@receiver(user_logged_in)
def tell_of_certificates(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Tell who signs in which of their certificates a correction withdrew or awarded since they were last told."""
    person = getattr(user, "person", None)
    if person is None or not hasattr(request, "_messages"):
        return
    for each in certificate_news(person):
        name = each.assessment_name_en if get_language() == "en" else each.assessment_name_vi
        about = {"number": each.number, "name": name}
        if each.withdrawn_at:
            said = _("Your certificate %(number)s of “%(name)s” was withdrawn: your corrected result passes no more.")
            messages.warning(request, said % about)
        else:
            said = _("You have been awarded certificate %(number)s: your corrected result of “%(name)s” passes.")
            messages.success(request, said % about)


@require_safe
@never_cache
def check_number(request: HttpRequest) -> HttpResponse:
    """Ask for a number, and lead to what its certificate says."""
    form = NumberForm(request.GET if "number" in request.GET else None)
    if form.is_valid():
        if not _may_ask(request):
            return render(request, "429.html", status=429)
        found = find_certificate(form.cleaned_data["number"])
        if found is not None:
            return redirect("certificate", found.number)
        return render(request, "learn/certificate_check.html", {"form": form, "unknown": True}, status=404)
    return render(request, "learn/certificate_check.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@never_cache
def show_certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Show what a certificate says, and nothing else of the person; laid out to be printed."""
    if not _may_ask(request):
        return render(request, "429.html", status=429)
    found = find_certificate(number)
    if found is None:
        context = {"form": NumberForm({"number": number}), "unknown": True}
        return render(request, "learn/certificate_check.html", context, status=404)
    here = request.build_absolute_uri()
    return render(request, "learn/certificate.html", {"certificate": found, "here": here})


def _may_ask(request: HttpRequest) -> bool:
    return within_rate(f"certificates:{address_of(request)}", TRIES, SECONDS)
