"""Prompts from files: what was written is read, and what is wrong is told with its line."""

import csv
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from denoscope.settings.prompts import PromptFile, PromptsError

texts = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=30), max_size=8)


def written_csv(path, prompts, column):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["seed", column], *([n, prompt] for n, prompt in enumerate(prompts))])


def written_jsonl(path, prompts, column):
    path.write_text("".join(json.dumps({"n": 1, column: p}) + "\n" for p in prompts), encoding="utf-8")


def written_parquet(path, prompts, column):
    pq.write_table(pa.table({column: pa.array(prompts, pa.string()), "other": range(len(prompts))}), path)


WRITERS = {".csv": written_csv, ".jsonl": written_jsonl, ".parquet": written_parquet}


@pytest.mark.parametrize("suffix", list(WRITERS))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompts=texts, column=st.sampled_from(["prompt", "a b", "ä"]))
def test_a_column_of_a_table_is_read_as_it_was_written(tmp_path, suffix, prompts, column):
    path = tmp_path / f"prompts{suffix}"
    WRITERS[suffix](path, prompts, column)
    assert PromptFile(file=str(path), column=column).read() == tuple(p for p in prompts if p.strip())


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompts=texts, end=st.sampled_from(["\n", "\r\n"]), mark=st.sampled_from(["", "\ufeff"]))
def test_lines_are_read_as_they_were_written(tmp_path, prompts, end, mark):
    lines = [prompt.replace("\n", " ").removeprefix("\ufeff") for prompt in prompts]
    path = tmp_path / "prompts.txt"
    path.write_bytes((mark + end.join(lines)).encode())
    assert PromptFile(file=str(path)).read() == tuple(line for line in lines if line.strip())


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", b"", "files of prompts end in .txt, .csv, .jsonl, .parquet, this one in .json"),
        ("a", b"", "this one in nothing"),
        ("a.txt", b"fine\n\xff", "no UTF-8 text (invalid start byte at byte 5)"),
        ("a.csv", b"text,seed\na,1\n", "no column 'prompt'; its columns are 'text', 'seed': set prompts.column"),
        ("a.csv", b"", "its columns are none"),
        ("a.csv", b"seed,prompt\n1\n", "line 2: the prompt is null, no text"),
        ("a.csv", b'prompt\n"a"b\n', "line 2: "),
        ("a.jsonl", b'{"prompt": "a"}\n{"prompt": \n', "line 2 is no JSON"),
        ("a.jsonl", b"[1]", "line 1 is no object with a key 'prompt'"),
        ("a.jsonl", b'\n{"text": "a"}', "line 2 has no key 'prompt'; it has 'text'"),
        ("a.jsonl", b'{"prompt": 3}', "line 1: the prompt is 3, no text"),
        ("a.parquet", b"PAR1", "it is damaged, or no Parquet"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PromptsError, match=re.escape(told)):
        PromptFile(file=str(tmp_path / name)).read()


def test_a_missing_prompt_of_a_parquet_table_is_told(tmp_path):
    pq.write_table(pa.table({"prompt": ["a", None]}), tmp_path / "a.parquet")
    with pytest.raises(PromptsError, match="row 1: the prompt is null"):
        PromptFile(file=str(tmp_path / "a.parquet")).read()
    pq.write_table(pa.table({"text": ["a", None]}), tmp_path / "a.parquet")
    with pytest.raises(PromptsError, match="no column 'prompt'; its columns are 'text'"):
        PromptFile(file=str(tmp_path / "a.parquet")).read()
