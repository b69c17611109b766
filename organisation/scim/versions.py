"""Entity tags: what a resource says, hashed."""

import hashlib
from typing import Any


def version_of(resource: Any) -> str:
    """Return a weak entity tag that changes whenever anything in the resource does, its `meta` aside."""
    content = resource.model_dump_json(exclude={"meta"})
    return f'W/"{hashlib.sha256(content.encode()).hexdigest()[:24]}"'
