"""Questions of other tools into the bank as drafts, and the bank out again."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from assessments.domain.items import create_item, version_digest
from assessments.domain.media import keep_brought_files
from assessments.items.exchange.outcomes import Outcome
from assessments.items.exchange.qti_package import PackedItem
from assessments.models import ItemVersion
from competencies.api import current_framework
from competencies.models import Competency
from organisation.models import User

SECONDS = 60


def known_digests() -> set[str]:
    """Return the digests of every version there is, by which a question that is there already is known."""
    return set(ItemVersion.objects.values_list("digest", flat=True))


def outcome_digest(outcome: Outcome, level: int) -> str:
    """Return the digest that the version of an outcome would have; a level of the file's own goes before."""
    assert outcome.content is not None
    return version_digest(outcome.content, outcome.level or level, outcome.seconds or SECONDS)


@transaction.atomic
def import_outcomes(
    outcomes: Iterable[Outcome], *, competency: Competency, level: int, actor: User
) -> list[ItemVersion]:
    """Make a draft of every question that comes, and return the drafts. What is in the bank already stays as it is.

    competency, level: for questions whose file names none.
    """
    competencies = {each.code: each for each in Competency.objects.filter(domain__framework=current_framework())}
    known = known_digests()
    drafts = []
    for outcome in outcomes:
        if outcome.content is None or (digest := outcome_digest(outcome, level)) in known:
            continue
        known.add(digest)
        keep_brought_files(outcome.files, author=actor)
        drafts.append(
            create_item(
                outcome.kind,
                competencies.get(outcome.competency, competency),
                outcome.content,
                level=outcome.level or level,
                seconds=outcome.seconds or SECONDS,
                actor=actor,
            )
        )
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
