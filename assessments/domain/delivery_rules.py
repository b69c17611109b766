"""How an assessment chooses and when it stops, as its author set it; and what holds of single items."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.domain.bank import PublishedBank
from assessments.measurement import MIN_EVIDENCE, Blueprint, Limit, SelectionRule, StopRule
from assessments.models import Assessment, Item
from organisation.api import record_audit
from organisation.models import User

SETTINGS = (
    *("minutes", "max_items", "max_items_per_competency", "target_se", "error_rate", "error_rate_below"),
    *("max_exposure", "randomness", "pretest_share", "blueprint"),
)
"""The fields of an assessment that an author may set here."""


class RulesRefused(ValueError):
    """Rules that cannot hold. field: of the assessment or the item. reason: what is wrong, as the engine says it."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """stop: when the questions end. selection: how each is chosen."""

    stop: StopRule
    selection: SelectionRule


def delivery_rules(assessment: Assessment, competency_pks: Mapping[str, int]) -> DeliveryRules:
    """Return the rules of an adaptive assessment.

    competency_pks: primary key by code of the competencies of the sitting; limits on others fall away. Raises
    RulesRefused when the stored rules cannot be.
    """
    try:
        stop = StopRule(
            max_items=assessment.max_items,
            max_items_per_competency=assessment.max_items_per_competency,
            target_se=assessment.target_se,
            error_rate=assessment.error_rate,
            error_rate_below=assessment.error_rate_below,
            min_items_per_competency=min(MIN_EVIDENCE, assessment.max_items_per_competency),
        )
        selection = SelectionRule(
            length=assessment.max_items,
            randomness=assessment.randomness,
            max_exposure=assessment.max_exposure,
            pretest_share=assessment.pretest_share,
            blueprint=_blueprint(assessment.blueprint, competency_pks),
        )
    except ValueError as error:
        raise RulesRefused("rules", str(error)) from None
    return DeliveryRules(stop, selection)


def set_delivery_rules(assessment: Assessment, actor: User | None, bank: PublishedBank, **settings: Any) -> Assessment:
    """Change how an adaptive assessment chooses and stops; sittings that have begun keep theirs.

    settings: of SETTINGS. Raises RulesRefused, and changes nothing, for numbers that cannot be, an unknown setting, or
    a blueprint that the bank cannot meet.
    """
    unknown = settings.keys() - set(SETTINGS)
    if unknown:
        raise RulesRefused(min(unknown), "unknown setting")
    with transaction.atomic():
        locked = Assessment.objects.select_for_update(no_key=True).get(pk=assessment.pk)
        before = {name: getattr(locked, name) for name in settings}
        for name, value in settings.items():
            setattr(locked, name, value)
        codes = dict(Item.objects.exclude(competency=None).values_list("competency__code", "competency_id"))
        rules = delivery_rules(locked, codes)
        if rules.selection.blueprint is not None:
            try:
                rules.selection.blueprint.check(bank.items, rules.selection.length)
            except ValueError as error:
                raise RulesRefused("blueprint", str(error)) from None
        locked.save(update_fields=list(settings))
        record_audit(
            actor=actor,
            action="changed",
            target=f"rules of assessment {locked.code}",
            detail={name: [before[name], value] for name, value in settings.items() if before[name] != value},
        )
    return locked


@transaction.atomic
def set_item_rules(
    item: Item,
    actor: User | None,
    *,
    pretest: bool | None = None,
    testlet: str | None = None,
    enemies: Iterable[Item] | None = None,
) -> Item:
    """Change whether an item is scored, what stimulus it shares and which items it must not meet.

    What is not given stays. Sittings take notice from their next question on. Raises RulesRefused for a testlet whose
    items measure another competency, or an item that is its own enemy.
    """
    locked = Item.objects.select_for_update(no_key=True).get(pk=item.pk)
    if testlet:
        others = Item.objects.filter(testlet=testlet).exclude(pk=locked.pk)
        if others.exclude(competency=locked.competency_id).exists():
            raise RulesRefused("testlet", f"{testlet} measures another competency")
    if enemies is not None:
        chosen = list(enemies)
        if any(each.pk == locked.pk for each in chosen):
            raise RulesRefused("enemies", "an item cannot be its own enemy")
        locked.enemies.set(chosen)
    locked.pretest = locked.pretest if pretest is None else pretest
    locked.testlet = locked.testlet if testlet is None else testlet
    locked.rules_changed_at = timezone.now()
    locked.save(update_fields=["pretest", "testlet", "rules_changed_at"])
    record_audit(actor=actor, action="changed", target=f"delivery of item {locked.code}")
    return locked


def _blueprint(raw: Mapping[str, Any], competency_pks: Mapping[str, int]) -> Blueprint | None:
    """Read `Assessment.blueprint`. ValueError for what it cannot be."""
    if not raw:
        return None
    unknown = raw.keys() - {"limits", "max_seconds"}
    if unknown:
        raise ValueError(f"blueprint: unknown {min(unknown)}")
    limits = []
    for each in raw.get("limits", ()):
        if set(each) - {"attribute", "value", "minimum", "maximum"} or not {"attribute", "value"} <= set(each):
            raise ValueError("blueprint: a limit has attribute, value, minimum and maximum")
        if each["attribute"] not in ("competency", "domain", "kind"):
            raise ValueError(f"blueprint: unknown attribute {each['attribute']}")
        value = str(each["value"])
        if each["attribute"] == "competency":
            if value not in competency_pks:
                continue
            value = str(competency_pks[value])
        limits.append(Limit(each["attribute"], value, each.get("minimum", 0), each.get("maximum")))
    seconds = raw.get("max_seconds")
    return Blueprint(tuple(limits), seconds) if limits or seconds is not None else None
