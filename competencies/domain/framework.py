"""Import and publication of the framework."""

from pathlib import Path

from django.db import transaction
from django.utils import timezone

from competencies.domain.problems import FrameworkImportError
from competencies.domain.standards import set_provisional_standard
from competencies.importing.framework_files import FrameworkFiles, read_framework
from competencies.models import BANDS, LEVELS, Competency, Descriptor, Domain, Framework, Level
from organisation.api import record_audit
from organisation.models import User

CODE = "public-service-digital-ai"
NAME_VI = "Khung năng lực số và trí tuệ nhân tạo trong khu vực công"
NAME_EN = "Digital and AI competency framework for public service"


class FrameworkIncomplete(ValueError):
    """A framework that lacks a part cannot be published."""


@transaction.atomic
def import_framework(directory: Path, *, publish: bool, actor: User | None = None) -> Framework:
    """Read framework.csv, levels.csv and descriptors.csv into the next version of the framework.

    The same content as the newest version again changes nothing (but publishes it when asked to). A version that was
    never published is replaced; a published one stays and the new content becomes the version after it.
    Raises FrameworkImportError with everything found; nothing is written then.
    """
    files, problems = read_framework(directory)
    if problems:
        raise FrameworkImportError(problems)
    newest = Framework.objects.select_for_update().filter(code=CODE).order_by("-pk").first()
    if newest is None or newest.digest != files.digest:
        version = 1 + Framework.objects.filter(code=CODE, published_at__isnull=False).count()
        if newest is not None and newest.published_at is None:
            newest.delete()
        newest = Framework.objects.create(
            code=CODE, version=str(version), name_vi=NAME_VI, name_en=NAME_EN, digest=files.digest
        )
        _write_parts(newest, files)
    if publish and newest.published_at is None:
        publish_framework(newest, actor)
    return newest


def _write_parts(framework: Framework, files: FrameworkFiles) -> None:
    domains = {
        code: Domain(framework=framework, code=code, order=order, name_vi=vi, name_en=en)
        for order, (code, (vi, en)) in enumerate(files.domains.items(), start=1)
    }
    Domain.objects.bulk_create(domains.values())
    competencies = {
        row.code: Competency(
            domain=domains[row.domain_code],
            code=row.code,
            order=order,
            name_vi=row.name_vi,
            name_en=row.name_en,
            source=row.source,
        )
        for order, row in enumerate(files.competencies, start=1)
    }
    Competency.objects.bulk_create(competencies.values())
    Level.objects.bulk_create(
        Level(
            framework=framework,
            number=row.number,
            band=row.band,
            name_vi=row.name_vi,
            name_en=row.name_en,
            band_vi=row.band_vi,
            band_en=row.band_en,
            summary_vi=row.summary_vi,
            summary_en=row.summary_en,
        )
        for row in files.levels
    )
    Descriptor.objects.bulk_create(
        Descriptor(competency=competencies[code], band=band, text_vi=vi, text_en=en)
        for (code, band), (vi, en) in files.descriptors.items()
    )


@transaction.atomic
def publish_framework(framework: Framework, actor: User | None) -> Framework:
    """Publish a complete framework, for good, and set provisional cut scores for it. Again: nothing happens.

    Raises FrameworkIncomplete when a level or a descriptor is missing.
    """
    locked = Framework.objects.select_for_update().get(pk=framework.pk)
    if locked.published_at is None:
        competencies = Competency.objects.filter(domain__framework=locked).count()
        descriptors = Descriptor.objects.filter(competency__domain__framework=locked).count()
        levels = Level.objects.filter(framework=locked).count()
        if not competencies or descriptors != competencies * BANDS or levels != LEVELS:
            found = f"{competencies} competencies, {descriptors} descriptors, {levels} levels"
            raise FrameworkIncomplete(f"{locked.code} {locked.version}: {found}")
        locked.published_at = timezone.now()
        locked.save(update_fields=["published_at"])
        set_provisional_standard(locked)
        record_audit(actor=actor, action="published", target=f"framework {locked.code} {locked.version}")
    framework.refresh_from_db()
    return framework


def current_framework() -> Framework:
    """Return the newest published framework; Framework.DoesNotExist when there is none."""
    newest = Framework.objects.filter(published_at__isnull=False).order_by("-published_at", "-pk").first()
    if newest is None:
        raise Framework.DoesNotExist("no framework is published")
    return newest
