"""What the living page fills its components with."""

import re
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

# Probability of each of the eight levels.
PROBABILITIES = [0.01, 0.03, 0.09, 0.20, 0.36, 0.24, 0.06, 0.01]


COLOURS = (
    *("page", "surface", "sunken", "ink", "ink-soft", "line-strong"),
    *("primary", "primary-strong", "primary-soft", "primary-mid", "accent", "accent-ink", "accent-soft"),
    *("success", "warning", "danger", "info", "focus", "header"),
)
ICONS = Path(__file__).resolve().parents[1] / "static" / "frontend" / "icons.svg"


def list_icons() -> list[str]:
    """Return the names of the icons in icons.svg, in order."""
    return re.findall(r'<symbol id="([\w-]+)"', ICONS.read_text())


def build_samples() -> dict[str, Any]:
    """Return the living page's sample data in the active language."""
    return {
        "tasks": _tasks(),
        "ladders": _ladders(),
        "probabilities": PROBABILITIES,
        "heat_columns": ["1.1", "4.2", "6.1", "6.3", "7.1", "7.5"],
        "heat_rows": _heat_rows(),
        "steps": [_("Read the case"), _("Check the procedure"), _("Answer the citizen"), _("Review the answer")],
        "tabs": [
            {"label": _("Overview"), "url": "#navigation", "current": True},
            {"label": _("Lessons"), "url": "#navigation", "current": False},
            {"label": _("Results"), "url": "#navigation", "current": False},
        ],
        "statuses": ["done", "in-progress", "to-do", "late", "locked", "draft", "published", "provisional", "retired"],
        "colours": COLOURS,
        "sizes": ["figure", "3xl", "2xl", "xl", "lg", "md", "sm", "xs"],
        "icons": list_icons(),
    }


def _tasks() -> list[dict[str, Any]]:
    return [
        {"title": _("Using AI assistants safely: lesson 1"), "state": "done", "url": "#next"},
        {
            "title": _("Lesson 2: what may be shared with an assistant"),
            "note": _("You stopped at page 3 of 5."),
            "minutes": 12,
            "state": "next",
            "url": "#next",
        },
        {
            "title": _("Short quiz on competency 6.3"),
            "note": _("About ten questions that adapt to your answers."),
            "minutes": 20,
            "url": "#next",
        },
        {
            "title": _("Simulation: a wrong fee at the one-stop desk"),
            "note": _("Opens after lesson 4."),
            "minutes": 80,
            "state": "locked",
        },
    ]


def _ladders() -> list[dict[str, Any]]:
    nothing = {"level": None, "band": None, "probability": None, "assessed": True}
    return [
        nothing | {"title": _("Level known, below the post"), "level": 3, "required": 5, "probability": 0.71},
        nothing | {"title": _("Level known, meets the post"), "level": 6, "required": 6, "probability": 0.64},
        nothing | {"title": _("Only the band known"), "band": 2, "required": 3, "probability": 0.82},
        nothing | {"title": _("Above the post"), "level": 8, "required": 2, "probability": 0.6},
        nothing | {"title": _("Not enough evidence"), "required": 4},
        nothing | {"title": _("Not assessed"), "required": 8, "assessed": False},
    ]


def _heat_rows() -> list[dict[str, Any]]:
    nothing = {"estimate": None, "low": None, "high": None, "assessed": None, "required": None, "suppressed": False}

    def cell(share: float, spread: float, assessed: int, required: int) -> dict[str, Any]:
        low, high = max(share - spread, 0), min(share + spread, 1)
        return nothing | {"estimate": share, "low": low, "high": high, "assessed": assessed, "required": required}

    suppressed = nothing | {"suppressed": True}
    unmeasured = nothing | {"assessed": 0, "required": 14}
    blank = nothing | {"required": 0}
    return [
        {
            "unit": _("Department of Justice"),
            "cells": [
                cell(0.04, 0.03, 41, 44), cell(0.13, 0.05, 40, 44), cell(0.27, 0.07, 38, 44),
                cell(0.42, 0.08, 36, 44), cell(0.58, 0.08, 36, 44), cell(0.76, 0.07, 31, 44),
            ],
        },
        {
            "unit": _("Binh Thuy commune"),
            "cells": [
                cell(0.09, 0.06, 22, 26), cell(0.22, 0.1, 20, 26), unmeasured, suppressed,
                cell(0.37, 0.12, 18, 26), blank,
            ],
        },
        {
            "unit": _("One-stop service centre"),
            "cells": [
                cell(0.0, 0.04, 30, 30), cell(0.06, 0.05, 30, 30), cell(0.18, 0.08, 29, 30),
                cell(0.51, 0.1, 28, 30), suppressed, unmeasured,
            ],
        },
    ]  # fmt: skip
