"""What a configuration may say, and how clearly a wrong one is refused."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from denoscope.config import ConfigError, json_schema, load_config, read_config
from denoscope.config.reference import markdown

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


def test_configuration_needs_neither_torch_nor_pandas():
    code = "import sys, denoscope.config, denoscope.workflow.cfg, denoscope.workflow.inputs; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "pandas", "pyarrow", "umap", "sklearn", "matplotlib"} & set(modules)


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
