"""Figures and the rows of the grid: every name is drawn as it is written, and no two classes are one."""

import dataclasses
import html
from itertools import pairwise
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from fakes import STEPS, FakeDenoiser, order
from hypothesis import given
from hypothesis import strategies as st

from denoscope.checkpoints.manifest import write_manifest
from denoscope.denoisers.edm.classes import imagenet_classes
from denoscope.report.colours import CLASSES
from denoscope.report.figures import STROKES, draw_grid, draw_maps, draw_quality, draw_similarity, draw_steps
from denoscope.sampling import shard as sampling
from denoscope.settings.render import PictureRender
from denoscope.trace.reader import Trace
from denoscope.workflow.jobs import Jobs

pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing from font")  # it is drawn as a box
NAMES = [r"$\q x$", "</script><b>", "класс 木", "$5 or $6", "_hidden", "a\\b{"]
COUNT = 24

# -- names in figures --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    """24 samples of six classes with awkward names."""
    root, weights = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("weights")
    write_manifest(weights, {"source": "fake"}, "CC0", {})
    requests = [{"label": sample % 6, "class": NAMES[sample % 6]} for sample in range(COUNT)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "loader", lambda family: lambda *args: FakeDenoiser())
        asked = dataclasses.replace(order(size=COUNT, batch=COUNT), requests=requests)
        sampling.make_shard(asked, {"k": 1}, weights, root / "000000")
    return Trace([root / "000000"])


def points(samples, trust=0.95):
    """A map of so many samples at every step, with what is known about it."""
    layout = np.random.default_rng(0).normal(size=(STEPS * samples, 2))
    frame = pd.DataFrame({"sample": np.tile(np.arange(samples), STEPS), "step": np.repeat(np.arange(STEPS), samples)})
    return frame.assign(x=layout[:, 0], y=layout[:, 1]), {
        "steps": list(range(STEPS)),
        "trustworthiness": [trust] * STEPS,
    }


def similarity(layers):
    places = [(layer, step) for layer in layers for step in range(STEPS)]
    rows = [(*a, *b, 1.0) for a in places for b in places]
    return pd.DataFrame(rows, columns=["layer_a", "step_a", "layer_b", "step_b", "cka"])


def quality(layers, purity=0.7):
    rows = [(layer, step, 0.98, 0.8, purity, purity and 0.1) for layer in layers for step in range(STEPS)]
    columns = ["layer", "step", "trustworthiness", "preservation", "purity", "chance"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def figures(monkeypatch):
    """The figures that are drawn, laid out but not written."""
    found = []
    monkeypatch.setattr("denoscope.report.figures.Figure.savefig", lambda self, path, **kwargs: path.touch())
    init = mpl.figure.Figure.__init__
    monkeypatch.setattr(
        "denoscope.report.figures.Figure.__init__",
        lambda self, *args, **kwargs: (init(self, *args, **kwargs), found.append(self))[0],
    )
    return found


def drawn(stem):
    """The texts of a figure, which its SVG names before it draws them; and that it is there as PDF and PNG."""
    assert stem.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    assert stem.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    return html.unescape(stem.with_suffix(".svg").read_text(encoding="utf-8"))


def test_names_of_classes_are_drawn_as_they_are_written(trace, tmp_path):
    rows = {name: [label, label + 6] for label, name in enumerate(NAMES)}
    times = trace.times
    draw_grid(trace, rows, tmp_path / "samples")
    draw_steps(trace, rows, "σ", tmp_path / "steps")
    draw_maps({"model.x": points(COUNT)}, trace.samples, times, "σ", tmp_path / "maps")
    for figure in ("samples", "steps", "maps"):
        text = drawn(tmp_path / figure)
        assert [name for name in NAMES if f"<!-- {name} -->" not in text] == []


def test_names_of_layers_are_drawn_as_they_are_written(trace, tmp_path):
    layers = [r"model.$\q$", "model.</svg>", "model._hidden"]
    draw_maps({layer: points(COUNT) for layer in layers}, trace.samples, trace.times, "σ", tmp_path / "maps")
    draw_quality(quality(layers), trace.times, "σ", tmp_path / "quality")
    draw_similarity(similarity(layers), trace.times, "σ", tmp_path / "similarity")
    for figure in ("maps", "quality", "similarity"):
        text = drawn(tmp_path / figure)
        assert [name for name in (r"$\q$", "</svg>", "_hidden") if f"<!-- {name} -->" not in text] == []


@pytest.mark.parametrize("name", ["a", "a large green square moving down and left quickly", "prompt " * 100])
def test_pictures_keep_their_size_beside_names_of_any_length(trace, figures, tmp_path, name):
    draw_steps(trace, {f"{label} {name}": [label] for label in range(6)}, "σ", tmp_path / "steps")
    (figure,) = figures
    left, right = figure.axes
    names = ([label.get_text() for label in axes.get_yticklabels()] for axes in (left, right))
    assert [len(found) for found in names] == [6, 0]
    for axes in (left, right):
        assert axes.get_position().width * figure.get_figwidth() >= 0.9 * 0.42 * len(axes.get_xticks())
        heads = [label.get_window_extent() for label in axes.get_xticklabels()]
        assert all(one.x1 < other.x0 for one, other in pairwise(heads))


# -- quality of maps ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("purity", "panels"), [(0.7, 3), (None, 2)])
def test_quality_without_labels_says_nothing_of_purity(trace, tmp_path, purity, panels):
    draw_quality(quality(["model.x"], purity), trace.times, "σ", tmp_path / "quality")
    text = drawn(tmp_path / "quality")
    titles = ("purity", "trustworthiness", "preservation")
    assert [name for name in titles if f"<!-- {name} -->" in text] == list(titles[-panels:])
    assert ("<!-- purity by chance -->" in text) == (panels == 3)


def test_quality_tells_many_layers_apart(trace, tmp_path):
    names = [f"model.layer{index}" for index in range(40)]
    draw_quality(quality(names), trace.times, "σ", tmp_path / "quality")
    text = drawn(tmp_path / "quality")
    assert all(f"<!-- layer{index} -->" in text for index in range(40))
    assert len({tuple(stroke.values()) for stroke in STROKES}) == 30


# -- classes in maps ---------------------------------------------------------------------------------------------------


def shown_classes(figures, tmp_path, samples):
    """Names and colours in the legend, and how many points each colour has at a step."""
    draw_maps({"model.x": points(len(samples))}, samples, [2.0, 1.0, 0.0], "σ", tmp_path / "maps")
    (figure,) = figures
    legend = {
        text.get_text(): mark.get_color()
        for box in figure.legends
        for text, mark in zip(box.get_texts(), box.get_lines(), strict=True)
    }
    return legend, {line.get_color(): len(line.get_xdata()) for line in figure.axes[0].lines}


def test_classes_of_one_name_have_their_own_colours(figures, tmp_path):
    samples = pd.DataFrame(
        {"sample": range(9), "label": [134] * 2 + [517] * 3 + [7] * 4, "class": ["crane"] * 5 + ["cock"] * 4}
    )
    legend, points_of = shown_classes(figures, tmp_path, samples)
    assert legend == {"cock": CLASSES[0], "crane (134)": CLASSES[1], "crane (517)": CLASSES[2]}
    assert points_of == {CLASSES[0]: 4, CLASSES[1]: 2, CLASSES[2]: 3}


def test_prompts_are_told_apart_where_there_are_no_classes(figures, tmp_path):
    prompts = ["a circle"] * 2 + ["a square " * 20] * 3
    legend, points_of = shown_classes(figures, tmp_path, pd.DataFrame({"sample": range(5), "prompt": prompts}))
    assert legend == {"a circle": CLASSES[0], f"{prompts[2][:59]}…": CLASSES[1]}
    assert points_of == {CLASSES[0]: 2, CLASSES[1]: 3}


def test_a_run_of_one_prompt_has_no_legend(figures, tmp_path):
    legend, points_of = shown_classes(figures, tmp_path, pd.DataFrame({"sample": range(9), "prompt": "a circle"}))
    assert legend == {}
    assert list(points_of.values()) == [9]


def test_a_run_without_classes_has_no_legend(figures, tmp_path):
    legend, points_of = shown_classes(figures, tmp_path, pd.DataFrame({"sample": range(9)}))
    assert legend == {}
    assert list(points_of.values()) == [9]


# -- rows of the grid --------------------------------------------------------------------------------------------------


def jobs(labels, names, rows=10, columns=8, asked=None):
    """Jobs of a run whose samples have these labels; ``asked`` lists the samples whose labels were asked for."""

    def request(sample):
        if asked is not None:
            asked.append(sample)
        return {"label": labels[sample], "class": names[labels[sample]]}

    run = SimpleNamespace(
        samples=SimpleNamespace(count=len(labels)), render=PictureRender(rows=rows, columns=columns), request=request
    )
    return Jobs(SimpleNamespace(runs={"run": run}))


def test_imagenets_classes_of_one_name_have_their_own_rows():
    names = imagenet_classes()
    assert (names[134], names[517]) == ("crane", "crane")
    grid = jobs([134, 517, 0, 517], names).grid("run")
    assert grid == {"crane (134)": [0], "crane (517)": [1, 3], names[0]: [2]}
    assert list(grid) == ["crane (134)", "crane (517)", names[0]]
    assert len(jobs(range(1000), names, rows=1000).grid("run")) == 1000


@given(
    st.lists(st.sampled_from(["a", "a (0)", "a (1)", "a (0) (2)", "b"]), min_size=1, max_size=6),
    st.lists(st.integers(0, 5), min_size=1, max_size=40),
    st.integers(1, 7),
    st.integers(1, 5),
)
def test_the_grid_holds_the_first_samples_of_the_first_classes(names, labels, rows, columns):
    labels = [label % len(names) for label in labels]
    found = jobs(labels, names, rows, columns).grid("run")
    first = list(dict.fromkeys(labels))[:rows]
    assert list(found.values()) == [[s for s, label in enumerate(labels) if label == row][:columns] for row in first]
    assert all(name.startswith(names[label]) for name, label in zip(found, first, strict=True))


def test_a_full_grid_asks_for_no_more_labels_and_only_once():
    asked = []
    plan = jobs([sample % 3 for sample in range(1000)], "abc", rows=2, columns=4, asked=asked)
    grid = plan.grid("run")
    assert plan.grid("run") == grid == {"a": [0, 3, 6, 9], "b": [1, 4, 7, 10]}
    assert asked == list(range(11))


def test_samples_without_classes_are_one_row():
    run = SimpleNamespace(
        samples=SimpleNamespace(count=3), render=PictureRender(rows=2, columns=2), request=lambda sample: {}
    )
    assert Jobs(SimpleNamespace(runs={"run": run})).grid("run") == {"": [0, 1]}
