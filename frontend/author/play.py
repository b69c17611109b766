"""A simulation's view as the author plays it: the learners' panes to read, and every action as a plain form."""

from typing import Any

from django.http import QueryDict

from assessments.simulations import Simulation
from frontend.learn.desk import arrange as arrange_desk


def arrange(view: dict[str, Any]) -> dict[str, Any]:
    """Return `panes`, each with the actions that belong to it, and `actions`, those of no pane.

    The panes are drawn by the learners' own templates, without the forms that these draw inside them.
    """
    panes = []
    for pane in arrange_desk(view)["panes"]:
        items = [{**item, "openable": False, "edit": None} for item in pane["items"]]
        actions = [action for action in view["actions"] if action["pane"] == pane["id"]]
        panes.append({**pane, "inline": None, "items": items, "actions": actions})
    shown = {pane["id"] for pane in panes}
    return {
        "panes": panes,
        "actions": [action for action in view["actions"] if action["pane"] not in shown and not action.get("here")],
    }


def read_params(simulation: Simulation, name: str, post: QueryDict) -> dict[str, Any]:
    """Return the parameters posted as fields `p-NAME`; a change of a draft is posted as SEGMENT:CHANGE."""
    action = simulation.actions.get(name)
    params: dict[str, Any] = {}
    for parameter in action.parameters if action else ():
        value = post.get(f"p-{parameter.name}", "")
        if parameter.type == "edit":
            segment, _colon, change = value.partition(":")
            params[parameter.name] = {"segment": segment, "change": change}
        else:
            params[parameter.name] = value
    return params
