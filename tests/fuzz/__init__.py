"""Inputs that nobody means to have, through the whole pipeline: no crash, no hang, and the laws hold.

    python -m tests.fuzz.whole --inputs 100000 [--seed 1]

`inputs` makes them, the same for the same seed: files of the demo and generated texts in many encodings, cut, spliced
and bent; JSON lines, packed and damaged; Parquet tables that are none. The suite does a slice (tests/test_fuzz.py).
"""
