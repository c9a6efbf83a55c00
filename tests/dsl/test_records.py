"""Records behave as frozen dataclasses with slots do."""

from __future__ import annotations

import copy
import pickle
from typing import ClassVar

import pytest

from tilewright.dsl.records import field, is_record, record, replace


@record
class Point:
    """Two numbers and a label."""

    kind: ClassVar[str] = "point"

    x: int
    y: int = 2
    label: str = "p"

    def moved(self) -> Point:
        """The next one."""
        return replace(self, x=self.x + 1)


@record
class Single:
    """One field, whose value alone is compared."""

    value: object


@record
class Empty:
    """No field."""


@record(frozen=False)
class Bag:
    """What may change."""

    first: int
    items: list[int] = field(default_factory=list)


@record(eq=False)
class Node:
    """Compared by identity."""

    name: str


def test_fields_are_given_by_place_name_or_default() -> None:
    assert (1, 2, "p") == (Point(1).x, Point(1).y, Point(1).label)
    assert Point(1, 5, label="q") == Point(x=1, y=5, label="q")
    assert "point" == Point.kind and ("x", "y", "label") == Point.__match_args__
    for arguments in ((), (1, 2, "p", 4)):
        with pytest.raises(TypeError, match="__init__"):
            Point(*arguments)


def test_records_are_equal_by_class_and_value() -> None:
    assert Point(1) == Point(1) and Point(1) != Point(2)
    assert hash(Point(1)) == hash(Point(1)) and 2 == len({Point(1), Point(1), Point(3)})
    assert Single(1) == Single(1) and Single(1) != Single(2) and Single(1) != 1
    assert Empty() == Empty() and hash(Empty()) == hash(Empty()) and Single(1) != Empty()
    assert Node("a") != Node("a") and 2 == len({Node("a"), Node("a")})
    assert Bag(1) == Bag(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Bag(1))


def test_frozen_records_cannot_be_changed() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 3  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del point.x
    with pytest.raises(AttributeError):
        point.z = 3  # type: ignore[attr-defined]
    assert 1 == point.x
    bag = Bag(1)
    bag.first = 4
    assert Bag(4) == bag


def test_each_record_has_a_default_of_its_own() -> None:
    one, other = Bag(1), Bag(1)
    one.items.append(3)
    assert [] == other.items and [3] == one.items and [7] == Bag(1, [7]).items


def test_records_are_shown_matched_replaced_and_copied() -> None:
    assert "Point(x=1, y=2, label='p')" == repr(Point(1)) and "Empty()" == repr(Empty())
    match Point(4, 5):
        case Point(x, y, label=text):
            assert (4, 5, "p") == (x, y, text)
    assert Point(2) == Point(1).moved() and Point(1, 9) == replace(Point(1), y=9)
    for again in (copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))):
        assert Point(3, 4) == again(Point(3, 4)) and Bag(1, [2]) == again(Bag(1, [2]))
    assert is_record(Point) and not is_record(int)
