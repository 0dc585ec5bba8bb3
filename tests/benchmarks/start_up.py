"""Start-up of the commands against the bare imports they cannot do without."""

from __future__ import annotations

from common import CNNCALC, process_ratio, process_seconds, verdict

import cnncalc

TABLE_FLOOR = ["-c", "import click, yaml, rich.table, rich.console"]
PLAIN_FLOOR = ["-c", "import click, yaml"]
LARGE = ("resnet152", "densenet201")  # larger than ResNet-50
NETWORKS = ("lenet", "alexnet", "vgg16", "resnet50", *LARGE)


def main() -> None:
    for name in NETWORKS:
        command = [*CNNCALC, "describe", name]
        verdict(f"describe {name}", process_ratio(command, TABLE_FLOOR), 1.3)
    for name in NETWORKS:
        command = [*CNNCALC, "describe", name, "--format", "json"]
        taken, bare = process_seconds(command, PLAIN_FLOOR)
        verdict(f"describe {name} --format json", taken / bare, 1.3)
        if name in LARGE:  # whose aim is a time for each layer above that
            micros = (taken - 1.3 * bare) * 1e6 / len(cnncalc.load(name))
            verdict(f"describe {name} --format json, a layer above 1.3×", micros, 12, " µs")
    verdict("--version", process_ratio([*CNNCALC, "--version"], PLAIN_FLOOR), 1.3)
    verdict("import cnncalc", process_ratio(["-c", "import cnncalc"], ["-c", "pass"]), 1.1)


if __name__ == "__main__":
    main()
