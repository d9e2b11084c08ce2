"""What a corpus says of its own breaks: what is counted, what is not, and that neither shards nor order matter."""

import random
from collections import Counter as Tally
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from cleaner.config import RepairConfig
from cleaner.document import Document, code_points
from cleaner.files.corpus import open_corpus
from cleaner.repair import corpus_grams, repair
from cleaner.repair.breaks import NOBODY
from cleaner.repair.corpus_grams import ONES, UNIT, batches, cells_of, count, four_of, lines_of, runs_of
from cleaner.repair.grams import Grams, fold
from cleaner.repair.looks import batches_of
from cleaner.repair.witnesses import all_answers, all_questions, answers_of, asked, note, others_of
from tests.test_cli import Call, raw_folder

TORN = "集市上的新鲜事\n镇上的人都来看热闹。大家围着看的是青溪\n纺麻车，买的人排到了桥头。\n大家都说明年还来。"
PLACES = ("渡口", "桥头", "河湾", "山脚", "集市", "渠边", "校门", "粮仓")
CONFIG = RepairConfig()


def others(size: int = 240) -> list[str]:
    """Texts that name what the torn one is about, each in words of its own; no six characters around its break."""
    rng = random.Random(4)
    return [
        f"{rng.choice(PLACES)}见闻{number}\n"
        f"{rng.choice(PLACES)}的人家添了{number}架青溪纺麻车，{rng.choice(PLACES)}的车棚也修好了。{rng.choice(PLACES)}又种下果树。\n"
        f"到了傍晚，{rng.choice(PLACES)}和{rng.choice(PLACES)}之间的第{number}盏灯亮了，大家说起{rng.choice(PLACES)}的旧事，都笑了。"
        f"第{number}天早上，{rng.choice(PLACES)}的孩子们在{rng.choice(PLACES)}念书，声音传得很远。"
        for number in range(size)
    ]


def as_documents(texts: list[str]) -> list[Document]:
    return [Document(str(number), f"{number}.txt", text) for number, text in enumerate(texts)]


def counted(texts: list[str], *breaks: tuple[str, str]) -> dict[str, float]:
    """How often each run that some breaks ask for was counted in some texts."""
    fours = np.unique(np.array([four_of(*map(fold, one)) for one in breaks], dtype=np.uint64))
    counts = count(texts, fours, lines_of(cells_of(code_points(text)) for text in texts)) / UNIT
    runs = [int(run) for wanted in runs_of(fours) for run in wanted]
    return dict(zip(map(spelt, runs), counts[3 * ONES :].tolist(), strict=True))


def spelt(run: int) -> str:
    return "".join(chr(run >> shift & 0xFFFF) for shift in (48, 32, 16, 0) if run >> shift)


def test_the_runs_around_a_break_are_counted() -> None:
    found = counted(["新的纺麻车具。买了纺麻车。", "车具和纺麻"], ("纺麻", "车具"))
    inside = {"纺麻": 3.0, "麻车": 2.0, "车具": 2.0, "纺麻车": 2.0, "麻车具": 1.0, "纺麻车具": 1.0}
    assert found == inside | {"纺麻¶": 0.0, "¶车具": 0.0}


def test_counts_are_those_of_a_plain_loop() -> None:
    rng = random.Random(8)
    texts = ["".join(rng.choices("一二三，\n", k=rng.randrange(30))) for _ in range(200)]
    plain: Tally[str] = Tally()
    for line in {line for text in texts for line in text.split("\n")}:
        folded = fold(line)
        plain.update(folded[at : at + size] for size in (2, 3, 4) for at in range(len(folded) - size + 1))
    found = counted(texts, ("一二", "三一"), ("三三", "二一"), ("，一", "一一"))
    assert {run: round(value) for run, value in found.items() if "¶" not in run} == {
        run: plain[run] for run in found if "¶" not in run
    }


def test_only_a_full_stop_makes_an_end_and_a_beginning() -> None:
    at = ("纺麻", "车具")
    assert counted(["这是纺麻\n车具来了。"], at)["纺麻¶"] == 0.0
    assert counted(["这是纺麻\n车具来了。"], at)["¶车具"] == 0.0
    assert counted(["这是纺麻，\n车具来了。"], at)["纺麻¶"] == 0.0
    assert counted(["这是纺麻。\n车具来了。", "“我要纺麻！”车具也要。"], at)["纺麻¶"] == 2.0
    assert counted(["这是纺麻。\n车具来了。", "“我要纺麻！”车具也要。"], at)["¶车具"] == 2.0


def test_copies_count_once() -> None:
    at = ("纺麻", "车具")
    text = "一行字。\n新的纺麻车具来了。"
    once, often = counted([text], at), counted([text] * 300, at)
    assert often == pytest.approx(once, abs=0.01)  # UNIT cannot be shared out evenly among all


def test_a_corpus_helps_itself() -> None:
    (alone,) = repair(as_documents([TORN]), CONFIG)
    assert "青溪\n纺麻车" in alone.document.text
    texts = [TORN, *others()]
    known = asked(as_documents(texts[:1]), lambda: texts, CONFIG)
    (outcome,) = repair(as_documents([TORN]), CONFIG, known)
    assert "青溪纺麻车，买的人" in outcome.document.text
    assert "stand side by side in other texts" in str(list(outcome.edits[0]))


def test_the_others_are_left_as_they_are() -> None:
    texts = [TORN, *others()]
    documents = as_documents(texts)
    outcomes = list(repair(documents, CONFIG, asked(documents, lambda: texts, CONFIG)))
    assert [outcome.document.text for outcome in outcomes[1:]] == texts[1:]


def test_a_break_that_stands_in_all_texts_does_not_teach_that_it_is_right() -> None:
    """The halves of a headline stand often, and never side by side: that is no reason to join them."""
    texts = [f"{text}\n看，今日集市多热闹\n竹编展销，买的人排到了桥头。" for text in others()]
    documents = as_documents(texts)
    known = asked(documents, lambda: texts, CONFIG)
    assert known.learnt is not None
    assert known.learnt.votes[four_of("热闹", "竹编")] == 0.0


def test_a_subhead_is_not_joined_because_the_corpus_has_such_a_turn() -> None:
    whole = "集市的规矩\n今年的规矩和往年不同。\n修好青溪\n纺麻车的棚子修好了，大家都来看，都说明年还来。\n别的都照旧。"
    texts = [whole, *others()]
    known = asked(as_documents(texts[:1]), lambda: texts, CONFIG)
    assert known.learnt is not None
    assert known.learnt.votes[four_of("青溪", "纺麻")] == corpus_grams.MOST
    (outcome,) = repair(as_documents([whole]), CONFIG, known)
    assert outcome.document.text == whole


def with_settings(config: RepairConfig, **settings: bool) -> RepairConfig:
    return config.model_copy(update=settings)


def test_a_small_corpus_teaches_nothing() -> None:
    texts = [TORN, *others(20)]
    assert asked(as_documents(texts), lambda: texts, CONFIG).learnt is None


def test_switched_off_it_is_not_asked() -> None:
    off = with_settings(CONFIG, learn_from_corpus=False, ask_other_texts=False)
    texts = [TORN, *others()]
    documents = as_documents(texts)
    known = asked(documents, lambda: texts, off)
    assert (known.learnt, known.unbroken) == (None, frozenset())
    assert [one.document for one in repair(documents, off, known)] == [
        one.document for one in repair(documents, off, NOBODY)
    ]


def as_fields(grams: Grams) -> list[object]:
    """Everything that counts of runs hold: they are compared by identity themselves, as keys of a cache."""
    found = [getattr(grams, field.name) for field in fields(grams) if field.name != "other"]
    return found + as_fields(grams.other) if grams.other else found


def test_neither_shards_nor_order_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [TORN, TORN, *others()]
    whole = asked(as_documents(texts), lambda: texts, CONFIG)
    mixed = texts[:]
    random.Random(2).shuffle(mixed)
    monkeypatch.setattr(corpus_grams, "BATCH", 1000)
    for size in (50, 200):
        shards = [mixed[start : start + size] for start in range(0, len(mixed), size)][::-1]
        questions = all_questions([note(batches_of(shard), CONFIG).questions for shard in shards])
        answers = [answers_of(batches(shard), questions) for shard in shards]
        parted = others_of(all_answers(answers))
        assert parted.unbroken == whole.unbroken
        assert parted.learnt is not None
        assert whole.learnt is not None
        assert parted.learnt.votes == whole.learnt.votes
        assert as_fields(parted.learnt.grams) == as_fields(whole.learnt.grams)


def test_a_run_and_a_question_say_the_same(cleaner: Call, tmp_path: Path) -> None:
    files = {f"t{number}__txt": text for number, text in enumerate(others())}
    raw = raw_folder(tmp_path, a__txt=TORN, **files)
    (tmp_path / "small.toml").write_text("[decode]\nshard_bytes = 30000\n")
    (tmp_path / "off.toml").write_text("[repair]\nlearn_from_corpus = false\n")
    ledgers = []
    for name, *more in (("one", "--workers", 1), ("two", "--workers", 2, "--config", tmp_path / "small.toml")):
        work = tmp_path / name
        assert cleaner("run", raw, tmp_path / f"clean-{name}", "--work", work, *more).code == 0
        life = open_corpus(work / "4-repair").find("a.txt")
        assert "青溪纺麻车，买的人" in life.document.text
        ledgers.append([(stage, list(edits)) for stage, edits in life.edits])
    assert ledgers[0] == ledgers[1]
    score = next(edit.reason for stage, edits in ledgers[0] for edit in edits if edit.reason.startswith("score"))
    for folder in ("3-simplify", "4-repair"):
        told = cleaner("repair", tmp_path / "one" / folder, "--only", "a.txt")
        assert score in told.out
    alone = cleaner("repair", tmp_path / "one/3-simplify", "--only", "a.txt", "--config", tmp_path / "off.toml")
    assert "score" not in alone.out
