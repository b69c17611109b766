"""Forms as a browser fills and posts them."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any


def fields_of_answer(kind: str, raw: dict[str, Any]) -> dict[str, Any]:
    """The form fields of a raw answer, as the templates of `learn/questions` name them."""
    fields: dict[str, Any] = {}
    for name, value in raw.items():
        if isinstance(value, dict):
            fields |= {f"{name}-{part}": each for part, each in value.items()}
        elif isinstance(value, bool):
            fields[name] = "true" if value else "false"
        else:
            fields[name] = value
    return fields


class _Form(HTMLParser):
    """Collects the successful controls of one form."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.inside = False
        self.select = self.area = ""
        self.text = ""
        self.fields: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = values.get("id") == self.form_id
        if not self.inside:
            return
        name = values.get("name", "")
        if tag == "input" and name and values.get("type") not in ("file", "submit", "image"):
            if values.get("type") not in ("checkbox", "radio"):
                self.fields.setdefault(name, []).append(values.get("value", ""))
            elif "checked" in values:
                self.fields.setdefault(name, []).append(values.get("value", "on"))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in values or self.select not in self.fields):
            self.fields[self.select] = [values.get("value", "")]
        elif tag == "textarea":
            self.area, self.text = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.area:
            self.fields.setdefault(self.area, []).append(self.text.removeprefix("\r").removeprefix("\n"))
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text += data


def fields_of_page(html: str, form_id: str = "item-form") -> dict[str, list[str]]:
    """What a browser would post from a form that nobody touched."""
    parser = _Form(form_id)
    parser.feed(html)
    assert parser.fields, f"there is no form {form_id}"
    return parser.fields


def forms_of_page(html: str) -> list[tuple[str, str, dict[str, list[str]]]]:
    """Method, action and fields of each form; of radio buttons, ticks and buttons the first value of each name."""
    found = []
    for tag, inside in re.findall(r"(<form\b[^>]*>)(.*?)</form>", html, re.S):
        parser = _Form("it")
        parser.feed(f'<form id="it">{inside}')
        for control in re.findall(r"<(?:input|button)\b[^>]*>", inside):
            name, value = (re.search(f' {each}="([^"]*)"', control) for each in ("name", "value"))
            if name and 'type="file"' not in control:
                parser.fields.setdefault(name[1], [unescape(value[1]) if value else ""])
        parser.fields.pop("csrfmiddlewaretoken", None)
        method, action = (re.search(f' {each}="([^"]*)"', tag) for each in ("method", "action"))
        is_post = bool(method and method[1].lower() == "post")
        found.append(("post" if is_post else "get", unescape(action[1]) if action else "", parser.fields))
    return found
