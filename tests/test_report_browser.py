"""The report page in a real browser: it asks for nothing, can be searched, is readable in light, dark and print."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cleaner.check import check
from cleaner.config import Config
from cleaner.files.corpus import open_corpus
from cleaner.files.pages import write_page
from cleaner.pipeline import run_decode
from cleaner.report import build_page
from tests.conftest import Run

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PARTS = ("flow", "texts", "readings", "rules", "copies", "dropped", "links", "documents", "checks", "made")
IS_SEEN = "element => element.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})"
Open = Callable[..., AbstractContextManager[Any]]
pytestmark = pytest.mark.filterwarnings("default")  # what a browser's driver warns of is not about us


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, if it is there; CI installs it (`.ci/run`)."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("there is no Chromium; apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra [dev] has playwright")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def place(demo: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the demo corpus, written to a file."""
    place = tmp_path_factory.mktemp("page") / "report.html"
    corpus = open_corpus(demo.clean)
    write_page(place, build_page(corpus, "v1", check(corpus)))
    return place


@pytest.fixture
def opened(browser: Any, place: Path) -> Open:
    """Open a page, and see that it asks for nothing but itself and has no error."""

    @contextmanager
    def open_page(file: Path = place, width: int = 1200, stopped: str = "", **options: Any) -> Iterator[Any]:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        page = context.new_page()
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(file.as_uri())
        yield page
        context.close()
        assert asked == [file.as_uri()]
        assert [message for message in wrong if not stopped or stopped not in message] == []
        assert len(wrong) == bool(stopped)

    return open_page


def rows(page: Any, selector: str) -> int:
    """How many elements can be seen."""
    return sum(element.evaluate(IS_SEEN) for element in page.query_selector_all(selector))


def found(page: Any, number: str) -> None:
    """Wait until the search says how many it found, as a pattern; it waits itself until nobody types."""
    page.locator("#matches", has_text=re.compile(f"^{number} found$")).wait_for()


def luminance(colour: str) -> float:
    """The relative luminance of `rgb(…)`, from 0 (black) to 1 (white), as WCAG 2 defines it."""
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(page: Any, selector: str) -> tuple[str, str]:
    """The colour of a text, and of what is behind it."""
    behind = """element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = getComputedStyle(e).backgroundColor;
            if (colour !== "rgba(0, 0, 0, 0)") return colour;
        }
    }"""
    element = page.query_selector(selector)
    return element.evaluate("element => getComputedStyle(element).color"), element.evaluate(behind)


def test_every_part_is_there(opened: Open) -> None:
    with opened() as page:
        for part in PARTS:
            assert page.locator(f"#{part} h2").is_visible(), part
            assert page.locator(f"nav a[href='#{part}']").is_visible(), part
        assert page.locator("svg.flow").count() == 2
        assert page.locator("svg.flow path.dropped").count() >= 2
        assert page.locator("svg.flow").first.bounding_box()["height"] > 100


def test_lists_are_folded_and_open_by_keyboard(opened: Open) -> None:
    with opened() as page:
        assert rows(page, "#rules .entry") == 0
        page.locator("#rules summary").first.focus()
        page.keyboard.press("Enter")
        assert rows(page, "#rules .entry") > 0


def test_search_narrows_and_lets_go(opened: Open) -> None:
    with opened() as page:
        everything = rows(page, "#documents .entry")
        page.keyboard.press("/")
        page.keyboard.insert_text("remove_jump_lines")  # at once: who types slowly has searches on the way
        found(page, "[0-9]+")
        assert rows(page, "#rules .rule") == 1
        assert rows(page, "#rules .rule .entry") >= 2
        assert rows(page, "main > section") == rows(page, "nav a") == 1
        page.fill("#search", "下转第3版")
        found(page, "1")
        assert rows(page, ".entry") == 1
        page.fill("#search", "nothing has these words")
        found(page, "0")
        assert rows(page, ".entry, .group") == 0
        assert page.locator("#nothing").is_visible()
        page.keyboard.press("Escape")
        page.locator("#matches:empty").wait_for(state="attached")
        assert rows(page, "#documents .entry") == everything
        assert rows(page, "main > section") == len(PARTS)


def test_a_stage_can_be_chosen(opened: Open) -> None:
    with opened() as page:
        page.select_option("#stage", "repair")
        stages = page.eval_on_selector_all(".group", "all => all.filter(g => !g.hidden).map(g => g.dataset.stage)")
        assert set(stages) == {"repair"}


def test_light_and_dark_differ_and_can_be_read(opened: Open) -> None:
    paper = []
    for scheme in ("light", "dark"):
        with opened(color_scheme=scheme) as page:
            page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
            for selector in ("main p.lead", "h1", "#rules del", "#rules ins", ".why", "nav a", ".sample, .key", "code"):
                assert contrast(*colours(page, selector)) >= 4.5, (scheme, selector)
            paper.append(colours(page, "main")[1])
            page.click("#theme")
            paper.append(colours(page, "main")[1])
    assert paper[0] == paper[3] != paper[1] == paper[2]


def test_the_script_may_be_off(opened: Open) -> None:
    with opened(java_script_enabled=False) as page:
        assert page.locator("details:not([open])").count() == 0
        assert page.locator(".entry").first.is_visible()
        assert not page.locator("#search").is_visible()
        assert page.locator("#rules .entry").last.is_visible()


def test_it_prints_whole(opened: Open) -> None:
    with opened(color_scheme="dark") as page:
        page.emulate_media(media="print", color_scheme="dark")
        assert colours(page, "body")[1] == "rgb(255, 255, 255)"
        assert not page.locator("header").is_visible()
        folded = len(page.pdf())
        shown = page.locator("#rules .entry").last.bounding_box()
        assert shown is not None and shown["height"] > 0  # in a folded list, and yet on paper
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        assert abs(len(page.pdf()) - folded) < folded / 10


@pytest.mark.parametrize("width", [320, 390, 768, 1600])
def test_it_fits_any_width(opened: Open, width: int) -> None:
    with opened(width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_hostile_corpus_runs_nothing(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    text = "<img src=x onerror=alert(1)></script><script>alert('读')</script>水渠修好了，大家都很高兴。"
    for number in range(3):
        name = f"{number}' onclick='alert(1)' \"<svg onload=alert(1)>.txt"
        (tmp_path / "raw" / name.replace("/", "")).write_text("\ufeff" + text, encoding="utf-8")
    run_decode(tmp_path / "raw", tmp_path / "out", Config(), 1)
    place = tmp_path / "page.html"
    write_page(place, build_page(open_corpus(tmp_path / "out"), "</title><script>alert(1)</script>"))
    with opened(place, stopped="Executing inline script violates") as page:
        page.on("dialog", lambda dialog: pytest.fail(f"a script of a text was run: {dialog.message}"))
        assert page.locator("main img, main script, main [onclick]").count() == 0
        assert page.title() == "</title><script>alert(1)</script> – cleaner"
        # Whatever came in by another way would be stopped by the policy, too.
        assert page.evaluate("""() => new Promise(done => {
            addEventListener("securitypolicyviolation", event => done(event.violatedDirective));
            const script = document.createElement("script");
            script.textContent = "window.wasRun = true";
            document.body.append(script);
        })""") in ("script-src", "script-src-elem")
        assert page.evaluate("window.wasRun") is None
