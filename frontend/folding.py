"""Templates kept for each language with what is the same on every page written out: words, addresses, icons."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.template import Context, library
from django.template.base import FilterExpression, Node, NodeList, Template, TextNode, Variable
from django.template.context import make_context
from django.template.defaulttags import IfNode, URLNode
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

from frontend.templatetags.ui import icon


class Loader(cached.Loader):
    """Django's cached loader, with one template for each language, folded."""

    def cache_key(self, template_name: str, skip: list[Any] | None = None) -> str:
        key = super().cache_key(template_name, skip) if skip else template_name
        return f"{get_language() or settings.LANGUAGE_CODE}-{key}"

    def get_template(self, template_name: str, skip: list[Any] | None = None) -> Template:
        kept = self.get_template_cache.get(self.cache_key(template_name, skip))
        if isinstance(kept, Template):
            return kept
        template = super().get_template(template_name, skip)
        context = make_context({})
        with context.bind_template(template):
            fold(template.nodelist, context)
        return template


def fold(nodes: NodeList, context: Context) -> None:
    """Write out, in place, every node that says the same on each page in the language of now; join texts that meet."""
    found: list[Node] = []
    for node in nodes:
        for below in _below(node):
            fold(below, context)
        text = node.s if isinstance(node, TextNode) else node.render(context) if _is_constant(node) else None
        if text is None:
            found.append(node)
        elif found and isinstance(found[-1], TextNode):
            found[-1] = TextNode(found[-1].s + text)
        elif text:
            found.append(TextNode(text))
    nodes[:] = found


def _below(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):
        yield from (nodes for _condition, nodes in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        nodes = getattr(node, name, None)
        if isinstance(nodes, NodeList):
            yield nodes


def _is_constant(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        context = node.message_context
        return node.asvar is None and _is_literal(node.filter_expression) and (context is None or _is_literal(context))
    if isinstance(node, StaticNode):
        return node.varname is None and _is_literal(node.path)
    if isinstance(node, URLNode):
        return node.asvar is None and not node.args and not node.kwargs and _is_literal(node.view_name)
    if isinstance(node, library.SimpleNode):
        given = [*node.args, *node.kwargs.values()]
        return node.func is icon and node.target_var is None and all(map(_is_literal, given))
    return False


def _is_literal(expression: FilterExpression | None) -> bool:
    """Whether it is a text in quotation marks without filters."""
    if expression is None or expression.filters:
        return False
    return isinstance(expression.var, str) or (isinstance(expression.var, Variable) and expression.var.lookups is None)
