"""What an HR system calls a thing: kept for it alone."""

from typing import Any

from scim2_models import InvalidValueException

from organisation.models import ExternalId, HrSystem


def write_external_id(system: HrSystem, value: str | None, **of: Any) -> None:
    """Keep the system's name of a `person` or `unit`; empty when it wants none."""
    value = value or ""
    if len(value) > 255 or not value.isprintable():
        raise InvalidValueException(detail="externalId: at most 255 printable characters are kept")
    ExternalId.objects.update_or_create(system=system, **of, defaults={"value": value})
