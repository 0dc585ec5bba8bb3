"""Functions and classes of layers that Keras has not, which a file takes from local.txt."""

from pathlib import Path

from cnncalc.exchange.export.local import definitions

LOCAL = definitions(Path(__file__).with_name("local.txt"))
FUNCTIONS = {name: text for name, text in LOCAL.items() if text.startswith("def ")}
