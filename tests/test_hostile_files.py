"""A file that is no saved state is refused: nothing is executed, nothing crashes or changes."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seedmagic as sm
from sample_sources import Dice
from sealed import refused, sealed


def saved(tmp_path: Path) -> bytes:
    np.random.seed(1)
    sm.snapshot().save(tmp_path / "good")
    return (tmp_path / "good").read_bytes()


class Bomb:
    def __reduce__(self) -> Any:
        return os.mkdir, ("executed",)


def zip_bomb() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.pkl", bytes(2**24))
    return memory.getvalue()


NO_STATES: dict[str, bytes] = {
    "empty": b"",
    "garbage": random.Random(0).randbytes(5000),
    "zeros": bytes(5000),
    "a pickle": pickle.dumps(Bomb()),
    "a gzip bomb": gzip.compress(bytes(2**24)),
    "a zip bomb": zip_bomb(),
    "too large": b" " * (16 * 2**20) + b"{}",
    "deep lists": b"[" * 200_000,
    "deep dicts": b'{"a":' * 200_000,
    "a list": b"[]",
    "a number": b"1" * 6000,
    "other keys": b'{"format": 1}',
    "not a digest": b'{"format": "seedmagic RNG state, version 1", "sha256": 1, "states": "{}"}',
    "no text": b'{"format": "seedmagic RNG state, version 1", "sha256": "", "states": {}}',
    "a long format": json.dumps({"format": "x" * 9999, "sha256": "", "states": ""}).encode(),
    "sealed: a list": sealed([]),
    "sealed: a number": sealed("7"),
    "sealed: deep": sealed("[" * 100_000),
    "sealed: deep dict": sealed({"a": json.loads('{"list":[' * 30 + "1" + "]}" * 30)}),
    "sealed: surrogate": sealed('"\ud800"'),
    "sealed: NaN": sealed({"a": float("nan")}),
    "sealed: bare float": sealed({"a": 1.5}),
    "sealed: huge int": sealed('{"a":' + "9" * 5000 + "}"),
    "sealed: unknown type": sealed({"a": {"module": "os"}}),
    "sealed: two types": sealed({"a": {"list": [], "dict": {}}}),
    "sealed: float of no text": sealed({"a": {"float": 3}}),
    "sealed: float too large": sealed({"a": {"float": "0x1p99999"}}),
    "sealed: bytes that are none": sealed({"a": {"bytes": "%%%"}}),
    "sealed: dict that is none": sealed({"a": {"dict": 3}}),
    **{
        f"sealed: array {dtype!r} {shape}": sealed(
            {"a": {"ndarray": {"dtype": dtype, "shape": shape, "data": "AAAAAAAAAAA="}}}
        )
        for dtype, shape in [
            ("O", [1]), ("f8", [2**70]), ("f8", [-3]), ("f8", ["1"]), ("(1,i4", [1]), ("V8", [1]),
            ("M8[s]", [1]), ("i4,i4", [1]), ("U2", [1]), ("f3", [1]), (None, None), ([["a"]], [1]),
            ("f8", [1, 2]), ({"names": ["a"]}, [1]),
        ]
    },
    "sealed: array without parts": sealed({"a": {"ndarray": {}}}),
    "sealed: array with more": sealed({"a": {"ndarray": {"dtype": "f8", "allow_pickle": True}}}),
}  # fmt: skip


@pytest.mark.parametrize("content", NO_STATES.values(), ids=NO_STATES.keys())
def test_what_is_no_saved_state_is_refused(content: bytes, tmp_path: Path) -> None:
    refused(tmp_path / "bad", content)
    assert not Path("executed").exists()


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = saved(tmp_path)
    for tenth in range(10):
        refused(tmp_path / "cut", whole[: len(whole) * tenth // 10])
    refused(tmp_path / "cut", whole[:-1])


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    whole = saved(tmp_path)
    place = whole.index(b"bytes") + 30
    changed = whole[:place] + (b"A" if whole[place : place + 1] != b"A" else b"B")
    assert "check sum" in refused(tmp_path / "bad", changed + whole[place + 1 :])


@given(content=st.binary(max_size=300))
@settings(max_examples=50)
def test_arbitrary_bytes_are_refused(content: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "arbitrary"
    path.write_bytes(content)
    with pytest.raises(sm.StateError):
        sm.RngState.load(path)


def test_a_saved_file_holds_no_pickle_and_no_array_file(tmp_path: Path) -> None:
    content = saved(tmp_path)
    assert content.isascii()
    states = json.loads(json.loads(content)["states"])
    assert {"python", "numpy", "torch"} <= states.keys()
    with pytest.raises((pickle.UnpicklingError, KeyError, ValueError)):
        pickle.loads(content)


def test_a_file_that_is_missing_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sm.RngState.load(tmp_path / "nothing")
    with pytest.raises(IsADirectoryError):
        sm.RngState.load(tmp_path)


def test_a_plug_in_refuses_junk_with_an_error_of_its_own(tmp_path: Path) -> None:
    sm.register_source(Dice())
    for junk in ({"list": [1]}, 5, {"dict": {"version": 3, "words": {"tuple": [1]}}}):
        assert "dice: " in refused(tmp_path / "bad", sealed({"dice": junk}))


def test_an_unknown_source_is_told_at_the_restore(tmp_path: Path) -> None:
    (tmp_path / "foreign").write_bytes(sealed({"nobody": {"list": [1, None, "a"]}}))
    state = sm.RngState.load(tmp_path / "foreign")
    with pytest.raises(sm.RestoreError, match="nobody: no source of this name"):
        state.restore()
