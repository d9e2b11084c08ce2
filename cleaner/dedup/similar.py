"""Is a text, or a part of it, in a corpus already? Its sketch is held against those that a version keeps.

The share of equal values of two signatures estimates the Jaccard similarity, and of strangers hardly one value is
equal. So a part of a text shows, too, down to about a thirtieth of the longer text. What looks alike is read and
compared exactly.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH

from cleaner.config import Config, DedupConfig
from cleaner.decode import decode
from cleaner.dedup.copies import choose_bands, permutations_of, similarity, sketch_batch
from cleaner.dedup.earlier import open_earlier, wanted_texts
from cleaner.dedup.folding import fold_table, hashes_of
from cleaner.document import Document, Sketches, code_points
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.raw import find, read

LEAST_EQUAL = 3  # values of the two signatures
MOST_COMPARED = 200  # texts that are read
MOST_SHOWN = 10
LEAST_SHARED = 0.05  # of the shingles of the smaller text
LONGEST_SHOWN = 60  # characters of a passage


def similar_to(file: Path, folder: Path, config: Config) -> Iterator[str]:
    """The documents of a version that are like a file, the most alike first, in lines.

    Raises WrongUseError or BadDataError where there is no such file or version, or it cannot be read.
    """
    text = text_of(file, config)
    earlier = open_earlier(folder, config.dedup)
    ours = sketch_batch([Document("", file.name, text)], config.dedup)
    equal = (earlier.signatures() == ours.signatures[0]).sum(axis=1) * (earlier.sketches.folded > 0)
    nearest = np.argsort(-equal, kind="stable")[:MOST_COMPARED]
    wanted = np.zeros(len(equal), dtype=np.bool_)
    wanted[nearest[equal[nearest] >= LEAST_EQUAL]] = True
    hashes = hashes_of(text, config.dedup.shingle)
    found = []
    for number, other in wanted_texts(earlier, wanted):
        alike = similarity(hashes, hashes_of(other, config.dedup.shingle))
        if alike.containment >= LEAST_SHARED:
            source, name = (column[number].as_py() for column in (earlier.sketches.sources, earlier.sketches.ids))
            found.append((alike.jaccard, alike.containment, source, name, longest_shared(other, text, config.dedup)))
    yield f"{file.name}: {len(text):,} characters, compared with {len(equal):,} documents of {earlier.name}"
    if not found:
        yield "none of them is like it"
    for jaccard, containment, source, name, passage in sorted(found, key=lambda row: (-row[0], row[2]))[:MOST_SHOWN]:
        yield f"similarity {jaccard:.3f}, {containment:.3f} of the smaller text is in the other: {source} ({name})"
        yield f"    {len(passage):,} characters in a row: {shortened(passage)}"
    if len(found) > MOST_SHOWN:
        yield f"… and {len(found) - MOST_SHOWN:,} more"


def text_of(file: Path, config: Config) -> str:
    """The text of a file as decode reads it."""
    if not file.is_file():
        raise WrongUseError(f"{file} is no file; name one text file")
    (entry,), _ = find(file)
    outcomes = list(decode(read(entry, config.decode), config.decode))
    if not any(outcome.document.text and not outcome.dropped for outcome in outcomes):
        raise BadDataError(f"{file} cannot be read: {outcomes[0].dropped if outcomes else 'there is nothing in it'}")
    return "\n".join(outcome.document.text for outcome in outcomes if not outcome.dropped)


def longest_shared(text: str, other: str, config: DedupConfig) -> str:
    """The longest passage of a text whose shingles are all in another text."""
    from cleaner.kernels.minhash import shingles

    points = code_points(text)
    table = fold_table()
    places = np.flatnonzero(table[np.minimum(points, len(table) - 1)])
    runs = shingles(table[points[places]], config.shingle)
    is_shared = np.isin(runs, hashes_of(other, config.shingle))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_shared, [False]]).astype(np.int8)))
    if not len(edges):
        return ""
    starts, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - starts))
    last = min(int(ends[longest]) + config.shingle - 2, len(places) - 1)
    return text[places[starts[longest]] : places[last] + 1]


def shortened(passage: str) -> str:
    """A passage on one line, its middle left out if it is long."""
    line = " ".join(passage.split())
    half = LONGEST_SHOWN // 2
    return line if len(line) <= LONGEST_SHOWN else f"{line[:half]} … {line[-half:]}"


def as_lsh(sketches: Sketches, config: DedupConfig) -> Any:
    """The documents in datasketch's own index, by id, to be asked with a MinHash of the scheme affine32."""
    index = MinHashLSH(num_perm=config.permutations, params=choose_bands(config.threshold, config.permutations))
    for name, values in zip(sketches.ids.to_pylist(), sketches.signatures, strict=True):
        index.insert(name, as_minhash(values, config))
    return index


def as_minhash(values: Any, config: DedupConfig) -> Any:
    """A signature as datasketch's object."""
    count = config.permutations
    return MinHash(num_perm=count, hashvalues=values, permutations=permutations_of(count), scheme="affine32")
