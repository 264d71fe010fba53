#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times what Lowbit's kernels are compared with, with the PyTorch that is on the machine.

    python3 peers.py --out peers.json [--quick] [--only NAME] [--seconds 300]
    python3 peers.py --list                      # the problems as JSON; needs no PyTorch
    lowbit bench kernels --peers peers.json      # prints the ratios

Problems, rotation and clock are those of io.lowbit.bench.speed (Tables, Workbench, GraphTimer; a test holds the lists
against each other): copies of the operands of at least 512 MiB and 8 times the L2 cache that calls take in turn, a CUDA
graph of at least 20 calls, 3 warm-ups, the median of 20 replays. What this PyTorch or GPU lacks is listed as dropped.
"""
import argparse
import datetime
import json
import math
import statistics
import sys
import time

SCHEMA = "lowbit-bench-1"
ROTATION_BYTES = 512 << 20
L2_SHARE = 8
CALLS = 20
WARM_UPS = 3
REPLAYS = 20
LEAST_REPLAYS = 5
SECONDS_PER_ENTRY = 1.5
USABLE_MEMORY = 0.85
COPY_BYTES = 4 << 30
SQUARE = 8192

SWEEP = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 2048)
FEW = (1, 16, 64, 512)
LAYERS = (
    # name, outputs, inputs, importance, tokens
    ("70b.gate_up", 57344, 8192, 1, SWEEP),
    ("70b.o", 8192, 8192, 1, SWEEP),
    ("7b.gate_up", 22016, 4096, 2, SWEEP),
    ("7b.o", 4096, 4096, 2, SWEEP),
    ("70b.qkv", 10240, 8192, 3, FEW),
    ("70b.down", 8192, 28672, 3, FEW),
    ("7b.qkv", 12288, 4096, 3, FEW),
    ("7b.down", 4096, 11008, 3, FEW),
    ("13b.qkv", 15360, 5120, 3, FEW),
    ("13b.o", 5120, 5120, 3, FEW),
    ("13b.gate_up", 27648, 5120, 3, FEW),
    ("13b.down", 5120, 13824, 3, FEW),
    ("7b.lm_head", 32000, 4096, 3, FEW),
    ("70b.lm_head", 32000, 8192, 3, FEW),
)
HEADS = {"70b": (64, 8, 128), "7b": (32, 32, 128), "13b": (40, 40, 128)}
DECODE_SIZES = ((1, 1024), (1, 4096), (1, 32768), (16, 4096), (64, 4096))


def heads_of(model):
    heads, key_heads, dim = HEADS[model]
    return {"heads": heads, "key_heads": key_heads, "dim": dim}


def problems():
    """Everything that has a peer: name, dimensions, importance (1 first)."""
    found = [
        ("ceiling/copy", {}, 0),
        ("ceiling/product", {"m": SQUARE, "n": SQUARE, "k": SQUARE}, 1),
    ]
    for name, n, k, importance, tokens in LAYERS:
        for m in tokens:
            rank = importance + (0 if m in (1, 16, 64) else 1)
            found.append((f"linear/{name}/m{m}", {"m": m, "n": n, "k": k}, rank))
    for model in ("70b", "7b", "13b"):
        sizes = DECODE_SIZES + (((16, 32768),) if model == "70b" else ())
        for b, t in sizes:
            rank = 1 if t == 4096 and b <= 16 and model != "13b" else 3
            if b == 16 and t == 32768:
                rank = 2
            found.append((f"decode/{model}/b{b}.t{t}", {"b": b, "t": t, **heads_of(model)}, rank))
    for model, t, rank in (("70b", 2048, 1), ("7b", 2048, 2), ("70b", 8192, 2), ("7b", 8192, 3)):
        found.append((f"prefill/{model}/t{t}", {"b": 1, "t": t, **heads_of(model)}, rank))
    for kind in ("quantize", "dequantize"):
        found.append((f"{kind}/8192x28672", {"rows": 8192, "columns": 28672}, 1))
    found.append(("quantize_tokens/2048x8192", {"rows": 2048, "columns": 8192}, 1))
    for model, hidden, mlp in (("70b", 8192, 28672), ("7b", 4096, 11008)):
        for m in (1, 16):
            dimensions = {"m": m, "t": 4096, "hidden": hidden, "mlp": mlp, **heads_of(model)}
            found.append((f"layer/{model}/m{m}.t4096", dimensions, 1 if m == 1 else 2))
    return [
        {"problem": name, "dimensions": dimensions, "importance": rank}
        for name, dimensions, rank in sorted(found, key=lambda item: item[2])
    ]


def copies_for(size, free, l2):
    """Copies of operands of `size` bytes; raises MemoryError if not one fits."""
    usable = int(USABLE_MEMORY * free)
    if size > usable:
        raise MemoryError(f"needs {size >> 20} MiB, and {usable >> 20} are free")
    wanted = max(ROTATION_BYTES, L2_SHARE * l2)
    return min(max(2, math.ceil(wanted / size)), usable // size)


def result(problem, variant, dimensions, microseconds, size, operations, calls, copies, replays):
    record = {
        "problem": problem,
        "variant": variant,
        "dimensions": dimensions,
        "microseconds": microseconds,
        "bytes": size,
        "gigabytes_per_second": size / microseconds / 1e3,
        "calls": calls,
        "copies": copies,
        "replays": replays,
    }
    if operations:
        record["teraflops"] = operations / microseconds / 1e6
    return record


def document(provenance, results, dropped):
    return {"schema": SCHEMA, "provenance": provenance, "results": results, "dropped": dropped}


class Bench:
    """PyTorch on the first GPU. `peers(problem)` yields (variant, make), where make() gives (copies, call, bytes,
    operations): `call(i)` runs on copy i."""

    def __init__(self):
        import torch

        self.torch = torch
        self.device = torch.device("cuda")
        self.properties = torch.cuda.get_device_properties(0)
        self.l2 = getattr(self.properties, "L2_cache_size", 0)
        torch.manual_seed(1)

    def provenance(self):
        torch = self.torch
        return {
            "program": f"torch {torch.__version__}, CUDA {torch.version.cuda}",
            "device": f"{self.properties.name}, compute capability "
            f"{self.properties.major}.{self.properties.minor}",
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        }

    def normal(self, *shape, deviation=1.0):
        """bfloat16. A block of rows is drawn and repeated; drawing a gigabyte takes longer than timing it."""
        torch = self.torch
        out = torch.empty(shape, dtype=torch.bfloat16, device=self.device)
        flat = out.view(-1)
        block = torch.randn(min(flat.numel(), 1 << 24), device=self.device).mul_(deviation).bfloat16()
        for start in range(0, flat.numel(), block.numel()):
            count = min(block.numel(), flat.numel() - start)
            flat[start : start + count] = block[:count]
        return out

    def rotated(self, size, make):
        free, _ = self.torch.cuda.mem_get_info()
        return [make() for _ in range(copies_for(size, free, self.l2))]

    def time(self, copies, call):
        """Microseconds of a call, calls of the graph, replays."""
        torch = self.torch
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(2):
                call(0)
        torch.cuda.current_stream().wait_stream(stream)
        torch.cuda.synchronize()
        calls = copies * math.ceil(CALLS / copies)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for i in range(calls):
                call(i % copies)
        warm = self.replay(graph, WARM_UPS)
        fitting = int(min(REPLAYS, SECONDS_PER_ENTRY * 1e3 / max(1e-6, warm[-1])))
        milliseconds = self.replay(graph, max(LEAST_REPLAYS, fitting))
        return 1e3 * statistics.median(milliseconds) / calls, calls, len(milliseconds)

    def replay(self, graph, times):
        torch = self.torch
        marks = [torch.cuda.Event(enable_timing=True) for _ in range(times + 1)]
        marks[0].record()
        for mark in marks[1:]:
            graph.replay()
            mark.record()
        torch.cuda.synchronize()
        return [first.elapsed_time(second) for first, second in zip(marks, marks[1:])]

    def peers(self, problem):
        kind = problem["problem"].split("/")[0]
        dimensions = problem["dimensions"]
        if problem["problem"] == "ceiling/copy":
            return [("tensor.copy_", self.copy)]
        if kind in ("linear", "ceiling"):
            return self.linear(**dimensions)
        if kind in ("decode", "prefill"):
            return self.attention(causal=kind == "prefill", **dimensions)
        if kind == "layer":
            return [("torch bf16", lambda: self.layer(**dimensions))]
        expressions = {
            "quantize": self.quantize,
            "dequantize": self.dequantize,
            "quantize_tokens": self.quantize_tokens,
        }
        return [("torch expression", lambda: expressions[kind](**dimensions))]

    def copy(self):
        torch = self.torch
        free, _ = torch.cuda.mem_get_info()
        size = min(COPY_BYTES, int(0.4 * free)) & -256
        source = self.normal(size // 2)
        target = torch.empty_like(source)
        return 1, lambda _: target.copy_(source), 2 * size, 0

    def linear(self, m, n, k):
        operations = 2.0 * m * n * k
        yield "torch.matmul", lambda: self.matmul(m, n, k, operations)
        if m <= 256:
            yield "_weight_int4pack_mm g128", lambda: self.int4pack(m, n, k, operations)
        yield "_int_mm", lambda: self.int_mm(m, n, k, operations)
        for rows in (False, True):
            for fast in (False, True):
                name = f"_scaled_mm e4m3 {'row' if rows else 'tensor'}{' fast' if fast else ''}"
                yield name, lambda rows=rows, fast=fast: self.scaled_mm(m, n, k, operations, rows, fast)

    def matmul(self, m, n, k, operations):
        linear = self.torch.nn.functional.linear
        x = self.normal(m, k)
        weights = self.rotated(2 * n * k, lambda: self.normal(n, k, deviation=0.02))
        return len(weights), lambda i: linear(x, weights[i]), 2 * n * k, operations

    def int4pack(self, m, n, k, operations):
        torch = self.torch
        x = self.normal(m, k)
        codes = torch.randint(0, 16, (n, k), dtype=torch.uint8, device=self.device)
        try:
            packed = torch.ops.aten._convert_weight_to_int4pack((codes[:, ::2] << 4) | codes[:, 1::2], 8)
        except RuntimeError:  # before PyTorch 2.5 it took a code each int32
            packed = torch.ops.aten._convert_weight_to_int4pack(codes.int(), 8)
        del codes
        grids = self.normal(k // 128, n, 2, deviation=0.01)
        size = n * k // 2 + 2 * grids.numel()
        weights = self.rotated(size, lambda: (packed.clone(), grids.clone()))
        multiply = torch.ops.aten._weight_int4pack_mm
        return len(weights), lambda i: multiply(x, weights[i][0], 128, weights[i][1]), size, operations

    def int_mm(self, m, n, k, operations):
        torch = self.torch
        # It takes more than 16 rows only.
        x = torch.randint(-127, 128, (m if m > 16 else 32, k), dtype=torch.int8, device=self.device)
        base = torch.randint(-127, 128, (n, k), dtype=torch.int8, device=self.device)
        weights = self.rotated(n * k, base.clone)
        return len(weights), lambda i: torch._int_mm(x, weights[i].t()), n * k, operations

    def scaled_mm(self, m, n, k, operations, rows, fast):
        torch = self.torch
        x = self.normal(m, k).to(torch.float8_e4m3fn)
        base = self.normal(n, k).to(torch.float8_e4m3fn)
        weights = self.rotated(n * k, base.clone)
        shape_x, shape_w = ((m, 1), (1, n)) if rows else ((), ())
        scale_x = torch.ones(shape_x, device=self.device)
        scale_w = torch.full(shape_w, 0.02, device=self.device)

        def call(i):
            return torch._scaled_mm(
                x, weights[i].t(), scale_a=scale_x, scale_b=scale_w, out_dtype=torch.bfloat16, use_fast_accum=fast
            )

        return len(weights), call, n * k, operations

    def attention(self, causal, b, t, heads, key_heads, dim):
        from torch.nn.attention import SDPBackend

        for name, backend in (("sdpa flash", SDPBackend.FLASH_ATTENTION), ("sdpa cudnn", SDPBackend.CUDNN_ATTENTION)):
            yield name, lambda backend=backend: self.sdpa(backend, causal, b, t, heads, key_heads, dim)

    def sdpa(self, backend, causal, b, t, heads, key_heads, dim):
        from torch.nn.attention import sdpa_kernel

        attend = self.torch.nn.functional.scaled_dot_product_attention
        size = 2 * 2 * b * key_heads * t * dim
        q = self.normal(b, heads, t if causal else 1, dim)
        caches = self.rotated(size, lambda: (self.normal(b, key_heads, t, dim), self.normal(b, key_heads, t, dim)))

        def call(i):
            with sdpa_kernel(backend):
                return attend(q, *caches[i], is_causal=causal, enable_gqa=heads != key_heads)

        read = t * (t + 1) / 2 if causal else b * t
        return len(caches), call, size, 4.0 * read * heads * dim

    def quantize(self, rows, columns):
        sources = self.rotated(2 * rows * columns, lambda: self.normal(rows, columns, deviation=0.02))

        def call(i):
            groups = sources[i].view(rows, columns // 128, 128)
            low = groups.amin(-1, keepdim=True).clamp(max=0)
            scale = (groups.amax(-1, keepdim=True).clamp(min=0) - low) / 15
            zero = (-low / scale).round()
            codes = ((groups / scale).round() + zero).clamp(0, 15).to(self.torch.uint8).view(rows, columns)
            return (codes[:, ::2] << 4) | codes[:, 1::2], scale, zero

        return len(sources), call, 2 * rows * columns + rows * columns // 2 + rows * columns // 128 * 4, 0

    def dequantize(self, rows, columns):
        torch = self.torch
        size = rows * columns // 2
        codes = self.rotated(
            size, lambda: torch.randint(0, 256, (rows, columns // 2), dtype=torch.uint8, device=self.device)
        )
        scale = self.normal(rows, columns // 128, 1, deviation=0.01)

        def call(i):
            wide = torch.stack((codes[i] >> 4, codes[i] & 15), dim=-1).view(rows, columns // 128, 128)
            return ((wide.bfloat16() - 8) * scale).view(rows, columns)

        return len(codes), call, 2 * rows * columns + size + rows * columns // 128 * 4, 0

    def quantize_tokens(self, rows, columns):
        sources = self.rotated(2 * rows * columns, lambda: self.normal(rows, columns))

        def call(i):
            scale = sources[i].abs().amax(-1, keepdim=True).float() / 127
            return (sources[i] / scale).round().clamp(-127, 127).to(self.torch.int8), scale

        return len(sources), call, 3 * rows * columns + 4 * rows, 0

    def layer(self, m, t, hidden, mlp, heads, key_heads, dim):
        functional = self.torch.nn.functional
        shapes = [
            ((heads + 2 * key_heads) * dim, hidden),
            (hidden, heads * dim),
            (2 * mlp, hidden),
            (hidden, mlp),
        ]
        cache_size = 4 * m * key_heads * t * dim
        size = sum(2 * n * k for n, k in shapes) + cache_size

        def make():
            keys, values = self.normal(m, key_heads, t, dim), self.normal(m, key_heads, t, dim)
            return [self.normal(*shape, deviation=0.02) for shape in shapes], keys, values

        copies = self.rotated(size, make)
        hidden_state = self.normal(m, hidden)
        one = self.torch.ones(hidden, dtype=self.torch.bfloat16, device=self.device)
        angles = self.torch.rand(dim // 2, device=self.device)
        cosine, sine = angles.cos().bfloat16(), angles.sin().bfloat16()

        def normed(x):
            return x * (x.float().pow(2).mean(-1, keepdim=True) + 1e-5).rsqrt().bfloat16() * one

        def rotated(x):
            first, second = x.chunk(2, -1)
            return self.torch.cat((first * cosine - second * sine, second * cosine + first * sine), -1)

        def call(i):
            (qkv, output, gate_up, down), keys, values = copies[i]
            widths = [heads * dim, key_heads * dim, key_heads * dim]
            q, k, v = functional.linear(normed(hidden_state), qkv).split(widths, -1)
            keys[:, :, t - 1] = rotated(k.view(m, key_heads, dim))
            values[:, :, t - 1] = v.view(m, key_heads, dim)
            attended = functional.scaled_dot_product_attention(
                rotated(q.view(m, heads, 1, dim)), keys, values, enable_gqa=heads != key_heads
            )
            x = hidden_state + functional.linear(attended.reshape(m, heads * dim), output)
            gate, up = functional.linear(normed(x), gate_up).chunk(2, -1)
            return x + functional.linear(functional.silu(gate) * up, down)

        operations = 2.0 * m * sum(n * k for n, k in shapes) + 4.0 * m * t * heads * dim
        return len(copies), call, size, operations


def run(bench, chosen, seconds):
    """Results and what was dropped; the most important first, nothing begun after `seconds`."""
    results, dropped = [], []
    start = time.monotonic()
    for problem in chosen:
        for variant, make in bench.peers(problem):
            name = f"{problem['problem']}/{variant}"
            if time.monotonic() - start > seconds:
                dropped.append({"name": name, "reason": f"the {seconds:.0f} seconds were over", "failure": False})
                continue
            print(f"timing {name}", file=sys.stderr)
            call = None
            try:
                copies, call, size, operations = make()
                microseconds, calls, replays = bench.time(copies, call)
                results.append(
                    result(
                        problem["problem"],
                        variant,
                        problem["dimensions"],
                        microseconds,
                        size,
                        operations,
                        calls,
                        copies,
                        replays,
                    )
                )
            except Exception as error:  # whatever this PyTorch cannot do on this GPU
                reason = str(error).split("\n")[0] or type(error).__name__
                dropped.append({"name": name, "reason": reason, "failure": False})
            del call
            bench.torch.cuda.empty_cache()
    return results, dropped


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--list", action="store_true", help="print the problems as JSON and end")
    parser.add_argument("--out", help="file to write (default: standard output)")
    parser.add_argument("--quick", action="store_true", help="only the most important problems")
    parser.add_argument("--only", action="append", default=[], help="only problems with this in their name")
    parser.add_argument("--seconds", type=float, help="begin nothing more then (default: 300, with --quick 60)")
    options = parser.parse_args()
    chosen = [
        problem
        for problem in problems()
        if (not options.quick or problem["importance"] <= 1)
        and (not options.only or any(text in problem["problem"] for text in options.only))
    ]
    if options.list:
        json.dump(chosen, sys.stdout, indent=1)
        return 0
    try:
        bench = Bench()
    except ImportError:
        print("peers.py: there is no PyTorch here; nothing to compare with", file=sys.stderr)
        return 1
    except (RuntimeError, AssertionError) as error:
        print(f"peers.py: PyTorch has no GPU: {error}", file=sys.stderr)
        return 1
    seconds = options.seconds or (60 if options.quick else 300)
    results, dropped = run(bench, chosen, seconds)
    text = json.dumps(document(bench.provenance(), results, dropped), indent=1)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
