"""The command line: look into kernels, devices and the cache; time, tune; run the demo."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import tilewright
from tilewright.codegen.inspect import STAGES, Inspection
from tilewright.runtime.cache import Cache, cache_at
from tilewright.runtime.device import devices
from tilewright.runtime.errors import LaunchError
from tilewright.runtime.roofline import measure_roofline
from tilewright.runtime.roofline_plot import draw_roofline
from tilewright.runtime.settings import settings
from tilewright.runtime.tuning.command import choices_on_disk, export_tunings, tune_script
from tilewright.runtime.tuning.record import show_records

from .command_arguments import find_kernel, make_arguments, parse_grid, read_constants


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status: 0, or 1 after an error told on standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["demo"]:  # it reads its own options
        status: int | None = tilewright.demo.main(given[1:])
        return status or 0
    options = _parser().parse_args(given)
    try:
        match options.command:
            case "inspect":
                return _inspect(options)
            case "bench":
                return _bench(options)
            case "cache":
                return _cache(options.action)
            case "tune":
                return _tune(options)
            case _:
                return _devices()
    except (tilewright.Error, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("tilewright", description=__doc__)
    parser.add_argument("--version", action="version", version=tilewright.__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    inspect = commands.add_parser("inspect", help="show what a kernel is compiled to")
    inspect.add_argument("kernel", metavar="FILE:KERNEL", help="a kernel in a Python file")
    inspect.add_argument(
        "--signature", default="", help="types of the arguments, as 'f32[:, ::1], f32[:, ::1]'"
    )
    inspect.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a constexpr argument"
    )
    inspect.add_argument("--target", help="as 'cuda:sm_90a'; by default this machine")
    inspect.add_argument(
        "--stage",
        choices=[*dict.fromkeys(chain(*STAGES.values())), "metadata"],
        help="one stage, instead of a summary",
    )
    inspect.add_argument(
        "--timings", action="store_true", help="where the time of the compile goes, step by step"
    )
    inspect.add_argument("--output", type=Path, help="a file to write to")
    bench = commands.add_parser("bench", help="time a kernel against the limits of this machine")
    bench.add_argument("kernel", metavar="FILE:KERNEL", help="a kernel in a Python file")
    bench.add_argument(
        "--signature", default="", help="arguments, as 'f32[4096, 1024], f32[4096, 1024], 2.5'"
    )
    bench.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a constexpr argument"
    )
    bench.add_argument("--grid", required=True, help="as 'cdiv(x.shape[0], BLOCK), 4'")
    bench.add_argument("--seconds", type=float, default=1.0, help="how long to launch (1)")
    bench.add_argument("--plot", type=Path, help="an SVG file for the roofline")
    cache = commands.add_parser("cache", help="look after the compiled kernels on disk")
    cache.add_argument("action", choices=("info", "path", "verify", "clear"))
    tune = commands.add_parser("tune", help="run a script and tune the kernels it launches anew")
    tune.add_argument("--export", type=Path, help="a file for `kernel.tuning.load`")
    tune.add_argument("--list", action="store_true", help="show what is remembered on disk")
    tune.add_argument("--clear", action="store_true", help="forget what is remembered on disk")
    tune.add_argument("script", nargs="?", help="a Python script")
    tune.add_argument("arguments", nargs=argparse.REMAINDER, help="its arguments")
    commands.add_parser("devices", help="list the devices that kernels can run on")
    commands.add_parser("demo", help="run the demonstration", add_help=False)
    return parser


def _inspect(options: argparse.Namespace) -> int:
    kernel = find_kernel(options.kernel)
    constexprs: dict[str, Any] = read_constants(options.set)
    found = kernel.inspect(options.signature, target=options.target, **constexprs)
    product = found.timings_table if options.timings else _product(found, options.stage)
    if options.output is not None:
        options.output.write_bytes(product if isinstance(product, bytes) else product.encode())
    elif isinstance(product, bytes):
        sys.stdout.buffer.write(product)
    else:
        print(product.rstrip("\n"))
    return 0


def _bench(options: argparse.Namespace) -> int:
    kernel = find_kernel(options.kernel)
    arguments = make_arguments(kernel, options.signature)
    grid = parse_grid(options.grid, arguments)
    constexprs = read_constants(options.set)
    found = measure_roofline(kernel, grid, arguments, constexprs, options.seconds)
    print(found)
    if options.plot is not None:
        if found.flops is None:
            raise LaunchError(f"there is nothing to plot: {found.unknown[0]}")
        options.plot.write_text(draw_roofline(found))
    return 0


def _product(found: Inspection, stage: str | None) -> str | bytes:
    match stage:
        case None:
            return str(found)
        case "metadata":
            return "\n".join(f"{name}: {value}" for name, value in found.metadata.items())
        case "object":
            return found.object
        case "cubin":
            return found.cubin
    product: str = getattr(found, stage)
    return product


def _cache(action: str) -> int:
    cache = cache_at(settings.cache_folder, settings.cache_size)
    match action:
        case "path":
            print(cache.folder)
        case "clear":
            print(f"{cache.clear()} entries removed")
        case "verify":
            return _verify(cache)
        case _:
            entries = cache.entries()
            size = sum(entry.size for entry in entries)
            print(f"{cache.folder}: {len(entries)} entries, {size} of {cache.limit} bytes")
    return 0


def _verify(cache: Cache) -> int:
    damaged = cache.verify()
    for key, reason in damaged:
        print(f"{key}: {reason}")
    print(f"{len(cache.entries())} entries, {len(damaged)} damaged")
    return 1 if damaged else 0


def _tune(options: argparse.Namespace) -> int:
    cache = cache_at(settings.cache_folder, settings.cache_size)
    if options.clear:
        print(f"{cache.clear_notes()} choices forgotten")
    if options.script is not None:
        found = tune_script(options.script, options.arguments)
    elif options.list or options.export is not None:
        found = choices_on_disk(cache)
    elif options.clear:
        return 0
    else:
        raise LaunchError("expected a script, --list or --clear; see tilewright tune --help")
    print(show_records(found))
    if options.export is not None:
        export_tunings(options.export, found)
    return 0


def _devices() -> int:
    for device in devices():
        print(f"{device}: {device.name}, {device.target}")
        print(f"  multiprocessors {device.multiprocessors}, memory {device.memory >> 20} MiB")
        for name, value in device.capabilities.items():
            text = " ".join(map(str, value)) if isinstance(value, list) else value
            print(f"  {name} {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
