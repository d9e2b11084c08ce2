"""How much of what `corpus.py` planted is known to a version that was made of it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from corpus import Place, Plan

from cleaner.files import document_id


def told_of(version: Path, plan: Plan) -> str:
    """In words: the planted copies that were found, by kind, and what was dropped and is no copy."""
    planted, found, strangers = found_of(version, plan)
    told = ", ".join(f"{kind} {found[kind]:,} of {planted[kind]:,}" for kind in planted)
    return f"Planted copies that were found: {told}. Dropped, and no copies: {strangers:,}."


def found_of(version: Path, plan: Plan) -> tuple[Counter[str], Counter[str], int]:
    """The planted copies and those that were found, by kind; and how many others were dropped.

    Of a copy and its original, one must be gone. What stands in a longer text must be named or gone, and a passage that
    stands twice must have been cut.
    """
    kept = {name for path in (version / "data").glob("*.parquet") for name in column(path, "id")}
    dropped = {name for path in (version / "dropped").glob("*.parquet") for name in column(path, "id")}
    stages = {stage["stage"]: stage for stage in json.loads((version / "manifest.json").read_text())["stages"]}
    contained = {one["id"] for one in stages["dedup"]["contained"]}
    cut = {
        name
        for path in (version / "edits").glob("*dedup-*.parquet")
        for name, rule in zip(column(path, "id"), column(path, "rule"), strict=True)
        if rule == "remove_repeated_passage"
    }
    planted, found = Counter[str](), Counter[str]()
    for one in plan.planted:
        name, of = name_of(one.place), name_of(one.of or one.place)
        planted[one.kind] += 1
        if one.kind == "repeats":
            found[one.kind] += name in cut
        elif one.kind == "contained":
            found[one.kind] += name in contained or name not in kept
        else:
            found[one.kind] += not {name, of} <= kept
    involved = {name_of(place) for one in plan.planted for place in (one.place, one.of or one.place)}
    return planted, found, len(dropped - involved)


def name_of(place: Place) -> str:
    return document_id(place.source, place.row)


def column(path: Path, name: str) -> list[Any]:
    found: list[Any] = pq.read_table(path, columns=[name])[name].to_pylist()
    return found
