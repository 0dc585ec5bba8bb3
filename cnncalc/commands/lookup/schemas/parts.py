"""What several commands write: networks, layers, quantities and files."""

from cnncalc.commands.lookup.schemas.forms import (
    TEXT,
    Schema,
    by_name,
    choice,
    count,
    flag,
    list_of,
    or_null,
    text,
)
from cnncalc.quantities import BITS_OF, BYTES_OF, QUANTITIES, STATES_OF, in_decimals

VOLUME: Schema = {"type": "array", "items": {"type": "integer", "minimum": 1}}
NETWORK = {
    "name": text("The name in the spec, empty where there is none."),
    "source": text("Where the network is from, empty where the spec does not say."),
    "variant": or_null(text("The member of a family, null where it has no name of its own.")),
    "inputs": by_name("The volumes it reads, by name; channels come last.", VOLUME),
    "outputs": by_name("The volumes it gives, by name; channels come last.", VOLUME),
    "dtype": choice("The type of numbers that memory is counted for.", *BYTES_OF),
    "weight_dtype": choice("The type that the memory of parameters is counted for.", *BITS_OF),
    "optimizer": choice("The optimiser that training_memory is counted for.", *STATES_OF),
    "batch": count("The examples that memory is counted for.", 1),
    "training": flag("Whether what runs in training only is counted as well."),
}
LAYER = {
    "path": text("Its name behind those of the groups around it, with dots: unique.", minLength=1),
    "level": count("How deep it stands; 1 is a line of the spec's layers.", 1),
    "kind": text("conv, max_pool, ...; of a group layers, residual or the name of a block."),
    "label": text("The kind with its most telling arguments: conv 5×5."),
    "group": flag("Whether it holds layers, which follow; totals do not count it again."),
    "line": count("The line of the spec.", 1),
    "inputs": list_of("What a layer reads: the paths of layers and the names of inputs.", TEXT),
    "input": list_of("The volumes it reads; channels come last.", VOLUME),
    "output": or_null({"description": "The volume it gives; null if it gives none.", **VOLUME}),
    "arguments": by_name("Its arguments with what defaults came to, by name.", {}),
    "pads": or_null(
        list_of(
            "What padding came to: the rows before and after along each axis; of a "
            "transposed_conv those it takes off. Null without a window.",
            {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        )
    ),
    "only": or_null(text("training, where it does not run at inference.")),
    "shares": or_null(text("The path of the layer whose weights it uses, null for its own.")),
    "notes": list_of("What does not fit evenly.", TEXT),
    "summary": text("What its kind does, in a sentence."),
}


def quantities() -> dict[str, Schema]:
    """Quantities of a layer, a group or a network; null where they make no sense."""
    keys = {name: or_null(_number(name)) for name in QUANTITIES}
    field = QUANTITIES["receptive_field"].meaning
    sizes = {"type": ["array", "object", "null"]}
    keys["receptive_field"] = {"description": f"{field}; by input if there are several.", **sizes}
    aligned = flag("Whether it is the same for all units; if not, it is that of the largest.")
    return {**keys, "receptive_field_aligned": or_null(aligned)}


def _number(name: str) -> Schema:
    number = count(f"{QUANTITIES[name].meaning}.")
    return {**number, "type": "number"} if in_decimals(name) else number


def totals() -> dict[str, Schema]:
    return {name: count(f"{q.meaning}.") for name, q in QUANTITIES.items() if q.is_bounded}


FILE = {
    "path": text(
        "Of the file: relative to the repository, else to the current folder; in full where it "
        "lies elsewhere. With /.",
        minLength=1,
    ),
    "status": choice(
        "problems: it has an error or a warning. unreadable: it could not be checked.",
        "ok", "problems", "unreadable",
    ),
    "name": NETWORK["name"],
    "layers": count("Layers of all its networks."),
}  # fmt: skip
