"""An explanation as an exercise: what is asked for is blank, and the key has the derivations."""

from typing import NamedTuple

from cnncalc.commands.explain.explanation import OUTPUT, Explanation, Overview, explain
from cnncalc.layers.derivation import Derivation, Entry, Section
from cnncalc.network.model import Group, Layer, Network, Signal

_TITLE = "To work out"
_OF_OUTPUT = "the volume that comes out"
_RESULTS = {"O", "O_h", "O_w", "O_d"}  # letters that stand for what is asked for


class Exercise(NamedTuple):
    """The same explanation with what is asked for left out, and with it."""

    blank: Explanation | Overview
    key: Explanation | Overview


def exercise(element: Layer | Group | Network, asked: list[str]) -> Exercise:
    """The quantities that are asked for, and nothing from which they could be read."""
    if isinstance(element, Layer):
        return _of_layer(element, asked)
    return _of_several(element, asked)


def _of_layer(layer: Layer, asked: list[str]) -> Exercise:
    parts = {name: _explained(layer, name) for name in asked}
    letters = {letter.name: letter for part in parts.values() for letter in part.letters}
    shared = next((part.shared for part in parts.values() if part.shared), "")
    entries = {
        name: [entry for section in part.sections for entry in section.entries]
        for name, part in parts.items()
    }
    whole = parts[asked[0]]._replace(letters=tuple(letters.values()), shared=shared)
    return _of_entries(whole, entries)


def _explained(layer: Layer, name: str) -> Explanation:
    found = explain(layer, name)
    assert isinstance(found, Explanation)
    return found


def _of_entries(found: Explanation, entries: dict[str, list[Entry]]) -> Exercise:
    """One layer, of which these entries tell by the names of quantities."""
    every = [entry for part in entries.values() for entry in part]
    hidden = _RESULTS if OUTPUT in entries else set()
    blank = found._replace(
        output=None if OUTPUT in entries else found.output,
        letters=tuple(letter for letter in found.letters if letter.name not in hidden),
        shared="",
        sections=(Section(_TITLE, [*map(_blank, entries, entries.values())]),),
    )
    return Exercise(blank, found._replace(sections=(Section("", every),)))


def _blank(name: str, entries: list[Entry]) -> Derivation:
    """A line to fill in."""
    own = (entry.words for entry in entries if isinstance(entry, Derivation))
    words = _OF_OUTPUT if name == OUTPUT else next(own, "")
    return Derivation(name, 0, words, blank=True)


def _of_several(element: Group | Network, asked: list[str]) -> Exercise:
    """Layer by layer what is asked for of it, then the totals."""
    parts = {name: explain(element, name) for name in asked}
    whole = explain(element)
    assert isinstance(whole, Overview)
    layers = []
    network = element if isinstance(element, Network) else element.network
    given: set[Signal] = set(network.input_signals.values())
    sources = {layer.path: set(layer.sources) for layer in element.layers}
    for layer in whole.layers:
        entries = {
            name: _entries_of(layer.path, part)
            for name, part in parts.items()
            if isinstance(part, Overview)
        }
        asks = {name: found for name, found in entries.items() if found or name == OUTPUT}
        if not asks:
            continue
        one = _of_entries(layer, asks)
        if OUTPUT in asked and not sources[layer.path] <= given:
            # Its input is what another gives, and asked for there.
            one = Exercise(one.blank._replace(inputs=()), one.key)
        layers.append(one)
    totals = {
        name: [entry for section in part.sections for entry in section.entries]
        for name, part in parts.items()
    }
    sums = [entry for part in totals.values() for entry in part if isinstance(entry, Derivation)]
    blank = [entry._replace(blank=True, remarks=()) for entry in sums]
    shown = whole._replace(short="")
    return Exercise(
        shown._replace(
            layers=tuple(one.blank for one in layers),  # type: ignore[misc]
            output=None if OUTPUT in asked else whole.output,
            sections=(Section("Totals", list(blank)),) if sums else (),
        ),
        shown._replace(
            layers=tuple(one.key for one in layers),  # type: ignore[misc]
            sections=(Section("Totals", list(sums)),) if sums else (),
        ),
    )


def _entries_of(path: str, part: Overview) -> list[Entry]:
    found = [layer for layer in part.layers if layer.path == path]
    return [entry for layer in found for section in layer.sections for entry in section.entries]
