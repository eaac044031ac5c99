"""Types of what is recorded."""

from __future__ import annotations

import torch

DTYPES = {"float16": torch.float16, "float32": torch.float32}
"""By the name that ``record.dtype`` has."""
