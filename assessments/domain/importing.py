"""Loading items and simulations from files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from assessments.domain.items import provisional_parameters, publish_new_version, version_digest
from assessments.items.bank_file import FileProblem, ItemEntry, read_bank_file
from assessments.items.guessing import chance
from assessments.items.problems import ContentProblem
from assessments.items.registry import item_type
from assessments.models import Item, ItemVersion
from assessments.simulations import Simulation, SimulationError, check_publishable, load_simulation
from competencies.api import current_framework
from competencies.models import Competency


class ItemImportError(ValueError):
    """Files of items or simulations that were refused; nothing of them was written. `problems` lists what was found."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(each) for each in problems))


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many items are new, how many have a new version, how many stayed as they were."""

    created: int
    changed: int
    unchanged: int

    @classmethod
    def of(cls, outcomes: Iterable[str]) -> "ImportCounts":
        found = list(outcomes)
        return cls(found.count("created"), found.count("changed"), found.count("unchanged"))


@transaction.atomic
def import_items(directory: Path) -> ImportCounts:
    """Publish the items of every `<competency code>.yaml` in the directory.

    An item whose wording was published or drafted before, by file or by an author, is left as it is, so that loading
    again undoes nobody's edit. Raises ItemImportError with everything found; nothing is written then.
    """
    competencies = {each.code: each for each in Competency.objects.filter(domain__framework=current_framework())}
    entries: list[ItemEntry] = []
    problems: list[FileProblem] = []
    for path in sorted(directory.glob("*.yaml")):
        if path.stem not in competencies:
            problems.append(FileProblem(path.name, "", ContentProblem("", "unknown_competency", path.stem)))
            continue
        found, wrong = read_bank_file(path)
        entries += found
        problems += wrong
    if problems:
        raise ItemImportError(problems)
    items = {item.code: item for item in Item.objects.select_for_update(no_key=True)}
    digests = set(ItemVersion.objects.values_list("item__code", "digest"))
    return ImportCounts.of(
        _import_item(entry, competencies[entry.competency_code], items.get(entry.code), digests) for entry in entries
    )


def _import_item(entry: ItemEntry, competency: Competency, item: Item | None, digests: set[tuple[str, str]]) -> str:
    content = entry.content.to_dict()
    digest = version_digest(content, entry.level, entry.seconds)
    if (entry.code, digest) in digests:
        return "unchanged"
    outcome = "created" if item is None else "changed"
    if item is None:
        item = Item.objects.create(code=entry.code, kind=entry.kind, competency=competency)
    elif item.kind != entry.kind:
        problem = ContentProblem("kind", "kind_is_final", item.kind)
        raise ItemImportError([FileProblem(f"{competency.code}.yaml", entry.code, problem)])
    maximum = item_type(entry.kind).maximum(entry.content)
    parameters = entry.parameters or provisional_parameters(entry.level, maximum, chance(entry.content))
    publish_new_version(item, content, digest, {competency.pk: parameters}, level=entry.level, seconds=entry.seconds)
    return outcome


@transaction.atomic
def import_simulations(directory: Path) -> ImportCounts:
    """Publish the simulation of every YAML file in the directory, each fit to be given to people.

    Raises ItemImportError with everything found; nothing is written then.
    """
    competencies = {each.code: each for each in Competency.objects.filter(domain__framework=current_framework())}
    outcomes = []
    for path in sorted(directory.glob("*.yaml")):
        simulation, text = _read_simulation(path, set(competencies))
        item = Item.objects.filter(code=simulation.code).first()
        if item is not None and item.versions.filter(digest=simulation.digest).exists():
            outcomes.append("unchanged")
            continue
        problems = check_publishable(simulation)
        if problems:
            raise ItemImportError([_file_problem(path, str(problem)) for problem in problems])
        outcomes.append("created" if item is None else "changed")
        parameters = {
            competencies[code].pk: {"model": "gpcm", "a": each.a, "steps": list(each.steps)}
            for code, each in simulation.measurement.items()
        }
        publish_new_version(
            item or Item.objects.create(code=simulation.code, kind="simulation"),
            {"yaml": text},
            simulation.digest,
            parameters,
            level=None,
            seconds=simulation.limits.minutes * 60,
        )
    return ImportCounts.of(outcomes)


def _read_simulation(path: Path, competency_codes: set[str]) -> tuple[Simulation, str]:
    try:
        text = path.read_text(encoding="utf-8")
        simulation = load_simulation(text)
    except UnicodeDecodeError:
        raise ItemImportError([FileProblem(path.name, "", ContentProblem("", "not_utf8"))]) from None
    except SimulationError as error:
        raise ItemImportError([_file_problem(path, str(problem)) for problem in error.problems]) from None
    unknown = sorted(set(simulation.competencies) - competency_codes)
    if unknown:
        found = [FileProblem(path.name, "", ContentProblem("evidence", "unknown_competency", code)) for code in unknown]
        raise ItemImportError(found)
    return simulation, text


def _file_problem(path: Path, message: str) -> FileProblem:
    return FileProblem(path.name, "", ContentProblem("", "not_fit", message))
