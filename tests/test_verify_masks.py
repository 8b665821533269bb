"""The rules mask noise, all of it, and nothing that a cell means to show."""

from __future__ import annotations

import base64
import io
import tempfile

import pytest

from seedmagic.verify.outputs import image_pixels
from seedmagic.verify.outputs.noise_masks import HTML, NAMES, RULES, SCRIPT, SVG, TEXT, mask_both
from seedmagic.verify.outputs.output_pieces import compare, pieces_of

ALL: frozenset[str] = frozenset()
UUIDS = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
CPU = "CPU times: user {}, sys: {}, total: {}\nWall time: {}"
TIMEIT = "{} ± {} per loop (mean ± std. dev. of 7 runs, {} loops each)"
TEMPORARY = tempfile.gettempdir()
KERAS = "\x1b[1m1/1\x1b[0m \x1b[32m━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m{}\x1b[0m {}/step - loss: {}"
SKLEARN = (
    '<style>#sk-container-id-{0} {{}}</style><div id="sk-container-id-{0}"><input '
    'id="sk-estimator-id-{1}"><label for="sk-estimator-id-{1}">a</label></div>'
    "<script>forceTheme('sk-container-id-{0}');</script>"
)
SUMMARY = """\
Model: "{}"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ {:31} │ (None, 64)             │           640 │
│ {:31} │ (None, 64)             │           256 │
│ (BatchNormalization)            │                        │               │
│ {:31} │ (None, 10)             │ {:>13} │
└─────────────────────────────────┴────────────────────────┴───────────────┘
"""


def summary(model: str, first: str, norm: str, last: str, count: str = "650") -> str:
    return SUMMARY.format(model, first, norm, last, count)


FIRST = summary("sequential", "dense (Dense)", "batch_normalization", "dense_1 (Dense)")
LATER = summary("sequential_12", "dense_9 (Dense)", "batch_normalization_10", "dense_10 (Dense)")
SWAPPED = summary("sequential_12", "dense_10 (Dense)", "batch_normalization_10", "dense_9 (Dense)")

NOISE = [
    ("address", TEXT, "<A object at 0x7f12ab34cd56>", "<A object at 0x7f0000000010>"),
    ("address", TEXT, "<function <lambda> at 0x10e8a3f70>", "<function <lambda> at 0x10e8a3f71>"),
    ("address", HTML, "&lt;A at 0x7f12ab34cd56&gt;", "&lt;A at 0x7f0000000010&gt;"),
    ("address", TEXT, "[<bound method A.f of <A at 0x7f12ab34cd56>>] -> <Future at 0x7f12 s=1>",
     "[<bound method A.f of <A at 0x7f0000000010>>] -> <Future at 0x7f00 s=1>"),
    ("timing", TEXT, CPU.format("3 ms", "1 ms", "4 ms", "12.3 ms"),
     CPU.format("1min 3s", "2 µs", "1min 3s", "1h 2min 5s")),
    ("timing", TEXT, "CPU times: total: 15.6 ms\nWall time: 12 ms",
     "CPU times: total: 0 ns\nWall time: 1.5 s"),
    ("timing", TEXT, CPU.format("3 ms", "1 ms", "4 ms", "12.3 ms"),
     CPU.format("3 ms", "1 ms", "4 ms", "12.3 ms") + "\nCompiler : 163 ms"),
    ("timing", TEXT, TIMEIT.format("12.3 ns", "0.5 ns", "10,000,000"),
     TIMEIT.format("1.2 μs", "33 ns", "1,000,000")),
    ("timing", TEXT, TIMEIT.format("12.3 ns", "0.5 ns", "100"),
     "The slowest run took 5.31 times longer than the fastest. This could mean that an "
     "intermediate result is being cached.\n" + TIMEIT.format("2.3 ns", "0.5 ns", "100")),
    ("progress", TEXT, "100%|████| 40/40 [00:01<00:00, 33.21it/s]",
     "100%|████| 40/40 [00:12<00:00,  3.30s/it]"),
    ("progress", TEXT, "a: 100%|█| 4/4 [00:00<00:00, 1.2kB/s, loss=0.5]",
     "a: 100%|█| 4/4 [1:02:03<00:00, ?it/s, loss=0.5]"),
    ("progress", TEXT, "9it [00:00, 120.33it/s]", "9it [00:01, 9.00it/s]"),
    ("progress", TEXT, KERAS.format("0s", "59ms", 0.5), KERAS.format("12s", "2s", 0.5) + "   "),
    ("progress", TEXT, "1/1 - 0s - 59ms/step - loss: 0.5", "1/1 - 3s - 3s/step - loss: 0.5"),
    ("tmp-path", TEXT, f"{TEMPORARY}/tmpab12_xyz/model.pt", f"{TEMPORARY}/tmpzzzzzzzz/model.pt"),
    ("tmp-path", TEXT, "/tmp/ipykernel_11/22.py:1: UserWarning: a",
     "/tmp/ipykernel_33/22.py:1: UserWarning: a"),
    ("html-id", HTML, f'<div id="{UUIDS[0]}"><script>go("{UUIDS[0]}")</script></div>',
     f'<div id="{UUIDS[1]}"><script>go("{UUIDS[1]}")</script></div>'),
    ("html-id", HTML, '<style>#T_0a1b2_row0 {}</style><p id="T_0a1b2_row0">1',
     '<style>#T_c3d4e_row0 {}</style><p id="T_c3d4e_row0">1'),
    ("html-id", HTML, '<p id="T_0a1b2c3_row0">T_0', '<p id="T_c3d4e5f_row0">T_0'),
    ("html-id", HTML, SKLEARN.format(1, 1), SKLEARN.format(7, 12)),
    ("html-id", HTML, f'<iframe srcdoc="&lt;div id=&quot;map_{UUIDS[0]}&quot;&gt;">',
     f'<iframe srcdoc="&lt;div id=&quot;map_{UUIDS[1]}&quot;&gt;">'),
    ("script-id", SCRIPT, f"a.innerHTML = '<p id=\"{UUIDS[0]}\">a</p>'; go('{UUIDS[0]}')",
     f"a.innerHTML = '<p id=\"{UUIDS[1]}\">a</p>'; go('{UUIDS[1]}')"),
    ("svg-id", SVG, '<image id="image0a1b2c3d4e"/><path id="C0_0_0a1b2c3d4e"/>'
     '<use xlink:href="#C0_0_0a1b2c3d4e"/>', '<image id="image9f8e7d6c5b"/>'
     '<path id="C0_0_1f8e7d6c5b"/><use xlink:href="#C0_0_1f8e7d6c5b"/>'),
    ("keras-name", TEXT, FIRST, LATER),
    ("keras-name", HTML, FIRST.replace("Dense)", '<span style="color: #0087ff">Dense</span>)'),
     LATER.replace("Dense)", '<span style="color: #0087ff">Dense</span>)')),
    ("keras-name", TEXT, "[<Dense name=dense, built=True>, <MyBlock name=my_block_2, built=False>]",
     "[<Dense name=dense_5, built=True>, <MyBlock name=my_block_4, built=False>]"),
    ("keras-name", TEXT, '\x1b[1mModel: "sequential"', '\x1b[1mModel: "sequential_3"'),
    ("keras-name", HTML, '<span style="font-weight: bold">Model: "functional_2"</span>',
     '<span style="font-weight: bold">Model: "functional_3"</span>'),
    ("keras-name", TEXT, "<KerasTensor shape=(None, 3), name=keras_tensor>",
     "<KerasTensor shape=(None, 3), name=keras_tensor_5>"),
    ("svg-id", SVG, '<clipPath id="p0a1b2c3d4e"/><g clip-path="url(#p0a1b2c3d4e)"/>',
     '<clipPath id="p9f8e7d6c5b"/><g clip-path="url(#p9f8e7d6c5b)"/>'),
    ("svg-date", SVG, "<dc:date>2026-01-02T03:04:05.6</dc:date>", "<dc:date>2027</dc:date>"),
    ("progress", TEXT, "100%|████| 3/3 [00:00<00:00, 69905.07it/s]",
     "100%|███| 3/3 [00:00<00:00, 123361.88it/s]"),
    ("hash-seed", TEXT, "Hash seed: 0 in this process", "Hash seed: random in this process"),
    ("hash-seed", HTML, "<th>hash seed of this process</th><td>0</td>",
     "<th>hash seed of this process</th><td>93</td>"),
    ("hash-seed", HTML, r'hash seed of this process</th><td style=\"color: red !important\">0<',
     r'hash seed of this process</th><td style=\"color: red !important\">93<'),
    ("hash-seed", TEXT, "hash seed of this process     0", "hash seed of this process     93"),
]  # fmt: skip

MEANT = [
    (TEXT, *UUIDS),
    (TEXT, "0x7f12ab34cd56", "0x7f0000000010"),
    (TEXT, "stored at 0x7f12ab34cd56", "stored at 0x7f0000000010"),
    (HTML, "<pre>stored at 0x7f12ab34cd56</pre>", "<pre>stored at 0x7f0000000010</pre>"),
    (TEXT, "d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661"),
    (TEXT, "it took 1.5 s", "it took 1.6 s"),
    (TEXT, "Elapsed wall time: 5 s", "Elapsed wall time: 6 s"),
    (TEXT, "loss 0.5 [12, 13]", "loss 0.5 [12, 14]"),
    (TEXT, "100%|█| 4/4 [00:00<00:00, 9.0it/s, loss=0.5]",
     "100%|█| 4/4 [00:00<00:00, 9.0it/s, loss=0.6]"),
    (TEXT, KERAS.format("0s", "59ms", 0.5), KERAS.format("0s", "59ms", 0.6)),
    (TEXT, "it took 3 - 59ms/step", "it took 3 - 60ms/step"),
    (TEXT, "50%|█| 2/4 [00:00<00:00, 9.0it/s]", "100%|█| 4/4 [00:00<00:00, 9.0it/s]"),
    (TEXT, f"{TEMPORARY}/run1", f"{TEMPORARY}/run2"),
    (HTML, f"<b>{UUIDS[0]}</b>", f"<b>{UUIDS[1]}</b>"),
    (HTML, '<p id="accuracy">0.91', '<p id="accuracy">0.92'),
    (HTML, '<p id="row1">', '<p id="row2">'),
    (HTML, '<p id="T_12345">12345', '<p id="T_54321">54321'),
    (HTML, f'<p id="{UUIDS[0]}">{UUIDS[0]}', f'<p id="{UUIDS[1]}">{UUIDS[1]}'),
    (HTML, SKLEARN.format(1, 1), SKLEARN.format(1, 1).replace(">a<", ">b<")),
    (HTML, '<i id="20261129"><a href="/20261129">', '<i id="20261130"><a href="/20261130">'),
    (HTML, "<b>sk-container-id-1</b>", "<b>sk-container-id-2</b>"),
    (SVG, '<use id="p0a1b2c3d4e"/><use id="p1a1b2c3d4e"/><g clip-path="url(#p0a1b2c3d4e)"/>',
     '<use id="p2a1b2c3d4e"/><use id="p3a1b2c3d4e"/><g clip-path="url(#p3a1b2c3d4e)"/>'),
    (TEXT, FIRST, SWAPPED),
    (TEXT, FIRST, summary("sequential", "dense (Dense)", "batch_normalization", "dense_1 (Dense)",
                          "651")),
    (TEXT, FIRST, FIRST.replace("sequential", "run_5")),
    (TEXT, FIRST.replace("dense_1", "head_1"), FIRST.replace("dense_1", "head_2")),
    (TEXT, "the best was dense_5", "the best was dense_6"),
    (TEXT, 'Model: "model_3"', 'Model: "model_4"'),
    (TEXT, "fold 3 - 5s - 59ms/step", "fold 3 - 6s - 59ms/step"),
    (TEXT, "step_1 (Step)", "step_2 (Step)"),
    (SVG, '<path d="M 0 1"/>', '<path d="M 0 2"/>'),
    (SVG, f'<path id="p0a1b2c3d4e"/><text>{UUIDS[0]}', f'<path id="p0a1b2c3d4e"/><text>{UUIDS[1]}'),
    (TEXT, "Hash seed: 0", "Hash seed: 1"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kind", "one", "other"), NOISE)
def test_noise_is_masked_by_its_own_rule_and_by_no_other(
    rule: str, kind: str, one: str, other: str
) -> None:
    assert mask_both(one, other, kind, ALL) == {rule}
    assert mask_both(one, other, kind, frozenset({rule})) is None
    assert mask_both(one, other, kind, frozenset(NAMES) - {rule}) == {rule}


@pytest.mark.parametrize(("kind", "one", "other"), MEANT)
def test_what_a_cell_means_to_show_is_not_masked(kind: str, one: str, other: str) -> None:
    assert mask_both(one, other, kind, ALL) is None


def test_what_moved_is_shown_without_the_noise_around_it() -> None:
    def drawing(salt: str, height: int, more: str = "") -> list[dict[str, object]]:
        ids = "\n".join(f'<path id="m{n:04}{salt}"/><use xlink:href="#m{n:04}{salt}"/>'
                        for n in range(300))  # fmt: skip
        return shown({"image/svg+xml": f"<dc:date>{salt}</dc:date>{more}\n{ids}\nL 1 {height}"})

    one = pieces_of(drawing("a1b2c3", 5), {})
    (moved,) = compare(one, pieces_of(drawing("d4e5f6", 6), {}), ALL).differences
    pairs = zip((moved.one or "").split("\n"), (moved.other or "").split("\n"), strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == [("L 1 5", "L 1 6")]
    # One element more moves the numbers of all that follow, and is shown alone.
    more = '<path id="m9999d4e5f6"/>'
    (moved,) = compare(one, pieces_of(drawing("d4e5f6", 5, more), {}), ALL).differences
    pairs = zip((moved.one or "").split("\n"), (moved.other or "").split("\n"), strict=True)
    assert len([pair for pair in pairs if pair[0] != pair[1]]) == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_noise_to_mask_a_meaning_and_is_done_at_once(rule: object) -> None:
    name, meaning, kinds, mask = rule.name, rule.meaning, rule.kinds, rule.mask  # type: ignore[attr-defined]
    noise = [text for of, kind, *texts in NOISE if of == name for text in texts]
    assert noise
    assert meaning
    assert kinds
    for text in noise:
        assert mask(mask(text)) == mask(text)


def png(pixel: tuple[int, int, int], **about: str) -> str:
    from PIL import Image, PngImagePlugin

    image = Image.new("RGB", (4, 3))
    image.putpixel((1, 2), pixel)
    info = PngImagePlugin.PngInfo()
    for name, value in about.items():
        info.add_text(name, value)
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=info)
    return base64.b64encode(stream.getvalue()).decode()


def shown(data: dict[str, object]) -> list[dict[str, object]]:
    return [{"output_type": "display_data", "data": data, "metadata": {}}]


def test_images_are_compared_by_their_pixels() -> None:
    one, again, other = png((1, 2, 3), Made="now"), png((1, 2, 3), Made="then"), png((1, 2, 4))
    assert one != again
    for wrap in (lambda c: {"image/png": c}, lambda c: {"text/html": f"data:image/png;base64,{c}"}):
        first, same, another = (pieces_of(shown(wrap(c)), {}) for c in (one, again, other))
        assert not compare(first, same, ALL).differences
        assert compare(first, another, ALL).differences
    changes = image_pixels.compare(one, other)
    assert changes is not None
    assert (changes.changed, changes.pixels) == (1, 12)


@pytest.mark.parametrize("content", ["", "no base64", "AAAA", png((1, 2, 3))[:60]])
def test_a_broken_image_is_compared_as_it_is(content: str) -> None:
    pieces = [pieces_of(shown({"image/png": text}), {}) for text in (content, png((0, 0, 0)))]
    assert compare(*pieces, ALL).differences
    assert not compare(pieces[0], pieces[0], ALL).differences
    assert image_pixels.compare(content, png((0, 0, 0))) is None


def test_streams_are_compared_each_for_itself_however_they_came_in_pieces() -> None:
    def stream(name: str, text: str) -> dict[str, object]:
        return {"output_type": "stream", "name": name, "text": text}

    one = [stream("stdout", "a"), stream("stderr", "b"), stream("stdout", "c\n")]
    other = [stream("stderr", "b"), stream("stdout", "ac\n")]
    assert not compare(pieces_of(one, {}), pieces_of(other, {}), ALL).differences
    (moved,) = compare(pieces_of(one, {}), pieces_of(other[1:], {}), ALL).differences
    assert moved.where == "stderr"
