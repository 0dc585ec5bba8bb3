"""What a shell completes: commands, options and the values of these."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.shell_completion import CompletionItem, ShellComplete
from systems import needs_git

from cnncalc.commands.main import cli


def items(*words: str) -> list[CompletionItem]:
    found = ShellComplete(cli, {}, "cnncalc", "_CNNCALC_COMPLETE")
    return found.get_completions(list(words[:-1]), words[-1])


def values(*words: str) -> list[str]:
    return [item.value for item in items(*words)]


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (("rules", "CNN31"), ["CNN310", "CNN311", "CNN317", "CNN318", "CNN319"]),
        (("rules", "skipped"), ["skipped-pixels"]),
        (("check", "--select", "CNN201,CNN202,CNN40"),
         ["CNN201,CNN202,CNN401", "CNN201,CNN202,CNN402", "CNN201,CNN202,CNN403",
          "CNN201,CNN202,CNN404"]),
        (("check", "--ignore", "CNN201,budg"), ["CNN201,budget"]),
        (("check", "--max", "par"), ["parameters=", "parameter_memory="]),
        (("check", "--min", "mac"), ["macs="]),
        (("check", "--report", "s"), ["sarif="]),
        (("check", "--format", "j"), ["json", "junit"]),
        (("check", "--fail-on", ""), ["error", "warning", "note"]),
        (("layers", "max_"), ["max_pool"]),
        (("describe", "--columns", "layer,conn"), ["layer,connections"]),
        (("describe", "--sort", "mac"), ["macs"]),
        (("explain", "lenet", "C1"), ["C1"]),
        (("explain", "lenet", "C1", "conn"), ["connections"]),
        (("describe", "resnet101", "--variant", "resnet1"), ["resnet101", "resnet152"]),
        (("diff", "resnet50", "resnet101", "--variant-a", "resnet15"), ["resnet152"]),
        (("help", "expl"), ["explain"]),
        (("help", "CNN201"), ["CNN201"]),
        (("describe", "nothing.yaml", "--variant", ""), []),
    ],
)  # fmt: skip
def test_values(words: tuple[str, ...], completed: list[str]) -> None:
    found = values(*words)
    assert [word for word in completed if word not in found] == []
    assert all(word.startswith(words[-1]) for word in found)
    assert len(found) <= len(completed) + 5


def test_files() -> None:
    for words in (("describe", "lenet", "-o"), ("check", "--config")):
        assert {item.type for item in items(*words, "")} == {"file"}


@needs_git
def test_revisions(here: Path) -> None:
    (here / "nets").mkdir()
    (here / "nets/a b.yaml").write_text("input: 8x8x1\nlayers: [relu]\n")
    own = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    for words in ("init -q -b main", "add .", "commit -qm x", "tag v1"):
        subprocess.run(["git", *own, *words.split()], check=True)
    assert values("diff", "mai") == ["main:"]
    assert values("diff", "v") == [
        "v1:",
        *[v for v in values("diff", "v") if v.startswith(("vgg", "vit"))],
    ]
    assert values("diff", "main:") == ["main:nets/"]
    assert values("diff", "main:nets/a") == ["main:nets/a b.yaml"]
