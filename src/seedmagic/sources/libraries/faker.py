"""Faker's generator, which all its instances share."""

from __future__ import annotations

from typing import Any

from seedmagic.errors import StateError
from seedmagic.imports import loaded
from seedmagic.sources.protocol import State, original, own_parts
from seedmagic.sources.python import begins_anew, check_words, is_generator


class FakerSource:
    """The `random.Random` of `faker.generator`.

    An instance with ``seed_instance(…)`` has one of its own, which no global seed reaches.
    """

    name = "faker"
    module = "faker.generator"
    package = "faker"
    seeders = ("Generator.seed",)

    def is_loaded(self) -> bool:
        """Whether Faker keeps its generator where it is known to."""
        module = loaded(self.module)
        return own_parts(self.module, "Generator") and is_generator(vars(module).get("random"))

    def seed(self, seed: int) -> None:
        """Do what ``Faker.seed(seed)`` does."""
        # Its own way, for only then ``fake.uuid4()`` draws from it.
        kind = loaded(self.module).Generator
        original(kind.__dict__["seed"].__func__)(kind, seed)

    def get_state(self) -> State:
        """Give the state of the shared object, and whether Faker knows that it was seeded."""
        module = loaded(self.module)
        return [module.random.getstate(), bool(module.Generator._is_seeded)]

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`."""
        module = loaded(self.module)
        words, module.Generator._is_seeded = state
        module.random.setstate(words)

    def look(self, last: object) -> object:
        """Give the state of the shared object."""
        seen = loaded(self.module).random.getstate()
        return last if seen == last else seen

    def begins(self, seen: Any) -> bool:
        """Whether nothing was drawn since a seeding."""
        return begins_anew(seen)

    def check_state(self, state: State) -> None:
        """Check both parts."""
        if not isinstance(state, (list, tuple)) or len(state) != 2 or type(state[1]) is not bool:
            raise StateError("not a state of Faker's generator")
        check_words(state[0])
