"""factory_boy for typed tests: calling a factory gives the model's instance, which the library's hints cannot say."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    factory: Any = None
    ModelFactory: Any = None
else:
    import factory
    from factory.django import DjangoModelFactory as ModelFactory

__all__ = ["ModelFactory", "factory"]
