"""Note what each of two runs handed to workers and got back, and say what that explains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from seedmagic.code.cell_frames import line_in_files
from seedmagic.session import late_sources
from seedmagic.verify.witness.workers.worker_calls import MODULES, WorkerCalls
from seedmagic.verify.witness.workers.worker_evidence import WorkersEvidence, compare_workers


class WorkerRuns:
    """What was handed to workers in each run, by the lines of the code in `files`."""

    def __init__(self, files: Mapping[str, int]) -> None:
        self._calls = WorkerCalls(lambda frame: line_in_files(frame, files))
        self._runs: list[tuple[WorkersEvidence, ...]] = []

    @contextmanager
    def run(self) -> Iterator[None]:
        """Note what one run of the code does."""
        self._calls.install()
        forget = late_sources.also(MODULES, self._calls.install)
        self._calls.notes.begin()
        try:
            yield
        finally:
            self._runs.append(self._calls.notes.take())
            forget()
            self._calls.release()

    def line_of_threads(self) -> int:
        """Give the line that handed work to threads in the last run; 0: none is known."""
        last = self._runs[-1] if self._runs else ()
        return next((one.line or 0 for one in last if one.kind == "threads"), 0)

    def causes(self, is_explained: bool) -> list[str]:
        """Say what explains that the runs differ; if it `is_explained`, only what was shown."""
        return [
            f"it {found.told}{f' (line {found.line})' if found.line else ''}. {found.remedy}"
            for found in compare_workers(self._runs)
            if found.is_shown or not is_explained
        ]
