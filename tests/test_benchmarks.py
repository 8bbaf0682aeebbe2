"""The benchmarks run, agree with their peers, and print the form that is promised; how fast they are is not judged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as listing
from benchmarks import credential, measure, stacking
from fieldstone.credential import Check, Outcome

NODE = Path(credential.__file__).parent / "node"
TINY = ["--awards", "3", "--rounds", "1", "--rows", "3"]


def test_each_line_is_one_json_object_of_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    credential.main([*TINY, "--json", "--without-npm"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 21
    for line in lines:
        assert list(line) == ["name", "value", "unit", "peer", "peer_value", "ratio", "peak_mb"]
        assert line["value"] > 0 and line["unit"] in {"/s", "s"} and line["peak_mb"] > 1
        if not line["peer_value"]:  # left out, or the time for three signatures
            assert line["ratio"] is None or line["unit"] == "s"
        elif line["unit"] == "/s":
            assert line["peer"] and line["ratio"] == pytest.approx(
                line["value"] / line["peer_value"], rel=0.01, abs=0.001
            )
    issue = [line for line in lines if line["name"] == "eddsa-rdfc-2022 issue"]
    assert [line["peer"] for line in issue] == ["npm @digitalbazaar/vc 7.3.0", "Ed25519 alone", "PyLD"]
    assert [line["peer_value"] is None for line in issue] == [True, False, False]


def test_a_missing_npm_is_said_and_the_rest_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    credential.main(TINY)
    output = capsys.readouterr()
    assert "node and npm are not on this machine" in output.err
    assert len(output.out.splitlines()) == 21


def test_a_population_has_the_answers_of_its_peers(capsys: pytest.CaptureFixture[str]) -> None:
    stacking.main(["--json", "--scale", "0.001", "--rounds", "1"])
    output = capsys.readouterr()
    lines = {line["name"]: line for line in map(json.loads, output.out.splitlines())}
    assert {"eligibility", "eligibility+score", "incremental", "plan", "readiness"} <= set(lines)
    for name, peer in {"eligibility": "DuckDB", "eligibility+score": "DuckDB", "readiness": "NumPy"}.items():
        assert lines[name]["peer"] == peer and lines[name]["ratio"] and lines[name]["value"] > 0
    assert "DuckDB says the same of each" in output.err


def test_another_answer_of_a_peer_stops_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="other answers"):
        stacking._same("x", np.array([1]), np.array([2]))


def test_the_ratio_says_how_many_times_better() -> None:
    assert measure.Case("x", 30.0, "/s", "other", 10.0).to_json()["ratio"] == 3.0
    assert measure.Case("x", 30.0, "s", "other", 10.0).to_json()["ratio"] == 0.333
    assert measure.Case("x", 2.0, "ms", "other", 10.0).to_json()["ratio"] == 5.0
    assert measure.Case("x", 0.01234, "ms").to_json()["value"] == 0.0123
    assert measure.Case("x", 30.0, "/s", "other").to_json()["ratio"] is None
    assert measure.Case("x", 30.0, "s", peak=12.34).to_json()["peak_mb"] == 12.3


def test_every_award_is_another_document_of_one_shape() -> None:
    first, second = credential.award(1), credential.award(2)
    assert first != second and list(first) == list(second)


def test_a_status_that_is_misread_stops_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    assert credential.status_case([credential.award(number) for number in range(3)], 1).value > 0
    other = Check("status", Outcome.PASSED, "not_withdrawn", "", True)
    monkeypatch.setattr(credential.withdrawal, "check", lambda document, desk: other)
    with pytest.raises(SystemExit):
        credential.status_case([credential.award(0)], 1)


def test_the_list_names_every_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    listing.main()
    assert "python -m benchmarks.credential" in capsys.readouterr().out


def test_the_peer_is_pinned_without_the_address_of_any_registry() -> None:
    lock = json.loads((NODE / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages["node_modules/@digitalbazaar/vc"]["version"].startswith("7.3")
    assert all("resolved" not in entry and entry["integrity"].startswith("sha512-") for entry in packages.values())
