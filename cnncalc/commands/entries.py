"""The list of commands: what is known of each without importing it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Entry(NamedTuple):
    """What is known of a command without importing it."""

    module: str  # below cnncalc.commands; it has a function of the command's name
    meaning: str  # the first sentence of its help
    group: str = ""  # in the list of commands; without one it is not in the list
    # What -h shows: headings, and the options below each.
    brief: Mapping[str, str] = MappingProxyType({})
    words: str = ""  # what people type instead


_OF_A_SPEC = "--set --input --variant"

ENTRIES = {
    "describe": Entry(
        "describe.command",
        "The table of every layer: volumes, weights, connections.",
        "Calculate",
        {
            "What the table shows": "--expand --columns --sort --notes",
            "How it is written": "--format --json --output-file",
            "Another network": _OF_A_SPEC,
        },
        "summary show table count params parameters shape shapes flops macs size memory",
    ),
    "explain": Entry(
        "explain.command",
        "How the numbers come about: formula, numbers, result.",
        "Calculate",
        {"How it is written": "--format --json --output-file", "Another network": _OF_A_SPEC},
        "why derive formula how",
    ),
    "solve": Entry(
        "solve.command",
        "Find the hyperparameters that lead to a size or volume.",
        "Calculate",
        {
            "What is known": (
                "--size --kernel --stride --padding --output-size --input --output --kind --inputs"
            ),
            "How it is written": "--output-file",
        },
        "find search fit",
    ),
    "trace": Entry(
        "trace.command",
        "The numbers inside a small worked example.",
        "Calculate",
        {
            "What is shown": "--at --steps --flip",
            "How it is written": "--format --json --output-file",
            "Another network": _OF_A_SPEC,
        },
        "run compute forward convolve predict",
    ),
    "check": Entry(
        "check.command",
        "Every problem in every spec; made for CI.",
        "Guard",
        {
            "What is checked": "--max --select --ignore --fail-on --update",
            "How it is written": "--verbose --quiet --format --report",
        },
        "validate lint verify test ci",
    ),
    "diff": Entry(
        "diff.command",
        "What changed from A to B, layer by layer and in total.",
        "Guard",
        {
            "Of one side": "--set-a --set-b --variant-a --variant-b",
            "Of both": "--set --input",
            "How it is written": "--format --json --output-file --exit-code",
        },
        "compare changes",
    ),
    "draw": Entry(
        "draw.command",
        "Pictures of a network, or of one of its layers.",
        "Make",
        {
            "What is drawn": "--as --at --expand --width --theme",
            "How it is written": "--output-file --format",
            "Another network": "--set --variant",
        },
        "plot picture visualize visualise visualization diagram graph image svg figure",
    ),
    "import": Entry(
        "exchange.import_command",
        "A short spec of a model: blocks, repeats, residuals and branches.",
        "Make",
        {
            "What is written": "--flat --unfold-batch-norm --output-file",
            "Another network": "--input",
        },
        "convert load read from onnx keras pytorch torch",
    ),
    "export": Entry(
        "exchange.export_command",
        "The network as code of a framework, block by block.",
        "Make",
        {"What is written": "--to --output-file", "Another network": _OF_A_SPEC},
        "code generate codegen write to",
    ),
    "specs": Entry(
        "lookup.specs_command",
        "The bundled networks, or those with all WORDS.",
        "Look up",
        words="networks list models examples",
    ),
    "init": Entry(
        "lookup.init_command",
        "A first spec to edit.",
        "Look up",
        {"": "--from"},
        "new create start",
    ),
    "help": Entry(
        "lookup.help_command", "A command, kind, quantity, code or bundled network.", "Look up"
    ),
    "layers": Entry(
        "lookup.vocabulary_command",
        "The kinds of layers, or one KIND with its arguments.",
        words="kinds",
    ),
    "rules": Entry(
        "lookup.rules_command",
        "What can be wrong with a spec: all codes, or one CODE with an example.",
        words="codes",
    ),
    "quantities": Entry(
        "lookup.vocabulary_command", "Everything that is counted, and how it is defined."
    ),
    "schema": Entry(
        "lookup.schema_command", "JSON Schema (draft 7) of the language, or of a COMMAND's JSON."
    ),
}
