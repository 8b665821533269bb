"""The order in which a set is walked through, which depends on all that ever happened to it.

A set is a table of slots. An element goes where its hash says, or, where that slot is taken, to
the next of a sequence; the set is walked through slot by slot. So elements whose hashes collide
stand in the order in which they came, and what was taken out leaves a mark that still takes its
slot. To fill an emptied set so that it is walked through as before, elements are added in an order
in which each finds the slots taken that it found taken then. See `set_add_entry` and
`set_update_internal` in CPython's Objects/setobject.c, alike from 3.10 to 3.14.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SMALLEST = 8
_PROBES, _SHIFT = 9, 5
_WORD = (1 << 64) - 1


@dataclass(frozen=True)
class Order:
    """The elements of a set in order, and how to bring that about.

    `elements` are added after `marks`, into a table that is made large enough by `padding`; both
    are then taken out.
    """

    walked: list[Any]
    elements: list[Any]
    marks: tuple[int, ...] = ()
    padding: tuple[int, ...] = ()
    slots: int = _SMALLEST


def order_of(value: set[Any]) -> Order:
    """Look at a set; where another order cannot be told, give the one in which it is walked."""
    walked = list(set.__iter__(value))
    found = _from_table(value, walked)
    return found if found is not None and _comes_out(found) else Order(walked, walked)


def fill(value: set[Any], order: Order) -> None:
    """Make a set hold the elements, in their order."""
    set.clear(value)
    added = [*order.marks, *order.elements, *order.padding]
    # A dict makes room for all its keys at once, and hands them over in their order.
    at_once = order.slots // 2 - 1 if order.slots > _SMALLEST else 0
    set.update(value, dict.fromkeys(added[:at_once]))
    for item in added[at_once:]:
        set.add(value, item)
    for item in (*order.marks, *order.padding):
        set.discard(value, item)


def is_in_order(value: set[Any], order: Order) -> bool:
    """Whether a set holds the very elements, in their order."""
    now = set.__iter__(value)
    return len(value) == len(order.walked) and all(
        item is former for item, former in zip(now, order.walked, strict=True)
    )


def _comes_out(order: Order) -> bool:
    tried: set[Any] = set()
    fill(tried, order)
    return is_in_order(tried, order)


def _from_table(value: set[Any], walked: list[Any]) -> Order | None:
    if sys.implementation.name != "cpython" or struct.calcsize("P") != 8:
        return None
    # PyObject_HEAD, then fill, used, mask, and where the table lies.
    _, used, mask, table = struct.unpack(
        "4q", ctypes.string_at(id(value) + object.__basicsize__, 32)
    )
    if used != len(walked) or value.__sizeof__() < 16 * mask:
        return None  # another layout: a build without the GIL, or a later Python
    words = struct.unpack(f"{2 * (mask + 1)}q", ctypes.string_at(table, 16 * (mask + 1)))
    held = {id(item): item for item in walked}
    taken = {slot: (key, words[2 * slot + 1]) for slot, key in enumerate(words[::2]) if key}
    marked = [slot for slot, (key, _) in taken.items() if key not in held]
    slots = mask + 1
    numbers = _free_numbers(value, slots)
    marks = tuple(slot + next(numbers) * slots for slot in marked)
    elements = [held[taken[slot][0]] for slot in _in_turn(taken, marked, mask)]
    # Room for n is made where n reaches 3/5 of 7, and then for more than 2 n.
    enough = max(slots // 4, 5) if slots > _SMALLEST else 0
    missing = enough - len(elements) - len(marks)
    padding = tuple(next(numbers) * slots for _ in range(missing))
    return Order(walked, elements, marks, padding, slots)


def _in_turn(taken: dict[int, tuple[int, int]], marked: list[int], mask: int) -> list[int]:
    """Order the slots so that each comes after those that its element found taken."""
    done = dict.fromkeys(marked)
    count = len(marked)
    for slot in taken:
        waiting = {slot: None}  # each for the one after it
        while waiting:
            last = next(reversed(waiting))
            before = _tried(taken[last][1], last, mask) if last not in done else ()
            missing = (at for at in before if at in taken and at not in done and at not in waiting)
            needed = next(missing, None)
            if needed is None:
                done[last] = waiting.pop(last)
            else:
                waiting[needed] = None
    return list(done)[count:]


def _tried(key_hash: int, slot: int, mask: int) -> list[int]:
    """Name the slots that an element tries before it comes to `slot`."""
    tried: list[int] = []
    perturb, at = key_hash & _WORD, key_hash & mask
    while len(tried) <= 64 * (mask + 1):
        for near in range(at, at + (_PROBES if at + _PROBES <= mask else 0) + 1):
            if near == slot:
                return tried
            tried.append(near)
        perturb >>= _SHIFT
        at = (at * 5 + 1 + perturb) & mask
    return tried


def _free_numbers(value: set[Any], slots: int) -> Iterator[int]:
    """Give factors of `slots` whose products, and what follows them, are no elements."""
    numbers = [item for item in value if isinstance(item, (int, float))]
    start = (1 << 59) // slots
    used = {int(item // slots) for item in numbers if start <= item // slots < 2 * start}
    return (number for number in range(start, 2 * start) if number not in used)
