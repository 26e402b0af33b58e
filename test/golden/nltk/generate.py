#!/usr/bin/python3
"""Random corpora with NLTK's corpus_bleu, as gzipped JSON lines: python3 generate.py 3000 1 > corpora.jsonl.gz

Needs Debian's python3-nltk. A line is {"pairs": [[candidate, [reference, ...]], ...], "bleu": [BLEU-1, ..., BLEU-4]}.
Among the corpora are candidates that are empty, shorter than four words, repeat one word, share nothing, or are longer or
shorter than all their references.
"""
import gzip
import json
import random
import sys
import warnings

import nltk
from nltk.translate.bleu_score import corpus_bleu

warnings.filterwarnings("ignore")  # about orders without a match
count, seed = int(sys.argv[1]), int(sys.argv[2])
draw = random.Random(seed)
words = "a b c d e f g h".split()


def sentence(low, high, vocabulary):
    return [draw.choice(vocabulary) for _ in range(draw.randint(low, high))]


def candidate(references, vocabulary):
    kind = draw.randrange(10)
    if kind == 0:
        return []
    if kind == 1:
        return sentence(1, 3, vocabulary)
    if kind == 2:
        return [draw.choice(vocabulary)] * draw.randint(1, 9)
    if kind == 3:
        return ["z"] * draw.randint(1, 6)
    if kind == 4:
        return list(draw.choice(references))
    near = list(draw.choice(references))
    for _ in range(draw.randint(0, 3)):
        where = draw.randint(0, len(near))
        near[where : where + draw.randint(0, 2)] = sentence(0, 2, vocabulary)
    return near


def corpus():
    vocabulary = words[: draw.randint(1, len(words))]
    pairs = []
    for _ in range(draw.randint(1, 6)):
        references = [sentence(0 if draw.random() < 0.1 else 1, 12, vocabulary) for _ in range(draw.randint(1, 5))]
        pairs.append((candidate(references, vocabulary), references))
    return pairs


lines = []
for _ in range(count):
    pairs = corpus()
    candidates, references = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    bleu = [corpus_bleu(references, candidates, weights=[1 / n] * n) for n in (1, 2, 3, 4)]
    text = [[" ".join(c), [" ".join(r) for r in rs]] for c, rs in pairs]
    lines.append(json.dumps({"pairs": text, "bleu": bleu}, separators=(",", ":")))
sys.stderr.write(f"nltk {nltk.__version__}\n")
sys.stdout.buffer.write(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
