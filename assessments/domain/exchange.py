"""Questions of other tools into the bank as drafts, and the bank out again."""

from collections.abc import Callable, Sequence

from django.db import transaction

from assessments.domain.items import free_codes, version_digest
from assessments.domain.media import keep_brought_files
from assessments.items.exchange.outcomes import Outcome
from assessments.items.exchange.qti_package import PackedItem
from assessments.items.translations import untranslated
from assessments.models import Item, ItemVersion
from competencies.api import current_framework
from competencies.models import Competency
from organisation.models import User

SECONDS = 60
CHUNK = 100
"""Drafts that are written at once."""


def known_digests() -> set[str]:
    """Return the digests of every version there is, by which a question that is there already is known."""
    return set(ItemVersion.objects.values_list("digest", flat=True))


def outcome_digest(outcome: Outcome, level: int) -> str:
    """Return the digest that the version of an outcome would have; a level of the file's own goes before."""
    assert outcome.content is not None
    return version_digest(outcome.content, outcome.level or level, outcome.seconds or SECONDS)


@transaction.atomic
def make_drafts(
    outcomes: Sequence[Outcome],
    *,
    competency: Competency,
    level: int,
    actor: User,
    on_progress: Callable[[int], None] = lambda done: None,
) -> list[ItemVersion | None]:
    """Make a draft of every question that comes, and return for each question its draft.

    None for a refused one and for one that is in the bank already, which stays as it is. competency, level: for
    questions whose file names none. on_progress: is told how many questions are done.
    """
    competencies = {each.code: each for each in Competency.objects.filter(domain__framework=current_framework())}
    owners = [competencies.get(outcome.competency, competency) for outcome in outcomes]
    # Held to the end, so that of two imports of the same questions the second finds those of the first.
    locked = Competency.objects.select_for_update(no_key=True).filter(pk__in={each.pk for each in owners})
    codes = {each.pk: free_codes(each) for each in locked.order_by("pk")}
    known = known_digests()
    drafts: list[ItemVersion | None] = [None] * len(outcomes)
    for start in range(0, len(outcomes), CHUNK):
        coming: dict[int, ItemVersion] = {}
        for place in range(start, min(start + CHUNK, len(outcomes))):
            outcome = outcomes[place]
            if outcome.content is None or (digest := outcome_digest(outcome, level)) in known:
                continue
            known.add(digest)
            keep_brought_files(outcome.files, author=actor)
            owner = owners[place]
            drafts[place] = coming[place] = ItemVersion(
                item=Item(code=next(codes[owner.pk]), kind=outcome.kind, competency=owner),
                number=1,
                content=outcome.content,
                digest=digest,
                untranslated=untranslated(outcome.content),
                level=outcome.level or level,
                seconds=outcome.seconds or SECONDS,
                author=actor,
            )
        Item.objects.bulk_create(version.item for version in coming.values())
        ItemVersion.objects.bulk_create(coming.values())
        on_progress(min(start + CHUNK, len(outcomes)))
    return drafts


def pack_items(versions: Sequence[ItemVersion]) -> list[PackedItem]:
    """Return questions as they go out; simulations, which are documents of their own, are left out."""
    return [
        PackedItem(
            code=version.item.code,
            competency=version.item.competency.code if version.item.competency else "",
            level=version.level or 1,
            seconds=version.seconds,
            content=version.content,
        )
        for version in versions
        if version.item.kind != "simulation"
    ]
