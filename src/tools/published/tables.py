# SPDX-License-Identifier: Apache-2.0
"""Lays the papers' tables out as datasets/published/{jin2024,li2024}.csv, one figure a row.

    python3 src/tools/published/tables.py FOLDER

FOLDER holds the tables as they were typed in or collected: jin2024.csv (a configuration a row, a
metric a column) and li2024.csv (a figure a row). A value is written as it stands there, digit by
digit; nothing is rounded, converted or left out. A comma inside a field becomes a semicolon. What belongs to the papers but not to those tables
(the printed correlations, the ablation of outliers) is written down below.

The files that this script does not write: models.csv, schemes.csv and tasks.csv beside them say what
the papers' names mean, and findings.json what the papers conclude.
"""

import csv
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parents[3] / "datasets" / "published"
HEAD = ["model", "scheme", "printed", "task", "metric", "detail", "value", "source", "note"]

# Column of the table: task, metric, detail, source.
JIN_COLUMNS = {
    "ppl_wt2": ("wikitext2", "ppl", "", "Table 7"),
    "ppl_c4": ("c4", "ppl", "", "Table 7"),
    "ppl_ptb": ("ptb", "ppl", "", "Table 7"),
    "mmlu": ("mmlu", "acc", "", "Table 2"),
    "ceval": ("ceval", "acc", "", "Table 2"),
    "bleu_enzh": ("flores", "bleu", "en-zh", "Table 2"),
    "bleu_zhen": ("flores", "bleu", "zh-en", "Table 2"),
    "xsum_r1": ("xsum", "rouge1", "", "Tables 2 and 11-12"),
    "xsum_r2": ("xsum", "rouge2", "", "Tables 2 and 11-12"),
    "xsum_rL": ("xsum", "rougeL", "", "Tables 2 and 11-12"),
    "cnn_r1": ("cnn_dailymail", "rouge1", "", "Tables 2 and 11-12"),
    "cnn_r2": ("cnn_dailymail", "rouge2", "", "Tables 2 and 11-12"),
    "cnn_rL": ("cnn_dailymail", "rougeL", "", "Tables 2 and 11-12"),
    "gsm8k": ("gsm8k", "acc", "", "Table 2"),
    "snli": ("snli", "acc", "", "Table 2"),
    "tqa_mc1": ("truthfulqa", "mc1", "", "Table 2"),
    "fb_hsr": ("followbench", "hsr", "", "Tables 2 and 14"),
    "fb_ssr": ("followbench", "ssr", "", "Tables 2 and 14"),
    "fb_csl": ("followbench", "csl", "", "Tables 2 and 14"),
    "bbq_ambig": ("bbq", "bias", "ambiguous", "Table 2"),
    "bbq_disambig": ("bbq", "bias", "disambiguated", "Table 2"),
    "mem_gib": ("memory", "peak", "", "Tables 2 and 8"),
    "tok_s": ("speed", "decoding", "", "Tables 2 and 8"),
    "avg_acc": ("average", "acc", "", "Table 2"),
}

JIN_NOTES = {
    ("14B", "BF16", 16, "fb_hsr"): "Table 14; Table 2 repeats the 72B model there; rounded",
    ("14B", "BF16", 16, "fb_ssr"): "Table 14; Table 2 repeats the 72B model there; rounded",
    ("14B", "BF16", 16, "fb_csl"): "Table 14; Table 2 repeats the 72B model there; rounded",
    ("7B", "SpQR", 3, "ppl_wt2"): "Table 2 prints a mean perplexity of 13.40; Table 7 gives 12.40",
    ("14B", "SpQR", 3, "mem_gib"): "Table 8; Table 2 prints 29.97",
}

# Table 3: Pearson's r of a score with the mean of three perplexities, over GPTQ and SpQR at 4 and 3 bits.
JIN_CORRELATIONS = {
    "mmlu": "-0.892", "ceval": "-0.930", "bleu_enzh": "-0.884", "bleu_zhen": "-0.904",
    "gsm8k": "-0.911", "snli": "-0.583", "tqa_mc1": "-0.789",
    "fb_hsr": "-0.864", "fb_ssr": "-0.899", "fb_csl": "-0.877",
    "bbq_ambig": "-0.765", "bbq_disambig": "0.806",
    "xsum_r1": "-0.768", "xsum_r2": "-0.493", "xsum_rL": "-0.222",
    "cnn_r1": "-0.890", "cnn_r2": "-0.849", "cnn_rL": "-0.885",
}

# What 2-bit SpQR loses without its outliers, or with larger groups: WikiText-2, C4, PTB.
JIN_ABLATION = {
    ("7B", "SpQR 2-bit without outliers"): ("17.96", "21.86", "27.98"),
    ("7B", "SpQR 2-bit at group 128"): ("10.58", "14.48", "17.40"),
    ("14B", "SpQR 2-bit without outliers"): ("140.22", "115.07", "170.48"),
    ("14B", "SpQR 2-bit at group 128"): ("8.16", "12.14", "13.78"),
    ("72B", "SpQR 2-bit without outliers"): ("10.49", "14.07", "16.11"),
    ("72B", "SpQR 2-bit at group 128"): ("7.44", "10.34", "12.27"),
}

# Folder of the figures' numbers under qllm_eval/visualization in github.com/thu-nics/qllm-eval,
# commit 66057b616d8227cda8e11d8ba254b3a039327bd3; the paper draws them and prints few.
LI_SOURCES = {
    "lambada": "basic/assets",
    "mt-bench": "dialogue/assets",
    "lost-in-the-middle": "long/litm",
    "truthfulqa": "trustworthiness/truthfulqa",
}


def li_source(task, detail):
    if task in LI_SOURCES:
        return LI_SOURCES[task]
    if task == "longeval-lines":
        return "long/longeval/pos" if "decile" in detail else "long/longeval/length"
    if task.startswith("adv_"):
        return "trustworthiness/adv_glue"
    return "trustworthiness/ethics" if task.startswith("ethics") else "emergent/emergent"


def schemes(paper):
    with open(OUT / "schemes.csv", newline="") as file:
        return {row["printed"]: row["scheme"] for row in csv.DictReader(file) if row["paper"] == paper}


def write(paper, rows):
    with open(OUT / f"{paper}.csv", "w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONE)
        lines.writerow(HEAD)
        known = schemes(paper)
        for model, printed, *rest in rows:
            # The reader of these files knows no quotes: a comma inside a field is an error here.
            lines.writerow([model, known[printed], printed, *rest])


def jin(folder):
    with open(folder / "jin2024.csv", newline="") as file:
        table = list(csv.DictReader(file))
    for row in table:
        bits = int(row["bits"])
        printed = "BF16" if bits == 16 else f"{row['method']} {bits}-bit"
        for column, (task, metric, detail, source) in JIN_COLUMNS.items():
            note = JIN_NOTES.get((row["model"], row["method"], bits, column), "")
            yield row["model"], printed, task, metric, detail, row[column], source, note
    for (model, printed), values in JIN_ABLATION.items():
        for column, value in zip(("ppl_wt2", "ppl_c4", "ppl_ptb"), values):
            yield model, printed, JIN_COLUMNS[column][0], "ppl", "", value, "ablation of SpQR", ""
    for column, r in JIN_CORRELATIONS.items():
        task, metric, detail, _ = JIN_COLUMNS[column]
        yield "all", "all", task, f"r of {metric}", detail, r, "Table 3", "with mean perplexity; n 12"


def li(folder):
    with open(folder / "li2024.csv", newline="") as file:
        for row in csv.DictReader(file):
            printed = f"{row['scheme']} {row['method']}" if row["method"] == "awq" else row["scheme"]
            metric = "score" if row["task"] == "mt-bench" else row["metric"]
            source = li_source(row["task"], row["detail"])
            # The only fields with commas: "30 documents, answer at 0".
            detail = row["detail"].replace(",", ";")
            yield row["model"], printed, row["task"], metric, detail, row["value"], source, row["note"]


def main():
    folder = pathlib.Path(sys.argv[1])
    write("jin2024", jin(folder))
    write("li2024", li(folder))


if __name__ == "__main__":
    main()
