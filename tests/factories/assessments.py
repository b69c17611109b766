"""Items, assessments and sittings."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import NextItem, next_item
from assessments.domain.items import provisional_parameters, publish_new_version, version_digest
from assessments.domain.responses import Acknowledgement, submit_response
from assessments.domain.versions import playable_version
from assessments.items.registry import item_type
from assessments.models import Assessment, Attempt, Item, ItemVersion
from competencies.models import Competency
from organisation.models import Person
from tests.factories.base import ModelFactory, factory
from tests.factories.competencies import competency_of, make_framework, make_post

CONTENT = Path(__file__).resolve().parents[2] / "assessments" / "content"


def raw_content(kind: str = "single_choice", word: str = "") -> dict[str, Any]:
    """A small valid content. Choice items: the first option (and the second, of multiple choice) is right."""
    right = {"single_choice": 1, "multiple_choice": 2, "ordering": 0}[kind]
    options: list[dict[str, Any]] = []
    for place in range(4):
        option: dict[str, Any] = {"vi": f"Phương án {place} {word}".strip(), "en": f"Option {place} {word}".strip()}
        if kind != "ordering":
            option |= {"correct": place < right, "why": {"vi": f"Vì sao {place}", "en": f"Why {place}"}}
        options.append(option)
    return {
        "kind": kind,
        "stem": {"vi": f"Bạn làm gì? {word}".strip(), "en": f"What do you do? {word}".strip()},
        "options": options,
        "rationale": {"vi": f"Nguyên tắc {word}".strip(), "en": f"Principle {word}".strip()},
    }


def make_item(competency: Competency, number: int, *, kind: str = "single_choice", level: int = 4) -> ItemVersion:
    """Publish an item of the competency: code `<competency>-<number>`."""
    code = f"{competency.code}-{number:02d}"
    content = item_type(kind).parse_content(raw_content(kind, code)).to_dict()
    item = Item.objects.create(code=code, kind=kind, competency=competency)
    digest = version_digest(content, level, 60)
    parameters = {competency.pk: provisional_parameters(level)}
    return publish_new_version(item, content, digest, parameters, level=level, seconds=60)


def flipped_key(version: ItemVersion, **changes: str) -> ItemVersion:
    """Publish the next version of a single choice: the `wrong_answer` to this one is right, reworded by `changes`."""
    options = [dict(each) for each in version.content["options"]]
    wrong = next(each for each in options if not each.get("correct"))
    for each in options:
        each["correct"] = each is wrong
    wrong |= changes
    content = item_type("single_choice").parse_content({**version.content, "options": options}).to_dict()
    parameters = {version.item.competency_id: provisional_parameters(version.level)}
    digest = version_digest(content, version.level, 60)
    return publish_new_version(version.item, content, digest, parameters, level=version.level, seconds=60)


def make_bank(competencies: Iterable[Competency], each: int = 5) -> None:
    """Publish items of levels 2, 3, 4, ... and of all kinds for each competency."""
    kinds = ["single_choice", "multiple_choice", "ordering"]
    for competency in competencies:
        for number in range(1, each + 1):
            make_item(competency, number, kind=kinds[number % 3], level=1 + number % 8)


class AssessmentFactory(ModelFactory):
    """An open adaptive quiz by post: 12 items, 4 a competency."""

    class Meta:
        model = Assessment

    code = factory.Sequence(lambda n: f"quiz-{n}")
    mode = "adaptive"
    name_vi = factory.Sequence(lambda n: f"Bài trắc nghiệm {n}")
    name_en = factory.Sequence(lambda n: f"Quiz {n}")
    by_post = True
    max_items = 12
    max_items_per_competency = 4
    is_open = True


def make_quiz(
    codes: Iterable[str] = ("9.1", "9.2", "9.3"), *, level: int = 4, **fields: Any
) -> tuple[Person, Assessment]:
    """Return a person whose post requires these competencies, and an open quiz with a bank about them."""
    framework = make_framework(*codes)
    competencies = [competency_of(framework, code) for code in codes]
    make_bank(competencies)
    return make_post(dict.fromkeys(competencies, level)), AssessmentFactory(**fields)


def right_answer(version_id: int) -> dict[str, Any]:
    """A raw answer that earns the full score."""
    version = playable_version(version_id)
    return version.kind.key(version.content)


def wrong_answer(version_id: int) -> dict[str, Any]:
    """A well-formed raw answer that earns nothing."""
    version = playable_version(version_id)
    ids = [option.id for option in version.content.options]
    if version.kind.KIND == "ordering":
        return {"order": ids[::-1]}
    wrong = [option.id for option in version.content.options if not option.correct]
    return {"choice": wrong[0]} if version.kind.KIND == "single_choice" else {"choices": wrong}


def answer(attempt: Attempt, given: NextItem, *, right: bool = True, **changes: Any) -> Acknowledgement:
    """Answer the question given; `changes` are arguments of submit_response that differ."""
    raw = right_answer(given.version_id) if right else wrong_answer(given.version_id)
    arguments: dict[str, Any] = {
        "key": uuid4(),
        "sequence": given.sequence,
        "version_id": given.version_id,
        "raw_value": raw,
    }
    return submit_response(attempt.pk, attempt.person_id, **(arguments | changes))


def sit(attempt: Attempt, right: Callable[[NextItem], bool] = lambda given: True) -> list[NextItem]:
    """Answer everything the attempt gives; return what it gave."""
    given = []
    while (item := next_item(attempt)) is not None:
        given.append(item)
        answer(attempt, item, right=right(item))
    return given


def sat_attempt(person: Person, assessment: Assessment, *, seed: int = 7, right: bool = True) -> Attempt:
    """An attempt with every question answered, not yet submitted."""
    attempt = start_attempt(person, assessment, seed=seed)
    sit(attempt, lambda given: right)
    return attempt
