"""The command line: one command per stage, `run` for all of them, and what one needs to look at the result.

Each command parses its arguments, calls one function and prints what came of it. Exit codes: 0 fine, 1 the data or
a check failed, 2 wrong use. What goes wrong is said in a sentence on standard error, never in a traceback.
"""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from cleaner.errors import BadDataError, WrongUseError

app = typer.Typer(
    help="Turn a folder of Chinese texts into a clean, deduplicated, versioned corpus, with every change on record.",
    epilog="For example: cleaner run raw clean && cleaner explain clean news/a.txt",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

RAW = typer.Argument(metavar="RAW", help="Folder of raw texts (.txt .html .jsonl[.gz|.zst] .parquet), or one file.")
OUT = typer.Argument(metavar="OUT", help="Stage folder to write; an older one is replaced.")
Raw = Annotated[Path, RAW]
In = Annotated[Path, typer.Argument(metavar="IN", help="Stage folder to read.")]
Out = Annotated[Path, OUT]
Clean = Annotated[Path, typer.Argument(metavar="CLEAN", help="Folder of versions; the new one is added to it.")]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Stage folder, version, or folder of versions.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings; without it cleaner.toml, if there is one.")
]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Processes to use. The result is the same for any number.")
]
Only = Annotated[
    str | None, typer.Option("--only", metavar="ID", help="Say what is done to this document, and why; write nothing.")
]
All = Annotated[bool, typer.Option("--all", help="With --only: everything, not only the first.")]


@app.callback(invoke_without_command=True)
def start(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        import cleaner

        typer.echo(f"cleaner {cleaner.__version__}")
        raise typer.Exit


@app.command()
def run(
    raw: Raw,
    clean: Clean,
    work: Annotated[
        Path | None, typer.Option("--work", help="Keep the stage folders here; otherwise they are removed at the end.")
    ] = None,
    config: ConfigFile = None,
    workers: Workers = CORES,
    force: Annotated[
        bool, typer.Option("--force", help="Publish even if a check fails; the manifest says so.")
    ] = False,
) -> None:
    """All stages, the check, and a new version."""
    from cleaner.files import scratch_folder
    from cleaner.files.corpus import open_corpus
    from cleaner.pipeline import run_stages
    from cleaner.publish import refuse_bad_clean

    settings = load_settings(config)
    refuse_bad_clean(raw, clean)
    if work is not None and work.resolve() == clean.resolve():
        raise WrongUseError(f"--work and the folder of versions are both {clean}; they must be two folders")
    with scratch_folder(clean, work) as folder:
        finished = folder
        for stage_folder, report in run_stages(raw, folder, settings, workers):
            say_stage(report)
            finished = stage_folder
        publish_checked(open_corpus(finished), clean, force, folder / "checks")


@app.command()
def decode(
    raw: Annotated[Path | None, RAW] = None,
    out: Annotated[Path | None, OUT] = None,
    only: Annotated[
        Path | None,
        typer.Option("--only", metavar="FILE", help="Say how this one file is read, and why; write nothing."),
    ] = None,
    config: ConfigFile = None,
    workers: Workers = CORES,
) -> None:
    """Stage 1: bytes become text.

    Finds the encoding of each file; what cannot be read is put aside with its bytes and the reason.
    """
    from cleaner.explain import explain_file
    from cleaner.pipeline import refuse_unreadable, run_decode
    from cleaner.readings import told_tally

    settings = load_settings(config)
    if only is not None and raw is None:
        print_lines(explain_file(only, settings.decode))
        return
    if raw is None or out is None or only is not None:
        raise WrongUseError("give either RAW and OUT, or --only FILE, which writes nothing")
    report = run_decode(raw, out, settings, workers)
    say_stage(report)
    say(f"{'':9} {line}" for line in told_tally(report["readings"]))
    refuse_unreadable(report, settings)


@app.command()
def normalize(source: In, out: Out, config: ConfigFile = None, workers: Workers = CORES) -> None:
    """Stage 2: one way to write each character.

    Unicode form C, widths, line ends, indents; Chinese punctuation that was folded to ASCII is restored.
    """
    run_one("normalize", source, out, config, workers)


@app.command()
def simplify(
    source: In,
    out: Annotated[Path | None, OUT] = None,
    only: Only = None,
    everything: All = False,
    config: ConfigFile = None,
    workers: Workers = CORES,
) -> None:
    """Stage 3: traditional becomes simplified.

    Only where the text is traditional; simplified text, Japanese and names stay as they are. With --only, nothing is
    written: it says what is decided about one document.
    """
    from cleaner.explain import explain_script
    from cleaner.files.corpus import open_corpus

    if is_question(only, out):
        print_lines(explain_script(open_corpus(source), str(only), load_settings(config).simplify, everything))
    else:
        run_one("simplify", source, out, config, workers)


@app.command()
def repair(
    source: In,
    out: Annotated[Path | None, OUT] = None,
    only: Only = None,
    everything: All = False,
    config: ConfigFile = None,
    workers: Workers = CORES,
) -> None:
    """Stage 4: mend what the page did to a text.

    Jump lines such as (上接第5版) go, share lines and page numbers; cut paragraphs are joined. With --only, nothing is
    written: it says what would be done to one document, and which line breaks were weighed and left.
    """
    from cleaner.explain import explain_repair
    from cleaner.files.corpus import open_corpus

    if is_question(only, out):
        print_lines(explain_repair(open_corpus(source), str(only), load_settings(config).repair, everything))
    else:
        run_one("repair", source, out, config, workers)


@app.command()
def dedup(
    source: In,
    out: Annotated[Path | None, OUT] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="VERSION", help="Drop what this earlier version has already.")
    ] = None,
    advise: Annotated[
        bool, typer.Option("--advise", help="Show pairs of each similarity, to choose a threshold; write nothing.")
    ] = False,
    config: ConfigFile = None,
    workers: Workers = CORES,
) -> None:
    """Stage 5: one of every text stays.

    Passages that stand twice in a document, and documents that are copies of another, each on record.
    """
    from cleaner.dedup.advice import advice
    from cleaner.files.corpus import open_corpus
    from cleaner.pipeline import run_stage

    settings = load_settings(config)
    if (out is None) != advise:
        raise WrongUseError("give either IN and OUT, or IN and --advise, which writes nothing")
    if out is None:
        print_lines(advice(open_corpus(source).documents, settings.dedup))
    else:
        say_stage(run_stage("dedup", source, out, settings, workers, against))


@app.command()
def similar(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A text file, in any encoding.")],
    folder: Annotated[Path, typer.Argument(metavar="VERSION", help="Version, or folder of versions.")],
    config: ConfigFile = None,
) -> None:
    """Is this text, or part of it, in my corpus already?

    The documents that are most alike, with the passage that they share.
    """
    from cleaner.dedup.similar import similar_to

    print_lines(similar_to(file, folder, load_settings(config)))


@app.command()
def publish(
    source: In,
    clean: Clean,
    force: Annotated[
        bool, typer.Option("--force", help="Publish even if a check fails; the manifest says so.")
    ] = False,
) -> None:
    """Check a stage folder and publish it.

    Makes a numbered, checksummed version; the same content twice makes no second one.
    """
    from cleaner.files.corpus import open_corpus
    from cleaner.publish import refuse_bad_clean

    corpus = open_corpus(source)
    refuse_bad_clean(source, clean)
    publish_checked(corpus, clean, force, None)


@app.command()
def check(
    folder: Folder,
    failures: Annotated[
        Path | None, typer.Option("--failures", help="Write what breaks a claim here, one JSONL file per claim.")
    ] = None,
) -> None:
    """Examine the claims that must hold.

    Names the documents that break a claim; exit code 1 if one is broken.
    """
    from cleaner.files.corpus import open_corpus

    if say_findings(open_corpus(folder), failures):
        raise typer.Exit(1)


@app.command()
def cat(
    folder: Folder,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One JSON object a line: id, source, text and the rest.")
    ] = False,
    dropped: Annotated[bool, typer.Option("--dropped", help="The documents that were dropped, instead.")] = False,
) -> None:
    """Print the documents, in order."""
    from cleaner.files.corpus import open_corpus
    from cleaner.summary import told_documents

    print_lines(told_documents(open_corpus(folder), jsonl, dropped))


@app.command()
def explain(
    folder: Folder,
    document: Annotated[str, typer.Argument(metavar="ID", help="Id, beginning of an id, or path below raw/.")],
    everything: Annotated[bool, typer.Option("--all", help="Show every edit, not the first of each rule.")] = False,
) -> None:
    """What happened to one document.

    Stage by stage and rule by rule, before and after; of a copy, how it differs from the one that stays.
    """
    from cleaner.explain import explain as lines_about
    from cleaner.files.corpus import open_corpus

    print_lines(lines_about(open_corpus(folder), document, everything))


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Version or stage folder.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Version or stage folder.")],
) -> None:
    """What changed between two versions."""
    from cleaner.explain import compare
    from cleaner.files.corpus import open_corpus

    print_lines(compare(open_corpus(old), open_corpus(new)))


def load_settings(path: Path | None) -> Any:
    """The settings of a file, or of cleaner.toml, or the defaults."""
    from cleaner.config import Config, default_file, parse
    from cleaner.files import read_settings

    chosen = path or default_file()
    return parse(read_settings(chosen), str(chosen)) if chosen else Config()


def print_lines(lines: Iterable[str]) -> None:
    """Print lines on standard output, until the reader (`| head`) has had enough."""
    try:
        for line in lines:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_question(only: str | None, out: Path | None) -> bool:
    """Whether a stage is only to say what it would do. Raises WrongUseError when it is asked for both or neither."""
    if (only is None) == (out is None):
        raise WrongUseError("give either IN and OUT, or IN and --only ID, which writes nothing")
    return only is not None


def run_one(stage: str, source: Path, out: Path | None, config: Path | None, workers: int) -> None:
    from cleaner.pipeline import run_stage

    assert out is not None
    say_stage(run_stage(stage, source, out, load_settings(config), workers))


def publish_checked(corpus: Any, clean: Path, force: bool, failures: Path | None) -> None:
    """Publish a corpus if all claims hold, or if it was forced."""
    from cleaner.publish import publish as publish_version
    from cleaner.publish import refuse_broken

    broken = say_findings(corpus, failures)
    if not force:
        refuse_broken(broken, corpus.folder)
    version, is_new = publish_version(corpus, clean, forced=bool(broken))
    said = f"published {version}" if is_new else f"nothing new: {version} has the same content already"
    typer.echo(said, err=True)


def say(lines: Iterable[str]) -> None:
    """Print news on standard error."""
    for line in lines:
        typer.echo(line, err=True)


def say_stage(report: dict[str, Any]) -> None:
    """Print what there is to say about a finished stage."""
    from cleaner.summary import told_stage

    say(told_stage(report))


def say_findings(corpus: Any, folder: Path | None) -> int:
    """Print each claim and what breaks it. Returns the number of broken claims."""
    from dataclasses import asdict

    from cleaner.check import check as examine
    from cleaner.files import write_failures
    from cleaner.summary import told_findings

    findings = examine(corpus)
    say(told_findings(findings, [stage.stage for stage in corpus.stages]))
    broken = [finding for finding in findings if finding.failures]
    if folder is not None:
        write_failures(
            folder, {finding.claim.sentence: [asdict(failure) for failure in finding.failures] for finding in broken}
        )
    return len(broken)


def guarded(command: Callable[[], None]) -> int:
    """Run the command line and turn what went wrong into a sentence and an exit code."""
    try:
        command()
    except (WrongUseError, BadDataError) as error:
        sys.stderr.write(f"cleaner: {error}\n")
        return 2 if isinstance(error, WrongUseError) else 1
    except (OSError, MemoryError) as error:
        sys.stderr.write(f"cleaner: {error or 'out of memory'}\n")
        return 1
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def main() -> None:
    """The console script `cleaner`."""
    sys.exit(guarded(app))


if __name__ == "__main__":
    main()
