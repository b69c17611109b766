"""The cache of a test process: the server holds those of others as well."""

from typing import Any

from django.core.cache import caches


def clear_own_cache() -> None:
    """Forget what this process keeps in the cache, and nothing of the tests beside it: sessions are kept there too."""
    cache: Any = caches["default"]
    client = cache._cache.get_client(None, write=True)
    for key in client.scan_iter(match=f"{cache.key_prefix}:*", count=1000):
        client.delete(key)
