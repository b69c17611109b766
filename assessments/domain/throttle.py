"""How often somebody may try: for codes and numbers that must not be guessed."""

from django.core.cache import cache


def within_rate(key: str, most: int, seconds: int) -> bool:
    """Count a try under the key and say whether there were at most so many since the first of these seconds."""
    name = f"tries:{key}"
    cache.add(name, 0, seconds)
    try:
        return cache.incr(name) <= most
    except ValueError:  # it ran out between the two
        cache.set(name, 1, seconds)
        return True


def forget_tries(key: str) -> None:
    """Begin to count anew: what was tried was right."""
    cache.delete(f"tries:{key}")
