"""The cache in Valkey, with one client kept: Django's makes a new one for each key, at more cost than the asking."""

from functools import cache
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis


class _KeptClient(RedisCacheClient):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._client: Any = cache(Redis)


class ValkeyCache(RedisCache):
    """Django's cache backend; its clients are safe to share, for each borrows a connection for each command."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient
