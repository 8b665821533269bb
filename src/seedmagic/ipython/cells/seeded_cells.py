"""What a `%%seeded` header asks for, begun when its cell runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from seedmagic.code import running_cells
from seedmagic.code.coroutines import finish
from seedmagic.errors import RestoreError, RewindError, SeedError, SourceError
from seedmagic.ipython.cells.cell_identity import RunningCell
from seedmagic.ipython.cells.cell_rewinds import Rewinding, Rewinds
from seedmagic.ipython.cells.cell_scopes import CellScopes
from seedmagic.ipython.cells.rewind_notes import RewindNote
from seedmagic.ipython.header_line import MAGIC, Header
from seedmagic.ipython.line_values import to_seed
from seedmagic.ipython.options import LineOptions
from seedmagic.ipython.settings import SeedSettings
from seedmagic.ipython.watch.cell_watching import Watching
from seedmagic.session import in_force, session_terms
from seedmagic.session.context_managers import inherited_modes
from seedmagic.session.scopes import Scope
from seedmagic.session.seeding import put_in_force
from seedmagic.session.session_terms import Modes, Seeding, make_modes
from seedmagic.sources.known.registry import present_of_known
from seedmagic.sources.protocol import is_stateful
from seedmagic.warn import warn
from seedmagic.watch.generator_names import GENERATORS
from seedmagic.words import enumerate_names

if TYPE_CHECKING:
    from seedmagic.ipython.cells.cell_bodies import Body
    from seedmagic.ipython.cells.many_runs import ManyRuns
    from seedmagic.session.rng_state import RngState
    from seedmagic.watch.cell_ledger import CellRecord

USER_MISTAKES = (SeedError, SourceError, RewindError)


class SeededCells:
    """Opens scopes for cells, rewinds their objects, and runs them twice where that is asked.

    Parameters
    ----------
    shell : InteractiveShell
        Where they run.
    settings : SeedSettings
        What holds where a header says nothing else.
    scopes : CellScopes
        Closes a scope when its cell ends.
    watching : Watching
        Knows the states that cells started from.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        settings: SeedSettings,
        scopes: CellScopes,
        watching: Watching,
    ) -> None:
        self._shell = shell
        self._settings = settings
        self._scopes = scopes
        self._watching = watching
        self.rewinds = Rewinds(shell)
        self._running = RunningCell()

    def begin_cell(self, running: RunningCell) -> None:
        """Take the beginning of an outermost cell."""
        self._running = running

    def end_cell(self) -> None:
        """Take its end, when its scopes are closed."""
        running, self._running = self._running, RunningCell()
        if not self.rewinds.is_empty:
            self.rewinds.ran(running.key, running.number, lambda: running.bound(self._shell))

    def enter(self, header: Header) -> None:
        """Begin the scope of the cell that runs; it ends with the cell."""
        asked = header.read(self._shell.user_ns)
        if asked.verify or asked.runs:
            raise UsageError(
                f"{MAGIC}: --verify, --runs and --seeds must stand in the header as they are, and "
                "above any other cell magic: write %%seeded above it. Nothing was changed."
            )
        self._enter(asked)

    def _enter(self, asked: LineOptions) -> None:
        self._scopes.leave_former()
        self._scopes.enter(self.open(asked))

    def run_again(self, header: Header, body: Body) -> Any:
        """Run a body as often as its header asks; what is given is to be awaited if it awaits."""
        __tracebackhide__ = True
        asked = header.read(self._shell.user_ns)
        if asked.runs is not None:
            return self.repeat(asked, body)
        self._enter(asked)
        return self.verify(body, asked.rewind)

    def open(self, asked: LineOptions) -> ExitStack:
        """Seed as a header asks; give what is to be closed at the end: a scope, and a rewinding."""
        # What may be refused comes before anything is rewound.
        number = asked.start
        start = None if number is None else (number, *self._watching.find(number))
        seed = self._seed_of(asked) if start is None else None
        try:
            with ExitStack() as entered:
                if not asked.keep:
                    entered.callback(Scope(MAGIC).close)
                self._rewind(asked, entered)
                if start is not None:
                    self._start_from(*start)
                elif seed is not None:
                    report = put_in_force(seed, self._modes_inside(asked), f"%%seeded {seed}")
                    if asked.keep and not self._settings.quiet:
                        display(report)
                opened = entered.pop_all()
        except USER_MISTAKES as error:
            raise UsageError(str(error)) from error
        return opened

    def _rewind(self, asked: LineOptions, entered: ExitStack) -> None:
        """Let the names start as at the cell's first run, and tell where that is not plain."""
        if not asked.rewind:
            return
        rewinding = self._rewinding(asked)
        entered.callback(rewinding.close)
        number = self._running.number
        if rewinding.dropped:
            place = (f"In[{number}]", 1) if number else None
            warn("\n".join(rewinding.dropped), place=place)
        if rewinding.notes and not self._settings.quiet:
            display(RewindNote(rewinding.notes))

    def _rewinding(self, asked: LineOptions) -> Rewinding:
        key = self._running.key_of(asked.body, is_nested=self._scopes.depth > 1)
        limit = self._settings.rewind_bytes
        return self.rewinds.begin(key, self._running.number, asked.rewind, limit)

    def _start_from(self, number: int, record: CellRecord, state: RngState) -> None:
        """Start where ``In[number]`` started."""
        failures = state.put_back()
        if failures:
            raise RestoreError(failures)
        by = session_terms.Seeded(None, f"the start of In[{number}]", ours=False)
        in_force.note_all(dict.fromkeys(state.states, by))
        lost = {draw.source for draw in record.draws} - state.states.keys() - GENERATORS.keys()
        present = {source.name: source for source in present_of_known()}
        seed_only = sorted(name for name in lost & present.keys() if not is_stateful(present[name]))
        for names, why in (
            (sorted(lost.difference(seed_only)), f"In[{number}] started before it was loaded"),
            (seed_only, "it can only be seeded"),
        ):
            if names:
                warn(
                    f"What In[{number}] drew from {enumerate_names(names)} cannot be had again: "
                    f"{why}.",
                    place=(f"In[{number}]", 1),
                )
        self._watching.watcher.replay(number)

    def _modes_inside(self, asked: LineOptions) -> Modes:
        """Give the modes of the seed in force, or those that `%seed` would have here."""
        if in_force.current.seeding is None:
            return make_modes(**self._settings.modes(asked))
        return inherited_modes(**asked.modes)

    def _seed_of(self, asked: LineOptions) -> int:
        if asked.seed is not None:
            return to_seed(asked.seed, self._shell.user_ns)
        seeding: Seeding | None = in_force.current.seeding
        if seeding is None:
            raise UsageError(
                f"{MAGIC} without a number needs a seed in force, and there is none. "
                f"Write %%seeded 42, or run %seed 42 first."
            )
        return seeding.seed

    def repeat(self, asked: LineOptions, body: Body) -> Any:
        """Run a body once under each seed; what is given is to be awaited if the body awaits."""
        from seedmagic.ipython.cells.many_runs import ManyRuns, as_usage_errors, seeds_of

        __tracebackhide__ = True
        assert asked.runs is not None
        with as_usage_errors():
            first = 0 if asked.runs.count is None else self._seed_of(asked)
            seeds = seeds_of(asked.runs, first)
            runs = ManyRuns(self._shell, body, asked.runs, seeds, self._modes_inside(asked))
            with ExitStack() as entered:
                self._rewind(asked, entered)  # what cannot be is refused before anything runs
                running = self._repeat(runs, asked, entered.pop_all())
        return running if body.is_async else finish(running)

    async def _repeat(self, runs: ManyRuns, asked: LineOptions, opened: ExitStack) -> None:
        __tracebackhide__ = True
        with opened:
            await runs.run(lambda: self._rewinding(asked) if asked.rewind else None)

    def verify(self, body: Body, rewound: Sequence[str]) -> Any:
        """Run a body twice in the scope that is open, and say whether it is reproducible.

        What is given is to be awaited if the body awaits. `rewound` names what starts each re-run
        of the cell as it starts this run.
        """
        __tracebackhide__ = True
        verifying = self._verify(body, rewound)
        return verifying if body.is_async else finish(verifying)

    async def _verify(self, body: Body, rewound: Sequence[str]) -> None:
        from asyncio import CancelledError

        from seedmagic.ipython.cells.stage_line import StageLine
        from seedmagic.objects.rewind.namespace import is_users
        from seedmagic.verify.cell.run_stages import Stages
        from seedmagic.verify.cell.run_start import Start
        from seedmagic.verify.cell.two_runs import verify_run

        __tracebackhide__ = True
        try:
            start = Start(
                self._shell.user_ns,
                body.reached(),
                is_users,
                body.starts_from(),
                rewound,
                body.whole(),
            )
        except RewindError as error:
            raise UsageError(str(error)) from error
        line = StageLine(self._shell, body)
        try:
            files = running_cells.files_of_cell(body.file)
            made = self._watching.watcher.made_unseeded
            found = await verify_run(
                body.run, start, files, made, Stages(line.tell), self._shell.user_ns
            )
        except (KeyboardInterrupt, CancelledError) as error:
            line.answer(str(error) or "Not shown: interrupted.")
            error.args = ()
            raise
        finally:
            start.close()
        drawn = self._watching.watcher.unseeded()
        if drawn and not found.reproducible:
            found = replace(found, causes=(*drawn, *found.causes))
        line.answer(str(found))
        if found.error is not None:
            raise found.error
