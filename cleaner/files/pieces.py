"""Large files cut into pieces, so that all workers have something to read.

A piece is some lines of a JSONL file, or some row groups of a Parquet file, of about the size of a shard. Where it
begins depends on the file alone, and its rows have the numbers that they have in the whole file. A piece of a text is a
document of its own: only a long one is cut, whatever the size of a shard. Packed files cannot be cut, as nobody knows
where a line begins in them; nor can a web page, which is one document.
"""

import hashlib
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.config import DecodeConfig
from cleaner.files import sha256
from cleaner.files.access import for_arrow
from cleaner.files.raw import PARQUET, TEXT, Piece, RawFile, is_long, pieces_of_text, shard_size

PACKED = (".gz", ".zst", *PARQUET)
UNPACKED_TIMES = 8  # its size, about, is what a packed file has in it


def largest_shard(files: Sequence[RawFile], most: int) -> int:
    """The bytes, about, of the largest shard, of `most` at most: a file that cannot be cut may be more than others."""
    whole = (file.size * (UNPACKED_TIMES if file.has_ending(PACKED) else 1) for file in files if not is_cut(file))
    return min(most, max([shard_size(files, most), *whole]))


def is_cut(file: RawFile) -> bool:
    """Whether a file of this kind is cut where it is too large for a shard."""
    return file.has_ending((".jsonl", *TEXT))


def digest_and_pieces(file: RawFile, shard_bytes: int, config: DecodeConfig) -> tuple[str, list[RawFile]]:
    """The SHA-256 of an input, empty if it cannot be read (which decode then says), and the input as it is cut."""
    try:
        if file.size > shard_bytes and file.has_ending(".jsonl"):
            digest, pieces = pieces_of_lines(file, shard_bytes, config)
        elif is_long(file, config):
            digest, pieces = sha256(file.place), list(pieces_of_text(file, config))
        else:
            digest = sha256(file.place)
            pieces = list(pieces_of_table(file, shard_bytes)) if file.has_ending(PARQUET) else []
    except OSError:
        return "", [file]
    return digest, [file._replace(piece=piece) for piece in pieces] if len(pieces) > 1 else [file]


def pieces_of_lines(file: RawFile, shard_bytes: int, config: DecodeConfig) -> tuple[str, list[Piece]]:
    """The SHA-256 of a JSONL file, and runs of its lines: both in one look at the file."""
    whole, pieces = hashlib.sha256(), list[Piece]()
    start = position = row = rows = 0
    with file.path.open("rb") as stream:
        while line := stream.readline(config.max_file_bytes):  # as it will be read
            whole.update(line)
            position, rows = position + len(line), rows + 1
            if position - start >= shard_bytes:
                pieces.append(Piece(start, position, row, position - start))
                start, row = position, rows
    if position > start:
        pieces.append(Piece(start, position, row, position - start))
    return whole.hexdigest(), pieces


def pieces_of_table(file: RawFile, shard_bytes: int) -> Iterator[Piece]:
    """Runs of row groups of a Parquet file; none of one that is damaged, which decode then says."""
    try:
        table = pq.read_metadata(for_arrow(file.path))
    except (OSError, pa.ArrowException, UnicodeDecodeError):
        return
    start = row = rows = size = 0
    for group in range(table.num_row_groups):
        size, rows = size + table.row_group(group).total_byte_size, rows + table.row_group(group).num_rows
        if size >= shard_bytes or group == table.num_row_groups - 1:
            yield Piece(start, group + 1, row, size)
            start, row, size = group + 1, rows, 0
