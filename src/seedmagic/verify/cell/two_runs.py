"""Run code twice from the same start, and compare bit for bit what it left and showed."""

from __future__ import annotations

import threading
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from seedmagic.objects.compare.difference import Difference, change
from seedmagic.objects.compare.value_comparison import differences
from seedmagic.private_names import noting_lost
from seedmagic.session.rng_state import take
from seedmagic.sources.known.registry import present_sources
from seedmagic.verify.cell.changed_start import find_changed, of_settings
from seedmagic.verify.cell.clues.closer_look import Run, look_closer
from seedmagic.verify.cell.clues.time_notes import TimeNotes
from seedmagic.verify.cell.clues.worker_runs import WorkerRuns
from seedmagic.verify.cell.other_threads import going_on
from seedmagic.verify.cell.output_comparison import compare_shown
from seedmagic.verify.cell.run_end import Observed, Shown, observe
from seedmagic.verify.cell.run_stages import Stages
from seedmagic.verify.cell.run_start import Start, root_of
from seedmagic.verify.cell.settings.interpreter_settings import AT_ONCE
from seedmagic.verify.cell.settings.process_settings import Taken
from seedmagic.verify.cell.settings.torch_settings import warning_always
from seedmagic.verify.cell.verdict import Verification
from seedmagic.words import enumerate_names

# They stay as the first run left them, and a later one finds them so.
_FILES = "files (the first run alone differs, and the cell asks for files)"


async def verify_run(
    run: Run,
    start: Start,
    files: Mapping[str, int],
    made: Callable[[str], str] = lambda name: "",
    stages: Stages | None = None,
    top: Mapping[str, Any] | None = None,
) -> Verification:
    """Run the code twice, and once or twice more to see what explains a difference.

    Parameters
    ----------
    run : callable
        Runs the code; an error of the code's stands in what it returns.
    start : Start
        Where each run begins. Names and objects are left as the last run left them.
    files : mapping of str to int
        The file names that the code was compiled with, as `line_in_files` takes them.
    made : callable
        Gives the cell that made what a name holds without a seed, as ``In[2]``, or nothing.
    stages : Stages, optional
        Is told what begins.
    top : mapping of str to object, optional
        The namespace of a cell, all of whose top level is run.

    Raises
    ------
    KeyboardInterrupt, asyncio.CancelledError
        It was interrupted; the text says what had been shown by then.
    """
    stages, time = stages or Stages(), TimeNotes(files, top)
    with noting_lost() as lost, stages.interruptible():
        found = await _verify_run(run, start, files, made, stages, time)
    told = [f"{what} ({why})" for what, why in lost.items()]
    return replace(found, unknown=(*found.unknown, *told))


async def _verify_run(
    run: Run,
    start: Start,
    files: Mapping[str, int],
    made: Callable[[str], str],
    stages: Stages,
    time: TimeNotes,
) -> Verification:
    threads = threading.enumerate()
    workers = WorkerRuns(files)
    with workers.run(), start.settings.following_imports():
        first = await _observed(time.first(run), start, stages, is_first=True)
    going = going_on(threads)
    left = start.settings.taken()
    stages.second_begins(start, _count_values(first), _count(first.shown))
    # A re-run finds the settings of the process as the first run has left them. Where that makes a
    # difference, a further run from those of the start tells what else does.
    unrewound = start.put_back(with_settings=False)
    with start.looks.in_force():
        changes = find_changed(start, first, made)
    with workers.run():
        second = await _observed(time.second(run), start, stages, is_first=False)
    compared = _compare(start, first, second, left, start.settings.taken())
    settings = start.settings.changed(left, AT_ONCE)
    all_settings = start.settings.changed(left)
    if all_settings and not compared.is_alike:
        unrewound |= start.put_back()
        with workers.run():
            second = await _observed(run, start, stages, is_first=False)
        right = start.settings.taken()
        unrewound |= start.settings.settle(left, right)
        compared, settings = _compare(start, first, second, left, right), all_settings
    unknown = {**start.refused, **unrewound, **first.prints.unknown, **second.prints.unknown}
    unknown |= going
    verification = Verification(
        differences=tuple(compared.found),
        unknown=tuple(f"{place} ({reason})" for place, reason in unknown.items()),
        values=_count_values(first),
        outputs=_count(first.shown),
        sources=compared.sources,
        is_same_start=not start.refused and not unrewound,
        error=first.shown.error,
        masked=tuple(sorted(compared.masked)),
        changes=(*changes, *of_settings(settings)),
        rewound=tuple(sorted(start.rewound)),
        notes=time.told() if compared.is_alike else (),
    )
    if compared.is_alike:
        return verification
    stages.further_begins(verification)
    clues = await look_closer(run, start, files, workers, compared.found)
    clues = clues._replace(causes=(*clues.causes, *compared.causes))
    if clues.met_files and not clues.explains and await _agrees(second, run, start, stages):
        told = (*verification.unknown, _FILES)
        verification = replace(verification, is_same_start=False, unknown=told)
    found = clues._asdict()
    del found["met_files"]
    return replace(verification, **found)


async def _agrees(second: Observed, run: Run, start: Start, stages: Stages) -> bool:
    """Whether a further run agrees with the second: then the first alone met something else."""
    start.put_back()
    third = await _observed(run, start, stages, is_first=False)
    settings = start.settings.taken()
    return _compare(start, second, third, settings, settings).is_alike


class _Compared(NamedTuple):
    found: list[Difference]
    sources: tuple[str, ...]
    masked: set[str]
    causes: list[str]

    @property
    def is_alike(self) -> bool:
        return not self.found and not self.sources


def _compare(
    start: Start, first: Observed, second: Observed, left: Taken, right: Taken
) -> _Compared:
    """Compare two runs, and the settings that they left."""
    shown, masked = compare_shown(first.shown, second.shown)
    with start.looks.in_force():
        differing = [*_differences(first, second)]
    found = [*differing, *shown, *start.settings.differing(left, right)]
    sources = first.state.diff(second.state)
    moved = start.settings.moved.intersection(sources)
    if not found:  # what an import drew is nobody's
        sources = [name for name in sources if name not in moved]
    drew = f"an import in it drew from {enumerate_names(sorted(moved))}, and comes once"
    told = [f"{drew}: import it in a cell above"] if moved else []
    return _Compared(found, tuple(sources), masked, told)


async def _observed(run: Run, start: Start, stages: Stages, is_first: bool) -> Observed:
    with warning_always():
        shown = await run(is_first)
    stages.run_ended()
    state = take(present_sources())
    bound, deleted = start.bound(), start.deleted()
    # What is bound anew comes last: where it is an object that was there, it is that one.
    values = {name: value for name, value in start.kept.items() if name not in bound}
    values |= {**bound, **shown.values}
    values = {name: value for name, value in values.items() if name not in deleted}
    with start.looks.in_force():
        return observe(values, {*bound}, deleted, state, shown)


def _count_values(observed: Observed) -> int:
    """Count what a reader would call a value."""
    code = (
        types.FunctionType,
        types.BuiltinFunctionType,
        types.MethodType,
        types.ModuleType,
        type,
    )
    # By its type: a proxy answers for an object that may be gone.
    return sum(not issubclass(type(value), code) for value in observed.values.values())


def _count(shown: Shown) -> int:
    return len(shown.outputs) + sum(map(bool, shown.texts.values())) + (shown.error is not None)


def _differences(first: Observed, second: Observed) -> Iterator[Difference]:
    """Give what differs of the names and their values."""
    for name in sorted(first.values.keys() ^ second.values.keys()):
        ran = ("bound", "not bound") if name in first.values else ("not bound", "bound")
        yield change(name, "name", *ran)
    yield from _of_values(first, second)


def _of_values(first: Observed, second: Observed) -> Iterator[Difference]:
    shared = first.values.keys() & second.values.keys()
    differing = first.prints.differing(second.prints)
    places = [place for place in differing if root_of(place, shared) is not None]
    told: set[str] = set()
    for root in dict.fromkeys(root_of(place, shared) for place in places):
        assert root is not None
        one, other = first.values[root], second.values[root]
        # An object that both runs changed in place is at its second end: its pieces were kept.
        found = [] if one is other else _compared(one, other, root)
        if found:
            told.add(root)
            yield from found
    rest = [place for place in places if root_of(place, shared) not in told]
    yield from _of_pieces(rest, first, second)


def _compared(one: Any, other: Any, root: str) -> list[Difference]:
    return [found for found in differences(one, other, root) if found.is_compared]


def _of_pieces(places: list[str], first: Observed, second: Observed) -> Iterator[Difference]:
    """Compare the pieces that were kept; of others no more is told than that they differ."""
    sized = {place for place in places if place in first.small and place in second.small}
    ordered = sorted(places)
    above = {one for one, other in pairwise(ordered) if other.startswith(one)}
    for place in places:
        if place in sized:
            found = _compared(first.small[place], second.small[place], place)
            yield from found or [change(place, "state", "not the same in both runs", "")]
        elif place not in above:
            yield change(place, "state", "not the same in both runs", "")
