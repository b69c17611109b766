"""A small province for the room's tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from organisation.models import Position, Unit
from organisation.signals import posting_changed
from tests.factories.organisation import PositionFactory, UnitFactory


@dataclass
class Province:
    """An Bình (AB) over two communes, beside Bình Minh (BM); two positions."""

    top: Unit
    first: Unit
    second: Unit
    neighbour: Unit
    clerk: Position
    chair: Position


@pytest.fixture
def province(db: None) -> Province:
    top = UnitFactory(code="AB", name_vi="Tỉnh An Bình", kind="province")
    return Province(
        top=top,
        first=UnitFactory(code="AB-01", name_vi="Xã Hoà Bình", parent=top),
        second=UnitFactory(code="AB-02", name_vi="Xã Tân Lập", parent=top),
        neighbour=UnitFactory(code="BM", name_vi="Tỉnh Bình Minh", kind="province"),
        clerk=PositionFactory(code="clerk", name_vi="Công chức văn phòng", name_en="Office clerk"),
        chair=PositionFactory(code="chair", name_vi="Chủ tịch xã", name_en="Commune chair"),
    )


@pytest.fixture
def news() -> Iterator[list[list[int]]]:
    """What `posting_changed` told, one list of person ids per message."""
    heard: list[list[int]] = []

    def listen(person_ids: list[int], **kwargs: Any) -> None:
        heard.append(person_ids)

    posting_changed.connect(listen)
    yield heard
    posting_changed.disconnect(listen)
