"""Text without the workflow: the Python API and the commands, with tiny random models."""

import json
import random
import shutil
import subprocess
import sys

import av
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformers import GPT2Config, GPT2LMHeadModel, RobertaConfig, RobertaForMaskedLM

import denoscope
from denoscope.checkpoints.fetch import fetch
from denoscope.cli import main
from denoscope.commands.film_options import pace
from denoscope.commands.recipes import MODELS, texts_of
from denoscope.commands.writing_options import SAMPLERS
from denoscope.denoisers.registry import run_settings
from denoscope.networks.text import build_network
from denoscope.render.encode import GIF, WEBP, frame_delays
from denoscope.sampling.order import ShardOrder
from denoscope.sampling.shard import make_shard
from denoscope.text.changes import Change
from denoscope.text.tokenizer import TokenizerError
from denoscope.trace.reader import Trace
from denoscope.training.text.vocabulary import train_tokenizer
from denoscope.training.write import write_halved
from denoscope.writing import WritingError, load_text_model
from denoscope.writing.samplers import KINDS, sampler_options

torch.set_num_threads(1)
LENGTH, VOCABULARY = 24, 300
NETWORKS = {
    "mdlm": {"hidden_dim": 32, "cond_dim": 8, "n_blocks": 2, "n_heads": 4, "model_length": LENGTH},
    "masked_lm": {
        "model_type": "roberta",
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": LENGTH + 2,
    },
    "causal_lm": {"model_type": "gpt2", "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": LENGTH},
}
IMPORTANCE = {"hidden_dim": 16, "num_layers": 1, "heads": 2}
PROMPT = "the cat"


def paragraphs(count=240, seed=0):
    """Text of many different words, so that a small vocabulary is filled."""
    draw = random.Random(seed)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 7))) for _ in range(300)]
    return "\n\n".join(" ".join(draw.choices(words, k=12)) + f" {number}." for number in range(count))


def write_model(folder, family, network):
    torch.manual_seed(0)
    made = build_network(family, network)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    write_halved(made, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"family": family, "network": network}))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Folders of models with random weights, by kind; ``hub-*`` are as transformers saves them."""
    root = tmp_path_factory.mktemp("models")
    tokenizer = train_tokenizer([paragraphs(60), PROMPT], VOCABULARY)
    networks = {name: (name, {**network, "vocab_size": VOCABULARY}) for name, network in NETWORKS.items()}
    networks["atat"] = ("mdlm", {**networks["mdlm"][1], "importance": IMPORTANCE})
    folders = {kind: root / kind for kind in (*networks, "hub-masked_lm", "hub-causal_lm")}
    for folder in folders.values():
        folder.mkdir()
        tokenizer.save(str(folder / "tokenizer.json"))
    for kind, (family, network) in networks.items():
        write_model(folders[kind], family, network)
    torch.manual_seed(0)
    RobertaForMaskedLM(RobertaConfig(**networks["masked_lm"][1])).save_pretrained(folders["hub-masked_lm"])
    GPT2LMHeadModel(GPT2Config(**networks["causal_lm"][1])).save_pretrained(folders["hub-causal_lm"])
    return folders


@pytest.fixture(scope="module")
def loaded(models):
    return {kind: load_text_model(folder, "cpu") for kind, folder in models.items()}


@pytest.fixture
def command(models, tmp_path, monkeypatch):
    """Runs a command in an empty folder; ``{kind}`` in an argument is that model's folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, code=0):
        named = [str(argument).format(**models) for argument in arguments]
        found = CliRunner().invoke(main, named)
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code == code, found.output
        return found

    return run


WRITERS = [
    ("mdlm", {"sampler": "ddpm", "steps": 6}),
    ("mdlm", {"steps": 20}),
    ("mdlm", {"sampler": "analytic", "steps": 5, "draw": "float32"}),
    ("mdlm", {"sampler": "ddpm", "steps": 4, "length": 32, "stride": 4}),
    ("atat", {"steps": 7, "method": "greedy"}),
    ("masked_lm", {"sampler": "remask-bernoulli", "schedule": "cosine", "steps": 6}),
    ("masked_lm", {"temperature": 0.5, "top_k": 0}),
    ("masked_lm", {"sampler": "confidence-parallel", "threshold": 0.02}),
    ("causal_lm", {"top_p": 0.8}),
]


def shard_of(model, folder, run, batch, count):
    """What the workflow makes of a run: its trace."""
    fetch(run.model.checkpoint, folder / "model")
    order = ShardOrder(
        run="r",
        family=run.model.family,
        settings=run.family_settings(),
        seed=run.seed,
        dtype="float32",
        first=0,
        requests=[run.request(sample) for sample in range(count)],
        batch=batch,
        steps=run.forward_steps(),
        record=run.record,
        layers=[],
        attention_layers=[],
    )
    make_shard(order, {}, folder / "model", folder / "000000", threads=1)
    return Trace([folder / "000000"])


@pytest.mark.parametrize(("kind", "options"), WRITERS)
def test_a_text_is_that_of_a_run_with_the_same_seed(loaded, models, tmp_path, kind, options):
    made = loaded[kind].generate([PROMPT, "dog"], seed=7, count=3, batch=2, **{"length": 16, **options})
    sampler, length = loaded[kind].sampler(options.get("sampler")), made[0].ids.shape[1]
    settings = {key: value for key, value in options.items() if key not in ("sampler", "length")}
    choice = {key: settings.pop(key) for key in ("method", "temperature", "top_p") if key in settings}
    if "top_k" in settings:
        choice["top_k"] = settings.pop("top_k") or None
    if choice:
        settings["choice"] = {**KINDS[sampler].model_fields["choice"].default.model_dump(), **choice}
    if kind == "causal_lm":
        settings["new_tokens"] = len(made[0].ids) - 1
    run = run_settings(loaded[kind].family).model_validate(
        {
            "model": {
                "family": loaded[kind].family,
                "checkpoint": {"source": "local", "name": "model", "path": str(models[kind])},
            },
            "sampler": {"name": sampler, **settings},
            "length": length,
            "prompts": [PROMPT, "dog"],
            "seed": 7,
            "samples": {"count": 3, "batch": 2},
        }
    )
    assert list(run.problems()) == []
    trace = shard_of(loaded[kind], tmp_path, run, batch=2, count=3)
    assert trace.samples["text"].tolist() == [text.text for text in made]
    assert trace.samples["seed"].tolist() == [text.seed for text in made]
    for row, text in enumerate(made):
        np.testing.assert_array_equal(text.ids, trace.tensor("states")[:, row])
        entropy = trace.tensor("text/entropy")[:, row]
        np.testing.assert_array_equal(text.entropy, np.where(entropy < 0, np.nan, entropy))
        np.testing.assert_array_equal(text.top_ids, trace.tensor("text/top_ids")[:, row])
        probabilities = trace.tensor("text/top_probs")[:, row]
        np.testing.assert_array_equal(text.top_probs, np.where(probabilities < 0, np.nan, probabilities))
        assert text.times.tolist() == trace.times
        assert (text.importance is not None) == (kind == "atat")
        if text.importance is not None:
            np.testing.assert_array_equal(text.importance, trace.tensor("text/importance")[:, row])


@pytest.mark.parametrize(("kind", "options"), WRITERS)
def test_the_first_state_has_only_the_prompt_and_the_last_no_mask(loaded, kind, options):
    (text,) = loaded[kind].generate(PROMPT, **options)
    shown, given_tokens = text.trajectory, len(loaded[kind].tokenizer.encode(PROMPT))
    assert (~shown.masked[0]).nonzero()[0].tolist() == list(range(given_tokens))
    assert not shown.masked[-1].any()
    assert (shown.changes[:, :given_tokens] == Change.PROMPT).all()
    assert text.text.startswith(PROMPT)
    assert len(text.entropy) == len(text.ids) - 1


def test_a_text_without_a_prompt_is_full(loaded):
    for kind in ("mdlm", "causal_lm"):
        shown = loaded[kind].generate(length=9)[0].trajectory
        assert shown.masked[0].all()
        assert not shown.masked[-1].any()


def test_gaps_in_a_prompt_are_filled(loaded):
    (text,) = loaded["masked_lm"].generate("the[MASK*3] cat", length=12)
    encode = loaded["masked_lm"].tokenizer.encode
    given_first, given_last = len(encode("the")), len(encode(" cat"))
    expected = [False] * given_first + [True] * 3 + [False] * given_last
    assert text.trajectory.masked[0][: len(expected)].tolist() == expected


@pytest.mark.parametrize("kind", ["mdlm", "causal_lm"])
def test_a_sample_depends_on_its_seed_and_number_alone(loaded, kind):
    four = loaded[kind].generate(PROMPT, count=4, seed=3)
    (third,) = loaded[kind].generate(PROMPT, first=2, seed=3)
    assert third.sample == 2
    np.testing.assert_array_equal(third.ids, four[2].ids)
    assert len({text.ids.tobytes() for text in [*four, *loaded[kind].generate(PROMPT, seed=4)]}) == 5


def test_an_autoregressive_model_writes_as_many_tokens_as_asked(loaded):
    (text,) = loaded["causal_lm"].generate(PROMPT, steps=5)
    tokens = len(loaded["causal_lm"].tokenizer.encode(PROMPT))
    assert text.ids.shape == (6, tokens + 5)
    assert (text.ids == -1).sum(axis=1).tolist() == [5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("family", ["masked_lm", "causal_lm"])
def test_a_folder_of_transformers_serves(loaded, family):
    model = loaded[f"hub-{family}"]
    assert model.family == family
    assert not model.generate(PROMPT, length=10)[0].trajectory.masked[-1].any()


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("mdlm", {"temperature": 0.5}, "ddpm_cache takes no temperature"),
        ("mdlm", {"sampler": "uncertainty"}, "importance"),
        ("mdlm", {"sampler": "left-to-right"}, "is not for mdlm"),
        ("causal_lm", {"sampler": "ddpm"}, "choose left-to-right"),
        ("mdlm", {"sampler": "euler"}, "samplers are ddpm, "),
        ("mdlm", {"steps": 0}, "sampler.steps: 0 is wrong"),
        ("mdlm", {"length": 25}, "the network sees 24 tokens at once"),
        ("causal_lm", {"steps": -1}, "-1 is wrong"),
        ("mdlm", {"count": 0}, "samples.count: 0 is wrong"),
        ("mdlm", {"first": -1}, "numbered from 0"),
        ("mdlm", {"prompt": []}, "there is no prompt"),
    ],
)
def test_what_a_model_cannot_do_is_refused(loaded, kind, options, message):
    with pytest.raises(WritingError, match=message):
        loaded[kind].generate(**options)


def test_a_prompt_must_leave_room(loaded):
    with pytest.raises(TokenizerError, match="leaves no room"):
        loaded["mdlm"].generate("a " * 40)


def test_what_is_no_text_model_is_refused(models, tmp_path):
    with pytest.raises(ValueError, match="models that ship here"):
        load_text_model("no-such-model")
    with pytest.raises(WritingError, match="no folder"):
        load_text_model(tmp_path / "nothing")
    with pytest.raises(WritingError, match=r"no model\.safetensors, no tokenizer\.json"):
        load_text_model(ROOT / "config")
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_bytes((models["mdlm"] / name).read_bytes())
    for config, message in (
        ("{", "is no JSON"),
        ('{"model_type": "t5"}', "model_type 't5' is unknown; .*roberta"),
        ((ROOT / "models/digits-edm/config.json").read_text(), "family 'edm' is none of mdlm"),
        ('{"family": "mdlm"}', "config.json: network: Field required"),
        ("[]", "config.json: this is no mapping"),
        ('{"family": "mdlm", "network": {"n_heads": 5}}', "config.json: hidden_dim 768 must be a multiple"),
        ('{"model_type": "gpt2", "n_layer": null}', "config.json: .*lacks n_layer"),
    ):
        (tmp_path / "config.json").write_text(config)
        with pytest.raises(WritingError, match=message):
            load_text_model(tmp_path)


@pytest.mark.parametrize("kind", ["mdlm", "hub-causal_lm"])
def test_damaged_weights_are_told_in_one_line(command, models, tmp_path, kind):
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((models[kind] / name).read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"no weights at all")
    told = command("generate-text", "--model", tmp_path, code=2)
    assert "model.safetensors is no whole safetensors file" in told.stderr
    assert told.stderr.count("\n") == 1


def test_the_package_exports_the_public_names():
    assert denoscope.load_text_model is load_text_model
    assert all(getattr(denoscope, name) is not None for name in denoscope.__all__)


def test_the_command_line_starts_without_heavy_libraries():
    code = "import denoscope.cli, sys; sys.exit(bool({'torch', 'pydantic', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_help_names_every_sampler():
    named = SAMPLERS.replace(" or ", ", ").split(", ")
    assert named == list(KINDS)


def test_text_is_printed(command, loaded):
    told = command("generate-text", "--model", "{mdlm}", "--prompt", PROMPT, "--steps", 3, "--seed", 2)
    assert told.stdout == loaded["mdlm"].generate(PROMPT, steps=3, seed=2)[0].text + "\n"


def test_steps_are_printed_with_their_masks(command, loaded):
    told = command(
        "generate-text", "--model", "{masked_lm}", "--prompt", PROMPT, "--steps", 4, "--show-steps", "--count", 2
    )
    lines = told.stdout.split("\n")
    heads = [index for index, line in enumerate(lines) if line.startswith("sample ")]
    assert [lines[index] for index in heads] == ["sample 0:", "sample 1:"]
    texts = loaded["masked_lm"].generate(PROMPT, steps=4, count=2)
    for head, text in zip(heads, texts, strict=True):
        shown = [line.partition("|") for line in lines[head + 1 : head + 6]]
        masked = text.trajectory.masked.sum(axis=1)
        assert [tokens.count(" _") for _, _, tokens in shown] == masked.tolist()
        assert [before.split()[4] for before, _, _ in shown] == [f"{share:.0%}" for share in masked / masked[0]]


def durations(path):
    """Milliseconds of each frame of a GIF or a WebP."""
    found = []
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            found.append(image.info["duration"])
    return found


def film_seconds(path):
    with av.open(str(path)) as file:
        return float(file.duration / av.time_base)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".mp4"])
def test_an_animation_lasts_as_long_as_asked(command, tmp_path, suffix):
    arguments = ("text-animate", "--model", "{mdlm}", "--prompt", PROMPT, "--steps", 11, "--width", 300)
    told = command(*arguments, "--out", f"x{suffix}", "--duration", 4.3, "--hold", 0.7, "--frames", "pngs")
    frames = sorted((tmp_path / "pngs").iterdir())
    assert f"x{suffix}: {len(frames)} frames" in told.stdout
    assert "4.30 s" in told.stdout
    seconds = (
        film_seconds(tmp_path / f"x{suffix}") if suffix == ".mp4" else sum(durations(tmp_path / f"x{suffix}")) / 1e3
    )
    assert seconds == pytest.approx(4.3, abs=1e-3)


@given(
    count=st.integers(2, 400),
    duration=st.integers(50, 6000).map(lambda n: n / 100),
    hold=st.integers(0, 300).map(lambda n: n / 100),
    suffix=st.sampled_from([".gif", ".webp", ".mp4"]),
)
def test_the_pace_makes_every_duration_exact(count, duration, hold, suffix):
    try:
        fps, held = pace(count, suffix, None, duration, hold)
    except SystemExit:
        assert duration <= hold or count / (duration - hold) > 49
        return
    assert 0 < fps <= 50
    if suffix == ".mp4":
        assert (count + round(held * fps)) / fps == pytest.approx(duration, rel=1e-12)
        assert abs(held - hold) <= 0.51 / fps + hold * 0.5
    else:
        ticks = {".gif": GIF, ".webp": WEBP}[suffix]
        assert sum(frame_delays(count, fps, held, ticks)) == round(duration * ticks.per_second)


@pytest.mark.parametrize(
    "timing",
    ["--fps 1 --hold 0.5", "--fps 1.25 --hold 1", "--fps 0.5 --hold 0.9", "--fps 0.0004", "--duration 40000 --hold 9"],
)
def test_a_film_lasts_as_long_as_is_said(command, tmp_path, timing):
    told = command("text-animate", "--model", "{mdlm}", "--steps", 4, "--width", 200, "--out", "x.mp4", *timing.split())
    said = float(told.stdout.split(" s,")[0].split()[-1])
    assert film_seconds(tmp_path / "x.mp4") == pytest.approx(said, abs=0.006)


def test_a_folder_of_frames_is_what_is_said_to_be_written(command, tmp_path):
    told = command("text-animate", "--model", "{mdlm}", "--steps", 3, "--width", 200, "--out", "a.png")
    assert told.stdout.startswith("a: 4 frames of 224×")
    assert len(list((tmp_path / "a").iterdir())) == 4


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("--out b.gif --frames full", "full holds other things than frames"),
        ("--out full.png", "full holds other things than frames"),
        ("--out b.gif --frames .", ". is no name for a folder"),
    ],
)
@pytest.mark.parametrize("name", ["text-animate", "compare"])
def test_a_folder_that_cannot_be_is_refused_before_anything_is_done(
    command, tmp_path, monkeypatch, name, target, message
):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    monkeypatch.setattr("denoscope.writing.load_text_model", None)
    assert message in command(name, *target.split(), code=2).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_frames_show_the_trajectory(command, loaded, tmp_path):
    command("text-animate", "--model", "{atat}", "--out", "x.gif", "--prompt", PROMPT, "--style", "detailed",
            "--steps", 6, "--width", 600, "--frames", "pngs")  # fmt: skip
    (text,) = loaded["atat"].generate(PROMPT, steps=6)
    animation = denoscope.DetailedAnimation(width=600)
    expected = animation.frames(text.trajectory.trimmed())
    found = [np.asarray(Image.open(path)) for path in sorted((tmp_path / "pngs").iterdir())]
    assert len(found) == 7
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_an_animation_is_limited_and_repeats_itself(command, tmp_path):
    arguments = ("text-animate", "--model", "{masked_lm}", "--length", 12, "--steps", 9, "--max-frames", 4, "--hold", 0)
    first = command(*arguments, "--out", "a.gif", "--chars-per-line", 20, "--fps", 10)
    command(*arguments, "--out", "b.gif", "--chars-per-line", 20, "--fps", 10)
    assert "a.gif: 4 frames" in first.stdout
    assert durations(tmp_path / "a.gif") == [100] * 4
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_two_models_are_shown_on_one_clock(command, loaded, tmp_path):
    arguments = ("compare", "--left", "{mdlm}", "--right", "{causal_lm}", "--prompt", PROMPT, "--steps", 4,
                 "--temperature", 0.9, "--length", 16, "--width", 300)  # fmt: skip
    told = command(*arguments, "--out", "x.gif")
    written = 16 - len(loaded["causal_lm"].tokenizer.encode(PROMPT))
    assert f"x.gif: {written + 1} frames" in told.stdout
    command(*arguments, "--out", "y.gif", "--layout", "left-right", "--clock", "fraction")
    with Image.open(tmp_path / "x.gif") as rows, Image.open(tmp_path / "y.gif") as columns:
        assert columns.width > 2 * 300 > rows.width
        assert columns.height < rows.height


@pytest.mark.parametrize(
    ("style", "layout", "width"),
    [("compact", "top-bottom", 800), ("compact", "left-right", 500), ("detailed", "left-right", 1000)],
)
def test_the_widths_that_the_help_says(command, tmp_path, style, layout, width):
    command("compare", "--left", "{mdlm}", "--right", "{mdlm}", "--steps", 1, "--length", 4, "--style", style,
            "--layout", layout, "--out", "x.gif")  # fmt: skip
    margin, beside = 12, 2 if layout == "left-right" else 1
    with Image.open(tmp_path / "x.gif") as image:
        assert image.width == beside * (width + 2 * margin)
    assert "800, or 500 with left-right; detailed 1000" in " ".join(command("compare", "--help").stdout.split())


def test_steps_are_those_of_denoising_where_texts_are_compared(command):
    said = {name: " ".join(command(name, "--help").stdout.split()) for name in ("compare", "text-animate")}
    assert "denoising steps; an autoregressive model writes until its text is full" in said["compare"]
    assert "or tokens that an autoregressive model writes" not in said["compare"]
    assert "or tokens that an autoregressive model writes" in said["text-animate"]


def test_every_option_of_a_sampler_is_one_of_the_commands(command, loaded):
    said = command("generate-text", "--help").stdout
    for name in KINDS:
        assert all(f"--{option.replace('_', '-')}" in said for option in sampler_options(name)), name
    arguments = ("generate-text", "--model", "{mdlm}", "--prompt", PROMPT, "--steps", 3)
    told = command(*arguments, "--draw", "float32", "--no-noise-removal")
    (text,) = loaded["mdlm"].generate(PROMPT, steps=3, draw="float32", noise_removal=False)
    assert told.stdout == text.text + "\n"
    assert len(text.ids) == 4  # and no step that removes what noise is left


def test_two_samplers_of_a_model_stand_side_by_side(command, tmp_path):
    command("compare", "--left", "{masked_lm}", "--right", "{masked_lm}", "--left-sampler", "remask-bernoulli",
            "--right-sampler", "confidence-parallel", "--schedule", "cosine", "--length", 10, "--out", "x.gif",
            "--width", 200)  # fmt: skip
    with Image.open(tmp_path / "x.gif") as image:
        assert image.width > 2 * 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("generate-text --model nothing", "models that ship here"),
        ("generate-text --model {mdlm} --top-k 5", "takes no top_k"),
        ("generate-text --model {mdlm} --length 30", "sees 24 tokens"),
        ("text-animate --model {mdlm} --out x.avi", "its suffix must say what to write"),
        ("text-animate --model {mdlm} --out x.gif --font none.ttf", "none.ttf"),
        ("text-animate --model {mdlm} --out x.gif --style detailed --chars-per-line 9", "--style compact"),
        ("text-animate --model {mdlm} --out x.gif --fps 3 --duration 9", "exclude each other"),
        ("text-animate --model {mdlm} --out x.gif --duration 0.5", "--hold 1"),
        ("text-animate --model {mdlm} --out x.gif --duration 1.1", "more than 50 a second"),
        ("text-animate --model {mdlm} --steps 2 --out x.mp4 --duration 90000", "give a shorter --duration"),
        ("text-animate --model {mdlm} --out x.gif --duration inf", "--duration inf is no number of seconds"),
        ("text-animate --model {mdlm} --out x.gif --duration nan", "--duration nan is no number of seconds"),
        ("text-animate --model {mdlm} --out x.gif --hold inf", "--hold inf is no number of seconds"),
        ("text-animate --model {mdlm} --out x.gif --fps nan", "--fps nan is no number of frames"),
        ("text-animate --model {mdlm} --out x.gif --hold 700", "a GIF can say 655.35 at most"),
        ("text-animate --model {mdlm} --out x.gif --fps 0.001", "a GIF can say 655.35 at most"),
        ("text-animate --model {mdlm} --out x.gif --duration 90000 --hold 600", "a GIF can say 655.35 at most"),
        ("text-animate --model {mdlm} --out x.mp4 --fps 1e-9", "give 0.0001 to 100 frames a second"),
        ("text-animate --model {mdlm} --out x.gif --style detailed --width 100", "give a width of"),
        ("generate-text --model {mdlm} --prompt [MASK*99999999999]", "[MASK*99999999999] of the prompt is longer than"),
        ("generate-text --model {mdlm} --prompt [MASK*999999][MASK*2]", "[MASK*2] of the prompt is longer than"),
        ("generate-text --model {mdlm} --prompt [MASK*900]", "leaves no room in 24"),
        ("compare --left {mdlm} --right {mdlm} --top-k 5 --out x.gif", "neither ddpm_cache nor ddpm_cache takes top_k"),
        ("train-text --out x --text none.txt", "none.txt does not exist"),
        ("train-text --out . --text a", "--out . is no name for a new model"),
        ("train-text --out .. --text a", "--out .. is no name for a new model"),
        ("train-text --out x --text a --hub b/c", "exclude each other"),
        ("train-text --out x --hub b/c", "full commit hash"),
        ("train-text --out x --hub b/c --revision main", "pattern"),
        ("train-text --out x --column text", "give --hub"),
        ("train-text --out x --adaptive inverse", "--family atat"),
        ("train-text --out x --init {mdlm} --family causal_lm", "leave --family out"),
        ("train-text --out x --init {mdlm} --recipe {mdlm}", "exclude each other"),
        ("train-text --out {mdlm}", "holds a trained model"),
    ],
)
def test_a_command_says_in_one_line_what_is_wrong(command, tmp_path, arguments, message):
    told = command(*arguments.split(), code=2)
    assert message in told.stderr
    assert told.stderr.count("\n") == 1
    assert told.stdout == ""
    assert list(tmp_path.iterdir()) == []


DIGITS = (ROOT / "models" / "digits-edm" / "config.json").read_text()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", "{", "config.json is no JSON"),
        ("config.json", "[]", "config.json: this is no mapping"),
        ("config.json", '{"family": "mdlm"}', "config.json: network: Field required"),
        ("config.json", DIGITS, "config.json: the family 'edm' writes no text"),
        ("recipe.yaml", "a: [", "recipe.yaml is no YAML"),
        ("recipe.yaml", "- a", "recipe.yaml is no mapping"),
        ("recipe.yaml", "wrong: 1", "wrong: Extra inputs are not permitted"),
    ],
)
def test_a_damaged_recipe_is_told_in_one_line(command, tmp_path, name, content, message):
    folder = tmp_path / "recipe"
    folder.mkdir()
    for kept in ("config.json", "recipe.yaml"):
        shutil.copy(ROOT / "models" / "prose-mdlm" / kept, folder)
    (folder / name).write_text(content)
    told = command("train-text", "--out", "new", "--recipe", "recipe", code=2)
    assert message in told.stderr
    assert told.stderr.count("\n") == 1


def test_characters_that_no_font_has_are_told(command, models, tmp_path):
    told = command("text-animate", "--model", "{mdlm}", "--out", "x.gif", "--title", "\U00012000", "--steps", 2)
    assert "warning: no font has" in told.stderr
    assert "U+12000" in told.stderr


SMALL = ("--quick-test", "--steps", 4, "--batch", 4, "--threads", 1)


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(paragraphs())
    return path


@pytest.mark.parametrize("family", list(MODELS))
def test_a_small_model_of_every_family_is_trained_and_used(command, corpus, tmp_path, family):
    told = command("train-text", "--out", "new", "--family", family, "--text", corpus, *SMALL, "--tensorboard", "tb")
    scores = json.loads((tmp_path / "new" / "scores.json").read_text())
    rows = [line.split() for line in told.stdout.splitlines()[1:-1]]
    levels = ["next"] if family == "causal_lm" else [f"{level}%" for level in range(10, 101, 10)]
    assert [row[0] for row in rows] == levels
    for row, name in zip(rows, scores["holdout"], strict=True):
        expected = [scores[who][name] for who in ("holdout", "unigram", "bigram")]
        assert [float(value) for value in row[-3:]] == pytest.approx(expected, abs=6e-4)
    events = EventAccumulator(str(tmp_path / "tb"))
    events.Reload()
    names = {"train", *scores["holdout"]}
    assert set(events.Tags()["scalars"]) == {f"loss/{name}" for name in names}
    assert len(command("generate-text", "--model", "new", "--length", 10).stdout) > 1


def test_a_trained_folder_is_a_recipe(command, corpus, tmp_path):
    told = command("train-text", "--out", "new", "--family", "causal_lm", "--text", corpus, *SMALL)
    again = command("train-text", "--out", "again", "--recipe", "new", "--threads", 1)
    assert again.stdout.splitlines()[1:-1] == told.stdout.splitlines()[1:-1]
    assert (tmp_path / "new/model.safetensors").read_bytes() == (tmp_path / "again/model.safetensors").read_bytes()


def test_a_stopped_training_goes_on(command, corpus, tmp_path, monkeypatch):
    arguments = ("train-text", "--text", corpus, *SMALL, "--family", "causal_lm")
    whole = command(*arguments, "--out", "whole")
    monkeypatch.setattr("denoscope.training.text.training.TextTraining.saved_every", 2)
    seen = []
    judged = "denoscope.training.text.training.CausalTraining.judgement"
    with monkeypatch.context() as patch:
        patch.setattr(judged, lambda training: seen.append(training.step) or 1 / 0)
        with pytest.raises(ZeroDivisionError):
            command(*arguments, "--out", "cut")
    assert seen == [4]
    assert not (tmp_path / "cut").exists()
    cut = command(*arguments, "--out", "cut")
    assert "continuing at step 2" in cut.stderr
    assert cut.stdout.splitlines()[:-1] == whole.stdout.splitlines()[:-1]
    assert (tmp_path / "cut/model.safetensors").read_bytes() == (tmp_path / "whole/model.safetensors").read_bytes()


@pytest.mark.parametrize("kind", ["hub-masked_lm", "hub-causal_lm", "atat"])
def test_weights_of_others_are_trained_on(command, corpus, models, tmp_path, kind):
    command("train-text", "--out", "new", "--init", "{" + kind + "}", "--text", corpus, *SMALL, "--learning-rate", 1e-9)
    before = load_text_model(models[kind], "cpu").generate("a", length=10, seed=1)[0]
    after = load_text_model(tmp_path / "new", "cpu").generate("a", length=10, seed=1)[0]
    assert after.text == before.text
    np.testing.assert_allclose(after.entropy, before.entropy, atol=0.02)


def test_options_of_a_training_win_over_its_recipe():
    config, recipe = texts_of("atat", None, None, {"steps": 7, "adaptive": {"mode": "inverse"}}, quick=False)
    assert json.loads(config) == json.loads((ROOT / "models" / "prose-atat" / "config.json").read_text())
    assert "steps: 7\n" in recipe
    assert "mode: inverse" in recipe
    with pytest.raises(ValueError, match="seed"):
        texts_of(None, None, None, {"seed": -1}, quick=True)
