"""Each official file in the layout of its agency: what is taken, what is left out and why."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from fieldstone.server.reference.importers import IMPORTERS, BadFile, Notes, Source, choose
from tests.reference import files


def read(kind: str, path: Path) -> tuple[dict[str, list[dict[str, Any]]], Notes]:
    """The rows of a file by table, as dictionaries; the importer is chosen as an import chooses it."""
    notes, source = Notes(), Source(path)
    importer = choose(kind, source)
    tables: dict[str, list[dict[str, Any]]] = {}
    for table, values in importer.read(source, notes):
        tables.setdefault(table, []).append(dict(zip(importer.TABLES[table], values, strict=True)))
    source.close()
    return tables, notes


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def cells(text: str) -> list[list[str]]:
    import csv

    return list(csv.reader(text.splitlines()))


# --- rucc ---------------------------------------------------------------------------------------------------


def test_rucc_long_as_downloaded(tmp_path: Path) -> None:
    path = write(tmp_path / "Ruralurbancontinuumcodes2023.csv", files.RUCC_LONG, "cp1252")
    tables, notes = read("rucc", path)
    assert [(c["fips"], c["name"], c["population"], c["rucc"], c["metro"]) for c in tables["County"]] == [
        ("13051", "Chatham County", 295291, 2, True),
        ("35013", "Doña Ana County", 219561, 3, True),
    ]
    assert notes.version == "2023"
    assert notes.examples == {"The county has no code": [f"{path.name}, line 7: Rose Island"]}


def test_rucc_wide(tmp_path: Path) -> None:
    text = files.RUCC_WIDE + '1,AL,Short\n13051,GA,Twice,1,2,x\n13113,GA,Odd,"1,000",12,x\nx,GA,None,1,1,x\n'
    tables, notes = read("rucc", write(tmp_path / "a.csv", text))
    assert [(c["fips"], c["rucc"], c["metro"]) for c in tables["County"]] == [("13051", 2, True), ("13109", 6, False)]
    assert notes.dropped == {
        "The row is short or has no county code": 2,
        "The county stands there twice": 1,
        "The code is not from 1 to 9": 1,
        "The county has no code": 1,
    }


# --- oews ---------------------------------------------------------------------------------------------------


def packed(path: Path, how: str) -> Path:
    if how == "csv":
        return write(path / "oews_2025.csv", files.OEWS)
    if how == "gz":
        target = path / "oews_2025.csv.gz"
        target.write_bytes(gzip.compress(files.OEWS.encode()))
        return target
    book = files.workbook(path / "all_data_M_2025.xlsx", {"All May 2025 data": cells(files.OEWS), "Fields": [["a", "b"]]})
    return book if how == "xlsx" else files.zipped(path / "oesm25all.zip", {"oesm25all/x.xlsx": book.read_bytes()})


@pytest.mark.parametrize("how", ["csv", "gz", "xlsx", "zip"])
def test_oews_in_every_packing(tmp_path: Path, how: str) -> None:
    tables, notes = read("oews", packed(tmp_path, how))
    assert notes.version == "May 2025"
    assert {(a["code"], a["kind"], a["state_fips"]) for a in tables["Area"]} == {
        ("0000000", "nation", ""), ("1300000", "state", "13"), ("1300004", "nonmetro", "13"), ("0042340", "metro", ""),
    }  # fmt: skip
    wages = {(w["area"], w["soc"]): w for w in tables["Wage"]}
    assert len(wages) == len(tables["Wage"]) == 9
    near = wages[("1300004", "39-9011")]
    assert (near["hourly_p25"], near["hourly_p50"], near["hourly_p75"]) == (900, 1025, 1200)
    assert (near["employment"], near["emp_prse"], near["mean_prse"], near["annual_p50"]) == (600, 16.0, 17.5, 2132000)
    assert notes.dropped == {
        "One industry only": 1, "One kind of owner only": 1, "The same occupation and place stand there twice": 1,
        "The type of the area is unknown": 1, "The occupation code is no SOC code": 1,
    }  # fmt: skip


def test_oews_top_codes_and_what_is_not_released(tmp_path: Path) -> None:
    tables, _ = read("oews", packed(tmp_path, "csv"))
    wages = {(w["area"], w["soc"]): w for w in tables["Wage"]}
    doctor = wages[("0000000", "29-1241")]
    assert (doctor["hourly_p25"], doctor["hourly_p50"], doctor["hourly_top"], doctor["annual_top"]) == (8000, None, 28, 28)
    teacher = wages[("0000000", "25-2021")]
    assert (teacher["hourly_p50"], teacher["annual_p50"], teacher["hourly_top"], teacher["employment"]) == (None, 6200000, 0, 1400000)  # fmt: skip
    nobody = wages[("1300004", "25-2021")]
    assert [nobody[k] for k in ("employment", "emp_prse", "hourly_p50", "annual_p50", "quotient")] == [None] * 5


def test_oews_says_which_line_is_cut_or_no_wage(tmp_path: Path) -> None:
    cut = files.OEWS.rstrip("\n").rsplit(",", 20)[0]
    with pytest.raises(BadFile, match=r"line 15 has 6 columns where the first line has 26"):
        read("oews", write(tmp_path / "a.csv", cut))
    with pytest.raises(BadFile, match=r"line 3: “cheap” is no wage"):
        read("oews", write(tmp_path / "b.csv", files.OEWS.replace("15.00,18.00,21.00,23000", "cheap,18.00,21.00,23000", 1)))
    _, notes = read("oews", write(tmp_path / "c.csv", files.OEWS.replace(",9.0,,", ",nine,,", 1) + "\n" + "," * 25 + "\n"))
    assert notes.dropped["A number cannot be read in emp_prse; it is left out"] == 1


def test_oews_without_a_year_has_no_version(tmp_path: Path) -> None:
    assert read("oews", write(tmp_path / "wages.csv", files.OEWS))[1].version == ""


# --- areas --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["csv", "xlsx"])
def test_areas_of_2025(tmp_path: Path, how: str) -> None:
    path = tmp_path / f"area_definitions_m2025.{how}"
    write(path, files.AREAS) if how == "csv" else files.workbook(path, {"area_definitions_m2025": cells(files.AREAS)})
    tables, notes = read("areas", path)
    assert [(a["fips"], a["area"]) for a in tables["CountyArea"]] == [("13051", "0042340"), ("13109", "1300004")]
    assert notes.version == "May 2025"
    assert notes.dropped == {"No county or no area": 1, "A part of a county lies in another area; the first counts": 1}


def test_areas_of_2023_had_other_names(tmp_path: Path) -> None:
    tables, _ = read("areas", write(tmp_path / "a.csv", files.AREAS_2023 + ",,,,,,,,\n"))
    assert tables["CountyArea"] == [
        {"fips": "23029", "area": "2300001", "title": "Northeast Maine nonmetropolitan area"}
    ]


@pytest.mark.parametrize("column", ["May 2024 MSA code", "new_area"])
def test_areas_of_2024_had_other_names(tmp_path: Path, column: str) -> None:
    text = f"FIPS,State,State abbreviation,{column},MSA name,County code,County name\n"
    text += "47,Tennessee,TN,4700001,West Tennessee nonmetropolitan area,071,Hardin County\n"
    tables, notes = read("areas", write(tmp_path / "area_definitions_m2024.csv", text))
    assert [(a["fips"], a["area"]) for a in tables["CountyArea"]] == [("47071", "4700001")]
    assert notes.version == "May 2024"


# --- places and ZIP codes -----------------------------------------------------------------------------------


def test_towns_of_the_census_bureau(tmp_path: Path) -> None:
    path = write(tmp_path / "national_place_by_county2020.txt", files.PLACES + "\n")
    tables, notes = read("places", path)
    assert {page["key"]: page["lines"] for page in tables["PlacePage"]} == {
        "at": "Athens\t13059\nAthens-Clarke County\t13059",
        "du": "Dublin\t39041 39049",
        "na": "Nashville\t47037\nNashville-Davidson\t47037",
        "po": "Población Grande\t72001",
        "sa": "Savannah\t13051 47071",
        "vi": "Village\t40001",
    }
    assert notes.version == "2020"
    assert notes.dropped == {"The line is short": 1, "No town, or no county of a state": 1}


def test_zip_codes_of_the_census_bureau_by_the_land_in_each_county(tmp_path: Path) -> None:
    tables, notes = read("zip-codes", write(tmp_path / "tab20_zcta520_county20_natl.txt", files.ZIP_CODES))
    assert {page["key"]: page["lines"] for page in tables["PlacePage"]} == {
        "383": "38310\t47109 47071\n38372\t47071",
        "999": "99999\t47001",
    }
    assert notes.version == "2020"
    assert notes.dropped == {"No ZIP code, no county or no area": 2}


def test_postal_codes_give_towns_and_zip_codes(tmp_path: Path) -> None:
    path = write(tmp_path / "US.txt", files.POSTAL)
    towns, notes = read("places", path)
    assert {page["key"]: page["lines"] for page in towns["PlacePage"]} == {
        "ro": "Rolling Fork\t28125", "sa": "Savannah\t13051 47071",
    }  # fmt: skip
    assert notes.dropped == {"No town, or no county of a state": 3, "The line has no ZIP code": 1}
    codes, _notes = read("zip-codes", files.zipped(tmp_path / "US.zip", {"US.txt": files.POSTAL}))
    assert {page["key"]: page["lines"] for page in codes["PlacePage"]} == {
        "314": "31401\t13051\n31402\t13051", "383": "38372\t47071", "391": "39159\t28125",
    }  # fmt: skip


def test_a_table_of_the_census_bureau_without_a_column_is_told(tmp_path: Path) -> None:
    broken = files.ZIP_CODES.replace("AREALAND_PART", "LAND")
    with pytest.raises(BadFile, match="has no column AREALAND_PART"):
        read("zip-codes", write(tmp_path / "a.txt", broken))


# --- projections --------------------------------------------------------------------------------------------


def test_projections_table_17(tmp_path: Path) -> None:
    tables, notes = read("projections", write(tmp_path / "a.csv", files.TABLE_17))
    care = tables["Projection"][1]
    assert care == {
        "code": "39-9011", "title": "Childcare workers", "line_item": True, "employment": 945900,
        "employment_then": 927000, "growth": -2.0, "openings": 153100, "self_employed": 24.4,
        "education": "High school diploma or equivalent", "experience": "None",
        "training": "Short-term on-the-job training",
    }  # fmt: skip
    assert tables["Projection"][0]["education"] == "" and not tables["Projection"][0]["line_item"]
    assert tables["Projection"][2]["employment"] == 3715500
    assert (notes.version, notes.series, notes.dropped) == ("2022–2032", "", {"The code stands there twice": 1})


def test_projections_table_110_alone_is_a_series_of_its_own(tmp_path: Path) -> None:
    tables, notes = read("projections", write(tmp_path / "a.csv", files.TABLE_110 + "x,99,Line item,1,1,1,1\n"))
    assert (tables["Projection"][0]["openings"], tables["Projection"][0]["education"]) == (153100, "")
    assert notes.series == "1.10" and notes.dropped == {"The code is no code of the matrix": 1}


def test_projections_workbook_as_downloaded(tmp_path: Path) -> None:
    book = {"Index": [["Contents"]], "Table 1.10": cells(files.TABLE_110), "Table 1.7": cells(files.TABLE_17)}
    tables, notes = read("projections", files.workbook(tmp_path / "occupation.xlsx", book))
    assert len(tables["Projection"]) == 3 and notes.series == ""
    only = {"Table 1.1": cells(files.TABLE_17)}
    with pytest.raises(BadFile, match=r"neither a sheet Table 1\.7 nor Table 1\.10\. It has: Table 1\.1"):
        read("projections", files.workbook(tmp_path / "b.xlsx", only))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("Typical", "Usual"), ""),
        (("Occupation type", "Kind"), "lacks type"),
        ((",153.1,", ",many,"), "line 4: “many” is no number"),
    ],
)
def test_projections_that_were_changed(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = write(tmp_path / "a.csv", files.TABLE_17.replace(*change))
    if message:
        with pytest.raises(BadFile, match=message):
            read("projections", path)
    else:
        assert read("projections", path)[1].series == "1.10"


def test_projections_without_their_head(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n1,2\n")
    with pytest.raises(BadFile, match="has no column “National Employment Matrix code”"):
        list(IMPORTERS["projections"].read(Source(path), Notes()))


# --- schools ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_institutions_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    tables, notes = read("institutions", write(tmp_path / "hd2023.csv", files.HD, encoding))
    first, second = tables["Institution"]
    assert (first["unitid"], first["county"], first["hbcu"], first["tribal"], first["locale"]) == (100654, "01089", True, False, 12)  # fmt: skip
    assert (second["name"], second["city"], second["county"], second["locale"]) == ("Universidad del Café", "Añasco", "", None)  # fmt: skip
    assert notes.version == "2023" and notes.dropped == {"The school has no number of its own": 1}


def test_institutions_in_their_zip(tmp_path: Path) -> None:
    tables, notes = read("institutions", files.zipped(tmp_path / "HD2022.zip", {"hd2022.csv": files.HD}))
    assert len(tables["Institution"]) == 2 and notes.version == "2022"


def test_institutions_badly_encoded_or_cut(tmp_path: Path) -> None:
    mixed = files.HD.encode() + "1,Peña,Añasco,PR,1,2,2,3\n".encode("cp1252")
    path = tmp_path / "hd2023.csv"
    path.write_bytes(mixed)
    with pytest.raises(BadFile, match=r"hd2023\.csv, line 5, column 5: UTF-8 \(line 3\) and Windows-1252 \(line 5\)"):
        read("institutions", path)
    with pytest.raises(BadFile, match="line 2 has 5 columns where the first line has 8"):
        read("institutions", write(path, files.HD[:100]))
    assert len(read("institutions", write(path, files.HD + "\n"))[0]["Institution"]) == 2


def test_carnegie(tmp_path: Path) -> None:
    tables, notes = read("carnegie", write(tmp_path / "carnegie_2021.csv", files.CARNEGIE))
    assert tables["InstitutionFlag"] == [
        {"unitid": 100654, "hbcu": True, "tribal": False, "hsi": False, "msi": True, "womens": False},
        {"unitid": 100663, "hbcu": False, "tribal": False, "hsi": True, "msi": False, "womens": None},
    ]
    assert notes.version == "2021" and notes.dropped == {"The school has no number of its own": 1}
    book = {"Readme": [["x"]], "Data": cells(files.CARNEGIE)}
    assert len(read("carnegie", files.workbook(tmp_path / "CCIHE2021.xlsx", book))[0]["InstitutionFlag"]) == 2


@pytest.mark.parametrize("how", ["csv", "xlsx"])
def test_cip_soc(tmp_path: Path, how: str) -> None:
    path = tmp_path / f"CIP2020_SOC2018.{how}"
    if how == "csv":
        write(path, "\ufeff" + files.CIP_SOC)
    else:
        files.workbook(path, {"File Notes": [["x"]], "CIP-SOC": cells(files.CIP_SOC)})
    tables, notes = read("cip-soc", path)
    assert [(row["cip"], row["soc"]) for row in tables["CipSoc"]] == [("19.0709", "39-9011")]
    assert notes.version == "CIP 2020, SOC 2018"
    assert notes.dropped == {
        "The pair stands there twice": 1, "No occupation belongs to this field of study": 1, "The codes cannot be read": 1,
    }  # fmt: skip


def test_cip_soc_cut(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="line 6 is cut short"):
        read("cip-soc", write(tmp_path / "a.csv", files.CIP_SOC + "19.0709,Child"))
    assert read("cip-soc", write(tmp_path / "b.csv", files.CIP_SOC + "\n"))[0]
    with pytest.raises(BadFile, match="no columns CIP2020Code"):
        list(IMPORTERS["cip-soc"].read(Source(write(tmp_path / "c.csv", "a,b\n")), Notes()))


# --- onet ---------------------------------------------------------------------------------------------------


def test_onet_folder(tmp_path: Path) -> None:
    tables, notes = read("onet", files.onet_folder(tmp_path / "db_29_0_text"))
    assert notes.version == "29.0"
    assert [(o["code"], o["soc"], o["job_zone"]) for o in tables["Occupation"]] == [
        ("39-9011.00", "39-9011", 2), ("39-9011.01", "39-9011", None), ("51-4121.00", "51-4121", None),
    ]  # fmt: skip
    assert tables["Occupation"][0]["title_es"] == "Personal de cuidado infantil"
    ratings = {(r["occupation"], r["element"]): (r["kind"], r["importance"], r["level"]) for r in tables["Rating"]}
    assert ratings == {
        ("39-9011.00", "2.A.1.a"): ("skill", 3.12, 3.25),
        ("39-9011.00", "2.B.3.e"): ("skill", 1.12, 0.0),
        ("39-9011.01", "2.A.1.a"): ("skill", None, 2.75),
        ("39-9011.00", "2.C.6"): ("knowledge", 3.5, None),
    }
    assert {(e["element"], e["name_es"]) for e in tables["Element"]} >= {("2.A.1.a", "Comprensión de lectura")}
    assert [(t["occupation"], t["hot"], t["in_demand"]) for t in tables["TechnologySkill"]] == [
        ("39-9011.00", True, False), ("51-4121.00", True, True),
    ]  # fmt: skip
    assert [(t["task"], t["core"]) for t in tables["TaskStatement"]] == [(1, True), (2, None)]
    assert notes.counts == {"“Not Relevant”, taken as level zero": 1}
    assert notes.dropped == {
        "The Job Zone is not a number from 1 to 5": 1, "The occupation stands there twice": 1,
        "The code is no O*NET-SOC code": 1, "Marked “Recommend Suppress”": 1, "The value is outside its scale": 1,
        "The scale XX is neither importance nor level": 1, "The occupation is not in Occupation Data": 3,
        "The occupation is not in Occupation Data, or the task has no number": 1,
    }  # fmt: skip


def test_onet_words_to_search_by(tmp_path: Path) -> None:
    tables, _ = read("onet", files.onet_folder(tmp_path / "a"))
    found = {(w["kind"], w["code"], w["language"], w["folded"]) for w in tables["SearchText"]}
    assert {
        ("occupation", "39-9011.01", "en", "nannies"),
        ("alternate", "39-9011.01", "es", "ninera"),
        ("alternate", "39-9011.00", "en", "dcw"),
        ("skill", "2.A.1.a", "es", "comprension de lectura"),
        ("technology", "43232110", "en", "microsoft excel"),
        ("task", "39-9011.00", "en", "support the feelings of toddlers."),
    } <= found
    assert sum(w["kind"] == "technology" for w in tables["SearchText"]) == 1
    assert any(w["kind"] == "hint" for w in tables["SearchText"])


def test_onet_zip_and_what_is_missing(tmp_path: Path) -> None:
    inside: dict[str, str | bytes] = {f"db_30_1_text/{name}": text for name, text in files.ONET.items()}
    tables, notes = read("onet", files.zipped(tmp_path / "x.zip", inside))
    assert len(tables["Occupation"]) == 3 and notes.version == "30.1"
    few = {"Occupation Data.txt": files.ONET["Occupation Data.txt"], "Skills.txt": files.ONET["Skills.txt"]}
    _, notes = read("onet", files.zipped(tmp_path / "y.zip", dict(few)))
    assert len(notes.remarks) == 6 and notes.version == ""
    with pytest.raises(BadFile, match=r"lacks Skills\.txt"):
        read("onet", files.zipped(tmp_path / "z.zip", {"Occupation Data.txt": few["Occupation Data.txt"]}))


def test_onet_work_context_says_what_can_be_done_from_home(tmp_path: Path) -> None:
    tables, notes = read("onet", files.onet_folder(tmp_path / "a", Work_Context=files.WORK_CONTEXT))
    assert tables["RemoteWork"] == [
        {"occupation": "39-9011.00", "capable": False, "reason": "on_foot"},
        {"occupation": "39-9011.01", "capable": True, "reason": ""},
    ]
    assert notes.dropped["Marked “Recommend Suppress”"] == 2


def test_onet_cut_or_sorted_anew(tmp_path: Path) -> None:
    skills = files.ONET["Skills.txt"]
    with pytest.raises(BadFile, match=r"Skills\.txt, line 10 has 3 columns where the first line has 13"):
        read("onet", files.onet_folder(tmp_path / "a", Skills="\n".join([*skills.splitlines()[:9], "11-1011.00\t2.A\tRe"])))
    again = files.rating("39-9011.00", "2.A.1.c", "Writing", "IM", "3")
    with pytest.raises(BadFile, match=r"line 11: 39-9011\.00 stands in two places"):
        read("onet", files.onet_folder(tmp_path / "b", Skills=skills + again + "\n"))
    with pytest.raises(BadFile, match=r"Skills\.txt, line 2, column 3: this letter is not UTF-8"):
        folder = files.onet_folder(tmp_path / "c")
        (folder / "Skills.txt").write_bytes(skills.splitlines()[0].encode() + b"\n39\xff")
        read("onet", folder)


# --- which is which -----------------------------------------------------------------------------------------


def every_kind(folder: Path) -> dict[str, Path]:
    return {
        "onet": files.onet_folder(folder / "onet"),
        "oews": write(folder / "1.csv", files.OEWS),
        "areas": write(folder / "2.csv", files.AREAS),
        "projections": write(folder / "3.csv", files.TABLE_17),
        "rucc": write(folder / "4.csv", files.RUCC_LONG),
        "institutions": write(folder / "5.csv", files.HD),
        "carnegie": write(folder / "6.csv", files.CARNEGIE),
        "cip-soc": write(folder / "7.csv", files.CIP_SOC),
        "places": write(folder / "8.txt", files.PLACES),
        "zip-codes": write(folder / "9.txt", files.ZIP_CODES),
    }


def test_no_kind_is_taken_for_another(tmp_path: Path) -> None:
    for kind, path in every_kind(tmp_path).items():
        for other in every_kind(tmp_path):
            if kind == other:
                assert kind == choose(kind, Source(path)).KIND
            else:
                with pytest.raises(BadFile, match=f"looks like {'.*'}; use `fieldstone import {kind}`"):
                    choose(other, Source(path))


def test_a_file_of_no_kind_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="does not look like the OEWS file"):
        choose("oews", Source(write(tmp_path / "a.csv", "name,pet\nAda,cat\n")))
