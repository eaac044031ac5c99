"""Animations of texts: marks on the right tokens, nothing moves, right durations, the same bytes."""

import warnings
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import av
import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from denoscope.render.encode import write_webp
from denoscope.render.text import characters
from denoscope.render.tokens import CompactAnimation, DetailedAnimation, SideBySide
from denoscope.render.tokens.film import MARGIN
from denoscope.render.tokens.flow import Content, flow
from denoscope.render.tokens.glyphs import Typeface
from denoscope.render.tokens.header import caption
from denoscope.render.tokens.heat import ENTROPY, IMPORTANCE, shades
from denoscope.render.tokens.theme import THEMES, contrast
from denoscope.render.tokens.together import synchronous
from denoscope.text.changes import Change
from denoscope.text.pieces import token_table
from denoscope.text.trajectory import TextTrajectory

WORDS = ["The", " extraordinarily", " long", " i", "mag", "ination", " of", " a", ".", "\n", " Nevertheless", ",", " m"]
FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
ONLY_STIX = chr(min(characters(str(FONTS / "STIXGeneral.ttf")) - characters("sans") - characters("mono")))


def revealing(words=tuple(WORDS), prompt=1, seed=0, **measured):
    """Masks go one by one."""
    order = np.random.default_rng(seed).permutation(np.arange(prompt, len(words)))
    rank = np.zeros(len(words), int)
    rank[order] = 1 + np.arange(len(order))
    states = [
        [word if seen <= step else "[MASK]" for word, seen in zip(words, rank, strict=True)]
        for step in range(len(order) + 1)
    ]
    return TextTrajectory.from_strings(states, prompt=prompt, times=np.linspace(1, 0, len(states)), **measured)


def remasking(steps=6, seed=1):
    """Masks come and go, words change."""
    generator = np.random.default_rng(seed)
    words = [w for w in WORDS if w != "\n"]
    words += ["[MASK]"] * (20 - len(words))
    drawn = [["The", *(words[index] for index in generator.integers(0, 20, 9))] for _ in range(steps)]
    return TextTrajectory.from_strings([["The"] + ["[MASK]"] * 9, *drawn], prompt=1)


def measured_text():
    """Importance and entropy of all steps but the last, entropy of masked tokens alone."""
    plain = revealing()
    generator = np.random.default_rng(0)
    values = generator.uniform(0, 1, (2, *plain.masked[:-1].shape))
    return replace(plain, importance=values[0], entropy=np.where(plain.masked[:-1], 9 * values[1], np.nan))


def regions(animation, trajectory):
    """Rows and columns of every token's tile in a frame."""
    pane = animation.pane(trajectory, "", [trajectory])
    for box in pane.boxes:
        top, left = MARGIN + pane.top(box.line), MARGIN + pane.indent + box.left
        yield slice(top, top + pane.tiles.height), slice(left, left + box.width)


def has(frame, colour):
    return (frame == np.array(colour)).all(axis=-1)


def footer_top(animation, trajectory):
    return 2 * MARGIN + animation.pane(trajectory, "", [trajectory]).height


KINDS = [CompactAnimation, DetailedAnimation]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theme", THEMES)
def test_marks_are_on_the_tokens_that_changed(kind, theme):
    """By token, however many characters it has."""
    trajectory, animation = remasking(), kind(theme=theme)
    palette = animation.palette
    marks = {Change.REVEALED: palette.revealed, Change.CHANGED: palette.changed, Change.REMASKED: palette.remasked}
    frames = animation.frames(trajectory)
    assert set(trajectory.changes.ravel().tolist()) == set(Change)
    for step, frame in enumerate(frames):
        body = frame[: footer_top(animation, trajectory)].copy()
        for position, (rows, columns) in enumerate(regions(animation, trajectory)):
            change = trajectory.changes[step, position]
            for marked, colour in marks.items():
                assert has(body[rows, columns], colour).any() == (change == marked), (step, position)
            body[rows, columns] = palette.paper
        assert not any(has(body, colour).any() for colour in marks.values())  # and nowhere else


@pytest.mark.parametrize("kind", KINDS)
def test_only_tokens_that_change_are_drawn_differently(kind):
    """Every token keeps its place in all frames."""
    trajectory, animation = remasking(), kind()
    frames = animation.frames(trajectory)
    assert len({frame.shape for frame in frames}) == 1
    top = MARGIN + animation.pane(trajectory, "", [trajectory]).header.height
    for step, (before, after) in enumerate(pairwise(frames), start=1):
        differs = (before != after).any(axis=-1)[top:]
        for position, (rows, columns) in enumerate(regions(animation, trajectory)):
            same = (
                trajectory.pieces[step][position] == trajectory.pieces[step - 1][position]
                and trajectory.changes[step, position] == trajectory.changes[step - 1, position]
            )
            tile = differs[rows.start - top : rows.stop - top, columns]
            assert tile.any() != same
            tile[:] = False
        assert not differs.any()


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_frame_shows_the_prompt_and_masks_alone(kind):
    trajectory, animation = revealing(prompt=2), kind()
    first = animation.frames(trajectory)[0]
    for position, (rows, columns) in enumerate(regions(animation, trajectory)):
        tile = first[rows, columns]
        assert has(tile, animation.palette.prompt).any() == (position < 2)
        assert has(tile, animation.palette.faint).any() == (position >= 2)
        assert has(tile, animation.palette.muted).any() == (position >= 2)  # the placeholder
        assert not has(tile, animation.palette.ink).any()
    assert "100 % masked" in caption(trajectory, 0)


def test_captions_count_steps_and_masks():
    trajectory = revealing()
    captions = [caption(trajectory, step).replace("\u2007", "") for step in range(13)]
    assert captions[0] == "step 0 / 12   100 % masked   t = 1"
    assert captions[3] == "step 3 / 12   75 % masked   t = 0.75"
    assert captions[12] == "step 12 / 12   0 % masked   t = 0"
    assert [caption(trajectory.limited(3), step).split("/")[0].replace("\u2007", "") for step in range(3)] == [
        "step 0 ",
        "step 6 ",
        "step 12 ",
    ]


def test_the_bar_says_how_far_the_run_is():
    trajectory, animation = revealing(), CompactAnimation()
    frames = animation.frames(trajectory)
    height = MARGIN + animation.pane(trajectory, "", [trajectory]).header.height
    for step, frame in enumerate(frames):
        filled = has(frame[MARGIN:height], animation.palette.prompt).sum(axis=1).max()
        assert filled == round(800 * step / 12)
    plain = CompactAnimation(show_steps=False).frames(trajectory)
    assert plain[0].shape[0] < frames[0].shape[0]
    np.testing.assert_array_equal(plain[5][:MARGIN], plain[0][:MARGIN])


def test_a_new_line_begins_after_a_newline_token():
    animation, trajectory = CompactAnimation(), revealing()
    boxes = animation.pane(trajectory, "", [trajectory]).boxes
    newline = WORDS.index("\n")
    assert boxes[newline].line == boxes[newline - 1].line
    assert boxes[newline + 1].line == boxes[newline].line + 1
    assert boxes[newline + 1].left == 0
    assert boxes[newline + 1].lead > 0  # its space is an indentation; at a wrapped line's beginning it is none


CONTENT = st.builds(
    Content,
    st.integers(1, 60),
    st.sampled_from([0, 6]),
    st.integers(1, 67),
    st.booleans(),
    st.sampled_from([0, 0, 0, 1]),
)


@given(st.lists(CONTENT, min_size=1, max_size=40))
def test_boxes_never_overlap_and_stay_within_the_width(positions):
    positions = [replace(one, cost=one.bare + one.lead + 1) for one in positions]
    boxes = flow(positions, 1, 101, 100)
    assert all(box.left >= 0 and box.left + box.width <= 100 for box in boxes)
    for (before, content), after in zip(zip(boxes, positions, strict=True), boxes[1:], strict=False):
        if after.line == before.line:
            assert content.breaks == 0
            assert after.left == before.left + before.width + 1
        else:
            assert after.left == 0
            assert after.line == before.line + max(1, content.breaks)


def test_lines_break_after_so_many_characters():
    words = [f" {'w' * length}" for length in (3, 5, 2, 8, 1, 4, 4, 9, 2)]
    trajectory = TextTrajectory.from_strings([words])
    boxes = CompactAnimation(chars_per_line=14).pane(trajectory, "", [trajectory]).boxes
    lines = [sum(len(w) for w, box in zip(words, boxes, strict=True) if box.line == line) for line in range(6)]
    assert lines == [13, 11, 10, 13, 0, 0]


def test_a_token_wider_than_the_picture_is_shortened():
    trajectory = TextTrajectory.from_strings([["=" * 200, " end"]])
    frame = CompactAnimation(width=300).frames(trajectory)[0]
    assert frame.shape[1] == 300 + 2 * MARGIN


def test_words_stay_whole():
    """Tokens without a space before them go to the next line with their word."""
    words = [" aaaaaaaa", " bbbbbb", "cc", "dddd", " e"]
    trajectory = TextTrajectory.from_strings([words])
    boxes = CompactAnimation(chars_per_line=16).pane(trajectory, "", [trajectory]).boxes
    assert [box.line for box in boxes] == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_all_states_differ_without_colour(kind):
    """What is drawn on the ground differs, whatever the colours of both are."""
    tiles = kind().tiles
    drawn = {}
    for change in Change:
        tile = tiles.tile("wwwwwww", change, 90, 0)[:, 2:70]
        colours, counts = np.unique(tile.reshape(-1, 3), axis=0, return_counts=True)
        drawn[change] = ~has(tile, colours[counts.argmax()])
    for first, second in product(Change, Change):
        assert np.array_equal(drawn[first], drawn[second]) == (first == second)


@pytest.mark.parametrize("name", THEMES)
def test_every_text_stands_out_from_its_ground(name):
    theme = THEMES[name]
    grounds = [theme.paper, theme.tint(theme.revealed), theme.tint(theme.changed)]
    pairs = [(theme.ink, ground) for ground in grounds]
    pairs += [(theme.muted, theme.paper), (theme.muted, theme.faint), (theme.prompt, theme.paper)]
    assert min(contrast(ink, ground) for ink, ground in pairs) >= 4.5
    for quantity in (IMPORTANCE, ENTROPY):
        for shade in shades(quantity.colormap):
            assert max(contrast(shade, (0, 0, 0)), contrast(shade, (255, 255, 255))) >= 4.5
    assert min(contrast(theme.tint(a), theme.ink) for a in (theme.revealed, theme.changed)) >= 4.5
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def test_values_stand_below_their_tokens():
    trajectory, animation = measured_text(), DetailedAnimation()
    frames = animation.frames(trajectory)
    pane = animation.pane(trajectory, "", [trajectory])
    table = np.array(shades("viridis"))
    for step, position in product(range(len(frames)), range(len(WORDS))):
        box = pane.boxes[position]
        top = MARGIN + pane.top(box.line) + pane.tiles.height + pane.heats[0].height
        corner = frames[step][top, MARGIN + pane.indent + box.left]
        if step < 12 and trajectory.masked[step, position]:
            share = trajectory.entropy[step, position] / np.nanmax(trajectory.entropy)
            np.testing.assert_array_equal(corner, table[min(int(16 * share), 15)])
        else:
            assert corner.tolist() == [255, 255, 255]
    low, high = pane.heats[0].bounds
    assert (low, high) == (trajectory.importance.min(), trajectory.importance.max())
    assert len(DetailedAnimation(show_importance=False).pane(trajectory, "", [trajectory]).heats) == 1
    assert DetailedAnimation(entropy_bounds=(0, 20)).pane(trajectory, "", [trajectory]).heats[1].bounds == (0, 20)


def test_detailed_rows_hold_so_many_tokens():
    trajectory = measured_text()
    boxes = DetailedAnimation(per_row=4).pane(trajectory, "", [trajectory]).boxes
    assert [box.line for box in boxes] == [position // 4 for position in range(13)]
    assert len({box.width for box in boxes}) == 1
    free = DetailedAnimation(per_row=None, width=400)
    pane = free.pane(trajectory, "", [trajectory])
    assert max(box.left + box.width for box in pane.boxes) + pane.indent <= 400
    assert all(box.width >= heat.number_width for box in pane.boxes for heat in pane.heats)


def test_boxes_too_narrow_for_numbers_are_refused():
    with pytest.raises(ValueError, match=r"60 tokens a row have 12 pixels each, but need \d+: give a width") as caught:
        DetailedAnimation(per_row=60).frames(measured_text())
    enough = int(str(caught.value).partition("width of ")[2].split()[0])
    assert DetailedAnimation(per_row=60, width=enough).frames(measured_text())
    with pytest.raises(ValueError, match=f"give a width of {enough} or more, or a smaller size"):
        DetailedAnimation(per_row=60, width=enough - 1).frames(measured_text())


def test_a_long_placeholder_is_shortened():
    trajectory = TextTrajectory.from_strings([["[MASK]"] * 3, [" a", "b", "c"]])
    frames = CompactAnimation(width=72, placeholder="<to be filled in by the model>").frames(trajectory)
    assert frames[0].shape[1] == 72 + 2 * MARGIN


def test_characters_that_no_font_has_are_named_once_and_shown_as_boxes():
    trajectory = revealing((" 漢字", f" {ONLY_STIX}", " é😀σ", "漢\u200d\ufe0f"), prompt=0)
    with pytest.warns(UserWarning, match="no font has") as caught:
        frames = CompactAnimation().frames(trajectory)
    (warning,) = caught
    assert all(name in str(warning.message) for name in ("漢 (U+6F22)", "字 (U+5B57)", "as a second font, after sans"))
    assert "é" not in str(warning.message)
    boxes = CompactAnimation().frames(revealing((" □□", " □", " é😀σ", "□"), prompt=0))
    np.testing.assert_array_equal(frames[-1], boxes[-1])


@pytest.mark.parametrize(("word", "title"), [(" ע", ""), (" ع", ""), (" a", "ע")])
def test_scripts_from_right_to_left_are_named_once(word, title):
    with pytest.warns(UserWarning, match="written from right to left, but drawn from left to right") as caught:
        CompactAnimation().frames(revealing((word, " 5"), prompt=0), title)
    (warning,) = caught
    letter = title or word.strip()
    assert str(warning.message).startswith(f"{letter} (U+{ord(letter):04X}) are written")


def test_the_first_face_that_has_a_character_draws_it():
    stix = str(FONTS / "STIXGeneral.ttf")
    text = f"a{ONLY_STIX}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CompactAnimation(font=("mono", stix)).frames([[text]])
    mixed, alone, mono = (Typeface(faces, 20) for faces in (("mono", stix), (stix,), ("mono",)))
    pad = mixed.pad
    assert mixed.width(text) - 2 * pad == mono.width("a") + alone.width(ONLY_STIX) - 4 * pad
    assert not mixed.missing(text)
    assert mono.missing(text) == {ONLY_STIX}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"font": "/none.ttf"}, "font '/none.ttf' is not there; give 'sans', .*, or the path of a .ttf file"),
        ({"font": __file__}, "no TrueType or OpenType font|cannot be drawn"),
        ({"theme": "sepia"}, "theme 'sepia' is unknown; give one of light, dark"),
        ({"colours": {"inc": "#000000"}}, "colours of inc are unknown; give some of paper, ink"),
        ({"colours": {"ink": "#00000"}}, "unknown color specifier"),
        ({"width": 40}, "40 pixels are too few for letters of 18"),
        ({"fps": 0}, "fps is 0: give 0.0001 to 100 frames a second"),
        ({"fps": float("nan")}, "fps is nan"),
        ({"fps": float("inf")}, "fps is inf"),
        ({"hold": -1}, "hold is -1: give 0 to 86400 seconds"),
        ({"hold": float("inf")}, "hold is inf"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(options, message):
    with pytest.raises(ValueError, match=message):
        CompactAnimation(**options)


def test_colours_can_be_exchanged():
    frames = CompactAnimation(colours={"paper": "#f0f0f0", "revealed": (255, 87, 34)}).frames(revealing())
    assert frames[0][0, 0].tolist() == [240] * 3
    assert has(frames[5], (255, 87, 34)).any()


def controls_and_spaces():
    return TextTrajectory.from_strings([["a", "\t", "   ", "\x1b", "\u200b", "", "\u3000", "b"]])


def test_whitespace_and_controls_are_visible_or_spaces():
    animation, trajectory = CompactAnimation(), controls_and_spaces()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (frame,) = animation.frames(trajectory)
    inked = [has(frame[region], animation.palette.ink).any() for region in regions(animation, trajectory)]
    assert inked == [True, True, False, True, True, False, False, True]


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_animations_are_lossless_and_last_as_long_as_asked(tmp_path, suffix):
    trajectory, animation = measured_text(), DetailedAnimation(fps=7, hold=1.5, width=600)
    frames = animation.frames(trajectory)
    animation.save(trajectory, tmp_path / f"x.{suffix}")
    with Image.open(tmp_path / f"x.{suffix}") as image:
        assert image.n_frames == len(frames) == 13
        assert image.info["loop"] == 0
        total = 0
        for step, frame in enumerate(frames):
            image.seek(step)
            np.testing.assert_array_equal(np.asarray(image.convert("RGB")), frame)
            total += image.info["duration"]
    assert total == pytest.approx(1000 * 13 / 7 + 1500, abs=5 if suffix == "gif" else 0.5)


def test_equal_frames_last_as_long_in_a_webp(tmp_path):
    frames = [np.full((20, 30, 3), level, np.uint8) for level in (0, 0, 0, 90, 90)]
    write_webp(tmp_path / "x.webp", frames, fps=3, hold=2)
    with Image.open(tmp_path / "x.webp") as image:
        durations = []
        for step in range(image.n_frames):
            image.seek(step)
            image.load()
            durations.append(image.info["duration"])
    assert durations == [1000, 667 + 2000]


def test_mp4_has_a_frame_for_each_step(tmp_path):
    CompactAnimation().save(revealing(), tmp_path / "x.mp4", title="masked diffusion")
    with av.open(str(tmp_path / "x.mp4")) as file:
        assert sum(1 for _ in file.decode(video=0)) == 13 + 5


def test_frames_are_a_folder_of_pngs(tmp_path):
    animation, trajectory = CompactAnimation(), revealing()
    for _ in range(2):  # written again, frames replace frames
        animation.save(trajectory, tmp_path / "x.png", max_frames=4)
    files = sorted((tmp_path / "x").iterdir())
    assert [file.name for file in files] == [f"step-{step:04d}.png" for step in range(4)]
    expected = animation.frames(trajectory.limited(4))
    for file, frame in zip(files, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(Image.open(file)), frame)
    (tmp_path / "x" / "notes.txt").touch()
    with pytest.raises(ValueError, match="holds other things than frames"):
        animation.save(trajectory, tmp_path / "x.png")


@pytest.mark.parametrize(
    ("suffix", "timing", "message"),
    [
        ("gif", {"hold": 655.2}, r"stays for 655\.40 s, and a GIF can say 655\.35 at most"),
        ("gif", {"fps": 0.001}, r"stays for 1001\.00 s, and a GIF"),
        ("webp", {"hold": 17000}, r"and a WebP can say 16777\.2. at most"),
    ],
)
def test_a_frame_that_stays_longer_than_a_file_can_say_is_refused(tmp_path, monkeypatch, suffix, timing, message):
    animation = CompactAnimation(**timing)
    monkeypatch.setattr(animation, "frames", None)  # before anything is drawn
    for one in (animation, SideBySide(animation)):
        with pytest.raises(ValueError, match=message):
            one.save([], tmp_path / f"x.{suffix}")


def test_an_unknown_suffix_says_what_is_possible(tmp_path):
    with pytest.raises(ValueError, match=r"x.avi: .* \.gif, \.mp4, \.webp, or \.png for a folder of frames"):
        CompactAnimation().save(revealing(), tmp_path / "x.avi")


@pytest.mark.parametrize("suffix", ["gif", "mp4", "webp"])
def test_the_same_bytes_twice(tmp_path, suffix):
    for name in "ab":
        DetailedAnimation(width=500).save(measured_text(), tmp_path / f"{name}.{suffix}")
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_numbers_and_strings_give_the_same_frames():
    vocabulary = {"[MASK]": 0, "the": 1, "cat": 2, "sat": 3}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[MASK]"))
    tokenizer.decoder = decoders.Fuse()
    numbers = [[1, 0, 0], [1, 0, 3], [1, 2, 3]]
    strings = [["the", "[MASK]", "[MASK]"], ["the", "[MASK]", "sat"], ["the", "cat", "sat"]]
    expected = CompactAnimation(prompt=1).frames(strings)
    for ids in (numbers, np.array(numbers)):
        for frame, other in zip(CompactAnimation(tokenizer, mask_id=0, prompt=1).frames(ids), expected, strict=True):
            np.testing.assert_array_equal(frame, other)
    with pytest.raises(ValueError, match=r"numbers need a tokenizer: CompactAnimation\(tokenizer\)"):
        CompactAnimation().frames(numbers)
    with pytest.raises(ValueError, match="at least one step"):
        CompactAnimation().frames([])


def test_the_mask_is_found_in_any_tokenizer(tmp_path):
    """Bare or wrapped, as a file, a folder or a table, whatever the mask is called; else it must be told."""
    numbers = np.array([[1, 2, 2], [1, 0, 3]])
    for mask in ("<mask>", "[MASK]", "<|mdm_mask|>"):
        bare = Tokenizer(models.WordLevel({" a": 0, " b": 1, mask: 2, " c": 3}, unk_token=" a"))
        bare.decoder = decoders.Fuse()
        bare.save(str(tmp_path / "tokenizer.json"))
        sources = (bare, PreTrainedTokenizerFast(tokenizer_object=bare), tmp_path / "tokenizer.json", token_table(bare))
        for source in (*sources, str(tmp_path)):
            assert CompactAnimation(source).read(numbers).masked.tolist() == [[False, True, True], [False] * 3]
    assert not CompactAnimation(bare, mask_id=9).read(numbers).masked.any()
    bare = Tokenizer(models.WordLevel({"a": 0, "b": 1, "c": 2, "d": 3}, unk_token="a"))
    with pytest.raises(ValueError, match="the tokenizer has no mask: give mask_id"):
        CompactAnimation(bare).frames(numbers)


def test_tokens_that_are_not_yet_written_are_blank():
    ids = np.array([[4, -1, -1], [4, 5, -1], [4, 5, 6]])
    tokenizer = Tokenizer(models.WordLevel({f"w{n}": n for n in range(9)}, unk_token="w0"))
    trajectory = TextTrajectory.from_ids(ids, tokenizer, -1, 1)
    animation = CompactAnimation()
    frames = animation.frames(trajectory)
    for step, frame in enumerate(frames):
        for position, region in enumerate(regions(animation, trajectory)):
            assert has(frame[region], animation.palette.paper).all() == (position > step)
    assert "50 % unwritten" in caption(trajectory, 1).replace("\u2007", "")


@given(st.lists(st.integers(1, 12), min_size=2, max_size=4), st.sampled_from(["fraction", "step"]))
@settings(deadline=None)
def test_one_clock_for_runs_of_any_length(lengths, clock):
    runs = [revealing(WORDS[:length], prompt=0) for length in lengths]
    shown = synchronous(runs, clock)
    assert {len(one.pieces) for one in shown} == {max(lengths) + 1}
    for run, one in zip(runs, shown, strict=True):
        numbers = one.numbers.tolist()
        assert (numbers[0], one.pieces[-1]) == (0, run.pieces[-1])
        assert set(numbers) == set(range(len(run.pieces)))
        ticks = np.arange(max(lengths) + 1)
        last = len(run.pieces) - 1
        expected = np.minimum(ticks, last) if clock == "step" else ticks * last // max(lengths)
        assert numbers == expected.tolist()
        assert (one.changes == Change.REVEALED).sum() == last  # each is marked once, also where a run waits


@pytest.mark.parametrize("clock", ["fraction", "step"])
@pytest.mark.parametrize("direction", ["columns", "rows"])
def test_texts_side_by_side(direction, clock):
    """Each looks as it does alone."""
    animation, titles, runs = CompactAnimation(width=300), ["A", "B"], [revealing(WORDS[:4], prompt=0), remasking(9)]
    together = SideBySide(animation, direction, clock)
    frames = together.frames(runs, titles)
    assert len(frames) == 10
    corner = np.array([MARGIN, MARGIN])
    for run, title in zip(synchronous(runs, clock), titles, strict=True):
        pane = animation.pane(run, title, [run])
        for frame, alone in zip(frames, animation.frames(run, title), strict=True):
            there, here = (
                shot[top:, left:][: pane.height, : pane.width]
                for shot, (top, left) in ((frame, corner), (alone, (MARGIN, MARGIN)))
            )
            np.testing.assert_array_equal(there, here)
        corner += (0, pane.width + 2 * MARGIN) if direction == "columns" else (pane.height + 2 * MARGIN, 0)
    assert len(together.frames(runs, max_frames=3)) == 3


def test_compared_texts_share_their_colour_scales():
    first = measured_text()
    second = replace(first, entropy=3 * first.entropy)
    animation = DetailedAnimation()
    panes = [animation.pane(one, "", [first, second]) for one in (first, second)]
    assert panes[0].heats[1].bounds == panes[1].heats[1].bounds == (0, np.nanmax(second.entropy))


def test_comparisons_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="direction 'diagonal' is unknown; give one of columns, rows"):
        SideBySide(CompactAnimation(), "diagonal")
    with pytest.raises(ValueError, match="1 trajectories and 1 titles; give two or more"):
        SideBySide(CompactAnimation()).frames([revealing()])
    with pytest.raises(ValueError, match="1 frames are too few"):
        SideBySide(CompactAnimation()).frames([revealing(), revealing()], max_frames=1)
