"""Shares as drawings: bars of probabilities, and a share with its interval on a line."""

from collections.abc import Iterable, Sequence
from html import escape

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from frontend.design.words import safe_percent


def draw_bars(names: Iterable[str], shares: Sequence[float]) -> SafeString:
    """Return bars of shares from 0 to 1 as a list; the greatest stands out. names: of each bar, markup if safe."""
    top, likely = max(shares), '<li class="bars__row--likely">'
    rows = [
        f"{likely if share == top else '<li>'}<span>{conditional_escape(name)}</span>"
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="bars__bar" width="{round(share * 100)}" height="10"/></svg>'
        f'<span class="bars__value">{safe_percent(share)}</span></li>'
        for name, share in zip(names, shares, strict=True)
    ]
    return SafeString(f'<ul class="bars">{"".join(rows)}</ul>')


def draw_interval(estimate: float, low: float, high: float) -> SafeString:
    """Return a share from 0 to 1 with its interval, on a line, and in words for those who do not see it."""
    words = escape(_("%(share)s, between %(from)s and %(to)s")) % {
        "share": safe_percent(estimate),
        "from": safe_percent(low),
        "to": safe_percent(high),
    }
    return SafeString(
        f'<span class="visually-hidden">{words}</span>'
        '<svg class="interval" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<path class="interval__track" d="M0 8H100"/>'
        f'<path class="interval__range" d="M{round(low * 100)} 8H{round(high * 100)}"/>'
        f'<rect class="interval__point" x="{round(estimate * 100)}" y="1" width="1.5" height="14"/></svg>'
    )
