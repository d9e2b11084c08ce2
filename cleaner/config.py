"""Every knob of cleaner, with its default and its unit.

A setting is looked up in `cleaner.toml` (or the file named by `--config`); what is not set there has the default
below. A switch has the name of the rule it turns off, which is also the rule's name in the ledger and the report.
An unknown key or a value of the wrong type is an error that names the key.
"""

import difflib
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cleaner.errors import WrongUseError

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1)]


# No unknown keys, no silent conversion, no change after loading.
STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class DecodeConfig(BaseModel):
    model_config = STRICT

    # Raw bytes per shard at most; a shard is one unit of work and one output file. A small corpus has smaller ones.
    shard_bytes: Count = 64 * 1024 * 1024
    # A text file of more bytes becomes several documents, each a run of whole lines of about so many bytes.
    document_bytes: Annotated[int, Field(ge=256)] = 16 * 1024 * 1024
    max_unpacking: Count = 200  # how many times its own size a .gz or .zst may unpack to, before the rest is put aside
    max_file_bytes: Count = 1024**3  # larger files are dropped with that reason; for .gz and .zst: when unpacked
    text_field: str = "text"  # the field of a JSONL object, and the column of a Parquet table, that holds the text
    max_damaged_share: Share = 0.1  # of a file's bytes, that may be unreadable and are then removed, on record
    split_encodings_by_line: bool = True  # read lines, and pieces of lines, that are not in the encoding of their file
    drop_byte_order_mark: bool = True  # and those inside, where files were joined
    undo_mojibake: bool = True  # restore lines that somebody read in the wrong encoding before
    max_unreadable_share: Share = 1.0  # fail the run when more than this share of the documents cannot be read


class NormalizeConfig(BaseModel):
    model_config = STRICT

    unify_line_ends: bool = True
    remove_stray_controls: bool = True
    replace_radicals: bool = True
    compose_nfc: bool = True
    strip_line_ends: bool = True
    strip_indents: bool = True
    narrow_letters_and_digits: bool = True
    widen_small_marks: bool = True
    remove_spaces_beside_digits: bool = True
    widen_dashes: bool = True
    widen_ellipses: bool = True
    turn_wrong_quotes: bool = True
    restore_quotes: bool = True  # in documents that show folding
    restore_fullwidth_marks: bool | Literal["auto"] = "auto"  # auto: in documents that show folding; true: in all


class SimplifyConfig(BaseModel):
    model_config = STRICT

    convert_traditional: bool = True
    min_traditional_share: Share = 0.8  # of the characters that exist in one script only, to call a text traditional
    min_traditional: Count = 2  # characters that only traditional has, to convert a paragraph of a mixed document


class RepairConfig(BaseModel):
    model_config = STRICT

    remove_jump_lines: bool = True
    remove_share_lines: bool = True
    remove_page_numbers: bool = True
    remove_editor_credits: bool = True  # (责编：…) at the end of a text
    join_cut_headings: bool = True
    join_cut_paragraphs: bool = True
    unwrap_hard_wrapped_lines: bool = True
    ask_other_texts: bool = True  # whether the characters around a doubtful break stand side by side elsewhere
    learn_from_corpus: bool = True  # how often the characters around a doubtful break stand so in the whole corpus
    link: Literal["off", "report", "join"] = "report"  # parts of one article that stand in two documents


class DedupConfig(BaseModel):
    model_config = STRICT

    remove_repeated_passages: bool = True  # that are pasted twice into one document
    documents: bool = True  # drop documents that are copies of another
    threshold: Share = 0.8  # exact Jaccard similarity of two texts, from which they count as copies
    shingle: Count = 5  # characters of the folded text per shingle
    permutations: Annotated[int, Field(ge=16, le=1024)] = 128  # hash values per sketch
    keep: Literal["longest", "earliest", "first"] = "longest"  # which copy stays; ids break ties
    # Beginnings of source paths: of copies, one from the first of them stays, before `keep` is asked.
    # Beginnings of source paths: of copies, one from the first of them stays, before `keep` is asked.
    source_order: Annotated[tuple[str, ...], Field(strict=False)] = ()
    min_passage: Count = 200  # characters of a repeated passage, without white space and punctuation
    contained: Literal["off", "report", "drop"] = "report"  # documents that stand in a longer one
    passages: Literal["off", "report", "drop"] = "report"  # that stand in several documents
    boilerplate: Literal["off", "report", "drop"] = "report"  # lines that recur in the documents of a source


class CheckConfig(BaseModel):
    model_config = STRICT

    skip: Annotated[tuple[str, ...], Field(strict=False)] = ()  # names of claims and guards that are not asked
    # By the name of a claim, the documents that may break it: below 1 a share of them all, from 1 on a number.
    tolerate: dict[str, Annotated[float, Field(ge=0.0, allow_inf_nan=False)]] = {}
    python: str = ""  # a file of own checks, from the folder of the settings; run only if it is named here
    sql: dict[str, str] = {}  # own checks: a sentence, and the query that selects the rows that make it untrue
    max_documents_removed: Share = 0.9  # of a source
    max_characters_removed: Share = 0.9  # of a source, since decode
    max_documents_lost: Share = 0.1  # of those of the version before
    max_characters_lost: Share = 0.1
    max_length_drift: Share = 0.2  # share of the documents that are in another class of length than before
    max_script_drift: Share = 0.2
    max_encoding_drift: Share = 0.2
    max_frequency_drift: Share = 0.04  # bits between the characters of this version and the one before


class Config(BaseModel):
    model_config = STRICT

    decode: DecodeConfig = DecodeConfig()
    normalize: NormalizeConfig = NormalizeConfig()
    simplify: SimplifyConfig = SimplifyConfig()
    repair: RepairConfig = RepairConfig()
    dedup: DedupConfig = DedupConfig()
    check: CheckConfig = CheckConfig()


def parse(text: str, name: str) -> Config:
    """Read settings from TOML `text`; `name` is the file to blame. Raises WrongUseError naming the key."""
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongUseError(f"{name} is not valid TOML: {error}") from None
    try:
        return Config.model_validate(settings)
    except ValidationError as error:
        problems = [describe_problem(problem["loc"], problem["type"], problem) for problem in error.errors()]
        raise WrongUseError("\n".join(f"{name}: {problem}" for problem in problems)) from None


def decode_settings(known: dict[str, Any]) -> DecodeConfig:
    """The settings of decode that a report has; before there was `document_bytes`, no text was cut."""
    return DecodeConfig.model_validate({"document_bytes": sys.maxsize} | known)


def beside(settings: Config, folder: Path) -> Config:
    """Settings in which the file of own checks is found from the folder of the settings, not from the current one."""
    if not settings.check.python:
        return settings
    check = settings.check.model_copy(update={"python": str(folder / settings.check.python)})
    return settings.model_copy(update={"check": check})


def describe_problem(location: tuple[int | str, ...], kind: str, problem: Any) -> str:
    """One sentence for one validation error: which key, what is wrong, what was meant."""
    key = ".".join(str(part) for part in location)
    if kind == "extra_forbidden":
        known = known_keys(location[:-1])
        near = difflib.get_close_matches(str(location[-1]), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        return f"unknown key {key}; {hint}"
    return f"{key} = {problem['input']!r}: {problem['msg'][0].lower()}{problem['msg'][1:]}"


def known_keys(section: tuple[int | str, ...]) -> list[str]:
    """The keys of a section, or the names of the sections for the empty path."""
    if not section:
        return list(Config.model_fields)
    default = getattr(Config(), str(section[0]), None)
    return list(type(default).model_fields) if isinstance(default, BaseModel) else []


def default_file() -> Path | None:
    """`cleaner.toml` in the current folder, if there is one."""
    path = Path("cleaner.toml")
    return path if path.is_file() else None
