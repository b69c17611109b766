"""The design system's components as template tags: ``{% load ui %}``. Each is shown in use on /design/."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from frontend.design.bars import draw_bars, draw_interval
from frontend.design.fields import collect_errors, describe_ids, kind_of, render_control
from frontend.design.heat import cell_drawer, heat_steps
from frontend.design.ladder import LEVELS, band_of, band_probabilities, build_ladder
from frontend.design.theme import theme_of
from frontend.design.words import account_name, band_levels, band_name, minutes, percent, status_label, unit_name, whole

register = template.Library()

ALERT_ICONS = {"info": "info", "success": "check-circle", "warning": "warning", "danger": "danger"}
MESSAGE_KINDS = {"debug": "info", "error": "danger"}
STATUSES = {
    "done": ("success", "check"),
    "in-progress": ("info", "clock"),
    "to-do": ("outline", ""),
    "late": ("danger", "warning"),
    "locked": ("outline", "lock"),
    "draft": ("warning", "edit"),
    "published": ("success", "check"),
    "provisional": ("warning", "info"),
    "retired": ("outline", "close"),
}


# --- words and numbers ----------------------------------------------------------------------------------------------
for _words in (account_name, percent, minutes, band_levels, band_name, status_label, unit_name, whole):
    register.filter(_words)


# --- the shell ------------------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def chosen_theme(context: Context) -> str:
    """Return the theme that the person chose: "light", "dark", or "auto" for the system's."""
    request = context.get("request")
    return theme_of(request) if request is not None else "auto"


@register.simple_tag
def htmx_script() -> SafeString:
    """Return the script element of htmx; put it in the block ``scripts`` of a page that swaps parts."""
    return format_html('<script src="{}" defer></script>', static("htmx.min.js"))


@register.filter
def message_kind(level_tag: str) -> str:
    """Return the alert kind of a Django message level."""
    return MESSAGE_KINDS.get(level_tag, level_tag)


# --- small parts ----------------------------------------------------------------------------------------------------
@register.simple_tag
@lru_cache(maxsize=512, typed=True)
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Return the icon ``name`` of icons.svg; without ``label`` it is decoration and hidden from screen readers."""
    href = f"{static('frontend/icons.svg')}#{name}"
    classes = f"icon {css}".strip()
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href)
    return format_html('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"/></svg>', classes, href)


@register.inclusion_tag("components/button.html")
def button(label: str, kind: str = "primary", href: str = "", **options: Any) -> dict[str, Any]:
    """A button, or with ``href`` a link that looks like one.

    ``kind``: primary, secondary, quiet, danger. Options: type, name, value, form, icon, icon_after, size (sm, lg),
    full, disabled, css, dialog (id of the dialog to open).
    """
    size = options.pop("size", "")
    css = [
        "btn",
        f"btn-{kind}",
        f"btn-{size}" if size else "",
        "btn-full" if options.pop("full", False) else "",
        options.pop("css", ""),
    ]
    return {"label": label, "href": href, "css": " ".join(filter(None, css)), "type": "submit"} | options


@register.simple_tag
def tag(kind: str, label: str, icon: str = "") -> SafeString:
    """A word in a coloured pill. ``kind``: neutral, success, warning, danger, info, primary, outline."""
    return _render_tag(kind, label, icon)


@register.simple_tag
def status(state: str, label: str = "") -> SafeString:
    """The tag of a known state (a key of STATUSES), with its own words or ``label``."""
    kind, icon_name = STATUSES[state]
    return _render_tag(kind, label or status_label(state), icon_name)


@lru_cache(maxsize=1024, typed=True)
def _render_tag(kind: str, label: str, icon: str) -> SafeString:
    """Typed, so that words which are marked as safe never stand in for the same words that are not."""
    return render_to_string("components/tag.html", {"kind": kind, "label": label, "icon": icon})


@register.inclusion_tag("components/figure.html")
def figure(value: Any, label: str, unit: str = "", note: str = "") -> dict[str, Any]:
    """One large number with its meaning; several stand in ``<dl class="figures">``."""
    return {"value": whole(value) if isinstance(value, int) else value, "label": label, "unit": unit, "note": note}


# --- boxes round content --------------------------------------------------------------------------------------------
@register.simple_block_tag
def alert(content: str, kind: str = "info", title: str = "", role: str = "") -> SafeString:
    """A notice: info, success, warning or danger. Pass role="alert" only when it appears after the page was read."""
    context = {"content": content, "kind": kind, "title": title, "role": role, "icon": ALERT_ICONS[kind]}
    return render_to_string("components/alert.html", context)


@register.simple_block_tag
def card(
    content: str, title: str = "", href: str = "", eyebrow: str = "", kind: str = "", level: int = 2
) -> SafeString:
    """A card; with ``href`` the whole card is the title's link. ``kind``: feature, quiet. ``level``: heading level."""
    context = {"content": content, "title": title, "href": href, "eyebrow": eyebrow, "kind": kind, "level": level}
    return render_to_string("components/card.html", context)


@register.simple_block_tag
def empty_state(content: str, title: str, icon: str = "inbox", level: int = 2) -> SafeString:
    """What a list shows when it has nothing: why, and in ``content`` what to do."""
    return render_to_string(
        "components/empty_state.html", {"content": content, "title": title, "icon": icon, "level": level}
    )


@register.simple_block_tag
def dialog(content: str, name: str, title: str) -> SafeString:
    """A modal dialog with the id ``name``; ``{% button ... dialog=name href=fallback %}`` opens it."""
    return render_to_string("components/dialog.html", {"content": content, "name": name, "title": title})


@register.simple_block_tag
def scroll_table(content: str, label: str) -> SafeString:
    """A scrolling frame for a wide or long table, reachable by keyboard and named for screen readers."""
    return render_to_string("components/scroll_table.html", {"content": content, "label": label})


@register.simple_block_tag
def disclosure(content: str, label: str) -> SafeString:
    """Details that open in their place."""
    return format_html(
        '<details class="disclosure"><summary>{}</summary><div class="disclosure__body">{}</div></details>',
        label,
        content,
    )


# --- forms ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField, label: str = "", hint: str = "", css: str = "", max_bytes: int | None = None
) -> dict[str, Any]:
    """A form field with label, hint, errors and control.

    ``css``: form-control--short or form-control--medium. ``max_bytes``: for files. Placeholders are dropped.
    """
    kind = kind_of(bound)
    own_hint = bool(hint)
    hint = hint or str(bound.help_text)
    return {
        "bound": bound,
        "kind": kind,
        "label": label or bound.label,
        "hint": hint,
        "own_hint": own_hint,
        "described": describe_ids(bound, hint),
        "control": "" if kind == "group" else render_control(bound, kind, hint, css),
        "optional": not bound.field.required and kind != "check",
        "max_bytes": max_bytes,
        "max_megabytes": number_format(max_bytes / 1048576, 0) if max_bytes else "",
    }


@register.simple_block_tag
def upload(content: str, control_id: str, most: int = 1) -> SafeString:
    """A file control, given as content, in a box that speaks the page's language; ``field`` uses it too."""
    context = {"control": content, "control_id": control_id, "several": most > 1}
    return render_to_string("components/upload.html", context)


@register.simple_tag
def fields(form: BaseForm, alike: bool = False) -> SafeString:
    """Every field of a form in order, hidden ones included.

    ``alike``: empty forms of this class are the same for everybody, so they are drawn once for each language.
    """
    if not alike or form.is_bound:
        return render_to_string("components/fields.html", {"form": form})
    key = type(form), get_language()
    if key not in _EMPTY_FIELDS:
        _EMPTY_FIELDS[key] = render_to_string("components/fields.html", {"form": form})
    return _EMPTY_FIELDS[key]


_EMPTY_FIELDS: dict[tuple[type[BaseForm], str | None], SafeString] = {}


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """The errors of bound forms at the top of the page, each a link to its control; nothing when there are none."""
    return {"errors": [link for form in forms for link in collect_errors(form)]}


# --- what next ------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/task_list.html")
def task_list(tasks: Iterable[dict[str, Any]], level: int = 3) -> dict[str, Any]:
    """Steps in order. Each task: title, and if known url, note, minutes, state, time.

    ``state``: next, to-do, in-progress, done, locked, late. ``time``: words in place of the minutes. ``level``:
    heading level of the titles.
    """
    return {"tasks": list(tasks), "level": level}


@register.inclusion_tag("components/progress.html")
def progress(value: int, maximum: int, label: str, text: str = "") -> dict[str, Any]:
    """A progress bar with its words; ``text`` replaces "3 of 4"."""
    text = text or _("%(value)s of %(maximum)s") % {"value": value, "maximum": maximum}
    return {"value": value, "maximum": max(maximum, 1), "label": label, "text": text}


@register.inclusion_tag("components/stepper.html")
def stepper(steps: Sequence[str], current: int) -> dict[str, Any]:
    """The steps of a journey; ``current`` counts from 1."""
    return {"steps": list(enumerate(steps, start=1)), "current": current, "count": len(steps)}


# --- measures -------------------------------------------------------------------------------------------------------
@register.simple_tag
def ladder(
    level: int | None = None,
    band: int | None = None,
    required: int | None = None,
    probability: float | None = None,
    assessed: bool = True,
    competency: str = "",
) -> SafeString:
    """The level ladder: the person's level or band (neither: not enough evidence), and the level their post requires.

    ``probability`` is that of the level or band shown, 0 to 1. ``assessed=False`` says that nothing was measured yet.
    """
    return _render_ladder(get_language(), level, band, required, percent(probability), assessed, competency)


@lru_cache(maxsize=4096)
def _render_ladder(
    language: str | None,  # the template reads it from the thread: here it only tells one rendering from another
    level: int | None,
    band: int | None,
    required: int | None,
    share: str,
    assessed: bool,
    competency: str,
) -> SafeString:
    """A page shows a dozen ladders, and there are few different ones."""
    shown_band = band_of(level) if level else band
    context = {
        "ladder": build_ladder(level, band, required),
        "level": level,
        "band": shown_band,
        "band_low": 2 * shown_band - 1 if shown_band else None,
        "band_high": 2 * shown_band if shown_band else None,
        "required": required,
        "share": share,
        "assessed": assessed,
        "competency": competency,
    }
    return render_to_string("components/ladder.html", context)


@register.simple_tag
def probability_bars(probabilities: Sequence[float], required: int | None = None, by: str = "band") -> SafeString:
    """Bars of the eight levels' probabilities (shape (8,), sum 1), by band or by level; the likeliest stands out."""
    values = band_probabilities(list(probabilities)) if by == "band" else list(probabilities)
    return draw_bars(_bar_names(get_language(), by, required), values)


@lru_cache(maxsize=64)
def _bar_names(language: str | None, by: str, required: int | None) -> list[str]:
    """What the bars are called, in the language that words are asked for in now, with a mark on the required one."""
    if by == "band":
        names = [band_name(number) for number in range(1, band_of(LEVELS) + 1)]
        marked = band_of(required) if required else None
    else:
        names = [_("Level %(level)s") % {"level": number} for number in range(1, LEVELS + 1)]
        marked = required
    if marked:
        names[marked - 1] = format_html("{} {}", names[marked - 1], tag("warning", _("Required"), icon="flag"))
    return names


@register.simple_tag
def interval(estimate: float, low: float, high: float) -> SafeString:
    """A share from 0 to 1 with its interval, on a line."""
    return draw_interval(estimate, low, high)


@register.simple_tag
def heat_cell(
    estimate: float | None = None,
    low: float | None = None,
    high: float | None = None,
    assessed: int | None = None,
    required: int | None = None,
    suppressed: bool = False,
    url: str = "",
) -> SafeString:
    """One ``<td>`` of the heat map: share below requirement (0 to 1), its interval, and coverage in people."""
    return SafeString(cell_drawer(url)(estimate, low, high, assessed, required, suppressed))


@register.inclusion_tag("components/heat_legend.html")
def heat_legend() -> dict[str, Any]:
    """What the heat map's six steps and three other looks mean."""
    return {"steps": heat_steps()}


# --- ways through the pages -----------------------------------------------------------------------------------------
@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*parts: Any, name: str = "") -> dict[str, Any]:
    """Label, address, label, address, ..., the current page's label. Also takes one list of (label, address) first.

    ``name`` tells a second trail on the same page from the first.
    """
    trail: list[tuple[str, str]] = []
    if parts and isinstance(parts[0], list | tuple):
        trail = list(parts[0])
        parts = parts[1:]
    trail += list(zip(parts[0::2], parts[1::2], strict=False))
    return {"trail": trail, "current": parts[-1] if len(parts) % 2 else "", "name": name}


@register.inclusion_tag("components/pagination.html")
def pagination(page: Page) -> dict[str, Any]:
    """Links to the pages of a Django ``Page``, keeping the rest of the query; nothing for a single page.

    The template must be rendered with a request.
    """
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "numbers": list(numbers), "gap": page.paginator.ELLIPSIS}


@register.inclusion_tag("components/page_tabs.html")
def page_tabs(tabs: Iterable[dict[str, Any]], label: str) -> dict[str, Any]:
    """Tabs that are pages of their own: each has label, url, current."""
    return {"tabs": list(tabs), "label": label}
