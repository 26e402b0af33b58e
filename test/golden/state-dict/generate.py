"""Writes PyTorch's state_dicts and outputs beside it, with Debian's python3-torch (1.13): /usr/bin/python3 generate.py

fashion-cnn.safetensors.gz: its weights are drawn as PyTorch draws them, 1021 a tensor and those again and again, so that
3 MB become few. normalised.safetensors: after some training steps, so that the running statistics are of something.
normalised-half.safetensors: the same in half precision. outputs.jsonl: log-probabilities of networks.images().
"""

import gzip
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from networks import FashionCnn, Normalised, images, outputs, written

here = Path(__file__).parent
torch.manual_seed(1)
torch.set_num_threads(1)

report = FashionCnn()
with torch.no_grad():
    for tensor in report.state_dict().values():
        flat = tensor.view(-1)
        # larger than at first, so that the outputs tell much
        flat.copy_(3 * flat[:1021].repeat(len(flat) // 1021 + 1)[: len(flat)])
content = gzip.compress(written(report.state_dict()), 9, mtime=0)
(here / "fashion-cnn.safetensors.gz").write_bytes(content)

best = Normalised()
optimiser = torch.optim.SGD(best.parameters(), lr=0.1)
for _ in range(20):
    optimiser.zero_grad()
    F.nll_loss(best.train()(images()), torch.tensor([0, 3, 5, 9])).backward()
    optimiser.step()
assert best.norm1.num_batches_tracked == 20
(here / "normalised.safetensors").write_bytes(written(best.state_dict()))

halved = {name: t.half() if t.is_floating_point() else t for name, t in best.state_dict().items()}
(here / "normalised-half.safetensors").write_bytes(written(halved))
half = Normalised()
half.load_state_dict(halved)

expected = {
    "fashion-cnn": outputs(report),
    "normalised": outputs(best),
    "normalised-half": outputs(half),
}
(here / "outputs.jsonl").write_text(
    "".join(json.dumps({"file": k, "outputs": [round(v, 7) for v in o]}) + "\n" for k, o in expected.items())
)
