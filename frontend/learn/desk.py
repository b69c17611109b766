"""Where the panes and actions of a simulation's view stand on the page."""

from typing import Any

_ICONS = {
    "assistant": "sparkle",
    "case_file": "inbox",
    "document": "document",
    "draft": "edit",
    "mailbox": "mail",
    "note": "info",
}


def arrange(view: dict[str, Any]) -> dict[str, Any]:
    """Return `navigation`, `panes`, `actions` and `endings` for the templates.

    A pane carries its own actions. The one that opens its items (messages, sections) or edits its segments is `inline`:
    it is drawn at each item. What belongs to no pane comes after them; what ends the simulation (`endings`) comes last.
    """
    panes = []
    placed: set[str] = {action["id"] for action in view["actions"] if action["role"] == "navigate"}
    for pane in view["panes"]:
        own = [each for each in view["actions"] if each["pane"] == pane["id"] and each["role"] == "act"]
        inline = next((each for each in own if _is_inline(each, pane)), None)
        placed |= {each["id"] for each in own}
        panes.append(
            {
                **pane,
                "label": pane["title"] or pane.get("name") or pane.get("heading"),
                "icon": _ICONS[pane["type"]],
                "template": f"learn/panes/{pane['type']}.html",
                "inline": inline,
                "items": _items(pane, inline),
                "actions": [each for each in own if each is not inline],
            }
        )
    loose = [each for each in view["actions"] if each["id"] not in placed]
    return {
        "navigation": [each for each in view["actions"] if each["role"] == "navigate"],
        "panes": panes,
        "actions": [each for each in loose if each["role"] != "submit"],
        "endings": [each for each in loose if each["role"] == "submit"],
    }


def _is_inline(action: dict[str, Any], pane: dict[str, Any]) -> bool:
    if len(action["parameters"]) != 1 or action["confirm"]:
        return False
    parameter = action["parameters"][0]
    if pane["type"] == "draft":
        return bool(parameter["type"] == "edit")
    names = {each["id"] for each in pane.get("messages", pane.get("sections", []))}
    return parameter["type"] == "choice" and {option["value"] for option in parameter["options"]} <= names != set()


def _items(pane: dict[str, Any], inline: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The pane's messages, sections or segments, each with what the inline action may do there."""
    items = pane.get("messages") or pane.get("sections") or pane.get("segments") or []
    parameter = inline["parameters"][0] if inline else {}
    openable = {option["value"] for option in parameter.get("options", [])}
    changes = {each["segment"]: each for each in parameter.get("segments", [])}
    return [
        {**item, "openable": item["id"] in openable and not item.get("opened"), "edit": changes.get(item["id"])}
        for item in items
    ]
