"""Words of a prompt as columns: every occurrence, every part, for the tokenizers of text encoders."""

import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CLIPTokenizer, PreTrainedTokenizerFast, T5Tokenizer

from denoscope.words.columns import columns_of, occurrences, words_in
from denoscope.words.errors import WordError
from denoscope.words.marks import escaped, read_marks
from denoscope.words.target import TokenGroup, TokenIndex
from denoscope.words.tokens import prompt_tokens

TEXTS = [
    "a red circle left of a blue square, and two swans kissing",
    "Une fée déjà vue près d'un château; naïve, çà et là",
    "der Fuß, die Füße, das Mädchen küsst den Frosch 12 times!",
    "漢字 と かな の 絵, 😀 smiling 🚀 rockets",
] * 4
LENGTH = 120  # more than the longest prompt here has, where nothing is to be cut


def clip():
    """Byte-level BPE with the end of a word in its last token, as CLIP's: what SD reads prompts with."""
    blank = CLIPTokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=["<|startoftext|>", "<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    learnt = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learnt.normalizer, learnt.pre_tokenizer = blank.backend_tokenizer.normalizer, blank.backend_tokenizer.pre_tokenizer
    learnt.train_from_iterator(TEXTS, trainer)
    model = json.loads(learnt.to_str())["model"]
    return CLIPTokenizer(vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]])


def t5():
    """Unigram with the space before a word in its first token, as T5's and UMT5's: what WAN reads prompts with."""
    learnt = Tokenizer(models.Unigram())
    learnt.normalizer, learnt.pre_tokenizer = normalizers.NFKC(), pre_tokenizers.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=special, unk_token="<unk>", show_progress=False)
    learnt.train_from_iterator(TEXTS, trainer)
    vocabulary = json.loads(learnt.to_str())["model"]["vocab"]
    return T5Tokenizer(vocab=[tuple(entry) for entry in vocabulary], extra_ids=0)


def byte_level():
    """Byte-level BPE with the space before a word in its first token, as GPT-2's."""
    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer, learnt.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=["<s>", "</s>", "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learnt.train_from_iterator(TEXTS, trainer)
    learnt.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=learnt, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


MAKERS = {"clip": clip, "t5": t5, "bpe": byte_level}
KINDS = pytest.mark.parametrize("kind", list(MAKERS))


@cache
def tokenizer(kind):
    return MAKERS[kind]()


def found(kind, target, prompt, marked=()):
    tokens = prompt_tokens(tokenizer(kind), prompt, LENGTH)
    return tokens, columns_of(target, tokens, marked)


def covered(tokens, columns):
    """Characters that the columns stand for, without spaces."""
    return {i for column in columns for i in range(*tokens.spans[column]) if not tokens.prompt[i].isspace()}


WORDS = st.sampled_from(["kiss", "kissing", "red", "château", "Füße", "swans", "12", "naïve", "x", "Mädchen", "rocket"])


@KINDS
@settings(deadline=None)
@given(
    words=st.lists(WORDS, min_size=1, max_size=9), gap=st.sampled_from([" ", "  ", ", ", " (", ". "]), data=st.data()
)
def test_every_occurrence_and_every_part_of_a_word_is_found(kind, words, gap, data):
    word = data.draw(st.sampled_from(words))
    prompt = gap.join(words)
    tokens, columns = found(kind, word.upper() if data.draw(st.booleans()) and word.islower() else word, prompt)
    expected, place = set(), 0
    for each in words:
        expected |= set(range(place, place + len(each))) if each.casefold() == word.casefold() else set()
        place += len(each) + len(gap)
    assert covered(tokens, columns) >= expected
    others = [column for column in tokens.real if column not in columns]
    assert not covered(tokens, others) & expected
    assert all(covered(tokens, [column]) & expected for column in columns)


@KINDS
def test_a_word_is_the_same_after_a_space_and_after_a_mark(kind):
    bare = found(kind, "kiss", "two swans kiss")[1]
    marked = read_marks("two swans (kiss)")
    assert marked.text == "two swans kiss"
    assert marked.words == ("kiss",)
    assert found(kind, "kiss", marked.text, marked.spans)[1] == bare


@KINDS
def test_a_phrase_is_found_across_spaces_and_only_whole(kind):
    tokens, columns = found(kind, "blue square", "a blue  square, blue circle and a blue square")
    assert covered(tokens, columns) == {*range(2, 6), *range(8, 14), *range(34, 38), *range(39, 45)}
    with pytest.raises(WordError, match="no word of the prompt"):
        found(kind, "square blue", "a blue square")


@KINDS
def test_a_word_that_is_half_read_is_an_error(kind):
    whole = prompt_tokens(tokenizer(kind), "red circleswans", LENGTH)
    columns = columns_of("circleswans", whole)
    assert len(columns) > 1
    half = prompt_tokens(tokenizer(kind), "red circleswans", len(whole.real) + sum(whole.special) - 1)
    with pytest.raises(WordError, match="stands at character 4 .*shorten the prompt"):
        columns_of("circleswans", half)
    assert columns_of("red", half) == columns_of("red", whole)


@KINDS
def test_a_part_of_a_word_counts_only_where_it_is_marked(kind):
    with pytest.raises(WordError, match=r"'kiss' is no word of the prompt 'kissing'; its tokens are \d+ '"):
        found(kind, "kiss", "kissing")
    marked = read_marks("(kiss)ing")
    tokens, columns = found(kind, "kiss", marked.text, marked.spans)
    assert covered(tokens, columns) >= {0, 1, 2, 3}


@KINDS
def test_words_beside_combining_marks_and_without_spaces(kind):
    assert list(occurrences("e", "e\u0301 e")) == [(3, 4)]
    tokens, columns = found(kind, "字", "漢字絵")
    assert 1 in covered(tokens, columns)


@KINDS
def test_groups_and_places(kind):
    prompt = "a red circle"
    tokens = prompt_tokens(tokenizer(kind), prompt, LENGTH)
    real, special, padding = (columns_of(TokenGroup(group=group), tokens) for group in ("all", "special", "padding"))
    assert sorted((*real, *special, *padding)) == list(range(LENGTH))
    assert len(special) == (1 if kind == "t5" else 2)
    assert max(real) < min(padding)
    assert covered(tokens, real) == {i for i, c in enumerate(prompt) if c != " "}
    assert columns_of(TokenIndex(index=3), tokens) == (3,)
    with pytest.raises(WordError, match=f"no token {LENGTH}"):
        columns_of(TokenIndex(index=LENGTH), tokens)


@KINDS
def test_a_word_beyond_the_encoder_is_told(kind):
    tokens = prompt_tokens(tokenizer(kind), "swans " + "red " * 200 + "swans", LENGTH)
    with pytest.raises(WordError, match=r"reads it to character \d+ .*shorten the prompt; its tokens are \d "):
        columns_of("swans", tokens)
    assert tokens.prompt[tokens.cut :].startswith(("red", " red"))
    assert columns_of("red", prompt_tokens(tokenizer(kind), "red " * 5, LENGTH))


def test_words_in_a_prompt_are_without_punctuation():
    assert words_in('A "red" swan, well-lit -- a swan. 漢字') == ("A", "red", "swan", "well-lit", "a", "漢字")
    assert words_in("") == ()


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("a (b", "is missing: a mark is not closed"),
        ("a b)", "character 3 .* closes what nothing opened"),
        ("((b))", "character 1 .* opens within another"),
        ("a ( ) b", "closes a mark without a word"),
    ],
)
def test_marks_that_do_not_pair_are_told(prompt, told):
    with pytest.raises(WordError, match=told):
        read_marks(prompt)


@given(st.lists(st.tuples(st.text(max_size=8), st.booleans()), max_size=6))
def test_marks_go_and_what_is_escaped_stays(parts):
    shown = [(text, marked and bool(text.strip())) for text, marked in parts]
    prompt = "".join(f"({escaped(text)})" if marked else escaped(text) for text, marked in shown)
    found_marks = read_marks(prompt)
    assert found_marks.text == "".join(text for text, _ in shown)
    assert [found_marks.text[a:b] for a, b in found_marks.spans] == [text.strip() for text, marked in shown if marked]
    assert read_marks(escaped(found_marks.text)).text == found_marks.text


def test_a_repeated_mark_is_one_word():
    assert read_marks("a (cat) and a (cat), (dog)").words == ("cat", "dog")
