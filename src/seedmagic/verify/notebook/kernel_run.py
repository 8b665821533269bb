"""Run a notebook once, in a fresh kernel: what each cell showed, and the witness's evidence."""

from __future__ import annotations

import asyncio
import copy
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seedmagic.verify.witness import evidence
from seedmagic.verify.witness.evidence import Arrival, Evidence
from seedmagic.version import __version__
from seedmagic.words import without_colours

WITNESS = "seedmagic.ipython.kernel_witness"
_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


@dataclass(frozen=True)
class Setting:
    """What one run differs in from another.

    Attributes
    ----------
    hash_seed : int
        What `PYTHONHASHSEED` is.
    threads : int or None
        How many; None for as many as the machine gives.
    operations : int
        How many of torch's operations are recorded in each cell.
    closely : bool
        Whether what libraries ask for is noted, and which sets are gone through. It changes nothing
        that is compared.
    """

    hash_seed: int
    threads: int | None = None
    operations: int = 0
    closely: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class KernelFailure:
    """Why a run did not reach the notebook's end, in one sentence, and at which cell."""

    told: str
    cell: int | None = None
    is_start: bool = False


@dataclass(frozen=True)
class Run:
    """One run: by the cell's index, its outputs and the evidence; and what went wrong."""

    setting: Setting
    outputs: dict[int, list[dict[str, Any]]]
    widgets: dict[str, Any]
    evidence: dict[int, Evidence]
    arrival: Arrival | None
    folder: Path
    failure: KernelFailure | None = None


@dataclass(frozen=True)
class NotebookRun:
    """A notebook, where and how to run it; `tell` hears the index of each cell that begins."""

    notebook: Any
    folder: Path
    kernel: str
    timeout: int | None
    tell: Callable[[int], None]


async def run(job: NotebookRun, setting: Setting) -> Run:
    """Run it; the kernel is shut down whatever happens, a cancelled task included."""
    done = await _attempt(job, setting)
    if done.failure is not None and done.failure.is_start:
        # Another process may have taken one of the ports that were free a moment ago.
        done = await _attempt(job, setting)
    return done


async def _attempt(job: NotebookRun, setting: Setting) -> Run:
    from nbclient import NotebookClient

    notebook = copy.deepcopy(job.notebook)
    client = NotebookClient(
        notebook,
        timeout=job.timeout,
        kernel_name=job.kernel,
        extra_arguments=[f"--ext={WITNESS}", "--HistoryManager.hist_file=:memory:"],
        resources={"metadata": {"path": str(job.folder)}},
    )
    with tempfile.TemporaryDirectory(prefix="seedmagic-", ignore_cleanup_errors=True) as place:
        file, log = Path(place, "evidence"), Path(place, "log")
        done: dict[int, list[dict[str, Any]]] = {}
        executed: list[int] = []
        with log.open("wb") as stream:
            failure = await _run_cells(client, job, setting, file, stream, done, executed)
        if failure is not None and failure.is_start:
            failure = replace(failure, told=failure.told + _last_line(log))
        arrival, told = evidence.read(file)
    state = notebook.metadata.get("widgets", {})
    widgets = state.get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    by_cell = {executed[number]: cell for number, cell in told.items() if number < len(executed)}
    return Run(setting, done, widgets, by_cell, arrival, job.folder, failure)


async def _run_cells(
    client: Any,
    job: NotebookRun,
    setting: Setting,
    file: Path,
    log: Any,
    done: dict[int, list[dict[str, Any]]],
    executed: list[int],
) -> KernelFailure | None:
    """Run the cells one by one; give what stopped it."""
    from jupyter_client.kernelspec import NoSuchKernel
    from jupyter_core.utils import ensure_async
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    manager = client.create_kernel_manager()
    at: int | None = None
    try:
        options = {"env": _environment(setting, file), "stdout": log, "stderr": log}
        await client.async_start_new_kernel(**options)
        await client.async_start_new_kernel_client()
        if evidence.read(file)[0] is None:
            return KernelFailure(_lacks(job.kernel))
        for at, cell in enumerate(client.nb.cells):
            if cell.cell_type != "code":
                continue
            job.tell(at)
            cell.outputs = []
            done[at] = cell.outputs
            if _is_run(cell):
                executed.append(at)
                await client.async_execute_cell(cell, at, client.code_cells_executed + 1)
                done[at] = cell.outputs
    except CellExecutionError as error:
        done[at or 0] = client.nb.cells[at or 0].outputs
        first = f"{error.ename}: {error.evalue}".partition("\n")[0]
        return KernelFailure(f"failed with {without_colours(first).rstrip(' .:')}", at)
    except CellTimeoutError:
        return KernelFailure(f"did not end within {job.timeout} s (--timeout)", at)
    except DeadKernelError:
        if await ensure_async(manager.is_alive()):
            # What nbclient makes of a cancelled task.
            raise asyncio.CancelledError from None
        return KernelFailure("ended its kernel: the process died", at)
    except NoSuchKernel:
        return KernelFailure(f"there is no kernel {job.kernel!r}")
    except (OSError, RuntimeError) as error:
        text = str(error).partition("\n")[0]
        where = "its kernel did not start" if at is None else "the kernel cannot be reached"
        return KernelFailure(f"{where}: {text}", at, is_start=at is None)
    else:
        client.set_widgets_metadata()
        return None
    finally:
        await asyncio.shield(_shut_down(client, manager))


async def _shut_down(client: Any, manager: Any) -> None:
    """Leave no kernel running; killed at once, since nothing more is asked of it."""
    from jupyter_core.utils import ensure_async

    try:
        if manager.has_kernel:
            await ensure_async(manager.shutdown_kernel(now=True))
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        await ensure_async(manager.cleanup_resources())


def usual_threads() -> int:
    """Count the threads of a run that is not told how many."""
    chosen = os.environ.get(_THREADS[0], "")
    if chosen.isdecimal():
        return int(chosen)
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def _is_run(cell: Any) -> bool:
    # What nbclient runs: neither blank cells nor those tagged to be skipped.
    return bool(cell.source.strip()) and "skip-execution" not in cell.metadata.get("tags", [])


def _environment(setting: Setting, file: Path) -> dict[str, str]:
    environment = {**os.environ, "PYTHONHASHSEED": str(setting.hash_seed)}
    environment[evidence.VARIABLE] = str(file)
    environment[evidence.OPERATIONS] = str(setting.operations)
    environment[evidence.CLOSELY] = "1" if setting.closely else ""
    if setting.threads is not None:
        environment |= dict.fromkeys(_THREADS, str(setting.threads))
    return environment


def _last_line(log: Path) -> str:
    """Give what the kernel's process said last, which names what it lacks."""
    lines = log.read_text("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f" ({without_colours(last)[:200]})" if last else ""


def _lacks(kernel: str) -> str:
    return (
        f"the environment of kernel {kernel!r} lacks seedmagic {__version__}: install it "
        'there with pip install "seedmagic"'
    )
