"""The repository keeps its own promises: pins agree, imports point one way, documents are true."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import duckdb
import pytest
import yaml

import denoscope
from denoscope.workflow.library import share_library

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "denoscope"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def requirement_name(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower()


def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split(";")[0].strip().split("==") for line in lines if "==" in line and not line.startswith("#")]
    return {name.lower().replace("_", "-"): version for name, version in pairs}


def imports(path):
    """Modules of the package that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize(("env", "extras"), [("analysis", []), ("models", ["models"]), ("publish", ["publish"])])
def test_conda_environments_equal_the_package(env, extras):
    document = yaml.safe_load((ROOT / "envs" / f"{env}.yaml").read_text())
    wanted = [*PROJECT["dependencies"], *(r for extra in extras for r in PROJECT["optional-dependencies"][extra])]
    names = sorted(requirement_name(requirement) for requirement in wanted)
    assert document["dependencies"][-1]["pip"] == [f"{name}=={pins()[name]}" for name in names]


def test_every_dependency_is_pinned():
    wanted = [*PROJECT["dependencies"], *(r for extra in PROJECT["optional-dependencies"].values() for r in extra)]
    for requirement in wanted:
        assert requirement_name(requirement).split("[")[0] in pins(), requirement


def test_cffs_version_is_the_packages():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("stage", ["settings", "config", "workflow", "trace", "maps", "render", "report"])
def test_reading_and_drawing_need_no_torch(stage):
    code = (
        "import importlib, pkgutil, sys\nimport denoscope." + stage + " as package\n"
        "for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\nsys.exit('torch' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_imports_point_one_way():
    forbidden = {
        "report": (),
        "render": ("report", "maps", "denoisers", "networks", "sampling", "taps", "training"),
        "maps": ("report", "render", "denoisers", "networks", "sampling", "taps", "training"),
        "trace": ("report", "render", "maps", "denoisers", "networks", "sampling", "taps", "training"),
        "taps": ("report", "render", "maps", "trace", "denoisers", "networks", "sampling", "training"),
        "networks": ("report", "render", "maps", "trace", "taps", "denoisers", "sampling", "training"),
        "settings": ("report", "render", "maps", "trace", "taps", "denoisers", "networks", "sampling", "training"),
        "runtime": ("report", "render", "maps", "trace", "taps", "denoisers", "networks", "sampling", "training"),
    }
    for path in PACKAGE.rglob("*.py"):
        stage = path.relative_to(PACKAGE).parts[0]
        for module in imports(path):
            assert not module.startswith(("scripts", "snakemake", "tests")), f"{path} imports {module}"
            for other in forbidden.get(stage, ("report",)):
                assert not module.startswith(f"denoscope.{other}"), f"{path} imports {module}"


SCRIPTS = {"train_pipeline": "train_model"}
"""Rules that only their outputs tell from another's: with the script and the settings of that one."""
FOLDERS = {"train_pipeline"}
"""Rules that make a folder whose files only a configuration names: the others say which files they make."""


def test_rules_are_complete_and_ask_for_little():
    """Log, benchmark, environment, resources, one cfg; retries belong to the profile: rules would repeat them twice."""
    for path in (ROOT / "rules").glob("*.smk"):
        for body in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            name = body.split(":")[0]
            script = SCRIPTS.get(name, name)
            for part in ("log:", "benchmark:", "conda:", "resources:", "mem_mb=", "runtime=", f"cfg=cfg.{script},"):
                assert part in body, f"rule {name} in {path.name} has no {part}"
            assert f'"../scripts/{script}.py"' in body
            for part in ("retries", "gres", "lambda", "\n    run:", "message:"):
                assert part not in body, f"rule {name} in {path.name} has {part}"
            assert ("directory(" in body) == (name in FOLDERS), f"rule {name} in {path.name}"
            assert int(re.search(r"mem_mb=(\d+)", body)[1]) >= 500


def test_hashes_of_sources_ignore_what_is_no_source(tmp_path, monkeypatch):
    """An editor's swap file or a finder's folder list must not sample everything again."""
    from denoscope.workflow import sources

    package = tmp_path / "denoscope"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(sources, "PACKAGE", package)
    monkeypatch.setattr(sources, "NEUTRAL", set())

    def found():
        sources._data_files.cache_clear()
        sources._file_hash.cache_clear()
        return sources.source_hash(package / "report" / "page" / "build.py")

    before = found()
    (package / "report" / "page" / ".build.py.swp").write_text("x")
    (package / "report" / "page" / "assets" / ".DS_Store").write_text("x")
    assert found() == before
    (package / "report" / "page" / "assets" / "page.css").write_text("body { color: red }")
    assert found() != before
    sources._data_files.cache_clear()
    sources._file_hash.cache_clear()


def test_jobs_in_environments_of_their_own_find_the_library(monkeypatch, tmp_path):
    """As in a conda environment: what the library needs is there, the library itself is not."""
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    share_library()
    code = f"import sys, denoscope; sys.exit(not denoscope.__file__.startswith({str(ROOT)!r}))"
    environment = {"PYTHONPATH": os.environ["PYTHONPATH"]}
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0
    assert os.environ["PYTHONPATH"].endswith("/elsewhere")


def documents():
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_make_targets_in_documents_exist(path):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", path.read_text())) <= targets


@pytest.mark.slow
@pytest.mark.parametrize("document", ["README.md", "docs/trace.md", "docs/maps.md"])
def test_python_in_documents_runs(mini, monkeypatch, dataset_cache, document):
    monkeypatch.chdir(mini[0])
    for block in re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), flags=re.DOTALL):
        exec(compile(block, document, "exec"), {})
    assert denoscope.open_run("results/digits").layers


@pytest.mark.slow
@pytest.mark.parametrize("document", ["docs/trace.md", "docs/maps.md"])
def test_sql_in_documents_runs(mini, monkeypatch, document):
    monkeypatch.chdir(mini[0])
    blocks = re.findall(r"```sql\n(.*?)```", (ROOT / document).read_text(), flags=re.DOTALL)
    assert all(duckdb.sql(block).fetchall() for block in blocks)
    assert blocks
