"""How well attention finds objects: the measures, the rules, and the whole score."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from denoscope.localisation.pointing import overlap, points_at, upsampled, upsampled_film
from denoscope.localisation.rules import aggregated, windows
from denoscope.localisation.score import COLUMNS, score_table
from denoscope.localisation.truth import things_in, truth_table, word_masks
from denoscope.report.attention_figure import draw_attention
from denoscope.scenes.drawing import draw, film
from denoscope.scenes.measuring import find, word_mask
from denoscope.scenes.motion import FRAMES, all_motions, path, read_motion
from denoscope.scenes.scene import Kind, Thing, all_captions, arranged, read_caption, word_kind

SIZE = 64
GRIDS = {"a": (8, 8), "b": (4, 4), "c": (8, 8)}


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_upsampling_is_torchs_bilinear(h, w, height, width, seed):
    maps = np.random.default_rng(seed).random((2, h, w), dtype=np.float32)
    expected = torch.nn.functional.interpolate(torch.from_numpy(maps)[None], (height, width), mode="bilinear")[0]
    if height >= h and width >= w:
        assert np.allclose(upsampled(maps, (height, width)), expected, atol=1e-5)


def test_a_map_that_is_the_object_finds_it_and_its_opposite_does_not():
    things = [Thing(Kind("red", "circle"), 0.3, 0.3, 0.15), Thing(Kind("blue", "square"), 0.7, 0.7, 0.15)]
    found = find(draw(things, SIZE))
    circle, square = word_mask("circle", found), word_mask("blue square", found)
    maps = np.stack([circle.astype(np.float32), 1 - circle.astype(np.float32)])
    assert points_at(maps, circle).tolist() == [True, False]
    assert overlap(maps, circle).tolist() == [1.0, 0.0]
    assert not (circle & square).any()
    assert word_mask("triangle", found) is None


def test_every_rule_averages_what_it_says():
    generator = np.random.default_rng(0)
    layers = {name: generator.random((8, 2, *grid), dtype=np.float32) for name, grid in GRIDS.items()}
    size, steps = (1, 8, 8), range(10, 18)
    large = {name: upsampled_film(maps[:, :, None], size) for name, maps in layers.items()}
    grids = {name: "×".join(map(str, grid)) for name, grid in GRIDS.items()}
    made = {}
    for rules, found in aggregated(layers, steps, size, renormalised=True):
        made |= dict(zip(rules, found, strict=True))
    for rule, found in made.items():
        alike = [maps for name, maps in large.items() if rule.grid in (None, grids[name])]
        chosen = [large[rule.layer]] if rule.layer else alike
        here = slice(rule.first - 10, rule.last - 10 + 1)
        heads = slice(None) if rule.head is None else slice(rule.head, rule.head + 1)
        assert np.allclose(found, np.mean([part[here, heads].mean(axis=(0, 1)) for part in chosen], axis=0), atol=1e-6)
    assert {rule.name for rule in made} == {"step", "window", "last", "all"}
    assert {rule.renormalised for rule in made} == {True}
    assert {(rule.layer, rule.grid) for rule in made} == {*grids.items(), (None, None), (None, "8×8")}
    assert windows(8) == [(0, 2), (0, 4), (0, 6), (0, 8), (2, 4), (2, 6), (2, 8), (4, 6), (4, 8), (6, 8)]
    assert windows(1) == []


def test_captions_are_read_back_and_others_are_refused():
    assert all(read_caption(str(caption)) == caption for caption in all_captions())
    with pytest.raises(ValueError, match="'a red swan' is no caption of scenes.*colours: red"):
        read_caption("a red swan")
    assert (word_kind("circle"), word_kind("red"), word_kind("red circle"), word_kind("left of")) == (
        "shape",
        "colour",
        "shape",
        None,
    )


class Words:
    """Maps that know the object at the last two steps of layer 'knows', and nothing anywhere else."""

    steps = (0, 1, 2, 3)
    layers = ("knows", "random")

    def __init__(self, made, words):
        self.made, self.words = made, words

    def grid(self, layer):
        return (16, 16) if self.made[0].ndim == 3 else (3, 16, 16)

    def names(self, sample):
        return self.words[sample]

    def heads(self, layer):
        return None

    def maps(self, sample, word, layer, *, head=None, renormalised=False):
        grid = self.grid(layer)
        noise = np.random.default_rng([sample, len(word), len(layer)]).random((4, *grid), dtype=np.float32)
        masks = word_masks(word, things_in(self.made[sample]), (SIZE, SIZE))
        if layer == "knows" and masks is not None:
            shown = masks[:: len(masks) // 2] if len(grid) == 3 else masks
            noise[2:] = shown.reshape(-1, 16, 4, 16, 4).mean(axis=(2, 4)).reshape(grid)
        return noise


class SceneRun:
    def __init__(self, captions):
        generator = np.random.default_rng(3)
        pictures = [draw(arranged(caption, generator), SIZE) for caption in captions]
        self.samples = pd.DataFrame({"prompt": [str(caption) for caption in captions]})
        self.previews = np.stack(pictures)[None]
        self.words = Words(pictures, [tuple(str(caption).split()) for caption in captions])


def test_the_score_finds_the_layer_and_steps_that_know():
    captions = [caption for caption in all_captions() if caption.relation][:600:20]
    run = SceneRun(captions)
    assert truth_table(run)["relation"].all()
    table = score_table(run)
    best = table[(table["rule"] == "best") & (table["kind"] == "shape")].iloc[0]
    assert (best["layer"], best["first"], best["last"]) == ("knows", 2, 3)
    assert best["pointing"] == 1.0
    assert best["overlap"] > 0.6
    steps = table.query("rule == 'step' and kind == 'shape' and not renormalised").set_index(["layer", "first"])
    assert steps.loc[("knows", 3), "pointing"] == 1.0
    assert steps.loc[("random", 3), "pointing"] < 0.5
    assert 0 < best["chance"] < 0.3
    assert best["count"] == len(captions)


def test_of_a_single_step_the_best_layer_is_chosen():
    run = SceneRun([caption for caption in all_captions() if caption.relation][:600:60])
    run.words.steps, every = (3,), run.words.maps
    run.words.maps = lambda *asked, **how: every(*asked, **how)[-1:]
    best = score_table(run).query("rule == 'best' and kind == 'shape'").iloc[0]
    assert (best["layer"], best["first"], best["last"]) == ("knows", 3, 3)
    assert best["pointing"] == 1.0


def test_the_best_may_be_of_shares_of_the_prompts_tokens(tmp_path):
    run = SceneRun([caption for caption in all_captions() if caption.relation][:600:60])
    every, generator = run.words.maps, np.random.default_rng(0)

    def drowned(*asked, renormalised=False, **how):
        """What the words get is little where padding gets much, and its whole where padding is left out."""
        found = every(*asked, renormalised=renormalised, **how)
        return found if renormalised else found * generator.random(found.shape)

    run.words.maps = drowned
    table = score_table(run)
    best = table.query("rule == 'best' and kind == 'shape'").iloc[0]
    assert best["renormalised"]
    assert best["pointing"] == 1.0
    assert set(table.query("rule == 'all'")["renormalised"]) == {False, True}
    draw_attention(table, tmp_path / "attention")
    assert "shares of the prompt's tokens" in (tmp_path / "attention.svg").read_text()


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"layer": "up_blocks.1.attn2", "grid": "8×8", "head": 2.0}, "up.1.attn2, head 2, steps 2–3"),
        ({"layer": "up_blocks.1.attn2", "grid": "8×8"}, "up.1.attn2, steps 2–3"),
        ({"grid": "8×8"}, "mean of 8×8 layers, steps 2–3"),
        ({}, "mean of all layers, steps 2–3"),
    ],
)
def test_the_figure_of_a_file_says_what_is_best(tmp_path, chosen, told):
    table = score_table(SceneRun([caption for caption in all_captions() if caption.relation][:600:100]))
    best = table["rule"] == "best"
    for name in ("layer", "grid", "head"):
        table.loc[best, name] = chosen.get(name)
    table.to_parquet(tmp_path / "attention.parquet", index=False)
    draw_attention(pd.read_parquet(tmp_path / "attention.parquet"), tmp_path / "attention")
    assert told in (tmp_path / "attention.svg").read_text()


@pytest.mark.parametrize("kind", ["shape", "colour"])
def test_the_figure_names_no_kind_of_words_that_was_not_scored(tmp_path, kind):
    table = score_table(SceneRun([caption for caption in all_captions() if caption.relation][:600:100]))
    draw_attention(table, tmp_path / "both")
    table.loc[table["kind"] == kind, "pointing"] = np.nan
    draw_attention(table, tmp_path / "one")
    both, one = ((tmp_path / name).with_suffix(".svg").read_text() for name in ("both", "one"))
    assert f"<!-- {kind} words -->" in both
    assert f"<!-- {kind} words -->" not in one


@pytest.mark.parametrize(("words", "told"), [("red", 1), ("swan", 2)])
def test_a_run_without_scored_words_has_a_table_and_a_figure_that_say_so(tmp_path, words, told):
    captions = all_captions()[:2]
    run = SceneRun(captions)
    run.words.words = [(words,) if words in str(caption).split() or words == "swan" else () for caption in captions]
    table = score_table(run)
    assert table.empty == (words == "swan")
    table.to_parquet(tmp_path / "attention.parquet", index=False)
    read = pd.read_parquet(tmp_path / "attention.parquet")
    assert list(read.columns) == list(COLUMNS)
    assert [read[name].dtype for name in ("head", "pointing", "overlap", "chance")] == [float] * 4
    draw_attention(read, tmp_path / "attention")
    assert (tmp_path / "attention.svg").read_text().count("was scored -->") == told


@given(st.integers(1, 4), st.integers(1, 12), st.integers(0, 9))
def test_frames_of_maps_are_linear_and_meet_both_ends(given_frames, frames, seed):
    maps = np.random.default_rng(seed).random((2, given_frames, 3, 4), dtype=np.float32)
    found = upsampled_film(maps, (frames, 6, 8))
    assert found.shape == (2, frames, 6, 8)
    assert np.allclose(found[:, 0], upsampled(maps[:, 0], (6, 8)), atol=1e-6)
    if frames > 1:
        assert np.allclose(found[:, -1], upsampled(maps[:, -1], (6, 8)), atol=1e-6)


class MotionRun:
    def __init__(self, motions):
        generator = np.random.default_rng(3)
        films = [film(path(motion, FRAMES, generator), SIZE) for motion in motions]
        self.samples = pd.DataFrame({"prompt": [str(motion) for motion in motions]})
        self.previews = np.stack(films)[None]
        self.words = Words(films, [tuple(str(motion).split()) for motion in motions])


def test_films_are_scored_frame_by_frame():
    motions = all_motions()[::23]
    run = MotionRun(motions)
    truth = truth_table(run)
    assert truth["objects"].mean() >= 0.98
    assert truth["direction"].mean() >= 0.98
    shapes = score_table(run).query("kind == 'shape'")
    best = shapes[shapes["rule"] == "best"].iloc[0]
    assert (best["layer"], best["first"], best["last"]) == ("knows", 2, 3)
    assert best["pointing"] > 0.9  # three maps for nine frames: in between, the object is halfway
    steps = shapes.query("rule == 'step' and not renormalised").set_index(["layer", "first"])
    assert steps.loc[("random", 3), "pointing"] < 0.3
    assert 0.02 < best["chance"] < 0.2


def test_a_film_that_shows_something_else_is_told():
    run = MotionRun(all_motions()[:2])
    run.samples["prompt"] = [str(motion) for motion in all_motions()[-2:]]
    truth = truth_table(run)
    assert not truth["objects"].any()
    assert not truth["direction"].any()
    with pytest.raises(ValueError, match="no caption of motion, such as 'a large red circle moving"):
        read_motion("a red circle")
