"""A watched cell means what it meant: the same program in plain Python and in a watched kernel."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

PROGRAMS = {
    "continue and break": """
for i in range(9):
    if i % 2: continue
    if i == 6: break
    print(i)
else:
    print('else')
print(i)""",
    "else after every number of turns": """
for n in range(6):
    for i in range(n): print(i, end=' ')
    else: print('else')
    k = n
    while k: k -= 1; print(k, end=' ')
    else: print('else')""",
    "break after every number of turns": """
for n in range(6):
    for i in range(9):
        print(i, end=' ')
        if i == n: break
    else: print('never')
    k = 0
    while True:
        k += 1; print(k, end=' ')
        if k == n + 1: break
    else: print('never')""",
    "an iterator that is asked as often as it was": """
class Asked:
    def __init__(self, n): self.n, self.asked = n, 0
    def __iter__(self): print('iter'); return self
    def __next__(self):
        self.asked += 1; print('next', self.asked)
        if self.asked > self.n: raise StopIteration
        return self.asked
for n in range(6):
    it = Asked(n)
    for i in it: print(i)
    print(it.asked)""",
    "an iterator that starts anew": """
class Again:
    def __iter__(self): self.i = 0; return self
    def __next__(self):
        self.i += 1
        if self.i > 7: raise StopIteration
        return self.i
for i in Again(): print(i)""",
    "an iterator that cannot be iterated, of values that do not compare": """
class Odd:
    def __eq__(self, other): raise ValueError
    def __bool__(self): raise ValueError
class Next:
    n = 0
    def __next__(self):
        self.n += 1
        if self.n > 7: raise StopIteration
        return Odd()
class Bag:
    def __iter__(self): return Next()
for i in Bag(): print(type(i).__name__)""",
    "a sequence of the old kind": """
class Old:
    def __getitem__(self, i):
        print('get', i)
        if i == 5: raise IndexError
        return i
for i in Old(): print(i)""",
    "an iterator that goes on after its end": """
class Tail:
    def __init__(self): self.all = [1, 2]; self.at = 0
    def __iter__(self): return self
    def __next__(self):
        if self.at == len(self.all): self.all += [7, 8]; raise StopIteration
        self.at += 1; return self.all[self.at - 1]
t = Tail()
for i in t: print(i)
print('again')
for i in t: print(i)""",
    "a condition with side effects": """
asked = []
def ask(n): asked.append(n); return len(asked) < n
for n in range(7):
    asked.clear()
    while ask(n): print(n, end=' ')
    print(asked)""",
    "an error in a condition": """
k = 0
try:
    while 1 / (4 - k): k += 1; print(k)
except ZeroDivisionError as error: print(k, error)""",
    "errors in iterators, at each turn": """
def going(n):
    try:
        for i in range(n): yield i
        raise ValueError(n)
    finally: print('closed')
for n in range(6):
    try:
        for i in going(n): print(i)
    except ValueError as error: print('caught', error)""",
    "a generator is closed where its loop ends": """
def going():
    try:
        yield from range(9)
    finally: print('closed')
for n in (1, 5):
    for i in going():
        if i == n: break
    print('after')
    try:
        for i in going():
            if i == n: 1 / 0
    except ZeroDivisionError: print('caught')""",
    "names of builtins": """
iter = next = islice = len = 5
for i in range(6): print(i, iter)
for iter in 'abcde': print(iter)""",
    "nothing to go over": """
try:
    for i in 5: print(i)
except TypeError as error: print(error)
for j in (): print(j)
print('j' in globals())""",
    "a dict that changes": """
d = dict.fromkeys('abcde')
try:
    for k in d:
        print(k)
        if k == 'd': d['z'] = str(1)
except RuntimeError as error: print(error)""",
    "a list that grows": """
todo = [1]
for i in todo:
    print(i)
    if i < 9: todo.append(i + 1)""",
    "targets of every kind": """
class O: pass
o, l = O(), [0]
for o.x in range(5): str(1)
for l[0] in range(5): str(1)
for a, (b, *c) in [(1, (2, 3, 4))] * 5: print(a, b, c)
for i, i in zip(range(5), 'abcde'): print(i)
first, *rest = map(str, range(4)); print(o.x, l, first, rest)""",
    "loops in loops, to the depth that Python allows": "\n".join(
        f"{' ' * i}for i{i} in range(2 if {i} in (0, 5, 17) else 1):" for i in range(18)
    )
    + f"\n{' ' * 18}print(i0, i5, i17)",
    "while loops deep in each other": "n = 0\n"
    + "\n".join(f"{' ' * i}while n < 5:" for i in range(12))
    + f"\n{' ' * 12}n += 1; print(n)",
    "closures of loop variables": """
fs = []
for i in range(6): fs.append(lambda j=i: (i, j))
print([f() for f in fs])
gs = [lambda: i for i in range(3)]
print([g() for g in gs])""",
    "global and nonlocal": """
n = 0
def f():
    global n
    m = 0
    def g():
        nonlocal m
        for _ in range(5): m += 1
    g(); n += m
    for i in range(9):
        if i == 4: return i
print(f(), n)""",
    "generators, and returns in loops": """
def g():
    for i in range(5):
        got = yield i
        while got: got -= 1; yield 'w'
    return 'end'
it = g(); print(next(it), it.send(2), list(it))""",
    "try, else, finally in a loop": """
for i in range(6):
    try:
        if i == 1: continue
        if i == 4: break
        if i == 2: int('x')
    except ValueError: print('except', i)
    else: print('else', i)
    finally: print('finally', i)""",
    "an exception group": ""
    if sys.version_info < (3, 11)
    else """
try: raise ExceptionGroup('g', [ValueError(1), TypeError(2)])
except* ValueError as e: print('v', len(e.exceptions))
except* TypeError as e: print('t', len(e.exceptions))""",
    "the exception in flight": """
import sys
try:
    try: int('x')
    except ValueError as error: print(sys.exc_info()[1] is error); raise KeyError(1) from error
except KeyError as k: print(repr(k.__cause__), repr(k.__context__))
print(sys.exc_info())""",
    "a with that swallows": """
import contextlib
with contextlib.suppress(ZeroDivisionError):
    for i in range(9):
        print(i)
        if i == 4: 1 / 0
print(i)""",
    "match": """
for v in ([1, 2], {'k': 3}, 'x', 4.0, None):
    match v:
        case [a, *b] if str(a): print(a, b)
        case {'k': k}: print(k)
        case str() | float(): print('s', v)
        case _: print('?')""",
    "names and strings at the top": """
'a docstring'
from __future__ import annotations
from __future__ import division
x: Undefined = 1
print(__name__ == '__main__', __annotations__)""",
    "deleting in a loop": """
for i in range(5):
    x = str(i); print(x)
    del x
del i
print('i' in globals(), 'x' in globals())""",
    "2,000 statements": "x = 0\n" + "x += len(str(x))\n" * 2000 + "print(x)",
    "a long sum": "print(" + " + ".join(["1"] * 300) + ")",
}


@pytest.fixture(scope="module", params=["warn", "error"])
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", f"%seedwatch {request.param}") as kernel:
        yield kernel


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_watched_cell_does_what_plain_python_does(kernel: Kernel, name: str) -> None:
    plain = io.StringIO()
    with contextlib.redirect_stdout(plain):
        exec(compile(PROGRAMS[name].strip(), "cell", "exec"), {"__name__": "__main__"})
    kernel.ok(
        "for name in ('iter', 'next', 'islice', 'len', 'i', 'j', 'x'): globals().pop(name, 0)"
    )
    shown = kernel.ok(PROGRAMS[name].strip())
    assert shown.stdout == plain.getvalue()
    assert shown.stderr == ""
