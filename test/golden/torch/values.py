"""Numbers for the generators beside it: multiples of 1/64, exact in single precision, and how results are written down."""

import json
from pathlib import Path

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
assert torch.__version__.startswith("1.13"), f"goldens are PyTorch 1.13's, this is {torch.__version__}"
random = np.random.RandomState(7)


def floats(*shape, low=-2, high=2):
    return torch.tensor(random.randint(low * 64, high * 64 + 1, shape) / 64)


def coarse(*shape):
    """Few values, so that many are equal."""
    return torch.tensor(random.randint(-1, 2, shape).astype(float))


def given(*values):
    return torch.tensor(values)


def rounded(values):
    return [float(f"{v:.9g}") if isinstance(v, float) else v for v in values]


def packed(values):
    dtype = {torch.float64: "float32", torch.int64: "int64", torch.bool: "bool"}[values.dtype]
    flat = values.detach().reshape(-1)
    flat = flat.int() if values.dtype == torch.bool else flat
    return {"dtype": dtype, "shape": list(values.shape), "values": rounded(flat.tolist())}


def write(cases, name):
    """One case a line, in a file beside this one."""
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in cases)
    assert "NaN" not in text and "Infinity" not in text
    Path(__file__).with_name(name).write_text(text)
    print(f"{name}: {len(cases)} cases, {len(text)} bytes")
