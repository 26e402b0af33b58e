"""Writes the two files beside it: pip install safetensors==0.8.0 numpy==2.4.6; python3 generate.py

plain.safetensors: every element type that is also written, so that the bytes can be compared both ways.
half.safetensors: 16-bit floats, each beside its exact value as F32.
"""

from pathlib import Path

import numpy as np
from safetensors import TensorSpec, serialize
from safetensors.numpy import save_file

here = Path(__file__).parent

save_file(
    {
        "conv1.weight": np.arange(12, dtype=np.float32).reshape(2, 1, 2, 3) / 8 - 0.5,
        "conv1.bias": np.array([np.inf, -0.0], dtype=np.float32),
        "double": np.array([np.pi], dtype=np.float64),
        "7": np.array([[1, -2]], dtype=np.int32),
        "step": np.array(2**53 + 1, dtype=np.int64),
        "pixels": np.array([0, 127, 255], dtype=np.uint8),
        "mask \u00e9": np.array([True, False, True]),
        "empty": np.zeros((0, 4), dtype=np.float32),
    },
    here / "plain.safetensors",
    metadata={"made by": "safetensors, the reference implementation"},
)

bits = np.array(
    [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x3C00, 0xC248, 0x7BFF, 0x7C00, 0xFC00, 0x7F80, 0x7FC0], dtype="<u2"
)
f16 = bits.view(np.float16)
bf16 = (bits.astype("<u4") << 16).view(np.float32)
pairs = {"f16": ("float16", f16, f16.astype(np.float32)), "bf16": ("bfloat16", bits, bf16)}
specs = {}
for name, (dtype, packed, exact) in pairs.items():
    specs[name] = TensorSpec(dtype=dtype, shape=[len(bits)], data_ptr=packed.ctypes.data, data_len=packed.nbytes)
    specs[f"{name}.exact"] = TensorSpec(
        dtype="float32", shape=[len(bits)], data_ptr=exact.ctypes.data, data_len=exact.nbytes
    )
(here / "half.safetensors").write_bytes(serialize(specs, None))
