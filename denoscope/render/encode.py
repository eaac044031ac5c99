"""Encodes frames as MP4, AVI, GIF, WebP and PNG, to the same bytes on every processor.

PyAV writes MP4 and GIF: Pillow merges equal consecutive GIF frames, so that frames no longer count steps, and
truncates their durations to whole hundredths one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, repeat
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from PIL import Image

from denoscope.runtime.files import replacing

BT601, SRGB_PRIMARIES, SRGB_TRANSFER, LIMITED_RANGE = 6, 1, 1, 1
BITEXACT_SCALING = 0x40000 | 0x80000 | 0x4000 | 0x4  # accurate rounding, bit-exact, full chroma, bicubic

BITEXACT = {"fflags": "+bitexact"}
JPEG_QUALITY, FFMPEG_LAMBDA = 2, 118
"""Quantiser of JPEG, of which 1 is the finest, and FFmpeg's unit of it (FF_QP2LAMBDA)."""

MOVING, STEADY = ("20", "keyint=12"), ("22", "keyint=250:ref=8:b-adapt=2")
"""Quality and search of H.264: text comes back letter by letter, so that many frames before are worth a look."""

SLOWEST, FASTEST = 1e-4, 100.0
"""Frames per second: FFmpeg's MP4 fails at a tenth of the one, and a GIF counts no shorter delays than the other's."""
LONGEST_HOLD = 86_400.0
"""Seconds: a day."""


class Ticks(NamedTuple):
    """How a kind of file counts the delay of a frame: in what part of a second, and how far."""

    kind: str
    per_second: int
    longest: int


GIF, WEBP = Ticks("GIF", 100, 2**16 - 1), Ticks("WebP", 1000, 2**24 - 1)


def check_pace(fps: float, hold: float, *, told: str = "hold") -> None:
    """Refuse a pace at which no animation is written; arguments as :func:`write_mp4`, ``told`` what ``hold`` is called.

    Raises:
        ValueError: a number is none, or out of range.
    """
    for name, value, least, most, unit in (
        ("fps", fps, SLOWEST, FASTEST, "frames a second"),
        (told, hold, 0.0, LONGEST_HOLD, "seconds"),
    ):
        if not least <= value <= most:  # of which NaN is none
            raise ValueError(f"{name} is {value:g}: give {least:g} to {most:g} {unit}")


def write_mp4(path: Path, frames: Sequence[np.ndarray], fps: float, hold: float = 0.0, *, steady: bool = False) -> None:
    """Write H.264 that browsers play (yuv420p, colours tagged, index first).

    Args:
        path: the file.
        frames: uint8 ``[H, W, 3]``, all of one size; an odd size gains a line of paper.
        fps: frames per second.
        hold: seconds for which the last frame stays longer than the others, rounded to whole frames.
        steady: expect frames that differ in few places, such as texts, and store half as much; a player that jumps to
            one of them decodes those before it.

    Raises:
        ValueError: if ``fps`` or ``hold`` is out of range.
    """
    check_pace(fps, hold)
    rate = Fraction(fps).limit_denominator(10**6)
    # The bytes must depend neither on the number of threads nor on the instruction set.
    crf, search = STEADY if steady else MOVING
    options = {"crf": crf, "preset": "veryfast", "flags": "+bitexact", "x264-params": f"cpu-independent=1:{search}"}
    container = {"movflags": "+faststart", **BITEXACT}
    with replacing(path) as temporary, av.open(str(temporary), "w", format="mp4", options=container) as file:
        stream = file.add_stream("libx264", rate=rate, options=options)
        context = stream.codec_context
        context.thread_count = 1
        # An untagged file is read as BT.601 or BT.709 depending on its height.
        context.colorspace, context.color_primaries = BT601, SRGB_PRIMARIES
        context.color_trc, context.color_range = SRGB_TRANSFER, LIMITED_RANGE
        _encode(file, stream, frames, round(hold * fps), "yuv420p")


def write_avi(path: Path, frames: Sequence[np.ndarray], fps: float, hold: float = 0.0) -> None:
    """Write Motion JPEG, in which every frame is whole: for programs that read no H.264; no browser plays it.

    Arguments and errors as :func:`write_mp4`.
    """
    check_pace(fps, hold)
    options = {"flags": "+bitexact+qscale", "global_quality": str(JPEG_QUALITY * FFMPEG_LAMBDA), "huffman": "default"}
    with replacing(path) as temporary, av.open(str(temporary), "w", format="avi", options=BITEXACT) as file:
        stream = file.add_stream("mjpeg", rate=Fraction(fps).limit_denominator(10**6), options=options)
        stream.codec_context.thread_count = 1
        _encode(file, stream, frames, round(hold * fps), "yuvj420p")


def _encode(file: Any, stream: Any, frames: Sequence[np.ndarray], held: int, pixels: str) -> None:
    """Write frames one by one, and the last of them ``held`` times more; an odd size gains a line of paper."""
    height, width = (side + side % 2 for side in frames[0].shape[:2])
    stream.width, stream.height, stream.pix_fmt = width, height, pixels
    reformatter = VideoReformatter()
    for frame in chain(frames, repeat(frames[-1], held)):
        even = np.pad(frame, ((0, height - frame.shape[0]), (0, width - frame.shape[1]), (0, 0)), mode="edge")
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        file.mux(stream.encode(reformatter.reformat(picture, format=pixels, interpolation=BITEXACT_SCALING)))
    file.mux(stream.encode(None))


def write_gif(path: Path, frames: Sequence[np.ndarray], fps: float, hold: float = 0.0) -> None:
    """Write a GIF that loops, one palette for all frames, no frame merged and the total duration exact.

    With at most 256 colours it is lossless. Arguments as :func:`write_mp4`, errors as :func:`frame_delays`.
    """
    delays = frame_delays(len(frames), fps, hold, GIF)
    palette, indexed = shared_palette(frames)
    height, width = frames[0].shape[:2]
    options = {"loop": "0", "final_delay": str(delays[-1])}
    with replacing(path) as temporary, av.open(str(temporary), "w", format="gif", options=options) as file:
        stream = file.add_stream("gif", rate=GIF.per_second, options={"flags": "+bitexact"})
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        start = 0
        for picture, delay in zip(indexed, delays, strict=True):
            frame = av.VideoFrame.from_ndarray((picture, palette), format="pal8")  # type: ignore[arg-type]
            frame.pts, frame.time_base = start, Fraction(1, GIF.per_second)
            start += delay
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def write_webp(path: Path, frames: Sequence[np.ndarray], fps: float, hold: float = 0.0) -> None:
    """Write a lossless WebP that loops; equal frames in a row become one that stays as long as they would.

    Arguments as :func:`write_mp4`, errors as :func:`frame_delays`.
    """
    first, *rest = [Image.fromarray(frame) for frame in frames]
    delays = frame_delays(len(frames), fps, hold, WEBP)
    with replacing(path) as temporary:
        # Without a method Pillow asks for the poorest; key frames would make the file half as large again.
        lossless = {"lossless": True, "method": 4, "kmax": 0}
        first.save(temporary, "webp", save_all=True, append_images=rest, duration=delays, loop=0, **lossless)


def frame_delays(count: int, fps: float, hold: float, ticks: Ticks) -> list[int]:
    """Delays of ``count`` frames in ``ticks``, whose sum is the exact total, rounded once.

    Raises:
        ValueError: if ``fps`` or ``hold`` is out of range, or a frame stays longer than this kind of file can say.
    """
    check_pace(fps, hold)
    ends = [round(ticks.per_second * (index + 1) / fps) for index in range(count)]
    delays = [end - start for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    delays[-1] += round(ticks.per_second * hold)
    if max(delays) > ticks.longest:
        seconds, most = max(delays) / ticks.per_second, ticks.longest / ticks.per_second
        raise ValueError(
            f"a frame stays for {seconds:.2f} s, and a {ticks.kind} can say {most:.2f} at most: shorten hold or "
            "duration, raise fps, or write .mp4"
        )
    return delays


def shared_palette(frames: Sequence[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """One palette ``[256, 4]`` (ARGB) for all frames and the frames as indices into it, ``[H, W]`` uint8."""
    seen = np.zeros(2**24, dtype=bool)
    for frame in frames:
        seen[_packed(frame)] = True
    colours = np.flatnonzero(seen)
    if len(colours) <= 256:
        lookup = np.zeros(2**24, dtype=np.uint8)
        lookup[colours] = np.arange(len(colours))
        rgb = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1)
        return _argb(rgb), [lookup[_packed(frame)] for frame in frames]
    strip = Image.fromarray(np.concatenate([frame[::2, ::2] for frame in frames]))
    chosen = strip.quantize(256, method=Image.Quantize.MEDIANCUT)
    rgb = np.array(chosen.getpalette(), dtype=np.uint8).reshape(-1, 3)
    quantised = [Image.fromarray(frame).quantize(palette=chosen, dither=Image.Dither.NONE) for frame in frames]
    return _argb(rgb), [np.asarray(frame) for frame in quantised]


def write_png(path: Path, frame: np.ndarray) -> None:
    """Write one frame."""
    with replacing(path) as temporary:
        Image.fromarray(frame).save(temporary, format="png")


def _packed(frame: np.ndarray) -> np.ndarray:
    """Red, green and blue as one number, ``[H, W]``."""
    wide = np.zeros((*frame.shape[:2], 4), dtype=np.uint8)
    for channel in range(3):  # four times as fast as reversing them at once
        wide[..., 2 - channel] = frame[..., channel]
    return wide.view("<u4")[..., 0]


def _argb(rgb: np.ndarray) -> np.ndarray:
    palette = np.zeros((256, 4), dtype=np.uint8)
    palette[:, 0] = 255
    palette[: len(rgb), 1:] = rgb
    return palette
