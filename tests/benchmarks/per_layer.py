"""Microseconds a layer in process: from the text to the totals, and from a Spec that is read."""

from __future__ import annotations

import yaml
from common import seconds, verdict

import cnncalc
from cnncalc.language.bundled import locate

QUANTITIES = ("weights", "biases", "parameters", "connections", "macs", "memory")


def main() -> None:
    for name in ("lenet", "vgg16", "resnet50", "resnet152", "densenet201"):
        found = locate(name)
        assert found is not None
        path, variant = found
        with open(path, encoding="utf-8") as file:
            text = file.read()

        def totals(text: str = text, variant: str | None = variant) -> list[int]:
            network = cnncalc.loads(text, variant=variant)
            return [network.quantity(quantity) for quantity in QUANTITIES]

        layers = len(cnncalc.loads(text, variant=variant))
        micros = seconds(totals, 21) * 1e6
        events = (
            seconds(lambda text=text: list(yaml.parse(text, Loader=yaml.CSafeLoader)), 21) * 1e6
        )
        verdict(f"{name}: {layers} layers, text to totals, a layer", micros / layers, 20, " µs")
        print(f"{'':4}{micros / events:.1f}× the bare parse of its text")
        spec = cnncalc.read_text(text)
        again = seconds(lambda spec=spec, v=variant: cnncalc.build(spec, variant=v), 21) * 1e6
        verdict(f"{name}: a build of a Spec that is read, a layer", again / layers, 8, " µs")


if __name__ == "__main__":
    main()
