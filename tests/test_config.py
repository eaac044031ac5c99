"""What a configuration may say, and how clearly a wrong one is refused."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from denoscope.cli import main
from denoscope.config import ConfigError, json_schema, load_config, read_config
from denoscope.config.reference import markdown
from denoscope.workflow.jobs import Jobs

EXAMPLES = sorted((ROOT / "config").glob("*.yaml"))


def changed(config, path, value):
    """A copy of ``config`` with ``value`` at the dotted ``path``."""
    copied = copy.deepcopy(config)
    *parents, last = path.split(".")
    place = copied
    for part in parents:
        place = place[part]
    place[last] = value
    return copied


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_valid_by_settings_and_by_schema(path):
    config = read_config(path)
    assert config.runs
    jsonschema.validate(yaml.safe_load(path.read_text()), json_schema())


def test_committed_schema_is_the_generated_one():
    committed = json.loads((ROOT / "config" / "schema.json").read_text())
    assert committed == json_schema(), "config/schema.json is out of date: make schema"
    reference = (ROOT / "docs" / "reference.md").read_text()
    assert reference == markdown(json_schema()), "docs/reference.md is out of date: make schema"


def test_broken_yaml_is_explained(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("runs:\n  a: [1, 2\n")
    with pytest.raises(ConfigError, match=r"(?s)wrong.yaml: this is no YAML.*line 3"):
        read_config(path)


@pytest.mark.parametrize("document", ["- a list\n", "just text\n"])
def test_a_document_that_is_no_mapping_is_explained(tmp_path, document):
    path = tmp_path / "wrong.yaml"
    path.write_text(document)
    with pytest.raises(ConfigError, match="wrong.yaml: .*mapping"):
        read_config(path)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("runs.digits.sampler.stepz", 5, "unknown key; did you mean 'steps'?"),
        ("runs.digits.sampler.steps", 0, "greater than 0"),
        ("runs.digits.sampler.steps", "5", "'5' is wrong: input should be a valid integer"),
        ("runs.digits.sampler.steps", True, "valid integer"),
        ("runs.digits.sampler.name", "heum", "name 'heum' is unknown; choose one of 'heun'"),
        ("runs.digits.samples", {"shard": 5}, "runs.digits.samples.count: missing; add it"),
        (
            "runs.digits.labels",
            [3, 10],
            "runs.digits.labels.1: label 10 is out of range: the network has classes 0 to 9",
        ),
        ("runs.digits.labels", [], "the list is empty"),
        ("runs.digits.record.layers", ["*9x9*"], "'*9x9*' matches no layer; similar names"),
        ("runs.digits.record.steps", [0, 3], "step 3 is out of range: the sampler runs the network at steps 0 to 2"),
        ("runs.digits.record.attention.layers", ["*16x16*"], "matches no layer"),
        ("runs.digits.record.branches", ["both"], "runs.digits.record.branches.0"),
        ("runs.digits.record.branches", ["unconditional"], "add 'conditional'"),
        ("runs.digits.record.attention.keys", [], "should have at least 1 item"),
        (
            "runs.digits.record.attention.keys",
            [0, 16],
            "keys.1: key position 16 is out of range: model.dec.4x4_in0 has 16",
        ),
        ("runs.digits.sampler.sigma_min", 90.0, "sigma_min must be below sigma_max"),
        ("runs.digits.sampler.sigma_max", 1e10, "noise level 1e+10 is out of range: the network accepts 0 to 1e+09"),
        ("runs.digits.maps.layers", ["*enc.8x8_block0"], "matches no layer"),
        ("runs.digits.maps.fit", 41, "the run has only 40 samples"),
        (
            "runs.digits.maps.fit",
            5,
            "runs.digits.maps.fit: a map of 5 samples cannot have these neighbourhoods: fit on",
        ),
        (
            "runs.digits.maps.n_neighbors",
            50,
            "runs.digits.samples.count: a map of 40 samples cannot have these neighbourhoods: make at least 51 "
            "samples, or lower maps.n_neighbors",
        ),
        (
            "runs.digits.maps.grid.n_neighbors",
            [5, 40],
            "a map of 40 samples cannot have these neighbourhoods: make at least 41 samples, or lower "
            "maps.grid.n_neighbors",
        ),
        ("runs.digits.maps.grid.n_neighbors", [5, 1], "runs.digits.maps.grid.n_neighbors.1: 1 is wrong"),
        ("runs.digits.maps.grid.min_dist", [1.5], "less than or equal to 1"),
        ("runs.digits.maps.grid.min_dist", [], "should have at least 1 item"),
        ("runs.digits.maps.grid", {"n_neighbors": [5]}, "runs.digits.maps.grid.min_dist: missing; add it"),
        ("runs.digits.render.samples", 41, "the run has only 40 samples"),
        ("runs.digits.model.family", "edn", "families are block_diffusion_lm, causal_lm, edm, masked_lm, mdlm"),
        ("runs.digits.model.checkpoint.name", "digits-edx", "models that ship here: digits-edm"),
        ("runs.digits.model.checkpoint.source", "hubb", "source 'hubb' is unknown; choose one of 'bundled'"),
        (
            "runs.digits.model.checkpoint",
            {"source": "hub", "name": "x", "repo": "a/b", "revision": "main", "file": "x"},
            "runs.digits.model.checkpoint.revision",
        ),
        ("runs", {}, "runs: Dictionary should have at least 1 item"),
        ("report", {"titel": "x"}, "unknown key; did you mean 'title'?"),
        ("report", {"steps": 4}, "report.steps: this key does not belong here; remove it"),
    ],
)
def test_wrong_settings_are_refused_by_key_and_remedy(tiny_config, path, value, complaint):
    with pytest.raises(ConfigError) as error:
        load_config(changed(tiny_config, path, value))
    assert complaint in str(error.value)
    assert path.rsplit(".", 1)[0].split(".")[0] in str(error.value)


def test_run_names_become_folders(tiny_config):
    for name, complaint in {"a/b": "this name cannot be used", "..": "cannot be used", "logs": "another name"}.items():
        with pytest.raises(ConfigError, match=complaint):
            load_config({"runs": {name: tiny_config["runs"]["digits"]}})


SAMPLERS = {
    "edm": {"name": "heun", "steps": 3},
    "mdlm": {"name": "ddpm", "steps": 3},
    "masked_lm": {"name": "remask-count"},
    "causal_lm": {"name": "left-to-right", "new_tokens": 3},
    "block_diffusion_lm": {"name": "block-refinement"},
}


def a_run(family, checkpoint, **others):
    """A configuration of one run of two samples."""
    run = {"model": {"family": family, "checkpoint": checkpoint}, "sampler": SAMPLERS[family]}
    return {"runs": {"a": {**run, "samples": {"count": 2}, **others}}}


BUNDLED = {"digits-edm": "edm", "prose-mdlm": "mdlm", "prose-roberta": "masked_lm", "prose-gpt": "causal_lm"}


@pytest.mark.parametrize("family", SAMPLERS)
@pytest.mark.parametrize("name", BUNDLED)
def test_a_family_that_is_not_the_checkpoints_is_explained(family, name):
    config = a_run(family, {"source": "bundled", "name": name})
    if family == BUNDLED[name]:
        assert load_config(config).runs["a"].model.layers()
        return
    with pytest.raises(ConfigError) as error:
        load_config(config)
    right = BUNDLED[name]
    assert str(error.value).splitlines()[1:] == [
        f"  runs.a.model: {name} is of the family {right}: say family: {right}"
    ]


OWT = {"model_type": "mdlm", "auto_map": {}, "hidden_dim": 64, "n_heads": 4, "n_blocks": 3, "return_dict": False}


@pytest.mark.parametrize(
    ("family", "document", "layers"),
    [
        ("mdlm", OWT, 3),
        ("mdlm", {"family": "mdlm", "network": {"n_blocks": 2}}, 2),
        ("masked_lm", {"model_type": "roberta", "architectures": ["RobertaForMaskedLM"]}, 12),
        ("causal_lm", {"model_type": "gpt2", "n_layer": 5, "task_specific_params": {}}, 5),
    ],
)
def test_a_published_description_beside_local_weights_is_read(tmp_path, family, document, layers):
    (tmp_path / "config.json").write_text(json.dumps(document))
    for path in (tmp_path, tmp_path / "model.safetensors"):
        config = load_config(a_run(family, {"source": "local", "name": "m", "path": str(path)}))
        assert len(config.runs["a"].model.layers()) == layers


@pytest.mark.parametrize(
    ("family", "document", "complaint"),
    [
        ("mdlm", "{", "is no JSON"),
        ("mdlm", "\xff", "is no JSON"),
        ("mdlm", [1], "this is no mapping of names to values"),
        ("mdlm", {}, "model_type None is unknown; types that can be run: bert, "),
        ("mdlm", {"model_type": {}}, "model_type {} is unknown"),
        ("mdlm", {"family": "mdlm"}, "network: Field required"),
        ("mdlm", {"family": "mdlm", "network": []}, "network: Input should be a valid dictionary"),
        ("mdlm", {"family": 3, "network": {}}, "family: Input should be a valid string"),
        ("mdlm", {"family": "mdlm", "network": {"width": 3, "n_blocks": 0}}, "n_blocks: Input .*; width: Extra inputs"),
        ("mdlm", {"family": "mdlm", "network": {"n_heads": 5}}, "config.json: hidden_dim 768 must be a multiple"),
        ("mdlm", {**OWT, "time_conditioning": True}, "config.json: time_conditioning is true"),
        ("edm", {"family": "edm", "network": {"img_channels": 1}}, "img_resolution: Field required"),
        ("edm", {"family": "edm", "network": {}, "classes": 3}, "classes: Input should be a valid tuple"),
        ("causal_lm", {"model_type": "roberta"}, "m is of the family masked_lm: say family: masked_lm"),
        ("causal_lm", {"model_type": "gpt2", "n_layer": "x"}, "n_layer is 'x': give a whole number"),
        ("causal_lm", {"family": "causal_lm", "network": {}}, "model_type is None; types that can be run: gemma"),
        ("mdlm", {"family": "else", "network": {}}, "m is of the family else: say family: else"),
    ],
)
def test_a_damaged_description_is_explained_in_one_line(tmp_path, family, document, complaint):
    text = document if isinstance(document, str) else json.dumps(document)
    (tmp_path / "config.json").write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match=f"\n  runs.a.model: .*{complaint}") as error:
        load_config(a_run(family, {"source": "local", "name": "m", "path": str(tmp_path)}))
    assert str(error.value).count("\n") == 1


@pytest.mark.parametrize("family", ["masked_lm", "causal_lm", "block_diffusion_lm"])
def test_a_network_without_a_type_is_explained(family):
    config = a_run(family, {"source": "local", "name": "m", "path": "x"})
    config["runs"]["a"]["model"]["network"] = {"hidden_size": 32}
    with pytest.raises(ConfigError, match="runs.a.model: model.network.model_type is None; types that can be run"):
        load_config(config)


@pytest.mark.parametrize(
    ("render", "count", "animated"), [({}, 2, 2), ({}, 20, 8), ({"samples": "all"}, 20, 20), ({"samples": 1}, 2, 1)]
)
def test_a_run_has_as_many_animations_as_it_can(render, count, animated):
    config = a_run("edm", {"source": "bundled", "name": "digits-edm"}, render=render)
    config["runs"]["a"]["samples"]["count"] = count
    assert Jobs(load_config(config)).animated("a") == range(animated)


@pytest.mark.parametrize(
    ("samples", "told"),
    [({"count": 1}, "a: 1 sample in 1 shard\n"), ({"count": 5, "shard": 2}, "a: 5 samples in 3 shards\n")],
)
def test_validate_counts_samples_and_shards(tmp_path, samples, told):
    config = a_run("edm", {"source": "bundled", "name": "digits-edm"}, samples=samples)
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(config))
    assert CliRunner().invoke(main, ["validate", str(tmp_path / "a.yaml")]).output == told


def test_a_file_holds_a_prompt_a_line(tmp_path):
    path = tmp_path / "prompts.txt"
    path.write_bytes("\ufeffone\r\ntwo\fparts\n\n  \nthree\u2028parts\x85 and\x1cmore\nlast".encode())
    run = a_run("mdlm", {"source": "bundled", "name": "prose-mdlm"}, prompts={"file": str(path)})
    expected = ("one", "two\fparts", "three\u2028parts\x85 and\x1cmore", "last")
    assert load_config(run).runs["a"].all_prompts == expected


def test_guidance_needs_an_unconditional_class():
    config = yaml.safe_load((ROOT / "config" / "dmd2-imagenet64.yaml").read_text())
    config["runs"]["dmd2-fid1.28"]["sampler"]["guidance"] = 2.0
    with pytest.raises(ConfigError, match="no unconditional class: leave guidance at 1"):
        load_config(config)


def test_two_checkpoints_of_one_name_are_refused(tiny_config):
    other = changed(tiny_config, "runs.digits.model.checkpoint", {"source": "local", "name": "digits-edm", "path": "x"})
    other["runs"]["digits"]["model"]["network"] = json.loads(
        (ROOT / "models" / "digits-edm" / "config.json").read_text()
    )["network"]
    runs = {"a": tiny_config["runs"]["digits"], "b": other["runs"]["digits"]}
    with pytest.raises(ConfigError, match="'digits-edm' is described in two ways"):
        load_config({"runs": runs})


def test_a_network_is_asked_for_where_no_file_describes_it(tiny_config):
    checkpoint = {"source": "url", "name": "x", "url": "https://example.org/x.safetensors", "sha256": "0" * 64}
    with pytest.raises(ConfigError, match="model.network is missing"):
        load_config(changed(tiny_config, "runs.digits.model.checkpoint", checkpoint))


def test_errors_name_file_and_line(tmp_path, tiny_config):
    path = tmp_path / "mine.yaml"
    text = yaml.safe_dump(changed(tiny_config, "runs.digits.sampler.steps", -1))
    path.write_text(text)
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "steps: -1" in row)
    with pytest.raises(ConfigError, match=f"mine.yaml:{line}: runs.digits.sampler.steps"):
        read_config(path)


def test_later_files_win(tmp_path, tiny_config):
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(tiny_config))
    (tmp_path / "b.yaml").write_text("runs: {digits: {seed: 7}}")
    config = read_config(tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert config.runs["digits"].seed == 7
    assert config.runs["digits"].samples.count == 40


def test_a_broken_configuration_starts_no_job(tmp_path, tiny_config):
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(changed(tiny_config, "runs.digits.sampler.steps", 0)))
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--directory", str(tmp_path),
               "--configfile", str(path), "--cores", "1"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "runs.digits.sampler.steps: 0 is wrong" in done.stdout + done.stderr
    assert not (tmp_path / "results").exists()


def test_configuration_needs_none_of_the_heavy_libraries():
    code = "import sys, denoscope.config, denoscope.workflow.cfg, denoscope.workflow.inputs; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"torch", "pandas", "pyarrow", "umap", "sklearn", "matplotlib", "scipy", "PIL"}
    assert not heavy & set(modules)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
KEYS = ["model", "sampler", "labels", "seed", "dtype", "samples", "record", "maps", "render"]


@settings(deadline=None)  # the first example imports
@given(st.sampled_from(KEYS), json_values)
def test_no_value_breaks_the_explanation(key, value):
    """Whatever stands at a key, the configuration is accepted or explained, and nothing else happens."""
    base = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    base["runs"]["digits"][key] = value
    try:
        load_config(base, [ROOT / "config" / "config.yaml"])
    except ConfigError as error:
        assert "runs.digits" in str(error)


def test_labels_depend_on_the_sample_alone(tiny_config):
    def labels(count, choice):
        run = load_config(
            changed(changed(tiny_config, "runs.digits.samples.count", count), "runs.digits.labels", choice)
        )
        return [run.runs["digits"].request(sample)["label"] for sample in range(count)]

    for choice in ("balanced", "random", [3, 1, 4, 1, 5]):
        assert labels(60, choice)[:40] == labels(40, choice)
    assert sorted(set(labels(40, "balanced"))) == list(range(10))
    assert labels(40, [3, 1])[:4] == [3, 1, 3, 1]


def test_imagenet_classes_are_in_synset_order():
    from denoscope.denoisers.edm.classes import imagenet_classes

    names = imagenet_classes()
    assert len(names) == 1000
    golden = {
        0: "tench",
        1: "goldfish",
        207: "golden retriever",
        281: "tabby",
        388: "giant panda",
        999: "toilet tissue",
    }
    assert {index: names[index] for index in golden} == golden
    assert (
        read_config(Path(ROOT / "config/dmd2-imagenet64.yaml")).runs["dmd2-fid1.28"].request(1)["class"] == "goldfish"
    )
