"""Round numbers along a scale, and how they are written."""

from __future__ import annotations

import math

from denoscope.render.attention.maps import Scale

PERCENT, MOST = 100, 5


def ticks(scale: Scale) -> list[tuple[float, str]]:
    """Two to five values of a scale of shares, at equal distances of 1, 2 or 5 × 10ⁿ, written as ``"2.5 %"``.

    Where a scale holds fewer round numbers, its ends stand for them.
    """
    low, high = PERCENT * scale.low, PERCENT * scale.high
    step, numbers = _round_numbers(low, high)
    values = [number * step for number in numbers]
    if len(values) < 2:
        values, step = [low, high], (high - low) / 10
    return [(value / PERCENT, f"{_number(value, step)} %") for value in values]


def _round_numbers(low: float, high: float) -> tuple[float, range]:
    """The smallest distance of 1, 2 or 5 × 10ⁿ of which few enough multiples lie in a range, and those."""
    power = 10.0 ** (math.floor(math.log10(high - low)) - 1)
    for step in (factor * power for factor in (1, 2, 5, 10, 20, 50)):
        numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
        if len(numbers) <= MOST:
            break
    return step, numbers


def _number(value: float, step: float) -> str:
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:.{digits}f}" if digits <= 4 else f"{value:.2g}"
