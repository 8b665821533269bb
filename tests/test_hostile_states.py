"""A state that its source cannot take is refused, though its check sum is right."""

from __future__ import annotations

import random
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import seedmagic as sm
from scripts import answer
from sealed import refused, sealed


def encoded(content: bytes) -> dict[str, str]:
    return {"bytes": b64encode(content).decode()}


def numpy_state(kind: str = "MT19937", gauss: Any = None, **parts: Any) -> dict[str, Any]:
    """Give a sound state of NumPy as a file holds it, with `parts` in place of its own."""
    if kind == "MT19937":
        inner: dict[str, Any] = {"key": encoded(bytes(2496)), "pos": 5}
        outer: dict[str, Any] = {}
    else:
        inner = {"counter": encoded(bytes(32)), "key": encoded(bytes(16))}
        outer = {"buffer": encoded(bytes(32)), "buffer_pos": 4, "has_uint32": 0, "uinteger": 0}
    inner |= {name: value for name, value in parts.items() if name in inner}
    outer |= {"bit_generator": kind, "has_gauss": 0, "gauss": gauss or {"float": "0x0p0"}}
    outer |= {name: value for name, value in parts.items() if name not in inner}
    return {"dict": {**outer, "state": {"dict": inner}}}


def python_state(
    gauss: Any = None, words: Any = 624, position: Any = 5, version: Any = 3
) -> dict[str, Any]:
    return {"tuple": [version, {"tuple": [*[7] * words, position]}, gauss]}


NAN, INFINITE = {"float": "nan"}, {"float": "inf"}
HOSTILE: dict[str, tuple[str, Any]] = {
    "numpy: position 100000": ("numpy", numpy_state(pos=100_000)),
    "numpy: position -5000": ("numpy", numpy_state(pos=-5000)),
    "numpy: position 625": ("numpy", numpy_state(pos=625)),
    "numpy: position 2**70": ("numpy", numpy_state(pos=2**70)),
    "numpy: position as text": ("numpy", numpy_state(pos="5")),
    "numpy: position True": ("numpy", numpy_state(pos=True)),
    "numpy: position a float": ("numpy", numpy_state(pos={"float": "0x1p1"})),
    "numpy: short key": ("numpy", numpy_state(key=encoded(bytes(2492)))),
    "numpy: long key": ("numpy", numpy_state(key=encoded(bytes(2500)))),
    "numpy: key as text": ("numpy", numpy_state(key="a" * 2496)),
    "numpy: gauss NaN": ("numpy", numpy_state(gauss=NAN)),
    "numpy: gauss infinite": ("numpy", numpy_state(gauss=INFINITE)),
    "numpy: gauss as text": ("numpy", numpy_state(gauss="0")),
    "numpy: has_gauss 2": ("numpy", numpy_state(has_gauss=2)),
    "numpy: has_gauss True": ("numpy", numpy_state(has_gauss=True)),
    "numpy: unknown generator": ("numpy", numpy_state(bit_generator="Generator")),
    "numpy: generator a list": ("numpy", numpy_state(bit_generator={"list": []})),
    "numpy: one part too many": ("numpy", numpy_state(more=1)),
    "numpy: none": ("numpy", None),
    "numpy: a list": ("numpy", {"list": []}),
    "numpy: Philox buffer_pos -10**8": ("numpy", numpy_state("Philox", buffer_pos=-(10**8))),
    "numpy: Philox buffer_pos 5": ("numpy", numpy_state("Philox", buffer_pos=5)),
    "numpy: Philox short buffer": ("numpy", numpy_state("Philox", buffer=encoded(bytes(24)))),
    "numpy: Philox long key": ("numpy", numpy_state("Philox", key=encoded(bytes(32)))),
    "numpy: Philox uinteger": ("numpy", numpy_state("Philox", uinteger=2**32)),
    "python: position 700": ("python", python_state(position=700)),
    "python: position -1": ("python", python_state(position=-1)),
    "python: few words": ("python", python_state(words=600)),
    "python: many words": ("python", python_state(words=700)),
    "python: gauss NaN": ("python", python_state(NAN)),
    "python: gauss infinite": ("python", python_state(INFINITE)),
    "python: gauss as text": ("python", python_state("0")),
    "python: gauss an int": ("python", python_state(1)),
    "python: version 2": ("python", python_state(version=2)),
    "python: version True": ("python", python_state(version=True)),
    "python: words negative": ("python", {"tuple": [3, {"tuple": [-1] * 624 + [5]}, None]}),
    "python: words too large": ("python", {"tuple": [3, {"tuple": [2**32] * 624 + [5]}, None]}),
    "python: words huge": ("python", {"tuple": [3, {"tuple": [2**99] * 624 + [5]}, None]}),
    "python: words True": ("python", {"tuple": [3, {"tuple": [True] * 624 + [5]}, None]}),
    "python: words as text": ("python", {"tuple": [3, {"tuple": ["7"] * 624 + [5]}, None]}),
    "python: a list": ("python", {"list": [3, {"tuple": [7] * 625}, None]}),
    "torch: cut": ("torch", encoded(bytes(5000))),
    "torch: zeros": ("torch", encoded(bytes(5056))),
    "torch: ones": ("torch", encoded(b"\xff" * 5056)),
    "torch: empty": ("torch", encoded(b"")),
    "torch: long": ("torch", encoded(bytes(100_000))),
    "torch: as text": ("torch", "a" * 5056),
    "torch.cuda: nothing": ("torch.cuda", {"dict": {}}),
    "torch.cuda: text": ("torch.cuda", {"dict": {"devices": "abc"}}),
    "torch.cuda: no bytes": ("torch.cuda", {"dict": {"devices": {"list": [5]}}}),
    "torch.cuda: call": ("torch.cuda", {"dict": {"queued": {"list": [{"list": ["os", 1]}]}}}),
    "torch.cuda: seed": ("torch.cuda", {"dict": {"queued": {"list": [{"list": ["all", True]}]}}}),
    "torch.cuda: 2**64": ("torch.cuda", {"dict": {"queued": {"list": [{"list": ["all", 2**64]}]}}}),
    "numba: one": ("numba", {"list": [encoded(bytes(2520))]}),
    "numba: short": ("numba", {"list": [encoded(bytes(2519))] * 2}),
    "numba: index 700": (
        "numba",
        {"list": [encoded((700).to_bytes(4, "little") + bytes(2516))] * 2},
    ),
    "numba: index -1": ("numba", {"list": [encoded(b"\xff" * 4 + bytes(2516))] * 2}),
    "numba: no bytes": ("numba", {"list": [None, None]}),
}


@pytest.mark.parametrize(("name", "state"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_sealed_state_that_its_source_cannot_take_is_refused(
    name: str, state: Any, tmp_path: Path
) -> None:
    assert f"{name}: " in refused(tmp_path / "bad", sealed({name: state}))


@pytest.mark.parametrize("state", [numpy_state(), numpy_state("Philox")], ids=["MT", "Philox"])
def test_the_sound_state_beside_the_hostile_ones_is_taken(state: Any, tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(sealed({"numpy": state, "python": python_state()}))
    former = np.random.get_bit_generator()
    try:
        sm.RngState.load(tmp_path / "good").restore()
        assert random.getstate() == (3, (*[7] * 624, 5), None)
    finally:
        np.random.set_bit_generator(former)


def test_hostile_states_given_as_objects_crash_nothing() -> None:
    script = """
    import json, random
    import numpy as np, torch
    import seedmagic as sm
    key = bytes(2496)
    common = {"has_gauss": 0, "gauss": 0.0}
    philox = {**common, "bit_generator": "Philox", "has_uint32": 0, "uinteger": 0,
              "buffer": bytes(32), "state": {"counter": bytes(32), "key": bytes(16)}}
    mt = {**common, "bit_generator": "MT19937"}
    hostile = [
        *({"numpy": {**mt, "state": {"key": key, "pos": pos}}} for pos in (100_000, -5000, 2**70)),
        *({"numpy": {**philox, "buffer_pos": pos}} for pos in (-10**8, 10**8)),
        {"python": (3, (7,) * 624 + (700,), None)},
        {"torch": bytes(5000)}, {"torch": bytes(5056)}, {"torch": "a" * 5056}, {"torch": None},
    ]
    before, failures = sm.snapshot(), []
    for states in hostile:
        try:
            sm.RngState(states).restore()
        except sm.RestoreError as error:
            failures += error.failures
        assert before.diff(sm.snapshot()) == [], states
        random.random(), np.random.rand(2000), np.random.randn(3), torch.randn(2000)
        before = sm.snapshot()
    print(json.dumps(failures))
    """
    assert answer(script) == ["numpy"] * 5 + ["python"] + ["torch"] * 4
