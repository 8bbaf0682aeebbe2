"""List the benchmarks and how to run them."""

from __future__ import annotations

import importlib
import pkgutil

import benchmarks


def main() -> None:
    print("Benchmarks. Each prints a table, or with --json one JSON object per line and case.\n")
    for found in pkgutil.iter_modules(benchmarks.__path__):
        module = importlib.import_module(f"benchmarks.{found.name}") if found.name != "__main__" else None
        if hasattr(module, "main"):
            about = (module.__doc__ or "").partition("\n")[0]
            print(f"  python -m benchmarks.{found.name}\n      {about}")


if __name__ == "__main__":
    main()
