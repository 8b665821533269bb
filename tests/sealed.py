"""Saved states as an attacker would write them, and the proof that they are refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import seedmagic as sm
from sample_sources import assert_unchanged, everything_now


def sealed(states: Any) -> bytes:
    """Write what an attacker would: any content, with the right check sum."""
    body = states if isinstance(states, str) else json.dumps(states)
    digest = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    form = "seedmagic RNG state, version 1"
    return json.dumps({"format": form, "sha256": digest, "states": body}).encode()


def refused(path: Path, content: bytes) -> str:
    """Load what must be refused, and give the message."""
    path.write_bytes(content)
    before = everything_now()
    with pytest.raises(sm.StateError) as raised:
        sm.RngState.load(path)
    assert_unchanged(before)
    assert str(path) in str(raised.value)
    assert len(str(raised.value)) < 500 + len(str(path))
    return str(raised.value)
