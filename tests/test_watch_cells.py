"""Which statement of a cell drew: each row in a real kernel, all sources unseeded before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel
from watched import Row, check, watched_kernel

HALF = "def half():\n    x = random.random()\n    raise ValueError(x)"
PASSES = "@contextlib.contextmanager\ndef passes(value):\n    yield value"

ROWS = [
    Row("nothing", "pass"),
    Row("plain values", "a = 1\nb = [a, 'x', {'k': a + 2}]\nb"),
    Row("a def that would draw", "def f():\n    return random.random()"),
    Row("a class whose methods would draw", "class C:\n    def f(self):\n        random.random()"),
    Row("an error without a draw", "x = 1\n1 / 0", fails=True),
    Row("a syntax error", "x = = 1", fails=True),
    Row("an await that draws nothing", "await asyncio.sleep(0)"),
    Row("a loop that draws nothing", "for i in range(2000):\n    str(i)"),
    Row("a shell command", "!echo hello"),
    Row("a magic", "%matplotlib --list"),
    Row("timing what draws nothing", "%timeit -n 2 -r 1 str(1)"),
    Row("one line", "random.random()", {"python": 1}),
    Row("the last expression, silenced", "1\nrandom.random();", {"python": 2}),
    Row("blank lines first", "\n\n\nx = random.random()\n1", {"python": 4}),
    Row("blank lines first, then an error",
        "\n\nx = random.random()\n1 / 0", {"python": 3}, (), True),
    Row("blank lines first, failing where it draws",
        "\n\nrandom.random() / 0", {"python": 3}, (), True),
    Row("a comment first", "# a\n\n# b\nx = random.random()", {"python": 4}),
    Row("an indented cell", "    y = 1\n    x = random.random()", {"python": 2}),
    Row("a multi-line call", "y = 1\nx = [\n    1,\n    random.random(),\n]\nz = 1", {"python": 2}),
    Row("the last multi-line call", "y = 1\n[\n    1,\n    random.random(),\n]", {"python": 2}),
    Row("semicolons", "y = 1; x = random.random(); z = 2\nw = 3", {"python": 1}),
    Row("two sources on two lines", "x = random.random()\ny = np.random.rand()\nz = torch.rand(1)",
        {"python": 1, "numpy": 2, "torch": 3}),
    Row("the first of two draws", "x = random.random()\ny = random.random()", {"python": 1}),
    Row("a function of another cell", "x = 1\ny = draws()\nz = 2", {"python": 2},
        ("def draws():\n    return random.random()",)),
    Row("a function in a function", "def f():\n    def g():\n        return random.random()\n"
        "    return g()\nx = f()", {"python": 5}),
    Row("a loop", "for i in range(5):\n    str(i)\n    random.random()\n1", {"python": 3}),
    Row("the second turn", "for i in range(5):\n    if i == 1:\n        random.random()\n",
        {"python": 3}),
    Row("the thousandth turn", "x = 1\nfor i in range(2000):\n    if i == 999:\n"
        "        random.random()\nstr(1)", {"python": 2}),
    Row("the thousandth turn of a while", "i = 0\nwhile i < 2000:\n    i += 1\n    if i == 999:\n"
        "        random.random()\nstr(1)", {"python": 2}),
    Row("a loop in a loop",
        "for i in range(9):\n    for j in range(9):\n        if (i, j) == (1, 1):\n"
        "            random.random()", {"python": 4}),
    Row("what a for goes over", "x = 1\nfor i in random.sample(range(9), 3):\n    str(i)",
        {"python": 2}),
    Row("an iterator that draws",
        "x = 1\nfor i in (random.random() for _ in range(5)):\n    str(i)",
        {"python": 2}),
    Row("the else of a for", "for i in range(5):\n    str(i)\nelse:\n    random.random()\nstr(1)",
        {"python": 4}),
    Row("the condition of a while",
        "i = 0\nwhile random.random() < 2 and i < 4:\n    i += 1\nstr(i)",
        {"python": 2}),
    Row("the else of a while",
        "i = 0\nwhile i < 9:\n    i += 1\nelse:\n    random.random()\nstr(1)",
        {"python": 5}),
    Row("the test of an if", "x = 1\nif random.random() < 2:\n    str(1)\nelse:\n    str(2)",
        {"python": 2}),
    Row("the else of an if",
        "x = 0\nif x:\n    str(1)\nelif str(x):\n    str(2)\n    random.random()",
        {"python": 6}),
    Row("the test of an elif", "x = 0\nif x:\n    str(1)\nelif random.random():\n    str(2)\n",
        {"python": 4}),
    Row("a with's header", "x = 1\nwith passes(random.random()) as y:\n    str(y)", {"python": 2},
        (PASSES,)),
    Row("a with's body", "with passes(1) as y:\n    str(y)\n    random.random()", {"python": 3},
        (PASSES,)),
    Row("an async with's body",
        "async with asyncio.Lock():\n    x = 1\n    random.random()\nstr(1)",
        {"python": 3}),
    Row("an async for's body", "async def go():\n    for i in range(3):\n        yield i\n"
        "async for i in go():\n    random.random()\nstr(1)", {"python": 4}),
    Row("a try",
        "try:\n    x = 1\n    random.random()\nexcept ValueError:\n    str(1)", {"python": 3}),
    Row("an except", "try:\n    int('a')\nexcept ValueError:\n    str(1)\n    random.random()\n1",
        {"python": 5}),
    Row("what failed in a try",
        "try:\n    str(1)\n    half()\nexcept ValueError:\n    str(1)\nstr(2)",
        {"python": 3}, (HALF,)),
    Row("the else of a try", "try:\n    str(1)\nexcept ValueError:\n    str(1)\nelse:\n"
        "    random.random()\nfinally:\n    str(2)", {"python": 6}),
    Row("a finally", "try:\n    str(1)\nfinally:\n    str(1)\n    random.random()", {"python": 5}),
    Row("a comprehension", "y = 1\nx = [random.random() for _ in range(9)]\nz = 1", {"python": 2}),
    Row("a decorator", "y = 1\n@(lambda f: (random.random(), f)[1])\ndef f():\n    pass\nstr(1)",
        {"python": 2}),
    Row("a class body", "y = 1\nclass C:\n    x = random.random()\nstr(1)", {"python": 2}),
    Row("a lambda's default", "y = 1\nf = lambda x=random.random(): x\nstr(1)", {"python": 2}),
    Row("a function's default",
        "y = 1\ndef f(x=random.random()):\n    pass\nstr(1)", {"python": 2}),
    Row("an f-string", "y = 1\nx = f'{random.random():.3f}'\nstr(1)", {"python": 2}),
    Row("a walrus", "y = 1\n(x := random.random())\nstr(1)", {"python": 2}),
    Row("an augmented assignment", "x = 1\nx += random.random()\nstr(1)", {"python": 2}),
    Row("an annotated assignment", "y = 1\nx: float = random.random()\nstr(1)", {"python": 2}),
    Row("an assert", "y = 1\nassert random.random() < 2\nstr(1)", {"python": 2}),
    Row("a del", "d = {1: 2}\ndel d[random.randint(1, 1)]\nstr(1)", {"python": 2}),
    Row("a property", "class C:\n    @property\n    def x(self):\n        return random.random()\n"
        "y = C().x\nstr(1)", {"python": 5}),
    Row("a bare attribute", "str(1)\nc.x\nstr(1)", {"python": 2},
        ("class C:\n    @property\n    def x(self):\n        return random.random()\nc = C()",)),
    Row("an operator", "str(1)\ny = c + 1\nstr(1)", {"python": 2},
        ("class C:\n    def __add__(self, _):\n        return random.random()\nc = C()",)),
    Row("a match", "match random.randint(1, 1):\n    case 1:\n        str(1)", {"python": 1}),
    Row("a case",
        "match [1, 2]:\n    case [1, x]:\n        str(x)\n        random.random()\nstr(1)",
        {"python": 4}),
    Row("a raise", "y = 1\nraise ValueError(random.random())", {"python": 2}, (), True),
    Row("a draw before an error", "x = random.random()\ny = 1\n1 / 0", {"python": 1}, (), True),
    Row("a draw in what fails", "y = 1\nhalf()\nz = 1", {"python": 2}, (HALF,), True),
    Row("a draw in what fails in a loop", "for i in range(9):\n    str(i)\n    half()",
        {"python": 3}, (HALF,), True),
    Row("an await that draws",
        "await asyncio.sleep(0)\nx = random.random()\nawait asyncio.sleep(0)",
        {"python": 2}),
    Row("a coroutine that draws", "async def f():\n    await asyncio.sleep(0)\n"
        "    return random.random()\nx = await f()\nstr(1)", {"python": 4}),
    Row("a task that draws", "async def f():\n    return random.random()\n"
        "x = await asyncio.gather(f(), f())\nstr(1)", {"python": 3}),
    Row("%%time", "%%time\ny = 1\nx = random.random()\nz = 1", {"python": 3}),
    Row("%%time over blank lines", "%%time\n\n\ny = 1\nrandom.random()", {"python": 5}),
    Row("blank lines over %%time over some", "\n%%time\n\nrandom.random()\nz = 1", {"python": 4}),
    Row("%%time over an expression", "%%time\ny = 1\nrandom.random()", {"python": 3}),
    Row("%%time over an error", "%%time\ny = 1\nrandom.random()\n1 / 0", {"python": 3}, (), None),
    Row("%time", "y = 1\n%time x = random.random()\nz = 1", {"python": 2}),
    Row("%%timeit", "%%timeit -n 2 -r 1\nrandom.random()", {"python": 1}),
    Row("%%capture", "%%capture out\ny = 1\nrandom.random()", {"python": 1}),
    Row("commands first", "!echo a\n!echo b\nx = random.random()\nz = str(1)", {"python": 3}),
    Row("a future import first", "from __future__ import annotations\nx = random.random()\nstr(1)",
        {"python": 2}),
    Row("exec", "y = 1\nexec('a = 1\\nb = random.random()')\nstr(1)", {"python": 2}),
    Row("a nested run_cell",
        "y = 1\nr = get_ipython().run_cell('a = 1\\n\\nrandom.random()')\nstr(1)",
        {"python": 2}),
    Row("a scope does not hide what was drawn outside",
        "with sm.seeded(7):\n    a = random.random()\nb = random.random()", {"python": 3}),
    Row("a draw before a scope",
        "a = random.random()\nwith sm.seeded(7):\n    str(1)", {"python": 1}),
    Row("a seeded header", "%%seeded 7\nx = random.random(); np.random.rand()"),
    Row("a seed in the first line",
        "%seed 7\nx = random.random(); np.random.rand(); torch.rand(1)"),
    Row("a draw before the seed", "y = 1\nx = random.random()\n%seed 7\nrandom.random()",
        {"python": 2}),
]  # fmt: skip


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with watched_kernel(tmp_path_factory.mktemp("cells")) as kernel:
        yield kernel


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_is_said_of_a_cell(kernel: Kernel, row: Row) -> None:
    check(kernel, row)
