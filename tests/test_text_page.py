"""Runs of text on the page, in a real browser: what it shows is what was recorded."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from browsing import until
from conftest import ROOT
from texts import model_folder

from denoscope import open_run
from denoscope.checkpoints.fetch import fetch
from denoscope.checkpoints.manifest import TOKENIZER
from denoscope.config import load_config
from denoscope.maps.compare import compare_layers
from denoscope.maps.judge import judge_maps
from denoscope.maps.layer import map_layer
from denoscope.report.page import rows as page_rows
from denoscope.report.page import textattention, texts
from denoscope.report.page.blocks import Blocks
from denoscope.report.page.build import build_page
from denoscope.report.page.data import Shown, run_data
from denoscope.report.page.figures import FIGURES, SUFFIXES
from denoscope.sampling.order import ShardOrder
from denoscope.sampling.shard import make_shard
from denoscope.settings.record import Record
from denoscope.settings.report import Report
from denoscope.text.changes import Change, token_changes
from denoscope.text.pieces import token_table
from denoscope.trace.index import index_run
from denoscope.workflow.cfg import Cfg
from denoscope.workflow.jobs import Jobs

pytestmark = pytest.mark.slow

DOT = b"a figure"
HOSTILE = "<script>window.broken=1</script>"
PROMPTS = ["The function", "né [MASK*2]→", ""]
MAPPED = "backbone.blocks.1"
RUNS = {
    "masks": {
        "model": "mdlm",
        "sampler": {"name": "ddpm_cache", "steps": 14},
        "prompts": PROMPTS,
        "record": {"layers": ["*.1"], "tokens": ["*.1"], "attention": {"layers": ["*"], "queries": "each"}},
        "alternatives": {"top": 3, "lens": True},
        "maps": {
            "tokens": {"samples": 6, "steps": [2, 8]},
            "n_neighbors": 3,
            "neighbors": 4,
            "min_cluster_size": 3,
            "epochs": 5,
            "components": 3,
            "steps": [2, 8],
        },
    },
    "again": {
        "model": "masked_lm",
        "sampler": {"name": "remask-bernoulli", "steps": 6},
        "prompts": [HOSTILE[:18], "a list"],
        "alternatives": {"top": 0},
    },
    "words": {
        "model": "causal_lm",
        "sampler": {"name": "left-to-right", "new_tokens": 9},
        "prompts": ["The function"],
        "record": {"attention": {"layers": ["*"], "queries": "each", "heads": "each"}, "steps": [0, 4]},
        "alternatives": {"top": 4},
    },
    "weighed": {
        "model": "atat",
        "sampler": {"name": "uncertainty", "steps": 7},
        "record": {"attention": {"layers": ["*"]}},
    },
}


def configured(models):
    """The runs' configuration as the workflow reads it."""
    runs = {}
    for name, described in RUNS.items():
        model = described["model"]
        checkpoint = {"source": "local", "name": model, "path": str(models / model)}
        family = "mdlm" if model == "atat" else model
        samples = {"count": 12, "shard": 8, "batch": 4}
        runs[name] = {"samples": samples, **described, "model": {"family": family, "checkpoint": checkpoint}}
    return Jobs(load_config({"runs": runs}))


def sampled(jobs, name, folder):
    """Sample a run as the workflow does."""
    cfg, checkpoint = Cfg(jobs, ROOT / "scripts"), folder.parent / "checkpoints" / RUNS[name]["model"]
    fetch(jobs.runs[name].model.checkpoint, checkpoint)
    shards = [folder / "trace" / shard for shard in jobs.shards(name)]
    for shard in shards:
        asked = cfg.sample_shard(SimpleNamespace(run=name, shard=shard.name))
        record = Record.model_validate(asked.pop("record"))
        asked.pop("sources")
        make_shard(ShardOrder(run=name, record=record, **asked), name, checkpoint, shard)
    about = cfg.index_run(SimpleNamespace(run=name))
    index_run(shards, about, checkpoint / "manifest.json", folder, checkpoint / TOKENIZER)
    (folder / "figures").mkdir()
    for figure in FIGURES:
        for suffix in SUFFIXES:
            (folder / "figures" / f"{figure}.{suffix}").write_bytes(DOT)
    return open_run(folder)


def mapped(jobs, run):
    """Map one layer of a run."""
    maps = jobs.runs["masks"].maps
    map_layer(run.activations(MAPPED), MAPPED, maps, len(run.samples), run.folder / "maps" / MAPPED)
    tokens = run.tokens(MAPPED, maps.tokens.samples)
    map_layer(tokens, MAPPED, maps.of_tokens(), tokens.shape[1], run.folder / "token_maps" / MAPPED)
    judge_maps(run.folder / "maps", [MAPPED], run.samples, run.folder / "quality.parquet")
    compare_layers(run, [MAPPED], maps.steps, run.folder / "similarity.parquet")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Small runs of every kind, by name."""
    torch.set_num_threads(1)
    models, results = tmp_path_factory.mktemp("models"), tmp_path_factory.mktemp("texts") / "results"
    for described in RUNS.values():
        model_folder(models / described["model"], described["model"])
    jobs = configured(models)
    found = {name: sampled(jobs, name, results / name) for name in RUNS}
    mapped(jobs, found["masks"])
    return found


def build(runs, path, **settings):
    """A page of some runs."""
    shown = {name: Shown([MAPPED], [], tokens=[MAPPED]) if name == "masks" else Shown([], []) for name in runs}
    build_page(shown, next(iter(runs.values())).folder.parent, {}, Report(**settings), path)
    return path


@pytest.fixture(scope="module")
def built(runs):
    return build(runs, runs["masks"].folder.parent / "report.html", players=9)


@pytest.fixture
def player(visit, built):
    """Opens the player as an address says."""

    def opened(fragment, **options):
        page = visit(built, f"#view=player&{fragment}", **options)
        until(page, "document.querySelectorAll('#text-0-tokens .token').length > 0")
        return page

    return opened


def tokens(page, side=0):
    """States and texts of all tokens that are shown."""
    script = "list => [...list.children].map(token => [token.className.split(' ')[1], token.textContent])"
    return [tuple(token) for token in page.locator(f"#text-{side}-tokens").evaluate(script)]


def expected(run, sample, step):
    """The same from the trace."""
    states, mask = run.states[:, sample], run.shards[0].info["states"]["mask_id"]
    changes = token_changes(states, mask, states[0] != mask)[step]
    masked = states[step] == mask
    pieces = token_table(run.folder).pieces(states[step].tolist(), masked.tolist())
    shown = [re.sub(r"[\x00-\x08\x0b-\x1f]", lambda c: chr(0x2400 + ord(c[0])), p.replace("\n", "⏎\n")) for p in pieces]
    shown = [re.sub(r"[\x7f-\x9f]", "\ufffd", piece) for piece in shown]
    hidden = "·" if mask < 0 else "[?]"
    names = [Change(change).name.lower() for change in changes]
    return [(name, hidden if gone else piece) for name, gone, piece in zip(names, masked, shown, strict=True)]


def go(page, step):
    page.locator("#player-step").evaluate("(e, to) => { e.value = to; e.dispatchEvent(new Event('input')); }", step)


def step_of(page):
    return int(page.locator("#player-step").input_value())


# -- what is shown is true ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "name", "sample"), [(0, "masks", 1), (0, "masks", 8), (1, "again", 0), (2, "words", 0), (3, "weighed", 5)]
)
def test_every_step_shows_the_recorded_tokens_and_what_happened_to_them(player, runs, index, name, sample):
    page, run = player(f"run={index}&sample={sample}"), runs[name]
    seen = set()
    for step in range(len(run.times)):
        go(page, step)
        assert tokens(page) == expected(run, sample, step), step
        seen |= {state for state, _ in tokens(page)}
    wanted = {
        "masks": {"masked", "revealed", "kept"},
        "again": {"remasked", "changed", "revealed"},
        "words": {"prompt", "masked", "revealed"},
        "weighed": {"masked", "revealed"},
    }
    assert seen >= wanted[name]


def test_a_character_of_several_tokens_stands_at_the_last_of_them(player, runs):
    page = player("run=0&sample=1")
    texts = [text for _, text in tokens(page)]
    assert "né" in "".join(texts)
    assert "" in texts
    assert "→" in texts
    ids = runs["masks"].states[0, 1].tolist()
    assert token_table(runs["masks"].folder).token_bytes(ids[texts.index("é") - 1]) == b"\xc3"


def test_how_far_a_text_is(player, runs):
    page, run = player("run=0&sample=1"), runs["masks"]
    rows = run.steps[run.steps["sample"] == 1].set_index("step")
    for step in range(len(run.times)):
        go(page, step)
        share = rows["masked"][step]
        assert page.locator("#text-0-masked").inner_text().startswith(f"{share * 100:.0f} % masked (")
        assert page.locator("#text-0-progress").evaluate("bar => bar.value") == pytest.approx(1 - share)
        assert page.locator("#text-0-cached").is_visible() == rows["cached"][step]
    assert rows["cached"].any()
    assert "step 15 of 15, t = 0" in page.locator("#text-0-where").inner_text()


def listed(page, selector):
    """Names, bytes and percentages of a list with bars."""
    rows = page.locator(f"{selector} li").evaluate_all(
        "rows => rows.map(row => [row.querySelector('.piece').textContent, row.querySelector('.value').textContent])"
    )
    return [(name, float(value.removesuffix(" %")) / 100) for name, value in rows]


def name_of(run, number):
    """A token in a list."""
    content = token_table(run.folder).token_bytes(int(number))
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"⟨{content.hex(' ')}⟩"
    text = re.sub(r"[\x00-\x08\x0b-\x1f]", lambda c: chr(0x2400 + ord(c[0])), text)
    return re.sub(r"[\x7f-\x9f]", "\ufffd", text).replace("\n", "⏎").replace(" ", "␣").replace("\t", "⇥")


@pytest.mark.parametrize(("index", "name", "position"), [(0, "masks", 7), (2, "words", 5)])
def test_details_say_what_was_likely_and_how_sure_the_network_was(player, runs, index, name, position):
    page, run = player(f"run={index}&sample=2&token={position}"), runs[name]
    entropy, ids, probabilities = (
        run.tensor(f"text/{part}")[:, 2][:, position] for part in ("entropy", "top_ids", "top_probs")
    )
    unknown = 4 if name == "masks" else -1
    for step in (0, 4, 8):
        go(page, step)
        if name == "words" and (run.states[step, 2][:position] == unknown).any():
            assert "No prediction" in page.locator("#text-guesses-note").inner_text()
            continue
        found = listed(page, "#text-guesses-list")
        assert [piece for piece, _ in found] == [name_of(run, number) for number in ids[step]]
        np.testing.assert_allclose(
            [share for _, share in found], probabilities[step].astype(float), atol=0.01, rtol=0.12
        )
        shown = float(page.locator("#text-scores b").first.inner_text().removesuffix(" nats"))
        assert shown == pytest.approx(float(entropy[step]), abs=float(run.tensor("text/entropy")[:].max()) / 255)
    go(page, len(run.times) - 1)
    assert page.locator("#text-guesses-list li").count() == 0
    assert str(run.states[-1, 2][position]) in page.locator("#text-facts").inner_text()
    assert page.locator("#text-piece").inner_text() == name_of(run, run.states[-1, 2][position])


def test_details_say_when_a_token_was_revealed_and_go_there(player, runs):
    page, run = player("run=1&sample=0&token=19"), runs["again"]
    states = run.states[:, 0]
    changes = token_changes(states, 4, states[0] != 4)[:, 19]
    words = {Change.REVEALED: "revealed", Change.REMASKED: "masked again", Change.CHANGED: "changed"}
    wanted = [f"{words[change]} at step {step} (" for step, change in enumerate(changes) if change in words]
    said = page.locator("#text-history button").all_inner_texts()
    assert [line.partition("(")[0] + "(" for line in said] == wanted
    page.locator("#text-history button").last.click()
    assert f"at step {step_of(page)} (" in said[-1]


def test_details_say_what_each_layer_reads(player, runs):
    page, run = player("run=0&sample=2&token=7"), runs["masks"]
    go(page, 3)
    names = [name for name in run.tensors if name.startswith("lens/")]
    rows = [f"{name.removeprefix('lens/')}{name_of(run, run.tensor(name)[3, 2][7])}" for name in names]
    assert page.locator("#text-lens-list li").evaluate_all("rows => rows.map(row => row.textContent)") == rows


@pytest.mark.parametrize("layer", [0, 1])
def test_details_say_what_a_token_attended_to(player, runs, layer):
    page, run = player(f"run=0&sample=2&token=7&looks={layer}"), runs["masks"]
    go(page, 3)
    weights = run.attention(run.attention_layers[layer])[3, 2][7].astype(float)
    places = page.locator("#text-looks .quiet").all_inner_texts()
    found = [int(place.removeprefix("token ")) for place in places]
    shares = [share for _, share in listed(page, "#text-looks")]
    np.testing.assert_allclose(shares, weights[found], atol=0.006)
    assert weights[found].min() >= np.sort(weights)[-8] - weights.max() / 200
    marked = page.locator("#text-0-tokens [data-look]").evaluate_all(
        "all => all.map(token => Number(token.dataset.at))"
    )
    assert set(np.flatnonzero(weights > weights.mean() + weights.max() / 100)) <= set(marked)
    page.locator("#text-looks button").first.click()
    assert page.locator("#text-0-tokens [aria-selected=true]").get_attribute("data-at") == str(found[0])
    assert page.evaluate("document.activeElement.dataset.at") == str(found[0])


def test_attention_of_written_texts_is_of_the_tokens_before(player, runs):
    page, run = player("run=2&sample=2&token=5&step=4"), runs["words"]
    until(page, "document.querySelectorAll('#text-looks li').length > 0")
    weights = run.attention(run.attention_layers[0])[run.attention(run.attention_layers[0]).position(4), 2]
    weights = weights.astype(float).mean(axis=0)[5]  # the query at 5 predicts token 5, key j is token j - 1
    assert not weights[6:].any()
    found = page.locator("#text-looks li").evaluate_all(
        "rows => rows.map(row => row.querySelector('.quiet')?.textContent ?? row.querySelector('.piece').textContent)"
    )
    order = np.argsort(-weights, kind="stable")[: len(found)]
    assert found[0] == ("start of the text" if order[0] == 0 else f"token {order[0] - 1}")
    assert set(found) == {"start of the text" if key == 0 else f"token {key - 1}" for key in order}
    go(page, 3)
    assert page.locator("#text-attention-note").inner_text() == "Not recorded at this step."
    assert page.locator("#text-0-tokens [data-look]").count() == 0


def test_colours_of_a_score(player, runs):
    page, run = player("run=3&sample=1&step=2&heat=importance"), runs["weighed"]
    values = run.tensor("text/importance")[2, 1].astype(float)
    lightness = page.locator("#text-0-tokens").evaluate(
        """list => [...list.children].map(token => {
            const [r, g, b] = token.style.backgroundColor.match(/\\d+/g).map(Number);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        })"""
    )
    order = np.argsort(values)
    assert np.corrcoef(values, lightness)[0, 1] > 0.95
    assert lightness[order[-1]] == max(lightness)
    high = page.locator("#text-scale-high").inner_text()
    assert float(high) == pytest.approx(run.tensor("text/importance")[:, :9].max(), abs=0.006)
    page.select_option("#text-heat", "entropy")
    assert page.locator("#text-scale-high").inner_text().endswith(" nats")
    go(page, len(run.times) - 1)
    assert page.locator("#text-0-tokens [style*=background]").count() == 0
    page.select_option("#text-heat", "")
    assert page.locator("#text-scale").is_hidden()


# -- it obeys ----------------------------------------------------------------------------------------------------------


def test_keys_move_the_clock_but_not_from_fields(player, runs):
    page, last = player("run=0&sample=1"), len(runs["masks"].times) - 1
    page.evaluate("document.activeElement.blur()")
    for key, step in (("End", last), ("ArrowLeft", last - 1), ("Home", 0), ("ArrowRight", 1)):
        page.keyboard.press(key)
        assert step_of(page) == step
    page.keyboard.press("f")
    assert page.locator("#text-frames .frame").count() == last + 1
    page.keyboard.press("F")
    assert page.locator("#text-frames").is_hidden()
    page.select_option("#player-speed", "2")  # so slowly that it is seen to play
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    assert page.locator("#player-play").inner_text() == "Pause"
    page.select_option("#player-speed", "30")
    until(page, "document.querySelector('#player-play').textContent === 'Play'")
    assert step_of(page) == last
    page.select_option("#player-speed", "2")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    assert page.locator("#player-play").inner_text() == "Pause"
    page.keyboard.press("Space")
    stopped = step_of(page)
    page.focus("#player-sample")
    for key in ("f", "r", "Home", "ArrowLeft", "Space"):
        page.keyboard.press(key)
    assert step_of(page) == stopped
    assert page.locator("#player-play").inner_text() == "Play"
    assert page.locator("#text-frames").is_hidden()


def test_a_token_is_reached_and_opened_by_keys_alone(player):
    page = player("run=0&sample=1&step=9")
    page.focus("#text-other")
    page.keyboard.press("Tab")
    active = lambda: page.evaluate("Number(document.activeElement.dataset.at)")  # noqa: E731
    assert active() == 0
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    assert active() == 2
    assert step_of(page) == 9
    assert page.evaluate("document.activeElement.ariaLabel").startswith("token 2 ")
    page.keyboard.press("Enter")
    assert page.locator("#text-details").is_visible()
    page.keyboard.press("Shift+ArrowRight")
    assert "position\n3" in page.locator("#text-facts").inner_text()
    page.keyboard.press("ArrowRight")
    assert step_of(page) == 10
    assert active() == 3
    page.focus("#text-close")
    page.keyboard.press("Escape")
    assert page.locator("#text-details").is_hidden()
    assert active() == 3
    page.keyboard.press("Shift+End")
    assert active() == 19
    page.keyboard.press("Shift+Home")
    assert active() == 0


def test_lines_are_walked_up_and_down(player):
    page = player("run=0&sample=1&step=15")
    page.set_viewport_size({"width": 200, "height": 700})
    page.locator("#text-0-tokens .token").first.focus()
    top = "document.activeElement.offsetTop"
    tops = [page.evaluate(top)]
    page.keyboard.press("Shift+ArrowDown")
    tops.append(page.evaluate(top))
    page.keyboard.press("Shift+ArrowUp")
    assert tops[1] > tops[0] == page.evaluate(top)


def test_only_tokens_that_change_are_touched(player, runs):
    page, run = player("run=0&sample=1&step=3"), runs["masks"]
    page.evaluate(
        """() => {
            window.touched = new Set();
            new MutationObserver(all => all.forEach(({ target }) => {
                const token = (target.closest ? target : target.parentElement).closest('.token');
                if (token) window.touched.add(Number(token.dataset.at));
            })).observe(document.querySelector('#text-0-tokens'), {
                subtree: true, childList: true, characterData: true, attributes: true,
            });
        }"""
    )
    for step in range(4, len(run.times)):
        before = tokens(page)
        page.evaluate("window.touched.clear()")
        go(page, step)
        changed = {at for at, (old, new) in enumerate(zip(before, tokens(page), strict=True)) if old != new}
        assert set(page.evaluate("[...window.touched]")) == changed


def test_frames_are_little_texts_that_lead_to_their_step(player, runs):
    page, run = player("run=0&sample=0&frames=1"), runs["masks"]
    until(page, "document.querySelector('#text-frames .frame:nth-child(6) div').textContent")
    little = page.locator("#text-frames .frame div").nth(5).text_content()
    masked = run.states[5, 0] == 4
    pieces = token_table(run.folder).pieces(run.states[5, 0].tolist(), masked.tolist())
    assert little == "".join("▁▁ " if gone else piece for gone, piece in zip(masked, pieces, strict=True))
    page.locator("#text-frames .frame").nth(5).click()
    assert step_of(page) == 5
    assert page.locator("#text-frames [data-current]").get_attribute("aria-label").startswith("go to step 5,")


def test_two_runs_stand_side_by_side_on_one_clock(player, runs):
    page = player("run=0&sample=2")
    page.select_option("#text-other", label="words")
    until(page, "document.querySelectorAll('#text-1-tokens .token').length")
    page.fill("#text-sample2", "3")
    page.press("#text-sample2", "Enter")
    until(page, "document.querySelector('#text-1-name').textContent === 'words, sample 3'")
    steps, others = len(runs["masks"].times), len(runs["words"].times)
    for step in (0, 1, 7, steps - 2, steps - 1):
        go(page, step)
        beside = int(step / (steps - 1) * (others - 1) + 1e-6)
        assert tokens(page, 0) == expected(runs["masks"], 2, step)
        assert tokens(page, 1) == expected(runs["words"], 3, beside)
        assert f"step {beside} of {others - 1}," in page.locator("#text-1-where").inner_text()
    boxes = [page.locator(f"#text-{side}").bounding_box() for side in (0, 1)]
    assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
    page.locator("#text-1-tokens .token").nth(4).click()
    assert page.locator("#text-1-tokens [aria-selected=true]").get_attribute("data-at") == "4"
    assert str(runs["words"].states[-1, 3][4]) in page.locator("#text-facts").inner_text()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator("#text-1").bounding_box()["y"] > page.locator("#text-0").bounding_box()["y"] + 50
    page.select_option("#text-other", label="nothing")
    assert page.locator("#text-1").is_hidden()
    assert page.locator("#text-details").is_hidden()


def test_the_same_run_can_be_compared_with_another_sample(player, runs):
    page = player("run=1&sample=0&step=4")
    page.select_option("#text-other", label="again")
    until(page, "document.querySelectorAll('#text-1-tokens .token').length")
    assert page.locator("#text-1-name").inner_text() == "again, sample 1"
    assert tokens(page, 1) == expected(runs["again"], 1, 4)


def test_the_address_holds_what_is_shown(player, built):
    page = player("run=0&sample=2&step=6")
    page.locator("#text-0-tokens .token").nth(3).click()
    page.select_option("#text-other", label="words")
    page.select_option("#text-heat", "entropy")
    until(page, "location.hash.includes('heat=entropy')")
    address = page.evaluate("location.href")
    page.goto("about:blank")
    page.goto(address)
    until(page, "document.querySelectorAll('#text-1-tokens .token').length")
    until(page, "document.querySelector('#text-0-tokens [aria-selected=true]')?.dataset.at === '3'")
    assert page.locator("#text-heat").input_value() == "entropy"
    assert step_of(page) == 6
    page.evaluate("location.hash = '#view=player&run=1&token=99&beside=7&heat=nothing&sample2=99&side=1&looks=50'")
    until(page, "document.querySelector('#text-0-name').textContent === 'again, sample 0'")
    assert page.locator("#text-1").is_hidden()
    assert page.locator("#text-details").is_hidden()


# -- what is not there -------------------------------------------------------------------------------------------------


def test_what_was_not_recorded_has_no_panel(player):
    page = player("run=1&sample=0&step=2&token=9")
    until(page, "!document.querySelector('#text-details').hidden")
    for part in ("guesses", "attention", "lens"):
        assert page.locator(f"#text-{part}").is_hidden()
    assert page.locator("#text-heat option").all_inner_texts() == ["state", "entropy"]


def test_the_page_says_what_did_not_fit(visit, runs, monkeypatch, tmp_path):
    run = {"masks": runs["masks"]}
    monkeypatch.setattr(textattention, "ATTENTION_BYTES", 2 * 2 * 15 * 20 * 22)
    monkeypatch.setattr(texts, "TENSOR_BYTES", 3 * 4 * 15 * 20 * 3)
    page = visit(build(run, tmp_path / "report.html"), "#view=player&sample=1&token=3&step=2")
    until(page, "document.querySelectorAll('#text-looks li').length > 0")
    assert page.locator("#text-guesses-list li").count() == 3
    page.evaluate("location.hash = '#view=player&sample=5&token=3&step=2'")
    until(page, "document.querySelector('#text-0-name').textContent === 'masks, sample 5'")
    assert (
        page.locator("#text-guesses-note").inner_text()
        == "The page holds the alternatives of the first 3 samples only."
    )
    assert (
        page.locator("#text-attention-note").inner_text() == "The page holds the attention of the first 2 samples only."
    )


def test_rows_are_gathered_into_blocks(monkeypatch):
    monkeypatch.setattr(page_rows, "BLOCK_BYTES", 25)
    blocks = Blocks()
    found = page_rows.rows((np.full(10, at, np.uint8) for at in range(5)), blocks)
    assert found == {"samples": 5, "per": 2, "blocks": ["block-0", "block-1", "block-2"]}
    assert page_rows.rows(iter(()), blocks) == {"samples": 0, "per": 1, "blocks": []}


def test_a_token_beyond_the_tokenizer_is_shown_by_its_number(runs):
    from denoscope.report.page.vocabulary import Vocabulary

    used = [np.array([[5, 4, 70_000], [6, 5, 4]])]
    vocabulary, blocks = Vocabulary(runs["masks"].folder / TOKENIZER, 4, used), Blocks()
    assert vocabulary.codes(used[0]).tolist() == [[0, 0xFFFF, 2], [1, 0, 0xFFFF]]
    assert vocabulary.described(blocks)["count"] == 3
    assert vocabulary._bytes(70_000).decode() == "⟨70000⟩"


# -- other views -------------------------------------------------------------------------------------------------------


def test_text_is_never_markup(player, visit, built):
    page = player("run=1&sample=0&step=6&token=2")
    assert page.locator("#text-0-tokens").inner_text().startswith(HOSTILE[:18])
    page.click("#tab-gallery")
    assert page.locator("#gallery-list b").first.inner_text() == HOSTILE[:18]
    assert page.evaluate("window.broken") is None
    assert page.locator("main script").count() == 0


def test_gallery_shows_texts_with_what_was_given_and_filters_by_prompt(visit, built, runs):
    page, run = visit(built, "#view=gallery&run=0"), runs["masks"]
    found = page.locator("#gallery-list .snippet").evaluate_all("all => all.map(one => one.textContent)")
    assert found == run.samples["text"].tolist()
    assert page.locator("#gallery-list .snippet").first.locator("b").all_inner_texts() == [PROMPTS[0]]
    assert page.locator("#gallery-list .snippet").nth(1).locator("b").all_text_contents() == ["né ", "→"]
    assert page.locator("#gallery-filter .chip").all_inner_texts() == ["all", *PROMPTS[:2], "no prompt"]
    page.locator("#gallery-filter .chip").nth(2).click()
    assert page.locator("#gallery-list .tile").count() == 4
    page.locator("#gallery-list .tile").nth(1).click()
    until(page, "document.querySelector('#text-0-name').textContent === 'masks, sample 4'")


def test_the_atlas_shows_texts_in_place_of_pictures(visit, built, runs):
    page, run = visit(built, "#view=atlas&run=0&step=8&chosen=1"), runs["masks"]
    until(page, "document.querySelectorAll('#atlas-neighbors li').length > 0")
    text = run.samples["text"][1]
    assert page.locator("#atlas-text").evaluate("one => one.textContent") == text
    assert page.locator("#atlas-text b").first.text_content() == "né "
    near = run.neighbors(MAPPED)[8].indices[1][0]
    item = page.locator("#atlas-neighbors li").first.evaluate("one => one.textContent")
    assert item.startswith(f"sample {near}: {run.samples['text'][near][:40]}")
    assert page.locator("#atlas-neighbors canvas").count() == 0
    page.locator("#plot-0-overlay").focus()
    page.keyboard.press("ArrowRight")
    until(page, "!document.querySelector('#plot-0-tip').hidden")
    told = page.locator("#plot-0-tip").evaluate("tip => tip.textContent")
    sample = int(re.match(r"sample (\d+)", told)[1])
    assert page.locator("#plot-0-tip .snippet").evaluate("one => one.textContent") == run.samples["text"][sample]
    page.fill("#atlas-find", f"text:{text.split()[-1].lower()}")
    until(page, "!document.querySelector('#atlas-picked').textContent.includes('12 of 12')")


def test_single_tokens_have_a_map_that_leads_to_their_texts(visit, built, runs):
    run, place = runs["masks"], len(runs)
    length = run.states.shape[2]
    point = 2 * length + 7
    page = visit(built, f"#view=player&run={place}&chosen={point}&step=8")
    until(page, "document.querySelectorAll('#atlas-neighbors li').length > 0")
    assert page.locator("[role=tab]:visible").all_inner_texts() == ["Overview", "Atlas", "Layers"]
    token = run.token_map(MAPPED).iloc[point]["token"]
    assert page.locator("#atlas-name").text_content() == f"token 7 of text 2: {token}"
    assert page.locator("#atlas-text b").text_content() == token.replace("␣", " ").replace("⏎", "\n")
    assert page.locator("#plot-0-overlay").get_attribute("aria-label").startswith(f"Map of {6 * length} tokens")
    page.keyboard.press("Home")
    page.locator("#atlas-open").click()
    until(page, "document.querySelector('#text-0-name').textContent === 'masks, sample 2'")
    until(page, "!document.querySelector('#text-details').hidden")
    assert "position\n7" in page.locator("#text-facts").inner_text()
    page.locator("[data-run]").nth(place).click()
    until(page, "document.querySelector('#tab-atlas').getAttribute('aria-selected') === 'true'")
    page.locator("#tab-atlas").focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('#tab-layers').getAttribute('aria-selected') === 'true'")
    assert page.locator("#similarity").is_hidden()
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('#tab-overview').getAttribute('aria-selected') === 'true'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone_and_all_controls_have_names(player, scheme):
    page = player("run=0&sample=1&step=6&token=3&beside=2&frames=1", color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    until(page, "document.querySelectorAll('#text-1-tokens .token').length")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    nameless = page.locator("#view-player").evaluate(
        """view => [...view.querySelectorAll('button, input, select, canvas')].filter(one => one.checkVisibility())
            .filter(one => !(one.textContent.trim() || one.getAttribute('aria-label') || one.closest('label')))
            .map(one => one.outerHTML)"""
    )
    assert nameless == []


def test_the_same_runs_give_the_same_page(runs, tmp_path):
    one, two = (build(runs, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert one == two


def test_a_run_without_its_tokenizer_says_so(runs, tmp_path):
    import shutil

    folder = tmp_path / "masks"
    shutil.copytree(runs["masks"].folder, folder)
    (folder / TOKENIZER).unlink()
    with pytest.raises(ValueError, match="tokenizer.json is no file"):
        run_data(open_run(folder), Shown((), []), Report(), Blocks())
