"""Every address of the site, from the resolver itself."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def route_names() -> list[str]:
    """Return the full name of every route (`namespace:name`); a route without a name is an error."""
    return sorted(_names(get_resolver(), ""))


def _names(resolver: URLResolver, namespace: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _names(entry, inner)
        elif isinstance(entry, URLPattern):
            assert entry.name, f"a route without a name: {entry.pattern}"
            yield f"{namespace}{entry.name}"
