"""Where tensors and arrays lie is kept: shared memory, views, graphs; and a copy costs no more."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import seedmagic as sm
from scripts import answer


def test_memory_that_tensors_share_is_copied_once() -> None:
    whole = torch.zeros(100_000)
    views = [whole[:50_000], whole[50_000:], whole.view(10, -1).t(), whole]
    handle = sm.rewind(views)
    assert 400_000 <= handle.nbytes < 500_000
    whole.fill_(1)
    handle.rewind()
    assert not whole.any()


@pytest.mark.parametrize(
    ("thing", "nbytes"),
    [
        (np.zeros(100_000), 800_000),
        (np.broadcast_to(np.zeros(1), (100_000,)), 0),
        (torch.zeros(100_000).expand(1000, -1), 400_000),
        (torch.ones(100_000).to_sparse(), 1_200_000),
        (bytearray(100_000), 100_000),
        (list(range(100_000)), 800_000),
        (set(range(100_000)), 1_600_000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_bytes_of_the_copies_are_told(thing: object, nbytes: int) -> None:
    assert nbytes <= sm.rewind(thing).nbytes <= nbytes + 1000


def test_what_a_view_does_not_see_is_nobodys_to_put_back() -> None:
    for view in (slice(2, 4), slice(0, 6, 2)):
        for whole in (torch.zeros(6), np.zeros(6)):
            with sm.rewind(whole[view]):
                whole[...] = 1
            assert whole[view].sum() == 0
            assert whole.sum() == 6 - len(whole[view])


def test_views_that_overlap_are_put_back_all() -> None:
    whole = torch.arange(10.0)
    with sm.rewind([whole[0:5], whole[3:8]]):
        whole.neg_()
    assert whole.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, -8, -9]


def test_tensors_over_one_memory_share_it_after_it_was_swapped() -> None:
    one = torch.zeros(4)
    other = one[1:3]
    with sm.rewind([one, other]):
        one.data, other.data = torch.ones(4), torch.ones(2)
    one[1] = 5
    assert other[0] == 5


def test_a_tensor_and_the_array_that_it_came_from_stay_one() -> None:
    array = np.zeros(3)
    tensor = torch.from_numpy(array)
    with sm.rewind([tensor, array]):
        tensor.add_(1)
    tensor.add_(2)
    assert array.tolist() == [2, 2, 2]


def test_a_graph_still_works_where_nothing_was_written() -> None:
    model = nn.Linear(3, 1)
    loss = model(torch.ones(2, 3)).square().sum()
    with sm.rewind(model):
        model.eval()
    loss.backward()
    assert model.weight.grad is not None


def test_a_graph_that_needs_what_was_written_over_is_refused_by_torch() -> None:
    weight = nn.Parameter(torch.ones(3))
    handle = sm.rewind(weight)
    with torch.no_grad():
        weight.add_(1)
    loss = weight.square().sum()
    handle.rewind()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_writing_that_torch_does_not_count_is_put_back_too() -> None:
    weight = torch.zeros(3)
    handle = sm.rewind(weight)
    for change in (lambda: weight.data.add_(1), lambda: weight.numpy().fill(2)):
        version = weight._version
        change()
        assert weight._version == version
        handle.rewind()
        assert not weight.any()


def test_bits_go_back_not_values() -> None:
    strange = np.array([0x7FF8_0000_0000_0001, 0x8000_0000_0000_0000], np.uint64)
    array, tensor = strange.view(np.float64).copy(), torch.from_numpy(strange.copy())
    floats = tensor.view(torch.float64)
    with sm.rewind([array, floats]):
        array.fill(np.nan)
        floats.fill_(0.0)
    assert array.view(np.uint64).tolist() == strange.tolist()
    assert tensor.tolist() == torch.from_numpy(strange).tolist()


def test_a_frame_shares_no_memory_with_its_copies() -> None:
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2]})
    handle = sm.rewind(frame)
    frame.loc[0, "a"] = 9
    copied = frame.copy(deep=False)
    handle.rewind()
    assert frame["a"].tolist() == [1, 2]
    if pd.__version__ >= "3":  # before, a shallow copy is a view
        assert copied["a"].tolist() == [9, 2]


def test_an_array_that_owns_nothing_to_write_to_is_left_as_it_is() -> None:
    fixed = np.frombuffer(b"abcd", np.uint8)
    handle = sm.rewind(fixed)
    handle.rewind()
    assert fixed.tobytes() == b"abcd"


def test_no_memory_for_the_copy_is_one_clear_error() -> None:
    script = """
    import json, resource
    import torch
    import seedmagic as sm
    model = torch.nn.Linear(4096, 4096)
    small = [1]
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 20_000_000, resource.RLIM_INFINITY))
    try:
        sm.rewind({"small": small, "model": model})
    except sm.RewindError as error:
        told = str(error)
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    small.append(2)
    with sm.rewind(model):
        pass
    print(json.dumps([told, small]))
    """
    told, small = answer(script)
    assert "memory" in told
    assert "small, model" in told
    assert "Nothing was changed" in told
    assert small == [1, 2]


def test_more_than_the_system_has_is_refused_before_it_is_taken(tmp_path: Path) -> None:
    # Linux would promise the memory, and end the process once it is written to.
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    mapped = np.memmap(path, mode="r")
    with pytest.raises(sm.RewindError, match="bytes are needed"):
        sm.rewind(mapped)


def test_no_device_is_woken() -> None:
    script = """
    import json
    import torch
    import seedmagic as sm
    model = torch.nn.Linear(2, 2)
    with sm.rewind([model, torch.optim.Adam(model.parameters()), torch.amp.GradScaler("cpu")]):
        pass
    print(json.dumps(torch.cuda.is_initialized()))
    """
    assert answer(script) is False


def test_without_libraries_none_is_imported() -> None:
    script = """
    import json, sys
    import seedmagic as sm
    with sm.rewind({"a": [1, {2}, {"b": 3}]}):
        pass
    print(json.dumps([n for n in ("numpy", "torch", "pandas") if n in sys.modules]))
    """
    assert answer(script) == []


def test_modes_of_torch_do_not_matter() -> None:
    weight = nn.Parameter(torch.ones(3))
    with torch.device("meta"), torch.inference_mode():
        handle = sm.rewind(weight)
    weight.data.zero_()
    with torch.device("meta"):
        handle.rewind()
    assert weight.tolist() == [1, 1, 1]
    assert weight.square().sum().requires_grad


def test_a_class_with_slots_is_not_held_on_to() -> None:
    class Slotted:
        __slots__ = ("__weakref__", "a")

    held = Slotted()
    held.a = [1]  # type: ignore[attr-defined]
    with sm.rewind(held):
        held.a.append(2)  # type: ignore[attr-defined]
    assert held.a == [1]  # type: ignore[attr-defined]
    gone = weakref.ref(Slotted)
    del held, Slotted
    gc.collect()
    assert gone() is None
