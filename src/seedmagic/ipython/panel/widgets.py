"""The panel: the facts of a status beside the controls that act on them, as core ipywidgets."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import ipywidgets as widgets

from seedmagic.ipython.panel.controls import all_of, labelled, offer, row
from seedmagic.ipython.panel.idle_actions import Idle
from seedmagic.ipython.panel.panel_actions import FLAGS, Actions, Done, float32_products
from seedmagic.ipython.panel.panel_html import (
    STYLE,
    done_html,
    problem_html,
    section_html,
    seed_html,
    waiting_html,
)
from seedmagic.ipython.watch.cell_watching import MODES
from seedmagic.status.cells_seen import Watched
from seedmagic.status.status_data import Problem, Status
from seedmagic.status.status_reading import look
from seedmagic.status.status_tables import cells_table, flags_table, process_table, sources_table

# What is wished for, in the words of a line, and what does it.
Wish = tuple[str, Callable[[], Done]]


class Panel:
    """One panel: draws a status, and hands on what is pressed.

    Parameters
    ----------
    actions, idle : Actions, Idle
        What can be done, and what does it once no cell runs.
    seen : callable
        Tells of the cells of this panel's shell.
    """

    def __init__(self, actions: Actions, idle: Idle, seen: Callable[[], Watched]) -> None:
        self._actions = actions
        self._seen = seen
        self._idle = idle
        self._drawn: dict[str, object] = {}
        self._problems_drawn: tuple[Problem, ...] = ()
        self._problems = widgets.VBox()
        self._outputs = widgets.Output()
        self._head, self._told, self._sources, self._cells, self._flags, self._process = (
            widgets.HTML() for _ in range(6)
        )
        self._seed = labelled(widgets.Text("42"), "Seed", "An integer from 0 to 4294967295", 160)
        self._cell = labelled(widgets.Dropdown(), "Cell", "The cell to run again", 160)
        self._snapshot = labelled(widgets.Dropdown(), "States", "The snapshot to put back", 210)
        self._restore = self._button("Restore", "Put the chosen states back", self._wish_restore)
        self._replay = self._button("Replay", "Run it from where it started", self._wish_replay)
        self._choices = {
            name: self._choice(name, name.replace("_", " "), tuple(values), self._wish_flag)
            for name, (values, _) in FLAGS.items()
        }
        self._flag_row = row(*self._choices.values())
        self._choices["watch"] = self._choice("watch", "Watching", MODES, self._wish_watch)
        self.widget = widgets.VBox(self._layout())
        self.widget.add_class("seedmagic-live")
        idle.listeners.append(self.draw)
        self.draw()

    def _layout(self) -> list[widgets.Widget]:
        close = widgets.Button(description="Close", tooltip="Close this panel", layout=_NARROW)
        close.on_click(lambda _: self.close())
        apart = {"justify_content": "space-between", "align_items": "flex-start"}
        return [
            widgets.HBox([self._head, close], layout=apart),
            self._problems,
            row(
                self._seed,
                self._button("Seed", "Seed every source with this number", self._wish_seed),
                self._button("New seed", "Draw a fresh seed, and use it", self._magic("%seed new")),
                self._button("Seed off", "Put flags and variables back", self._magic("%seed off")),
                self._choices["watch"],
            ),
            self._told,
            self._outputs,
            self._sources,
            row(
                self._button("Snapshot", "Keep the RNG states of this moment", self._wish_snapshot),
                self._snapshot,
                self._restore,
            ),
            self._cells,
            row(self._cell, self._replay),
            self._flags,
            self._flag_row,
            self._process,
        ]

    def view(self) -> dict[str, Any]:
        """Give what a front end shows as a widget, and no text: that stands above it."""
        return {"application/vnd.jupyter.widget-view+json": self.widget.get_view_spec()}

    def close(self) -> None:
        """Take the panel away, and draw it no more."""
        if self.draw in self._idle.listeners:
            self._idle.listeners.remove(self.draw)
        for widget in all_of(self.widget):
            widget.close()

    def draw(self) -> None:
        """Show what is so now; what is as before is not sent again."""
        now = look(self._seen)
        self._head.value = STYLE + _framed(seed_html(now))
        self._draw_problems(now.problems)
        cells = cells_table(reversed(now.cells))
        facts = flags_table(now)
        chosen = {name.replace("_", " ") for name in self._choices}
        facts = replace(facts, rows=tuple(each for each in facts.rows if each[0] not in chosen))
        self._sources.value = _framed(section_html(sources_table(now)))
        self._cells.value = _framed(section_html(cells, "No cell was watched yet."))
        self._flags.value = _framed(section_html(facts))
        self._process.value = _framed(section_html(process_table(now)))
        self._draw_choices(now)

    def _draw_problems(self, problems: tuple[Problem, ...]) -> None:
        if problems == self._problems_drawn:
            return
        former, self._problems_drawn = self._problems.children, problems
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # ipywidgets 8.0 gives one for each widget
            self._problems.children = tuple(map(self._problem, problems))
        for problem in former:
            for widget in all_of(problem):
                widget.close()

    def _problem(self, problem: Problem) -> widgets.HBox:
        told = widgets.HTML(_framed(problem_html(replace(problem, line=None))))
        if problem.line is None:
            return row(told)
        return row(told, self._button(problem.line, problem.remedy, self._magic(problem.line)))

    def _draw_choices(self, now: Status) -> None:
        words = {True: "on", False: "off"}
        values = {name: words.get(value, value) for name, value in now.flags.items()}
        values["watch"] = now.watch
        self._flag_row.layout.display = "flex" if now.precision else "none"
        if now.precision:
            values["float32_products"] = float32_products()
        for name, choice in self._choices.items():
            value = values.get(name)
            # Before the value: its change is no wish of the user's.
            self._drawn[name] = value if value in choice.options else None
            choice.value = self._drawn[name]
        numbers = sorted({cell.number for cell in now.cells if cell.number}, reverse=True)
        offer(self._cell, self._replay, {f"In[{number}]": number for number in numbers})
        offer(self._snapshot, self._restore, {name: name for name in self._actions.snapshots})

    def _button(self, text: str, tooltip: str, wish: Callable[[], Wish]) -> widgets.ToggleButton:
        """Make a button that stays pressed while its action waits: the style then says so.

        A front end shows that at once, though the kernel may hear of it only after the cell.
        """
        button = widgets.ToggleButton(description=text, tooltip=tooltip, layout=_NARROW)

        def release() -> None:
            button.value = False

        def pressed(change: Any) -> None:
            if change.new:
                self._do(*wish(), release)

        button.observe(pressed, "value")
        return button

    def _choice(
        self, name: str, label: str, words: tuple[str, ...], wish: Callable[[str, str], Wish]
    ) -> widgets.Dropdown:
        choice = labelled(widgets.Dropdown(options=words), label, label, 300)

        def chosen(change: Any) -> None:
            if change.new != self._drawn.get(name):
                self._drawn[name] = change.new  # a change of mind, while it waits, is a wish too
                self._do(*wish(name, change.new), lambda: None)

        choice.observe(chosen, "value")
        return choice

    def _magic(self, line: str) -> Callable[[], Wish]:
        return lambda: (line, partial(self._actions.magic, line))

    def _wish_seed(self) -> Wish:
        # Without a number the magic would show the state.
        return self._magic(f"%seed {self._seed.value.strip() or repr('')}")()

    def _wish_watch(self, _: str, mode: str) -> Wish:
        return self._magic(f"%seedwatch {mode}")()

    def _wish_flag(self, name: str, word: str) -> Wish:
        return f"{name} {word}", partial(self._actions.set_flag, name, word)

    def _wish_snapshot(self) -> Wish:
        return "sm.snapshot()", self._actions.take_snapshot

    def _wish_restore(self) -> Wish:
        name = self._snapshot.value
        return f"{name}.restore()", partial(self._actions.restore, name)

    def _wish_replay(self) -> Wish:
        number = self._cell.value
        return f"%seedreplay {number}", partial(self._actions.replay, number)

    def _do(self, what: str, action: Callable[[], Done], release: Callable[[], None]) -> None:
        """Do it when no cell runs; until then, say that it waits."""

        def act() -> None:
            done = action()
            release()
            self._told.value = _framed(done_html(done))
            self._outputs.outputs = tuple(
                {"output_type": "display_data", "data": rich.data, "metadata": rich.metadata or {}}
                for rich in done.outputs
            )
            self._idle.tell()

        self._told.value = _framed(waiting_html(what))
        # ipykernel 7 sends what is pressed to the subshell from which a widget last sent, where it
        # is heard while a cell runs: have all of them send from here.
        for widget in all_of(self.widget):
            if isinstance(widget, (widgets.ToggleButton, widgets.Dropdown, widgets.Text)):
                widget.send_state("description")
        self._idle.do(act)


_NARROW = {"width": "max-content"}


def _framed(html: str) -> str:
    return f'<div class="seedmagic">{html}</div>'
