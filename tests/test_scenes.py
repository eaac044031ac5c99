"""Scenes of known content: what a caption says is drawn, and what is drawn is measured."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from denoscope.scenes.drawing import GROUNDS, draw, film
from denoscope.scenes.measuring import agrees, find, shows
from denoscope.scenes.motion import FRAMES, SIDE, all_motions, path, split_motions
from denoscope.scenes.scene import KINDS, Caption, all_captions, arranged, split_captions, vocabulary
from denoscope.scenes.watching import Seen, seen

SIZE = 64
CAPTIONS = all_captions()


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(CAPTIONS), st.integers(0, 2**32 - 1), st.integers(*GROUNDS))
def test_what_is_drawn_from_a_caption_is_measured(caption, seed, ground):
    things = arranged(caption, np.random.default_rng(seed))
    found = find(draw(things, SIZE, ground))
    assert agrees(found, caption)
    for thing in things:
        one = next(one for one in found if one.kind == thing.kind)
        assert one.centre == pytest.approx((thing.x, thing.y), abs=1 / SIZE)
        assert one.mask[int(thing.y * SIZE), int(thing.x * SIZE)]


def test_a_picture_agrees_with_no_other_caption():
    caption = Caption((KINDS[0], KINDS[4]), "left of")
    found = find(draw(arranged(caption, np.random.default_rng(0)), SIZE))
    others = [other for other in CAPTIONS if agrees(found, other)]
    assert others == [caption, Caption((KINDS[4], KINDS[0]), "right of")]
    assert sum(shows(found, other) for other in CAPTIONS) == 8
    assert not shows([*found, found[0]], caption)


def test_noise_shows_nothing():
    noise = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    assert find(noise) == []


def test_captions_are_held_out_whole_and_every_word_is_trained_on():
    trained, held = split_captions(200, 0)
    assert len(held) == 200
    assert not {*trained} & {*held}
    assert {*trained} | {*held} == {*CAPTIONS}
    assert vocabulary(trained) == vocabulary(CAPTIONS)
    assert split_captions(200, 0)[1] == held != split_captions(200, 1)[1]
    assert str(Caption((KINDS[0], KINDS[4]), "above")) == "a red circle above a green square"


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(all_motions()), st.integers(0, 2**32 - 1), st.integers(*GROUNDS))
def test_a_film_drawn_from_a_caption_is_measured(motion, seed, ground):
    frames = film(path(motion, 9, np.random.default_rng(seed)), SIZE, ground)
    assert frames.shape == (9, SIZE, SIZE, 3)
    assert seen(frames) == Seen(motion.kind, motion.direction)
    assert seen(frames[::-1]) != seen(frames)


def test_blurred_films_of_few_pixels_are_measured():
    """As an autoencoder shows them."""
    generator, motions = np.random.default_rng(5), all_motions()[::2]
    films = [film(path(motion, FRAMES, generator), SIDE).astype(float) for motion in motions]
    found = [seen(gaussian_filter(frames, (0, 0.8, 0.8, 0)).round().astype(np.uint8)) for frames in films]
    right = [one == Seen(motion.kind, motion.direction) for one, motion in zip(found, motions, strict=True)]
    assert np.mean(right) >= 0.94  # frame by frame it would be 0.90


def test_what_stands_still_or_changes_is_said():
    motion = all_motions()[0]
    still = film(path(motion, 9, np.random.default_rng(0))[:1] * 9, SIZE)
    assert seen(still) == Seen(motion.kind, None)
    other = film(path(all_motions()[-1], 9, np.random.default_rng(0)), SIZE)
    assert seen(np.concatenate([still[:4], other[:4]])) == Seen(None, None)
    assert seen(np.full_like(still, 245)) == Seen(None, None)


def test_films_captions_are_held_out_whole():
    trained, held = split_motions(200, 0)
    assert len(held) == 200
    assert not {*trained} & {*held}
    assert {*trained} | {*held} == {*all_motions()}
    assert str(all_motions()[0]) == "a small red circle moving up slowly"
