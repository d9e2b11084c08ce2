"""The commands that make something: `run`, one for each stage, and `publish`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cleaner.cli.check import examine, say_findings, store
from cleaner.cli.options import (
    AS_USUAL,
    OUT,
    RAW,
    All,
    Clean,
    ConfigFile,
    In,
    Machine,
    Only,
    Out,
    Raw,
    load_settings,
    print_lines,
    say,
    say_stage,
    with_options_of,
)
from cleaner.engines import Engine
from cleaner.errors import WrongUseError
from cleaner.places import place
from cleaner.progress import LOG, tell
from cleaner.worker import start_server_for


@with_options_of(Machine)
def run(
    raw: Raw,
    clean: Clean,
    work: Annotated[
        Path | None,
        typer.Option(
            "--work",
            parser=place,
            metavar="PATH",
            help="Keep the stage folders here; otherwise they are removed at the end.",
        ),
    ] = None,
    config: ConfigFile = None,
    force: Annotated[
        bool, typer.Option("--force", help="Publish even if a check fails; the manifest says so.")
    ] = False,
    machine: Machine = AS_USUAL,
) -> None:
    """All stages, the check, and a new version."""
    if machine.engine is Engine.local and machine.workers > 1:
        start_server_for(raw)
    from cleaner.check import claims_of
    from cleaner.files.corpus import open_corpus
    from cleaner.files.durable import scratch_folder
    from cleaner.pipeline import run_stages
    from cleaner.publish import refuse_bad_clean

    settings, workers = machine.start(config, raw)
    claims_of(settings.check)  # a mistake in a check is told now, not after all stages
    refuse_bad_clean(raw, clean)
    if work is not None and work.resolve() == clean.resolve():
        raise WrongUseError(f"--work and the folder of versions are both {clean}; they must be two folders")
    with scratch_folder(clean, work) as folder:
        finished = folder
        for stage_folder, report in run_stages(raw, folder, settings, workers, keeps=work is not None):
            say_stage(report)
            finished = stage_folder
        publish_checked(open_corpus(finished), clean, settings, workers, force, folder / "checks")


@with_options_of(Machine)
def decode(
    raw: Annotated[Path | None, RAW] = None,
    out: Annotated[Path | None, OUT] = None,
    only: Annotated[
        Path | None,
        typer.Option("--only", metavar="FILE", help="Say how this one file is read, and why; write nothing."),
    ] = None,
    config: ConfigFile = None,
    machine: Machine = AS_USUAL,
) -> None:
    """Stage 1: bytes become text.

    Finds the encoding of each file; what cannot be read is put aside with its bytes and the reason.
    """
    from cleaner.explain import explain_file
    from cleaner.pipeline import refuse_unreadable, run_decode
    from cleaner.readings import told_tally

    if only is not None and raw is None:
        print_lines(explain_file(only, load_settings(config).decode))
        return
    if raw is None or out is None or only is not None:
        raise WrongUseError("give either RAW and OUT, or --only FILE, which writes nothing")
    settings, workers = machine.start(config, raw)
    report = run_decode(raw, out, settings, workers)
    say_stage(report)
    say(f"{'':9} {line}" for line in told_tally(report["readings"]))
    refuse_unreadable(report, settings)


@with_options_of(Machine)
def normalize(source: In, out: Out, config: ConfigFile = None, machine: Machine = AS_USUAL) -> None:
    """Stage 2: one way to write each character.

    Unicode form C, widths, line ends, indents; Chinese punctuation that was folded to ASCII is restored.
    """
    run_one("normalize", source, out, config, machine)


@with_options_of(Machine)
def simplify(
    source: In,
    out: Annotated[Path | None, OUT] = None,
    only: Only = None,
    everything: All = False,
    config: ConfigFile = None,
    machine: Machine = AS_USUAL,
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
        run_one("simplify", source, out, config, machine)


@with_options_of(Machine)
def repair(
    source: In,
    out: Annotated[Path | None, OUT] = None,
    only: Only = None,
    everything: All = False,
    config: ConfigFile = None,
    machine: Machine = AS_USUAL,
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
        run_one("repair", source, out, config, machine)


@with_options_of(Machine)
def dedup(
    source: In,
    out: Annotated[Path | None, OUT] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", parser=place, metavar="VERSION", help="Drop what this earlier version, or index, has already."
        ),
    ] = None,
    advise: Annotated[
        bool, typer.Option("--advise", help="Show pairs of each similarity, to choose a threshold; write nothing.")
    ] = False,
    config: ConfigFile = None,
    machine: Machine = AS_USUAL,
) -> None:
    """Stage 5: one of every text stays.

    Passages that stand twice in a document, and documents that are copies of another, each on record.
    """
    from cleaner.dedup.advice import advice
    from cleaner.files.corpus import open_corpus
    from cleaner.jobs import Step
    from cleaner.pipeline import run_stage

    if (out is None) != advise:
        raise WrongUseError("give either IN and OUT, or IN and --advise, which writes nothing")
    if out is None:
        print_lines(advice(open_corpus(source).documents, load_settings(config).dedup))
    else:
        settings, workers = machine.start(config)
        say_stage(run_stage(Step("dedup", out), source, settings, workers, against))


@with_options_of(Machine)
def publish(
    source: In,
    clean: Clean,
    force: Annotated[
        bool, typer.Option("--force", help="Publish even if a check fails; the manifest says so.")
    ] = False,
    config: ConfigFile = None,
    machine: Machine = AS_USUAL,
) -> None:
    """Check a stage folder and publish it.

    Makes a numbered, checksummed version; the same content twice makes no second one.
    """
    from cleaner.files.corpus import open_corpus
    from cleaner.publish import refuse_bad_clean

    settings, workers = machine.start(config)
    corpus = open_corpus(source)
    refuse_bad_clean(source, clean)
    publish_checked(corpus, clean, settings, workers, force)


def is_question(only: str | None, out: Path | None) -> bool:
    """Whether a stage is only to say what it would do. Raises WrongUseError when it is asked for both or neither."""
    if (only is None) == (out is None):
        raise WrongUseError("give either IN and OUT, or IN and --only ID, which writes nothing")
    return only is not None


def run_one(stage: str, source: Path, out: Path | None, config: Path | None, machine: Machine) -> None:
    from cleaner.jobs import Step
    from cleaner.pipeline import run_stage

    assert out is not None
    settings, workers = machine.start(config)
    say_stage(run_stage(Step(stage, out), source, settings, workers))


def publish_checked(
    corpus: Any, clean: Path, settings: Any, workers: int, force: bool, failures: Path | None = None
) -> None:
    """Publish a corpus if nothing forbids it, or if it was forced; the manifest names what does not hold."""
    from cleaner.check import forbidding
    from cleaner.check.formats import Told
    from cleaner.check.parents import readable
    from cleaner.publish import newest_version, refuse_broken
    from cleaner.publish import publish as publish_version

    newest = newest_version(clean)
    parent = readable(clean / newest) if newest else None
    told = Told(corpus, examine(corpus, parent, settings.check, workers), parent)
    say_findings(told)
    store(told.findings, failures)
    if not force:
        refuse_broken(len(forbidding(told.findings, settings.check)), corpus.folder)
    version, is_new = publish_version(corpus, clean, told.findings, settings, workers)
    said = f"published {version}" if is_new else f"nothing new: {version} has the same content already"
    if any(finding.is_broken and finding.claim.kind == "guard" for finding in told.findings):
        said += "; a guard does not hold, so `cleaner check` fails: look at what is told above"
    if LOG.is_for_machines:
        tell("publish", version=str(version), is_new=is_new, seconds=LOG.seconds())
    else:
        typer.echo(said, err=True)
