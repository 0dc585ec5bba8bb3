"""From a network layer by layer back to a short spec: blocks, repeats, residuals and branches.

graph.py    the network as a graph, in which series and parallel parts become items
series.py   what is left of the graph as items with names
windows.py  which stretches of items can be a block
repeats.py  equal neighbours become `repeat: n`
walks.py, definitions.py   what the next two share
unify.py    uses of one shape become a block with arguments
blocks.py   which shapes become blocks
write.py    items as YAML
prove.py    the spec, read again, is compared with the network
"""

from __future__ import annotations

from cnncalc.exchange.recovery.blocks import Recovered, find_blocks
from cnncalc.exchange.recovery.graph import Graph
from cnncalc.exchange.recovery.prove import NotRecovered, prove
from cnncalc.exchange.recovery.series import items_of
from cnncalc.exchange.recovery.write import Writer
from cnncalc.network.model import Network

__all__ = ["NotRecovered", "spec_text"]


def spec_text(network: Network, *, flat: bool = False) -> str:
    """The text of a spec of this network, proved to give it again.

    `flat` writes one item a layer. Raises NotRecovered where the text does not give the network.
    """
    graph = Graph(network)
    graph.normalise()
    if not flat:
        graph.reduce()
        graph.arrange()
    items = items_of(graph)
    outputs = [graph.names[vertex] for vertex in graph.outputs if vertex in graph.names]
    recovered = Recovered(items, []) if flat else find_blocks(items, network)
    outputs = outputs if len(outputs) == len(graph.outputs) else []
    inputs = [graph.names.get(vertex, "") for vertex in graph.input_vertices]
    text = Writer(recovered, network, inputs, outputs).text()
    prove(text, recovered.items, graph, network)
    return text
