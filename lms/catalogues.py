"""Message catalogues without system gettext: extract msgids from the sources, compile, and check completeness."""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

_FUNCTIONS = {"gettext", "gettext_lazy", "gettext_noop", "_", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_CALL = re.compile(r"\b(?:gettext|_|ngettext|pgettext|npgettext)\(")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]|(?<!%)%[sdf]|\{(\w*)\}")


@dataclass(frozen=True)
class Message:
    """A msgid (with its plural and context where it has them) and one place it stands."""

    msgid: str
    plural: str
    context: str
    place: str


def catalogue_files(base: Path) -> list[Path]:
    """Return every .po file of the project's own rooms and journeys."""
    return [path for path in _own_files(base) if path.match("locale/*/LC_MESSAGES/django.po")]


def compile_catalogues(base: Path) -> int:
    """Compile every catalogue that is newer than its compiled file; return how many were compiled."""
    count = 0
    for path in catalogue_files(base):
        target = path.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
            polib.pofile(str(path), check_for_duplicates=True).save_as_mofile(str(target))
            count += 1
    return count


def extract_messages(base: Path) -> list[Message]:
    """Return every message of Python sources and templates of the project, in order of place."""
    found: list[Message] = []
    for path in _own_files(base):
        place = str(path.relative_to(base))
        if path.suffix == ".py":
            found.extend(_messages_of_python(path.read_text(encoding="utf-8"), place))
        elif path.suffix in {".html", ".txt", ".svg"} and "templates" in path.parts:
            code = templatize(path.read_text(encoding="utf-8"), origin=place)
            found.extend(_messages_of_template(code, place))
    return found


def check_catalogues(base: Path, language: str = "vi") -> list[str]:
    """Return a line for every message without a translation, with a fuzzy one, with other placeholders or with two.

    Django reads all catalogues as one: of two translations the one of the app that comes first is shown everywhere.
    """
    known: dict[tuple[str, str], polib.POEntry] = {}
    problems = []
    for path in catalogue_files(base):
        if f"/{language}/" not in str(path):
            continue
        for entry in polib.pofile(str(path)):
            first = known.setdefault((entry.msgctxt or "", entry.msgid), entry)
            where = f"{path.relative_to(base)}:{entry.linenum}"
            if (first.msgstr, first.msgstr_plural) != (entry.msgstr, entry.msgstr_plural):
                problems.append(f"{where}: translated in another way elsewhere: {entry.msgid!r}")
            if entry.fuzzy:
                problems.append(f"{where}: fuzzy: {entry.msgid!r}")
            for text in [entry.msgstr, *entry.msgstr_plural.values()]:
                if text and _placeholders(text) != _placeholders(entry.msgid_plural or entry.msgid):
                    problems.append(f"{where}: placeholders differ: {entry.msgid!r}")
    for message in extract_messages(base):
        translated = known.get((message.context, message.msgid))
        if translated is None or not (translated.msgstr or translated.msgstr_plural):
            problems.append(f"{message.place}: no {language} translation: {message.msgid!r}")
    return sorted(set(problems))


def _own_files(base: Path) -> list[Path]:
    """Every file of the rooms in order, but for what is generated."""
    found = []
    for room in settings.INSTALLED_APPS:
        for folder, folders, names in os.walk(base / room):
            folders[:] = [name for name in folders if name not in {"dist", "migrations", "__pycache__"}]
            found += [Path(folder, name) for name in names]
    return sorted(found)


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in _PLACEHOLDER.finditer(text)}


def _messages_of_python(source: str, place: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in _FUNCTIONS:
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if not texts:
            continue
        context = texts.pop(0) if name.startswith("pgettext") else ""
        plural = texts[1] if name.startswith("ngettext") and len(texts) > 1 else ""
        yield Message(texts[0], plural, context, f"{place}:{node.lineno}")


def _messages_of_template(code: str, place: str) -> Iterator[Message]:
    """Read the calls that Django's own `templatize` leaves of a template's translation tags."""
    for number, line in enumerate(code.splitlines(), start=1):
        for match in _CALL.finditer(line):
            call = line[match.start() :]
            for end in (index for index, char in enumerate(call) if char == ")"):
                try:
                    tree = ast.parse(call[: end + 1].strip(), mode="eval")
                except SyntaxError:
                    continue
                yield from _messages_of_python(ast.unparse(tree), f"{place}:{number}")
                break
