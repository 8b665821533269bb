"""The body of a cell under many seeds: `%%seeded --runs` and `--seeds`."""

from __future__ import annotations

import sys
from asyncio import CancelledError
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from seedmagic.errors import RewindError, RunsInterrupted, SeedError, SourceError
from seedmagic.ipython.cells.cell_bodies import Body
from seedmagic.ipython.cells.folded_outputs import Folded, FoldedPiece
from seedmagic.ipython.cells.time_bars import TimeBar
from seedmagic.ipython.options import RunsAsked
from seedmagic.objects.rewind.namespace import NamespaceNames
from seedmagic.runs import runs_dependencies
from seedmagic.runs.engines.engine_runs import on_engine
from seedmagic.runs.engines.executors import find_executor
from seedmagic.runs.engines.worker_pickles import CellCode
from seedmagic.runs.one_run import Failure, Outcome, describe_error, outcome_of
from seedmagic.runs.run_outcomes import Collecting
from seedmagic.runs.run_plan import make_plan, parse_seeds, seeds_from
from seedmagic.runs.runs_result import RunsResult
from seedmagic.session.scopes import Scope
from seedmagic.session.seed_only import NameCounts
from seedmagic.session.seeding import put_in_force
from seedmagic.session.session_terms import Modes

_MISTAKES = (SeedError, SourceError, RewindError, TypeError, ValueError, OSError, ImportError)


@contextmanager
def as_usage_errors() -> Iterator[None]:
    """Let what is wrong with a header be said without a traceback."""
    try:
        yield
    except _MISTAKES as error:
        raise UsageError(str(error)) from error


def seeds_of(asked: RunsAsked, first: int) -> tuple[int, ...]:
    """Give the seeds of the runs; those of ``--runs`` count from `first`."""
    if asked.seeds is not None:
        return parse_seeds(asked.seeds)
    text = asked.count or ""
    try:
        count: Any = int(text, 0)
    except ValueError:
        count = text  # which is refused by name
    return seeds_from(first, count)


class ManyRuns:
    """The runs of one cell.

    Parameters
    ----------
    shell : InteractiveShell
        Where they run.
    body : Body
        What runs.
    asked : RunsAsked
        What the header asks for.
    seeds : tuple of int
        One a run.
    modes : Modes
        What a seeding does beside seeding.

    Raises
    ------
    ImportError, TypeError, ValueError, OSError
        Something is missing or wrong; nothing was changed.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        body: Body,
        asked: RunsAsked,
        seeds: tuple[int, ...],
        modes: Modes,
    ) -> None:
        runs_dependencies.require("--runs", *runs_dependencies.ALWAYS)
        if asked.tensorboard is not None:
            runs_dependencies.require("--tensorboard", "tensorboard")
        self._shell = shell
        self._body = body
        self._asked = asked
        self._modes = modes
        self._engine = None if asked.on is None else self._find_engine(asked.on)
        self._plan = replace(make_plan(seeds, tensorboard=asked.tensorboard), track=asked.track)
        self._pieces: list[FoldedPiece] = []

    def _find_engine(self, name: str) -> Any:
        if name not in self._shell.user_ns:
            raise TypeError(f"--on: there is no variable {name}. Nothing was run.")
        runs_dependencies.require("--on", *runs_dependencies.ON_ENGINES)
        engine = self._shell.user_ns[name]
        find_executor(engine)
        if self._body.is_async:
            raise TypeError("--on: a cell that awaits cannot travel to a worker. Nothing was run.")
        return engine

    async def run(self, rewind: Callable[[], object]) -> None:
        """Do the runs, and show what came of them.

        Parameters
        ----------
        rewind : callable
            Puts back the objects that each run changes.
        """
        __tracebackhide__ = True
        with as_usage_errors():
            outcomes = None if self._engine is None else self._packed()
        collecting = Collecting(self._plan, TimeBar)
        try:
            with collecting:
                if outcomes is None:
                    await self._in_line(collecting, rewind)
                else:
                    with closing(outcomes):
                        for outcome in outcomes:
                            self._pieces.append(FoldedPiece.of(outcome))
                            self._take(collecting, outcome)
        except RunsInterrupted as interrupted:
            self._keep(interrupted.result)
            runs = f"{len(interrupted.result.seeds)} of {len(self._plan.seeds)} runs"
            told = f"{runs} had finished: {self._asked.out} has them"
            raise KeyboardInterrupt(told) from interrupted.__cause__
        finally:
            self._fold()
        self._keep(collecting.result())

    async def _in_line(self, collecting: Collecting, rewind: Callable[[], object]) -> None:
        __tracebackhide__ = True
        hidden = self._shell.user_ns_hidden
        start = NamespaceNames(self._shell.user_ns, lambda name: name not in hidden)
        given = NameCounts()
        *others, last = self._plan.seeds
        for seed in others:
            outcome = await self._run_one(seed, rewind, live=False)
            self._take(collecting, outcome)
            start.put_back()
            given.put_back()
        collecting.clear()
        self._fold()
        self._take(collecting, await self._run_one(last, rewind, live=True))

    async def _run_one(self, seed: int, rewind: Callable[[], object], live: bool) -> Outcome:
        """Run the body as ``%%seeded seed`` does."""
        __tracebackhide__ = True
        scope = Scope(f"the run under seed {seed}")
        try:
            rewind()
            put_in_force(seed, self._modes, f"%%seeded {seed}")
            shown = await self._body.run(live)
            if shown.error is None:
                namespace = self._shell.user_ns
                track = self._plan.track or ()
                given = {name: namespace[name] for name in track if name in namespace}
                outcome = outcome_of(seed, given, track)
            else:
                failure = Failure(describe_error(shown.error), shown.error)
                outcome = Outcome(seed, failure=failure)
        except CancelledError as error:  # how an interrupt comes to what awaits
            raise KeyboardInterrupt from error
        finally:
            scope.close()
        outcome = replace(outcome, output="".join(shown.texts.values()))
        if not live:
            self._pieces.append(FoldedPiece.of(outcome, shown.outputs))
        return outcome

    def _packed(self) -> Generator[Outcome, None, None]:
        """Pack the body with what it needs; what is given does the runs."""
        track = self._plan.track or ()
        body = self._body
        code = CellCode(body.whole(), self._shell.user_ns, body.variables(), track)
        return on_engine(self._engine, self._plan.seeds, code, modes=self._modes, track=track)

    def _take(self, collecting: Collecting, outcome: Outcome) -> None:
        with as_usage_errors():
            collecting.take(outcome)

    def _fold(self) -> None:
        """Show what the runs have shown, all but the last seed's folded away."""
        order = {seed: at for at, seed in enumerate(self._plan.seeds)}
        pieces = sorted(self._pieces, key=lambda piece: order[piece.seed])
        self._pieces = []
        last = self._plan.seeds[-1]
        folded = Folded([piece for piece in pieces if piece.seed != last and not piece.is_empty])
        if folded.pieces:
            display(folded)
        for piece in pieces:
            if piece.seed == last:
                sys.stdout.write(piece.text)

    def _keep(self, result: RunsResult) -> None:
        """Bind the result, and what an engine gave of the last seed's names; show the result."""
        namespace, last = self._shell.user_ns, self._plan.seeds[-1]
        if self._engine is not None and last in result.seeds:
            for name, values in result.tracked.items():
                value = values[result.seeds.index(last)]
                if value is not None:
                    namespace[name] = list(value) if isinstance(value, tuple) else value
        namespace[self._asked.out] = result
        display(result)
