"""Start-up of the commands against the bare imports they cannot do without."""

from __future__ import annotations

from common import CNNCALC, process_ratio, verdict

TABLE_FLOOR = ["-c", "import click, yaml, rich.table, rich.console"]
PLAIN_FLOOR = ["-c", "import click, yaml"]
NETWORKS = ("lenet", "alexnet", "vgg16", "resnet50", "resnet152", "densenet201")


def main() -> None:
    for name in NETWORKS:
        command = [*CNNCALC, "describe", name]
        verdict(f"describe {name}", process_ratio(command, TABLE_FLOOR), 1.3)
    for name in NETWORKS:
        command = [*CNNCALC, "describe", name, "--format", "json"]
        verdict(f"describe {name} --format json", process_ratio(command, PLAIN_FLOOR), 1.3)
    verdict("--version", process_ratio([*CNNCALC, "--version"], PLAIN_FLOOR), 1.3)
    verdict("import cnncalc", process_ratio(["-c", "import cnncalc"], ["-c", "pass"]), 1.1)


if __name__ == "__main__":
    main()
