"""Units as people write them: by code, or by name with or without diacritics."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from organisation.domain.names import fold_text
from organisation.domain.queries.units import unit_tree, units_inside


class NamedUnits:
    """The units in force on a day, and codes that are still to be made, to be found by what somebody typed.

    scope_pk: only units that lie in this unit or below it, on that day and today.
    """

    def __init__(self, as_of: date, to_be_made: Iterable[str] = (), scope_pk: int | None = None) -> None:
        tree = unit_tree(as_of)
        pks = tree.nodes.keys() if scope_pk is None else units_inside(tree, scope_pk, as_of)
        nodes = [tree.nodes[pk] for pk in pks]
        self.codes = {code.lower(): code for code in (*(node.code for node in nodes), *to_be_made)}
        self.kinds = {node.code: node.kind for node in nodes}
        self.parents = {node.code: node.parent_pk for node in nodes}
        self._code_of = {node.pk: node.code for node in nodes}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for node in nodes:
            for name in {fold_text(node.name_vi), fold_text(node.name_en)}:
                self._by_name[name].append(node.code)

    def find(self, text: str) -> list[str]:
        """Return the codes that the text may mean: one for a code, every unit of that name otherwise."""
        code = self.codes.get(text.strip().lower())
        return [code] if code else sorted(self._by_name.get(fold_text(text), []))

    def parent_of(self, code: str) -> str:
        """Return the code of the unit above, empty at the top."""
        return self._code_of.get(self.parents.get(code) or 0, "")
