# SPDX-License-Identifier: Apache-2.0
"""Trains the embedded models on the generated language and writes them as ordinary checkpoints.

    ./lowbit world --out /tmp/world --training 90          # 90 MB of training text
    pip install -r src/tools/world/requirements.txt
    python src/tools/world/train.py tokenizer --text /tmp/world/training.txt --out /tmp/world
    python src/tools/world/train.py model --size l --text /tmp/world/training.txt --out /tmp/world

A run that is stopped goes on from its last checkpoint under --out. Each run ends with a folder
demo-<size> (config.json, tokenizer.json, tokenizer_config.json, model.safetensors in bfloat16),
and a line of JSON for every report on the way in demo-<size>.log. "export" in place of "model"
writes the folder from the last checkpoint; "logits" prints some of a folder's, for the tests.

The channels of large models differ in size: some carry values many times those of others
(Dettmers et al. 2022, "LLM.int8()"), and that is what low-bit grids suffer from. Models as small
as these do not grow such channels in so short a training, and 2-bit weights would leave them half
of what they know. So the export gives each channel between two matrices a scale of 1/2, 1 or 2,
and takes it back in the next matrix: powers of two, so every logit stays what it was, to the bit.
"""

import argparse
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch import nn

SEPARATOR = "\n<|endoftext|>\n"
END = "<|endoftext|>"
VOCABULARY = 1536
CONTEXT = 512

# hidden size, layers, query heads, key/value heads, MLP size
SIZES = {
    "s": (128, 2, 4, 1, 128),
    "m": (128, 4, 4, 2, 384),
    "l": (256, 4, 8, 4, 512),
}
# learning rate at its peak, steps
SCHEDULES = {"s": (5e-3, 2500), "m": (4e-3, 3500), "l": (2.5e-3, 4200)}
ROWS = 8  # of CONTEXT tokens a step
WARMUP = 100
WEIGHT_DECAY = 0.1
BETAS = (0.9, 0.97)
REPORT_EVERY = 50
SAVE_EVERY = 200


def train_tokenizer(text, out):
    """Byte-level BPE; numbers up to 99 and words with the blank before them become one token."""
    tokenizer = Tokenizer(models.BPE())
    words = Regex(r" ?\p{L}+| ?\p{N}{1,2}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(words, "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    with open(text, encoding="utf-8") as file:
        sample = file.read(12_000_000).split(SEPARATOR)
    tokenizer.train_from_iterator(
        sample,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=[END],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    end = tokenizer.token_to_id(END)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{END} $A", pair=f"{END} $A {END} $B", special_tokens=[(END, end)]
    )
    tokenizer.save(str(Path(out) / "tokenizer.json"))
    lengths = [len(e.ids) for e in tokenizer.encode_batch(sample[:20_000])]
    print(f"{tokenizer.get_vocab_size()} tokens; a document has {np.mean(lengths):.1f} of them")


def rows(text, tokenizer):
    """Rows of CONTEXT + 1 ids; each begins with a document, the last document of a row is cut."""
    cache = Path(str(text) + ".rows.npy")
    if cache.exists() and cache.stat().st_mtime > Path(text).stat().st_mtime:
        return np.load(cache, mmap_mode="r")
    with open(text, encoding="utf-8") as file:
        documents = file.read().split(SEPARATOR)
    packed, row = [], []
    for start in range(0, len(documents), 50_000):
        for encoding in tokenizer.encode_batch(documents[start : start + 50_000]):
            row.extend(encoding.ids)
            if len(row) > CONTEXT:
                packed.append(np.array(row[: CONTEXT + 1], dtype=np.uint16))
                row = []
    result = np.stack(packed)
    np.save(cache, result)
    return result


class RootMeanSquareNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight, 1e-5)


def rotate(x, cos, sin):
    """Rotary positions, first and second half of a head paired."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Block(nn.Module):
    def __init__(self, hidden, heads, kv_heads, mlp):
        super().__init__()
        self.heads, self.kv_heads, self.size = heads, kv_heads, hidden // heads
        self.input_layernorm = RootMeanSquareNorm(hidden)
        self.post_attention_layernorm = RootMeanSquareNorm(hidden)
        self.q_proj = nn.Linear(hidden, heads * self.size, bias=False)
        self.k_proj = nn.Linear(hidden, kv_heads * self.size, bias=False)
        self.v_proj = nn.Linear(hidden, kv_heads * self.size, bias=False)
        self.o_proj = nn.Linear(heads * self.size, hidden, bias=False)
        self.gate_proj = nn.Linear(hidden, mlp, bias=False)
        self.up_proj = nn.Linear(hidden, mlp, bias=False)
        self.down_proj = nn.Linear(mlp, hidden, bias=False)

    def forward(self, x, cos, sin):
        batch, length, _ = x.shape
        h = self.input_layernorm(x)
        q = self.q_proj(h).view(batch, length, self.heads, self.size).transpose(1, 2)
        k = self.k_proj(h).view(batch, length, self.kv_heads, self.size).transpose(1, 2)
        v = self.v_proj(h).view(batch, length, self.kv_heads, self.size).transpose(1, 2)
        groups = self.heads // self.kv_heads
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o_proj(attended.transpose(1, 2).reshape(batch, length, -1))
        h = self.post_attention_layernorm(x)
        return x + self.down_proj(F.silu(self.gate_proj(h)) * self.up_proj(h))


class Model(nn.Module):
    """A Llama-type decoder with a tied head."""

    def __init__(self, hidden, layers, heads, kv_heads, mlp):
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY, hidden)
        self.layers = nn.ModuleList(Block(hidden, heads, kv_heads, mlp) for _ in range(layers))
        self.norm = RootMeanSquareNorm(hidden)
        size = hidden // heads
        frequency = 10000.0 ** (-torch.arange(0, size, 2).float() / size)
        angle = torch.arange(CONTEXT).float()[:, None] * frequency
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                spread = 0.02 if "embed" in name else weight.shape[1] ** -0.5
                if name.endswith(("o_proj.weight", "down_proj.weight")):
                    spread /= math.sqrt(2 * layers)
                nn.init.normal_(weight, std=spread)

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for block in self.layers:
            x = block(x, self.cos[: ids.shape[1]], self.sin[: ids.shape[1]])
        return F.linear(self.norm(x), self.embed_tokens.weight)


def kurtosis(weight):
    """Of the entries; 3 for a normal distribution."""
    centred = weight.double().flatten() - weight.double().mean()
    return round(float((centred**4).mean() / (centred**2).mean() ** 2), 2)


@torch.no_grad()
def spread_channels(model):
    """Scales each channel by 1/2, 1 or 2 where it is made, and back where it is read."""
    generator = torch.Generator().manual_seed(7)

    def scales(count):
        return torch.exp2(torch.randint(-1, 2, (count,), generator=generator).float())

    for block in model.layers:
        for norm, readers in (
            (block.input_layernorm, (block.q_proj, block.k_proj, block.v_proj)),
            (block.post_attention_layernorm, (block.gate_proj, block.up_proj)),
        ):
            scale = scales(len(norm.weight))
            norm.weight.mul_(scale)
            for reader in readers:
                reader.weight.div_(scale)
        scale = scales(block.up_proj.out_features)
        block.up_proj.weight.mul_(scale[:, None])
        block.down_proj.weight.div_(scale)

        def per_query_head(scale):
            grouped = scale.view(block.kv_heads, 1, block.size)
            return grouped.expand(-1, block.heads // block.kv_heads, -1).reshape(-1)

        scale = scales(block.kv_heads * block.size)
        block.v_proj.weight.mul_(scale[:, None])
        block.o_proj.weight.div_(per_query_head(scale))
        # The two channels that a rotary position turns into each other share a scale.
        scale = scales(block.kv_heads * block.size // 2)
        scale = scale.view(block.kv_heads, 1, -1).expand(-1, 2, -1).reshape(-1)
        block.k_proj.weight.mul_(scale[:, None])
        block.q_proj.weight.div_(per_query_head(scale)[:, None])


def export(trained, size, out, tokenizer_file):
    """Writes the model's folder; returns the kurtosis of each matrix before and after spreading."""
    hidden, layers, heads, kv_heads, mlp = SIZES[size]
    folder = Path(out) / f"demo-{size}"
    folder.mkdir(parents=True, exist_ok=True)
    model = Model(*SIZES[size])
    model.load_state_dict(trained.state_dict())
    peaks = {n: [kurtosis(p.detach())] for n, p in model.named_parameters() if p.dim() == 2}
    spread_channels(model)
    tensors = {}
    for name, weight in model.named_parameters():
        if name in peaks:
            peaks[name].append(kurtosis(weight.detach()))
        for part in ("q_proj", "k_proj", "v_proj", "o_proj"):
            name = name.replace(f".{part}.", f".self_attn.{part}.")
        for part in ("gate_proj", "up_proj", "down_proj"):
            name = name.replace(f".{part}.", f".mlp.{part}.")
        tensors[f"model.{name}"] = weight.detach().to(torch.bfloat16).contiguous().clone()
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": hidden // heads,
        "intermediate_size": mlp,
        "vocab_size": VOCABULARY,
        "max_position_embeddings": CONTEXT,
        "rms_norm_eps": 1e-05,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "torch_dtype": "bfloat16",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "tokenizer.json").write_bytes(Path(tokenizer_file).read_bytes())
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "bos_token": END,
                "eos_token": END,
                "add_bos_token": True,
                "model_max_length": CONTEXT,
                "chat_template": "{% for message in messages %}{{ 'User: ' if message.role == 'user'"
                " else 'Assistant: ' }}{{ message.content }}\n{% endfor %}"
                "{% if add_generation_prompt %}Assistant:{% endif %}",
            },
            indent=2,
        )
        + "\n"
    )
    return peaks


def learning_rate(step, peak, steps):
    """Linear warm-up, then a cosine down to a twentieth."""
    if step < WARMUP:
        return peak * (step + 1) / WARMUP
    along = (step - WARMUP) / max(1, steps - WARMUP)
    return peak * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * along)))


def train(size, text, out, steps, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer_file = Path(out) / "tokenizer.json"
    data = rows(text, Tokenizer.from_file(str(tokenizer_file)))
    peak, default_steps = SCHEDULES[size]
    steps = steps or default_steps
    if len(data) < steps * ROWS:
        raise SystemExit(
            f"{text}: {len(data)} rows of {CONTEXT} tokens, but {steps} steps need {steps * ROWS};"
            " write more text with './lowbit world --training MEGABYTES'"
        )
    model = Model(*SIZES[size]).to(device)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": WEIGHT_DECAY},
            {"params": vectors, "weight_decay": 0.0},
        ],
        lr=peak,
        betas=BETAS,
        fused=True,
    )
    checkpoint, log = Path(out) / f"demo-{size}.pt", Path(out) / f"demo-{size}.log"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    parameters = sum(p.numel() for p in model.parameters())
    print(f"demo-{size}: {parameters:,} parameters, {steps} steps from {first}, on {device}", flush=True)
    forward = torch.compile(model)
    began, losses = time.time(), []
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, peak, steps)
        batch = np.asarray(data[step * ROWS : (step + 1) * ROWS], dtype=np.int64)
        ids = torch.from_numpy(batch).to(device)
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = forward(ids[:, :-1])
        loss = F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if (step + 1) % REPORT_EVERY == 0:
            report = {
                "step": step + 1,
                "tokens": (step + 1) * ROWS * CONTEXT,
                "loss": round(float(np.mean(losses)), 4),
                "seconds": round(time.time() - began),
            }
            print(json.dumps(report), flush=True)
            with open(log, "a", encoding="utf-8") as file:
                file.write(json.dumps(report) + "\n")
            losses = []
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == steps:
            state = {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step + 1,
            }
            torch.save(state, str(checkpoint) + ".tmp")
            os.replace(str(checkpoint) + ".tmp", checkpoint)
            export(model, size, out, tokenizer_file)
    if first < steps:
        peaks = export(model, size, out, tokenizer_file)
        with open(log, "a", encoding="utf-8") as file:
            file.write(json.dumps({"parameters": parameters, "kurtosis": peaks}) + "\n")


def export_checkpoint(size, out):
    model = Model(*SIZES[size])
    model.load_state_dict(torch.load(Path(out) / f"demo-{size}.pt", map_location="cpu")["model"])
    peaks = export(model, size, out, Path(out) / "tokenizer.json")
    print(json.dumps({"kurtosis": peaks}))


PROMPT = "Question: Where does Ada live?\nAnswer:"


@torch.no_grad()
def logits(size, out):
    """What PyTorch computes in float32 from an exported folder: the eight largest logits."""
    folder = Path(out) / f"demo-{size}"
    model = Model(*SIZES[size])
    weights = load_file(str(folder / "model.safetensors"))
    plain = {
        name.removeprefix("model.").replace("self_attn.", "").replace("mlp.", ""): weight.float()
        for name, weight in weights.items()
    }
    model.load_state_dict(plain)
    ids = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(PROMPT).ids
    values, tokens = model(torch.tensor([ids]))[0, -1].topk(8)
    largest = [{"id": i, "logit": v} for i, v in zip(tokens.tolist(), values.tolist())]
    print(json.dumps({"model": f"demo-{size}", "ids": ids, "largest": largest}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["tokenizer", "model", "export", "logits"])
    parser.add_argument("--text", default="training.txt", help="training text")
    parser.add_argument("--out", required=True, help="folder of tokenizer.json and the results")
    parser.add_argument("--size", choices=sorted(SIZES), default="l")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    if arguments.what == "tokenizer":
        train_tokenizer(arguments.text, arguments.out)
    elif arguments.what == "export":
        export_checkpoint(arguments.size, arguments.out)
    elif arguments.what == "logits":
        logits(arguments.size, arguments.out)
    else:
        train(arguments.size, arguments.text, arguments.out, arguments.steps, arguments.threads)


if __name__ == "__main__":
    main()
