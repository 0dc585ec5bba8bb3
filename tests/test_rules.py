"""Rules, the comments and options that silence them, and `cnncalc rules`.

cases/rules/CODE-NAME.yaml is a spec and CODE-NAME.txt what is said of it under that code, by
`cnncalc check`; pages/CODE.txt is what `cnncalc rules CODE` prints. A new case needs only a spec;
`pytest --update` writes its text, to be read before it is committed.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from running import Command, Compare

import cnncalc
from cnncalc.arithmetic import passed_over
from cnncalc.checks.ignores import Selection, UnknownCode, apply_ignores, without_ignored
from cnncalc.checks.pages import findings, page_of
from cnncalc.checks.rules import ALL, NOTES, WARNINGS, all_codes, load_rules, run_rules
from cnncalc.language.bundled import files
from cnncalc.problems import ERROR, NOTE, WARNING, Problem, declare
from cnncalc.wording import fold

CASES = Path(__file__).parent / "cases" / "rules"
PAGES = CASES / "pages"
SPECS = sorted(CASES.glob("*.yaml"))
NAMES = [path.stem for path in SPECS]
CODES = all_codes()
RULES = [code for code in CODES if code.startswith("CNN3")]
# No text, files of a framework, and what is asked of a spec from outside.
NOT_IN_A_SPEC = {"CNN100", "CNN105", "CNN106", *(f"CNN{number}" for number in range(404, 411))}


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code.code for problem in problems]


# Cases.


@pytest.mark.parametrize("path", SPECS, ids=NAMES)
def test_case(path: Path, compare: Compare) -> None:
    code = path.stem.partition("-")[0]
    found = findings(path.read_text(encoding="utf-8"), path.name)
    lines = [f"{problem}\n" for problem in found if problem.code.code == code]
    compare(path.with_suffix(".txt"), "".join(lines))


def test_no_text_is_left_over() -> None:
    assert sorted(path.stem for path in CASES.glob("*.txt")) == NAMES
    assert {path.stem for path in PAGES.glob("*.txt")} == {*RULES, "CNN122", "CNN403", "all"}


@pytest.mark.parametrize("code", [*RULES, "CNN122", "CNN403"])
def test_every_rule_has_a_case(code: str) -> None:
    assert any(name.startswith(f"{code}-") for name in NAMES)


def test_check_says_the_same(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)
    result = run("check", "CNN304-strides.yaml", "--format", "concise", "--select", "CNN304")
    lines = Path("CNN304-strides.txt").read_text(encoding="utf-8").splitlines()
    messages = [line.partition("warning[CNN304]: ")[2] for line in lines]
    assert len(messages) > 5
    assert all(message in result.out for message in messages)
    assert result.out.count("[CNN") == len(messages)


@pytest.mark.parametrize(
    ("sizes", "stride", "pool"),
    [
        ("56x56", "2", "2"),
        ("57x56", "2", "{kernel: 2, rounding: ceil}"),
        ("9x7", "[2, 1]", "{kernel: 2x1, rounding: ceil}"),
        ("8x1", "2", "{kernel: 2, rounding: ceil}"),
        ("10", "3", "{kernel: 3, rounding: ceil}"),
    ],
)
def test_the_pool_of_strided_pointwise_gives_the_same_volume(
    sizes: str, stride: str, pool: str
) -> None:
    """CNN305 advises no pool that halves more, or along other axes, than the stride."""
    text = f"input: {sizes}x4\nlayers:\n  - conv: {{filters: 3, kernel: 1, stride: {stride}}}\n"
    [found] = [each for each in findings(text, "net.yaml") if each.code.code == "CNN305"]
    assert found.help == f"avg_pool: {pool} in place of the stride reads them all"
    pooled = (
        f"input: {sizes}x4\nlayers:\n  - avg_pool: {pool}\n  - conv: {{filters: 3, kernel: 1}}\n"
    )
    assert cnncalc.loads(pooled).output == cnncalc.loads(text).output


# Documentation.


@pytest.mark.parametrize("code", CODES)
def test_page(code: str) -> None:
    page, found = page_of(code), CODES[code]
    assert page.title == f"{code} {found.name}: {found.meaning}"
    assert page.why
    assert all(text.endswith(".") for text in page.why)
    assert re.match(rf"An? {found.severity}[:,] .*\.$", page.severity) or (
        found.fatal and not page.severity
    )
    assert bool(page.fires) == bool(page.passes) == (code not in NOT_IN_A_SPEC)


@pytest.mark.parametrize("code", RULES)
def test_the_page_of_rules_has_every_rule(code: str) -> None:
    row = f"| {code} | {CODES[code].name} | {CODES[code].severity} | "
    assert row in (Path(__file__).parents[1] / "docs" / "rules.md").read_text("utf-8")


def test_every_page_is_of_a_code() -> None:
    folder = Path(cnncalc.__file__).parent / "rules"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(CODES)


@pytest.mark.parametrize("code", CODES)
def test_page_is_markdown(code: str) -> None:
    """Two headings and two specs, code between backticks, no line that Markdown would misread."""
    text = (Path(cnncalc.__file__).parent / "rules" / f"{code}.md").read_text("utf-8")
    prose, *examples = text.split("\n## ")
    shape = r"With it\n\n```yaml\n[^`]+```\n\x00Without it\n\n```yaml\n[^`]+```\n"
    assert re.fullmatch(shape, "\x00".join(examples)) or code in NOT_IN_A_SPEC
    title, *lines = prose.splitlines()
    assert title.startswith(f"# {code} ")
    assert prose.count("`") % 2 == 0
    bare = re.sub(r"`[^`]*`", "", "\n".join(lines))
    assert not re.search(r"^[#+*>-]|^\d+[.)]|[_*<]|--", bare, re.MULTILINE)
    assert max(map(len, lines)) <= 100


@cache
def found_in_example(code: str) -> list[Problem]:
    """What is found in the spec that has the problem."""
    return findings(page_of(code).fires)


@pytest.mark.parametrize("code", [code for code in CODES if code not in NOT_IN_A_SPEC])
def test_example(code: str) -> None:
    """One spec has it, the other has neither it nor anything else that is wrong."""
    page = page_of(code)
    assert codes(found_in_example(code)).count(code) == 1
    assert [str(found) for found in findings(page.passes) if found.severity != NOTE] == []
    assert code not in codes(findings(page.passes))


def test_an_error_has_no_other_finding_in_its_example() -> None:
    for code, found in CODES.items():
        if found.fatal and code not in {*NOT_IN_A_SPEC, "CNN122"}:
            assert codes(found_in_example(code)) == [code]


def test_names() -> None:
    names = [code.name for code in CODES.values()]
    assert len({fold(name) for name in names}) == len(names)
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", name) for name in names)
    assert all(re.fullmatch(r"CNN[1-4]\d\d", code) for code in CODES)


def test_a_code_is_declared_once() -> None:
    with pytest.raises(ValueError, match="CNN304 is skipped-pixels already"):
        declare("CNN304", "other", "something else")


def test_every_code_of_a_rule_has_a_class() -> None:
    found = {rule.code.code: rule for rule in load_rules(ALL)}
    assert set(found) == set(RULES) - {"CNN317"}  # which is about comments, not about networks
    assert {rule.code.severity for rule in load_rules(WARNINGS)} == {WARNING}
    assert {rule.code.severity for rule in load_rules(NOTES)} == {NOTE}


@pytest.mark.parametrize("code", [*RULES, "CNN122", "CNN403"])
def test_printed_page(code: str, run: Command, compare: Compare) -> None:
    result = run("rules", code, "--width", 80)
    assert (result.code, result.err) == (0, "")
    compare(PAGES / f"{code}.txt", result.out)
    assert run("rules", CODES[code].name.replace("-", "_").upper(), "--width", 80) == result


def test_printed_list(run: Command, compare: Compare) -> None:
    result = run("rules", "--width", 80)
    assert (result.code, result.err) == (0, "")
    compare(PAGES / "all.txt", result.out)
    assert max(map(len, result.out.splitlines())) <= 80
    assert re.findall(r"^  (CNN\d\d\d) ", result.out, re.MULTILINE) == sorted(CODES)
    chapter = run("rules", "CNN4").out
    assert re.findall(r"^  (CNN\d\d\d) ", chapter, re.MULTILINE) == sorted(set(CODES) - {
        code for code in CODES if code < "CNN4"
    })  # fmt: skip


def test_a_pipe_has_no_width(run: Command) -> None:
    lines = run("rules").out.splitlines()
    assert sum(line.startswith("  CNN") for line in lines) == len(CODES)
    assert not [line for line in lines if line.startswith("   ")]


@pytest.mark.parametrize(
    ("word", "help"),
    [
        ("skiped-pixels", "did you mean skipped-pixels?"),
        ("304", "did you mean CNN304?"),
        ("CNN9", "did you mean"),
        ("CNN", "cnncalc rules lists them"),
        ("::error::", "cnncalc rules lists them"),
        ("\x1b[31m", "cnncalc rules lists them"),
    ],
)
def test_unknown_code(word: str, help: str, run: Command) -> None:
    result = run("rules", word)
    assert (result.code, result.out) == (2, "")
    assert "no problem has the code or name" in result.err
    assert help in result.err
    assert "\x1b" not in result.err


# Severities.


@pytest.mark.parametrize("path", files(), ids=lambda path: Path(path).stem)
def test_bundled_networks_have_no_warnings(path: str) -> None:
    spec = cnncalc.read(path)
    for variant in (None, *spec.variants):
        built = cnncalc.build(spec, variant=variant)
        assert [str(found) for found in run_rules(built) if found.severity != NOTE] == []


def test_why_notes_are_no_warnings() -> None:
    """Each note is found in a bundled network, the ones that its page names among them."""
    published = {
        "alexnet": {"CNN301", "CNN308"},
        "resnet50": {"CNN305"},
        "xception": {"CNN305"},
        "resnet50_keras": {"CNN307"},
        "vgg16_bn": {"CNN307", "CNN308"},
        "unet-keras": {"CNN309"},
        "unet": {"CNN311"},
    }
    for name, expected in published.items():
        assert expected <= set(codes(cnncalc.check(name))), name
    notes = {code for code in RULES if CODES[code].severity == NOTE}
    assert notes - {"CNN303", "CNN318"} == set().union(*published.values())


def test_rows_passed_over() -> None:
    """Against windows put down one by one, far from the borders."""
    for kernel, stride, dilation in product(range(1, 7), range(1, 9), range(1, 6)):
        read = {start * stride + tap * dilation for start in range(200) for tap in range(kernel)}
        missed = sum(row not in read for row in range(100, 100 + stride))
        assert passed_over(kernel, stride, dilation) == missed


# describe


WARNED = """\
input: 32x32x3
layers:
  - conv: {filters: 8, kernel: 2, stride: 3}%s
  - fc: 10
"""


@pytest.fixture
def write(here: Path) -> Callable[[str], None]:

    def write(text: str) -> None:
        Path("net.yaml").write_text(text, encoding="utf-8")

    return write


def test_describe_prints_warnings(run: Command, write: Callable[[str], None]) -> None:
    write(WARNED % "")
    result = run("describe", "net.yaml")
    assert result.code == 0
    assert re.findall(r"\w+\[CNN\d+\]", result.err) == ["warning[CNN304]"]
    assert "CNN" not in result.out
    result = run("describe", "net.yaml", "--notes")
    assert re.findall(r"\w+\[CNN\d+\]", result.err) == ["warning[CNN304]", "note[CNN308]"]


@pytest.mark.parametrize(("words", "modules"), [("", WARNINGS), ("--notes", WARNINGS + NOTES)])
def test_describe_imports_the_rules_it_runs(words: str, modules: tuple[str, ...]) -> None:
    program = (
        "import atexit, sys\n"
        "from cnncalc.commands.main import main\n"
        "atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))\n"
        f"main('describe lenet {words}'.split())"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    found = re.findall(r"\bcnncalc\.checks\.rules\.(\w+)", result.stderr.decode())
    assert set(found) == {"base", *modules}


def test_describe_heeds_comments(run: Command, write: Callable[[str], None]) -> None:
    write(WARNED % "   # cnncalc: ignore[CNN304, CNN301]")
    result = run("describe", "net.yaml")
    assert (result.code, result.err) == (0, "")


def test_describe_heeds_comments_on_expectations(
    run: Command, write: Callable[[str], None]
) -> None:
    expected = "input: 8\nlayers:\n  - relu\nexpect: {parameters: 3}"
    write(expected)
    assert run("describe", "net.yaml").code == 1
    write(f"{expected}   # cnncalc: ignore[expectation] the paper is wrong")
    assert run("describe", "net.yaml")[0::2] == (0, "")


def test_describe_says_nothing_of_rules_beside_errors(
    run: Command, write: Callable[[str], None]
) -> None:
    write((WARNED % "") + "  - conv: {filters: 8, kernel: 3}\n")
    result = run("describe", "net.yaml")
    assert re.findall(r"\w+\[CNN\d+\]", result.err) == ["error[CNN204]"]


# --select and --ignore


def found_by(selection: Selection, *names: str) -> list[str]:
    """Which of these codes a selection keeps."""
    source = cnncalc.read_text("input: 8").text
    problems = {name: Problem(CODES[name], "", source.span(0)) for name in names}
    return [name for name, problem in problems.items() if selection.keeps(problem)]


ALL_KINDS = ("CNN201", "CNN301", "CNN304", "CNN401", "CNN402")


@pytest.mark.parametrize(
    ("select", "ignore", "kept"),
    [
        ([], [], ALL_KINDS),
        (["CNN301"], [], ("CNN201", "CNN301", "CNN402")),
        (["cnn3"], [], ("CNN201", "CNN301", "CNN304", "CNN402")),
        (["CNN30"], ["CNN304"], ("CNN201", "CNN301", "CNN402")),
        (["uneven-window,Skipped_Pixels"], [], ("CNN201", "CNN301", "CNN304", "CNN402")),
        ([], ["CNN3"], ("CNN201", "CNN401", "CNN402")),
        ([], ["CNN301", "expectation"], ("CNN201", "CNN304", "CNN402")),
        ([], ["CNN301, CNN304"], ("CNN201", "CNN401", "CNN402")),
        ([], ["CNN4"], ("CNN201", "CNN301", "CNN304", "CNN402")),
        (["CNN4"], ["CNN401"], ("CNN201", "CNN402")),
        (["CNN201"], [], ("CNN201", "CNN402")),
        (["", ","], [" "], ALL_KINDS),
    ],
)
def test_selection(select: list[str], ignore: list[str], kept: tuple[str, ...]) -> None:
    assert found_by(Selection.parse(select, ignore), *ALL_KINDS) == list(kept)


@pytest.mark.parametrize(
    ("select", "ignore", "message"),
    [
        (["CNN999"], [], "no problem has the code or name CNN999; "),
        (["unevn-window"], [], "did you mean uneven-window?"),
        ([], ["CNN310,skiped-pixels"], "did you mean skipped-pixels?"),
        ([], ["CNN5"], "no problem has the code or name CNN5; "),
        ([], ["CNN201"], "CNN201 cannot be ignored"),
        ([], ["CNN1"], "CNN1 cannot be ignored"),
        ([], ["bad-expectation"], "bad-expectation cannot be ignored"),
        ([], ["all"], "no problem has the code or name all"),
    ],
)
def test_selection_refused(select: list[str], ignore: list[str], message: str) -> None:
    with pytest.raises(UnknownCode) as refused:
        Selection.parse(select, ignore)
    assert message in str(refused.value)


# Comments


def test_a_source_without_comments_is_not_read_again() -> None:
    spec = cnncalc.read_text(WARNED % "   # ignore[CNN304]")
    found = run_rules(cnncalc.build(spec))
    assert apply_ignores(spec.text, found)[0] is found


def test_a_comment_stays_a_comment_whatever_ends_the_lines() -> None:
    for end in ("\n", "\r\n", "\r"):
        text = (WARNED % "   # cnncalc: ignore[CNN304]").replace("\n", end)
        assert codes(findings(text)) == ["CNN308"]


def test_a_text_that_is_not_yaml_has_no_comments() -> None:
    text = "input: 32x32x3\nlayers: [relu   # cnncalc: ignore\n"
    assert codes(findings(text)) == ["CNN101"]


def test_comments_are_about_findings_of_other_severities_too() -> None:
    text = "input: [1, 28, 28, 1]   # cnncalc: ignore[CNN303]\nlayers: [flatten, fc: 1]\n"
    assert codes(findings(text)) == []
    built = cnncalc.build(cnncalc.read_text(text))
    assert codes(built.problems) == ["CNN303"]
    assert without_ignored(built.spec.text, built.problems) == []


@pytest.mark.parametrize("sign", ["'", '"'])
def test_a_sign_in_a_text_that_goes_over_lines(sign: str) -> None:
    text = f"name: {sign}a\n  # cnncalc: ignore\n  b{sign}\ninput: 8\nlayers: [relu, fc: 1]\n"
    assert codes(findings(text)) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# cnncalc: ignore[" + "a" * 100_000 + "]",
        "# cnncalc: ignore[" + "CNN301," * 20_000 + "]",
        "# cnncalc: ignore" * 20_000,
        "\n# cnncalc: ignore" * 20_000,
        ("#" + " " * 50) * 2_000 + "cnncalc: ignore[]",
        "# cnncalc: ignore[\u202e\x07::error::]".replace("\x07", ""),
    ],
    ids=range(6),
)
def test_hostile_comments(comment: str) -> None:
    found = findings(f"input: 8\nlayers: [relu, fc: 1]   {comment}\n")
    assert 1 <= len(found) <= 1_001
    assert {problem.code.code for problem in found} <= {"CNN122", "CNN317", "CNN104"}
    assert all(len(problem.message) < 200 and problem.message.isprintable() for problem in found)


# Networks of which a part is missing


def test_rules_on_what_could_be_built() -> None:
    text = (WARNED % "") + "  - conv: {filters: 8, kernel: 3}\n    from: nowhere\n"
    with pytest.raises(cnncalc.SpecError) as failed:
        cnncalc.loads(text)
    assert failed.value.build is not None
    found = run_rules(failed.value.build)
    # Nothing is said of what only looks unread, unused or short-sighted for want of the rest.
    assert codes(found) == ["CNN304", "CNN308"]


@pytest.mark.parametrize("code", CODES)
def test_no_example_of_an_error_confuses_the_rules(code: str) -> None:
    page = page_of(code)
    if CODES[code].severity == ERROR and page.fires:
        assert not [found for found in found_in_example(code) if found.severity == WARNING] or (
            code == "CNN122"
        )
