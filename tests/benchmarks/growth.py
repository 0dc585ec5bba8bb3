"""100 to 100,000 written layers: linear growth, against the bare event parse of the same file."""

from __future__ import annotations

import resource

import yaml
from common import seconds, verdict

import cnncalc

LAYERS = "  - conv: {filters: 64, kernel: 3, padding: 1}\n  - batch_norm\n  - relu\n"


def text_of(layers: int) -> str:
    return "input: 32x32x64\nlayers:\n" + LAYERS * (layers // 3)


def main() -> None:
    first = 0.0
    for layers in (99, 999, 9_999, 99_999):
        text = text_of(layers)

        def totals(text: str = text) -> tuple[int, int]:
            network = cnncalc.loads(text)
            return network.parameters, network.connections

        def events(text: str = text) -> int:
            return sum(1 for _ in yaml.parse(text, Loader=yaml.CSafeLoader))

        runs = 3 if layers > 50_000 else 7
        floor = seconds(events, runs)
        mine = seconds(totals, runs)
        verdict(f"{layers:,} layers against the parser's events", mine / floor, 5)
        first = first or mine / layers
        print(f"{'':4}a layer costs {mine / layers / first:.2f}× what it costs among 99")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    verdict("peak memory", peak, 1, " GiB")


if __name__ == "__main__":
    main()
