"""Quick looks at many documents rule out no document that breaks a claim, and many histories are taken back at once."""

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import memory
from cleaner.check import check, looks
from cleaner.check.asked import Whole, asked_of
from cleaner.check.asking import ask_documents
from cleaner.check.claims import CLAIMS
from cleaner.check.looks import marks
from cleaner.config import CheckConfig
from cleaner.decode.mojibake import destroyed
from cleaner.document import Edits, apply, code_points, from_code_points, rewind
from cleaner.files.columns import strings
from cleaner.files.corpus import Life, open_corpus
from cleaner.files.ledger import read_ledger, read_ledger_of
from cleaner.files.tables import LedgerFile
from cleaner.verify.batches import Shard, batches_of, shards_of
from cleaner.verify.rebuild import digests_of, rebuild, rebuild_all
from cleaner.verify.rewinding import Edited, rewind_all
from tests.conftest import Ran, Run

LOOKED_AT = [claim for claim in CLAIMS if claim.may_break]
SNIPPETS = [  # what breaks a claim, or nearly does
    *(
        "锟斤拷" * 8,
        "烫烫烫烫烫烫",
        "驻屯军",
        "\ufffd",
        "ï¿½ï¿½ï¿½",
        "½",
        "caf\u0065\u0301",
        "\uf9e4",
        "이",
        "が\u3099",
    ),
    *(
        "這裡的學生們都很開心。",
        "“萬里長風”",
        "蕭乾",
        "臺",
        "𠀀𠀁",
        "電車來了",
        "(上接第5版)",
        "\U0010ff41",
        "\n",
        "  ",
        "",
    ),
]


def text_of(chance: random.Random) -> str:
    """Running text with something in it now and then."""
    words = "水渠修好了乡亲们都说今年的收成不会差，广场上来了很多人。"
    pieces = [chance.choice(SNIPPETS) if chance.random() < 0.2 else chance.choice(words) for _ in range(90)]
    return "".join(pieces)


def damaged(demo: Run, place: Path, chance: random.Random) -> Path:
    """A copy of the demo's stages in which some texts, and some rows of the ledger, are others."""
    shutil.copytree(demo.work, place / "work")
    path = place / "work/5-dedup/documents-00000.parquet"
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    for row in rows:
        if chance.random() < 0.6:
            row["text"] = text_of(chance) if chance.random() < 0.5 else row["text"] + chance.choice(SNIPPETS)
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)
    for path in (place / "work").glob("*/edits-00000.parquet"):
        rows = pq.read_table(path).to_pylist()
        for row in rows:
            if chance.random() < 0.05:
                row["before"] += chance.choice(SNIPPETS)
            if chance.random() < 0.02:
                row["offset"] += chance.choice([-3, 1, 10**6])
        pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)
    return place / "work/5-dedup"


@pytest.mark.parametrize("seed", range(8))
def test_a_look_rules_out_no_document_that_breaks_the_claim(demo: Run, tmp_path: Path, seed: int) -> None:
    corpus = open_corpus(damaged(demo, tmp_path, random.Random(seed)))
    asked, found = asked_of(corpus), 0
    for shard in map(Shard, shards_of(corpus)):
        for batch in batches_of(shard):
            lives = [batch.life(place) for place in range(len(batch))]
            for claim in LOOKED_AT:
                assert claim.of_document is not None and claim.may_break is not None
                if batch.dropped_in and not claim.of_dropped:
                    continue
                is_broken = [any(claim.of_document(life, asked)) for life in lives]
                may_break = claim.may_break(batch, asked).tolist()
                assert not [life for life, broken, may in zip(lives, is_broken, may_break, strict=True) if broken > may]
                found += sum(is_broken)
    assert found > 5


def test_a_look_leaves_little_of_a_clean_corpus(demo: Run) -> None:
    corpus = open_corpus(demo.work / "5-dedup")
    asked, left, seen = asked_of(corpus), 0, 0
    for shard in map(Shard, shards_of(corpus)):
        for batch in batches_of(shard):
            left += sum(int(claim.may_break(batch, asked).sum()) for claim in LOOKED_AT if claim.may_break)
            seen += len(batch) * len(LOOKED_AT)
    assert left < 0.25 * seen


@given(st.text(alphabet="锟斤拷嚙踝蕭占쏙옙ï¿½烫屯葺\ufffd“”水", max_size=60))
def test_no_text_is_destroyed_without_a_mark(text: str) -> None:
    points = code_points(text)
    found = marks()[points]
    if destroyed(text):
        assert (found & 1).any() or np.count_nonzero(found & 2) >= 4


def as_plain(life: Life) -> tuple[Any, ...]:
    history = [(stage, edits.rule, list(edits), edits.reasons) for stage, edits in life.edits]
    return life.document, history, life.dropped, life.by, life.dropped_in


def test_batches_hold_the_lives_of_a_corpus(demo: Run, seeds: Run) -> None:
    for corpus in (open_corpus(demo.work / "5-dedup"), open_corpus(seeds.clean)):
        batches = [batch for shard in map(Shard, shards_of(corpus)) for batch in batches_of(shard)]
        lives = [batch.life(place) for batch in batches for place in range(len(batch))]
        assert list(map(as_plain, lives)) == list(map(as_plain, corpus.lives()))
        rebuilt = list(map(rebuild, lives))
        assert [found for batch in batches for found in rebuild_all(batch)] == rebuilt
        quick = [digest for batch in batches for digest in digests_of(batch)]
        assert all(digest in ("", found.digest) for digest, found in zip(quick, rebuilt, strict=True))
        assert sum(map(bool, quick)) > len(lives) / 2


def test_all_texts_are_read_at_once_where_one_is_not_utf8_across_a_boundary() -> None:
    halves = pa.array([b"\xe6\xb0", b"\xb4"], pa.large_binary())  # of one character, in two strings
    column = pa.Array.from_buffers(pa.large_string(), 2, halves.buffers())
    with pytest.raises(UnicodeDecodeError):
        strings(column)


# The ledger by columns


def history_of(chance: random.Random, text: str) -> tuple[str, list[Edits]]:
    """A text after some rules, and what they did."""
    history = []
    for number in range(chance.randrange(4)):
        changes, place = [], 0
        while (place := place + chance.randrange(6)) < len(text):
            end = min(place + chance.randrange(3), len(text))
            new = "".join(chance.choices("水渠\U00020000a", k=end - place if number == 1 else chance.randrange(4)))
            why = [f"because {place}"] if number == 2 else []
            changes.append((place, end, new, *why))
            place = end + 1
        edits = Edits.of(f"rule_{number}", text, changes)
        if len(edits):
            text = apply(text, edits)
            history.append(edits)
    return text, history


def made_ledger(chance: random.Random, path: Path) -> tuple[list[str], list[str], list[list[Edits]]]:
    """Some texts, as they became, and the file of what was done to them."""
    texts = ["".join(chance.choices("一二三\n\U0001f600", k=chance.randrange(40))) for _ in range(30)]
    done = [history_of(chance, text) for text in texts]
    with LedgerFile(path, "normalize") as file:
        for number, (_, history) in enumerate(done):
            file.add(f"{number:020}", history)
            if chance.random() < 0.2:
                file.flush()  # a new row group
    return texts, [text for text, _ in done], [history for _, history in done]


def runs_by_rows(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The runs of a ledger, row by row: the plain twin of `read_ledger`."""
    found: list[tuple[Any, ...]] = []
    for row in rows:
        key = (row["id"], row["stage"], row["step"], row["rule"])
        if not found or found[-1][0] != key:
            found.append((key, []))
        found[-1][1].append((row["offset"], row["before"], row["after"], row["reason"]))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_a_ledger_is_cut_into_the_runs_of_its_rows(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "edits-00000.parquet"
    made_ledger(random.Random(seed), path)
    table = pq.read_table(path)
    plain = runs_by_rows(table.to_pylist())
    ledger = read_ledger([path])
    found = [
        (name, stage, edits.rule, [(e.offset, e.before, e.after, e.reason) for e in edits])
        for name, stage, edits in ledger.runs()
    ]
    assert found == [(name, stage, rule, edits) for (name, stage, _, rule), edits in plain]
    some = {name for (name, *_), _ in plain[::3]}
    picked = [(name, edits.rule, list(edits)) for name, _, edits in read_ledger_of([path], some).runs()]
    assert picked == [(name, edits.rule, list(edits)) for name, _, edits in ledger.runs() if name in some]


@pytest.mark.parametrize("seed", range(12))
def test_histories_are_taken_back_as_one_by_one(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / "edits-00000.parquet"
    before, after, _ = made_ledger(chance, path)
    ledger = read_ledger([path])
    histories = [ledger.histories().get(f"{number:020}", []) for number in range(len(after))]
    texts = [code_points(text) for text in after]
    assert rewind_all(texts, histories, Edited.of(ledger)).all()
    assert [from_code_points(text) for text in texts] == before
    # Of other texts either it says that the ledger does not fit, or does as is done one by one.
    others = [
        "".join(chance.choices("水渠一二三\n", k=len(text) + chance.randrange(-1, 2)))
        if chance.random() < 0.5
        else text
        for text in after
    ]
    others = [text[:-1] if chance.random() < 0.2 else text for text in others]
    texts = [code_points(text) for text in others]
    fits = rewind_all(texts, histories, Edited.of(ledger))
    for text, other, runs, fit in zip(texts, others, histories, fits.tolist(), strict=True):
        try:
            alone = rewind(other, [ledger.edits(run) for run in runs])
        except ValueError:
            assert not fit
        else:
            assert not fit or from_code_points(text) == alone


def test_sketches_beside_the_documents_are_taken_only_if_they_are_theirs(demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.work, tmp_path / "work")
    folder = tmp_path / "work/5-dedup"

    def known() -> tuple[Any, Any]:
        whole = Whole(open_corpus(folder), asked_of(open_corpus(folder)), CheckConfig())
        answers = ask_documents(CLAIMS, whole)
        made = whole.known
        whole = replace(whole, sketches=answers.sketches)
        assert made is not None and whole.known is not None
        assert np.array_equal(made.signatures, whole.known.signatures)
        assert np.array_equal(made.digests, whole.known.digests)
        assert made.ids.equals(whole.known.ids)
        return answers.sketches[0], made

    assert known()[0] is not None
    path = folder / "documents-00000.parquet"
    rows = pq.read_table(path).to_pylist()
    rows[3]["text"] = rows[3]["text"].translate({ord(rows[3]["text"][5]): "渠"})
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)
    assert known()[0] is None
    (folder / "sketches-00000.parquet").unlink()
    assert known()[0] is None


@pytest.mark.parametrize("workers", [1, 2])
def test_copies_are_found_beyond_memory_as_within(
    cleaner: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """Where signatures are not held they are compared from the files: here by a lower threshold than dedup was told."""
    chance = random.Random(workers)
    sentences = [
        "".join(chance.choices("渠水修好学校操场春天果树乡亲去年下午高兴电影", k=20)) + "。" for _ in range(90)
    ]
    (tmp_path / "raw").mkdir()
    for number in range(30):
        text = "".join(sentences[2 * number : 2 * number + 12])  # ten of twelve stand in the next one
        (tmp_path / f"raw/{number}.txt").write_text(text, encoding="utf-8")
    assert cleaner("run", tmp_path / "raw", tmp_path / "clean", "--workers", 1).code == 0
    corpus = open_corpus(tmp_path / "clean")
    asked = asked_of(corpus)
    asked = replace(asked, dedup=asked.dedup.model_copy(update={"threshold": 0.5}))

    def whole() -> Whole:
        found = Whole(corpus, asked, CheckConfig(), workers=workers)
        found.sketches = ask_documents(CLAIMS, found).sketches
        return found

    within, beyond = whole(), whole()
    assert within.known is not None and within.known.signatures.shape == (30, 128)
    monkeypatch.setattr(memory.ALLOWED, "comparing", 0)
    assert beyond.known is not None and beyond.known.signatures.shape == (30, 0)
    assert len(within.copies) > 5
    assert beyond.copies == within.copies
    assert beyond.known.ids.equals(within.known.ids)


def test_nothing_of_a_batch_is_held_when_a_check_is_done(demo: Run) -> None:
    check(open_corpus(demo.clean))
    assert [look.cache_info().currsize for look in (looks.marks_in, looks.folded_in, looks.marks_before)] == [0] * 3
