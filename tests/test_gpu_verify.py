"""What differs between two runs on a device is found, named, and gone where torch can help."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gpu_scripts import GRAPH, MARKS, SHELL, told

pytestmark = MARKS

# Four thousand numbers into each row, which a device adds up in whatever order they come.
ADDED = """
values = torch.rand(1 << 22).to("cuda")
rows = torch.randint(1000, (1 << 22,)).to("cuda")
"""
ADDING = ["table.index_add_(0, rows, twice)", "table.scatter_add_(0, rows, twice)"]


@pytest.mark.parametrize("adding", ADDING)
def test_an_addition_in_any_order_is_the_first_operation_that_differs(adding: str) -> None:
    script = f"""
    def added():
        table = torch.zeros(1000, device="cuda")
        twice = values * 2
        {adding}
        return table.sqrt()

    found = sm.verify(added, seed=7)
    assert found.reproducible is False, found
    told = found.operation
    line = told.line - added.__code__.co_firstlineno
    sm.seed_everything(7, deterministic=True)
    better = sm.verify(added, seed=7)
    say([told.cause, told.name, line, told.device, told.remedy, str(better)])
    """
    *operation, better = told(script, before=ADDED)
    name = f"aten::{adding.partition('(')[0].removeprefix('table.')}"
    remedy = "--deterministic makes it deterministic"
    assert operation == ["operation", name, 3, "cuda", remedy]
    assert better.startswith("Reproducible: ")


@pytest.mark.parametrize("adding", ADDING)
def test_a_cell_says_so_with_its_line_and_not_with_deterministic(adding: str) -> None:
    script = f"""
    shell.user_ns.update(values=values, rows=rows)
    body = "table = torch.zeros(1000, device='cuda')\\ntwice = values * 2\\n{adding}"
    say([run(f"%%seeded 7 --verify{{mode}}\\n{{body}}") for mode in ("", " --deterministic")])
    """
    plain, better = told(script, before=SHELL + ADDED)
    name = adding.partition("(")[0].removeprefix("table.")
    assert "Not reproducible: " in plain
    did = f"torch's {name} got equal inputs and gave other outputs"
    assert f"Cause: line 4: `{adding}`: {did}: --deterministic makes it deterministic" in plain
    assert "Reproducible: " in better


CONVOLUTION = """
import hashlib
torch.manual_seed(0)
layer = torch.nn.Conv2d(64, 64, 3, padding=1).cuda()
images = torch.rand(32, 64, 56, 56).cuda()

def results(times):
    found = set()
    for _ in range(times):
        layer.zero_grad()
        shown = layer(images)
        shown.square().mean().backward()
        tensors = (shown, layer.weight.grad)
        bits = b"".join(tensor.detach().cpu().numpy().tobytes() for tensor in tensors)
        found.add(hashlib.sha256(bits).hexdigest())
    return sorted(found)
"""


def test_a_convolution_gives_the_same_bits_with_cudnns_flags_as_a_scope_sets_them(
    record_property: Callable[[str, object], None],
) -> None:
    script = """
    cudnn = torch.backends.cudnn
    cudnn.benchmark, cudnn.deterministic = True, False
    off = results(20)
    with sm.seeded(7):
        inside = [cudnn.benchmark, cudnn.deterministic]
        on = results(20)
    say([len(off), inside, [cudnn.benchmark, cudnn.deterministic], on])
    """
    different, inside, outside, on = told(script, before=CONVOLUTION)
    # How many there are is cuDNN's affair: nothing says that there must be more than one.
    record_property("results of 20 runs with benchmark on and deterministic off", different)
    print(f"benchmark on, deterministic off: {different} different results in 20 runs")
    assert (inside, outside) == ([False, True], [True, False])
    assert len(on) == 1
    assert told(script, before=CONVOLUTION)[-1] == on  # in another process too


def test_a_fingerprint_is_of_the_bits_wherever_they_lie() -> None:
    script = """
    from seedmagic.objects.memory.device_hash import digest
    from seedmagic.objects.fingerprints.fingerprint import fingerprint
    from test_fingerprint_devices import DTYPES, SIZES, made
    wrong = []
    for dtype in DTYPES:
        for size in (*SIZES, 3_000_001):
            here = made(dtype, size)
            there = here.cuda()
            whole = fingerprint(there)
            # A fingerprint tells the device too; what it says of the elements is this.
            alike = digest(there) == digest(here) and fingerprint(here.cuda()) == whole
            there.view(torch.uint8)[-1] ^= 1
            if not alike or digest(there) == digest(here) or fingerprint(there) == whole:
                wrong.append([str(dtype), size])
    base = torch.randn(300, 700)
    views = {
        "transposed": lambda t: t.t(),
        "stepped": lambda t: t[:, ::2],
        "shifted by a byte": lambda t: t.to(torch.int8).view(-1)[1:],
        "conjugate": lambda t: t.to(torch.complex64).conj(),
        "expanded": lambda t: t[0].expand(3, -1),
    }
    wrong += [name for name, see in views.items() if digest(see(base.cuda())) != digest(see(base))]
    say(wrong)
    """
    assert told(script) == []


TRAINING = """
from seedmagic.objects.fingerprints.fingerprint import fingerprint
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.Dropout(), nn.Linear(64, 1)).cuda()
optimizer = torch.optim.Adam(model.parameters())
generator = torch.Generator("cuda").manual_seed(3)

def train():
    for _ in range(3):
        batch = torch.randn(32, 64, device="cuda", generator=generator)
        optimizer.zero_grad()
        model(batch).square().mean().backward()
        optimizer.step()

def prints():
    return fingerprint([model, optimizer, generator])
"""


def test_a_model_its_optimiser_and_their_generator_start_again_on_the_device() -> None:
    script = """
    sm.seed_everything(42, deterministic=True)
    train()
    start, before = sm.rewind([model, optimizer, generator]), prints()
    ends = set()
    for _ in range(3):
        with sm.seeded(7):
            train()
        ends.add(prints())
        start.rewind()
        assert prints() == before
    verified = run(training, "%%seeded 7 --verify\\ntrain()")
    say([len(ends), before in ends, verified])
    """
    training = f"{TRAINING}\ntraining = {TRAINING!r}\n"
    variable = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
    *ends, verified = told(script, before=SHELL + training, **variable)
    assert ends == [1, False]
    assert "Reproducible: " in verified


def test_too_little_memory_on_the_device_is_said_and_changes_nothing() -> None:
    script = """
    whole = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((1 << 30) / whole)
    value = torch.ones(600 << 20, dtype=torch.uint8, device="cuda")
    try:
        sm.rewind({"value": value})
    except sm.RewindError as error:
        say([str(error), bool(value.all())])
    """
    message, is_unchanged = told(script)
    assert message.startswith("no memory for a copy of value")
    assert is_unchanged


def test_a_graph_can_be_captured_while_operations_are_recorded() -> None:
    script = """
    from seedmagic.verify.operations.operation_recorder import record_operations
    torch.cuda.manual_seed(7)
    with record_operations("<string>") as record:
        with torch.cuda.graph(graph):
            numbers.uniform_()
        shown = replayed()
        total = numbers.sum()
    stream = record.streams[""]
    names = [stream.operation(place).signature.name for place in range(len(stream))]
    say([shown == eager(7), "aten::uniform_" in names, "aten::sum" in names])
    """
    assert told(script, before=f"torch.cuda.init()\n{GRAPH}") == [True, False, True]
