"""What serve.js does, for contestants in Python."""
import json
import re
import resource
import sys
import time


def torch_version(torch, device):
    """PyTorch's version, and what multiplies its matrices."""
    if device != "cpu":
        return f"PyTorch {torch.__version__}, {device}"
    configured = re.search(r"BLAS_INFO=(\w+)", torch.__config__.show())
    with open("/proc/self/maps") as maps:
        loaded = "OpenBLAS" if "openblas" in maps.read() else "reference BLAS"
    return f"PyTorch {torch.__version__}, {'MKL' if configured and configured[1] == 'mkl' else loaded}"


def serve(version, step):
    """Says hello, then for every line "n" runs n steps and prints their times in milliseconds as JSON."""
    print(json.dumps({"version": version}), flush=True)
    for line in sys.stdin:
        times, loss = [], 0.0
        for _ in range(int(line)):
            start = time.perf_counter()
            loss = step()
            times.append(1000 * (time.perf_counter() - start))
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"times": times, "loss": loss, "peakBytes": peak}), flush=True)
