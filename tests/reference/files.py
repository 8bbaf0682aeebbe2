"""Small files in the layouts of the agencies, written by hand: what importers are tested on."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

RUCC_WIDE = """FIPS,State,County_Name,Population_2020,RUCC_2023,Description
13051,GA,Chatham County,295291,2,Metro - 250,000 to 1 million
13109,GA,Evans County,10774,6,Nonmetro
""".replace("Metro - 250,000 to 1 million", '"Metro - 250,000 to 1 million"')

RUCC_LONG = """FIPS,State,County_Name,Attribute,Value
13051,GA,Chatham County,Population_2020,"295291"
13051,GA,Chatham County,RUCC_2023,2
13051,GA,Chatham County,Description,Metro
35013,NM,Doña Ana County,Population_2020,219561
35013,NM,Doña Ana County,RUCC_2023,3
60030,AS,Rose Island,Population_2020,0
"""

OEWS = """AREA,AREA_TITLE,AREA_TYPE,PRIM_STATE,NAICS,OWN_CODE,OCC_CODE,OCC_TITLE,O_GROUP,TOT_EMP,EMP_PRSE,JOBS_1000,LOC_QUOTIENT,H_MEAN,A_MEAN,MEAN_PRSE,H_PCT10,H_PCT25,H_MEDIAN,H_PCT75,H_PCT90,A_PCT10,A_PCT25,A_MEDIAN,A_PCT75,A_PCT90
99,U.S.,1,US,000000,1235,00-0000,All Occupations,total,155495730,0.0,,,33.54,69770,0.1,15.00,18.07,24.51,38.71,61.81,31200,37590,50980,80520,128560
99,U.S.,1,US,000000,1235,39-9011,Childcare Workers,detailed,500000,1.0,,,16.00,33000,0.3,11.00,13.00,15.00,18.00,21.00,23000,27000,31200,37000,43000
99,U.S.,1,US,000000,1235,25-2021,Elementary Teachers,detailed,"1,400,000",1.0,,,*,69000,0.3,*,*,*,*,*,46000,51000,62000,80000,103000
99,U.S.,1,US,000000,1235,29-1241,"Ophthalmologists, Except Pediatric",detailed,12000,9.0,,,#,#,4.0,30.00,80.00,#,#,#,62400,166400,#,#,#
13,Georgia,2,GA,000000,1235,00-0000,All Occupations,total,4800000,0.0,1000,1.00,31.00,65000,0.3,12.00,16.00,22.00,36.00,58.00,25000,33000,45760,75000,120000
13,Georgia,2,GA,000000,1235,39-9011,Childcare Workers,detailed,15000,2.0,3.1,0.9,14.00,29000,1.0,10.00,11.51,13.47,15.00,18.00,20800,23940,28020,31200,37000
1300004,South Georgia nonmetropolitan area,6,GA,000000,1235,39-9011,Childcare Workers,detailed,600,16.0,3.0,0.9,11.00,23000,17.5,8.00,9.00,10.25,12.00,14.00,16600,18700,21320,25000,29000
1300004,South Georgia nonmetropolitan area,6,GA,000000,1235,25-2021,Elementary Teachers,detailed,**,**,**,**,*,*,*,*,*,*,*,*,*,*,*,*,*
42340,"Savannah, GA",4,GA,000000,1235,39-9011,Childcare Workers,detailed,900,8.0,4.0,1.2,14.50,30000,2.5,10.50,12.00,14.00,16.00,19.00,21800,25000,29120,33000,39000
99,U.S.,1,US,611100,1235,39-9011,Childcare Workers,detailed,90000,2.0,,,15.00,31000,0.5,11.00,13.00,15.00,18.00,21.00,23000,27000,31200,37000,43000
99,U.S.,1,US,000000,5,39-9011,Childcare Workers,detailed,90000,2.0,,,15.00,31000,0.5,11.00,13.00,15.00,18.00,21.00,23000,27000,31200,37000,43000
13,Georgia,2,GA,000000,1235,39-9011,Childcare Workers,broad,15000,2.0,3.1,0.9,14.00,29000,1.0,10.00,11.51,13.47,15.00,18.00,20800,23940,28020,31200,37000
13,Georgia,9,GA,000000,1235,39-9011,Childcare Workers,broad,15000,2.0,3.1,0.9,14.00,29000,1.0,10.00,11.51,13.47,15.00,18.00,20800,23940,28020,31200,37000
13,Georgia,2,GA,000000,1235,total,Childcare Workers,broad,15000,2.0,3.1,0.9,14.00,29000,1.0,10.00,11.51,13.47,15.00,18.00,20800,23940,28020,31200,37000
"""

TABLE_17 = """"Table 1.7 Occupational projections, 2022–32, and worker characteristics, 2022 (Numbers in thousands)",,,,,,,,,,,,
2022 National Employment Matrix title,2022 National Employment Matrix code,Occupation type,"Employment, 2022","Employment, 2032","Employment change, numeric, 2022-32","Employment change, percent, 2022-32","Percent self employed, 2022","Occupational openings, 2022-32 annual average","Median annual wage, 2022(1)",Typical education needed for entry,Work experience in a related occupation,Typical on-the-job training needed to attain competency in the occupation
"Total, all occupations",00-0000,Summary,164482.6,169148.1,4665.5,2.8,6,18566.5,46310,—,—,—
      Childcare workers,39-9011,Line item,945.9,927.0,-18.9,-2.0,24.4,153.1,28520,High school diploma or equivalent,None,Short-term on-the-job training
      Home health and personal care aides,31-1120,Line item,"3,715.5",4520.1,804.6,21.7,4.0,684.6,30180,High school diploma or equivalent,None,Short-term on-the-job training
      Again,39-9011,Line item,1,1,1,1,1,1,1,,,
Footnotes:,,,,,,,,,,,,
"""

TABLE_110 = """"Table 1.10 Occupational separations and openings, projected 2022-32 (Numbers in thousands)",,,,,,
2022 National Employment Matrix title,2022 National Employment Matrix code,Occupation type,"Employment, 2022","Employment, 2032","Employment change, percent, 2022-32","Occupational openings, 2022-32 annual average"
Childcare workers,39-9011,Line item,945.9,927.0,-2.0,153.1
"""

AREAS = """FIPS Code,State,State Abbreviation,May 2025 Area Code,May 2025 Area Title,County Code,County Name
13,Georgia,GA,42340,"Savannah, GA",051,Chatham County
13,Georgia,GA,1300004,South Georgia nonmetropolitan area,109,Evans County
13,Georgia,GA,1300001,North Georgia nonmetropolitan area,109,Evans County
13,Georgia,GA,1300004,South Georgia nonmetropolitan area,109,Evans County
13,Georgia,GA,,Nowhere,,
"""

AREAS_2023 = """FIPS,State,May 2023 MSA code,May 2023 MSA name,Aggregated MSA code,Aggregated MSA name,County code,Township code,County name/Township name
23,Maine,2300001,Northeast Maine nonmetropolitan area,9,Other,029,00000,Washington County
"""

PLACES = """STATE|STATEFP|COUNTYFP|COUNTYNAME|PLACEFP|PLACENS|PLACENAME|TYPE|CLASSFP|FUNCSTAT
TN|47|071|Hardin County|66720|02405411|Savannah city|INCORPORATED PLACE|C1|A
GA|13|051|Chatham County|69000|02405429|Savannah city|INCORPORATED PLACE|C1|A
OH|39|049|Franklin County|22694|02394565|Dublin city|INCORPORATED PLACE|C1|A
OH|39|041|Delaware County|22694|02394565|Dublin city|INCORPORATED PLACE|C1|A
TN|47|037|Davidson County|52006|02405092|Nashville-Davidson metropolitan government (balance)|INCORPORATED PLACE|C8|A
GA|13|059|Clarke County|03440|02407405|Athens-Clarke County unified government (balance)|INCORPORATED PLACE|C8|A
PR|72|001|Adjuntas Municipio|00100|02414991|Población Grande zona urbana|ZONA URBANA|U1|S
OK|40|001|Adair County|99999|00000000|Village|INCORPORATED PLACE|C1|A
TN|47|Hardin
TN|47|071|Hardin County|00000|02405411||INCORPORATED PLACE|C1|A
"""

_ZCTA = (
    "OID_ZCTA5_20|GEOID_ZCTA5_20|NAMELSAD_ZCTA5_20|AREALAND_ZCTA5_20|AREAWATER_ZCTA5_20|MTFCC_ZCTA5_20|"
    "CLASSFP_ZCTA5_20|FUNCSTAT_ZCTA5_20|OID_COUNTY_20|GEOID_COUNTY_20|NAMELSAD_COUNTY_20|AREALAND_COUNTY_20|"
    "AREAWATER_COUNTY_20|MTFCC_COUNTY_20|CLASSFP_COUNTY_20|FUNCSTAT_COUNTY_20|AREALAND_PART|AREAWATER_PART"
)
_PARTS = (
    ("38372", "47071", "900"), ("38372", "47109", "50"), ("38372", "47181", "50"), ("38310", "47071", "400"),
    ("38310", "47109", "600"), ("", "47071", "5"), ("3837", "47071", "5"), ("38372", "47071", "x"),
    ("99999", "47001", "0"),
)  # fmt: skip
ZIP_CODES = "\ufeff" + "\n".join(
    [_ZCTA, *(f"1|{code}|ZCTA5 {code}|1|1|G6350|B5|S|2|{county}|A County|1|1|G4020|H1|A|{land}|0" for code, county, land in _PARTS)]
) + "\n"  # fmt: skip

POSTAL = """US\t31401\tSavannah\tGeorgia\tGA\tChatham\t051\t\t\t32.0749\t-81.0883\t4
US\t31402\tSavannah\tGeorgia\tGA\tChatham\t051\t\t\t32.0835\t-81.0998\t4
US\t38372\tSavannah\tTennessee\tTN\tHardin\t071\t\t\t35.2023\t-88.2005\t4
US\t39159\tRolling Fork\tMississippi\tMS\tSharkey\t125\t\t\t32.9\t-90.8\t4
US\t34001\tAPO AA\t\tAA\t\t\t\t\t0\t0\t1
US\t39160\t\tMississippi\tMS\tSharkey\t125\t\t\t32.9\t-90.8\t4
US\t39161\tNowhere\tMississippi\tMS\tSharkey\tx\t\t\t32.9\t-90.8\t4
US\t391\tShort
"""

HD = """UNITID,INSTNM,CITY,STABBR,COUNTYCD,HBCU,TRIBAL,LOCALE
100654,Alabama A & M University,Normal,AL,1089,1,2,12
141000,Universidad del Café,Añasco,PR,-2,2,2,-3
100654,Twice,Normal,AL,1089,1,2,12
"""

CARNEGIE = """unitid,name,hbcu,tribal,hsi,msi,womens
100654,Alabama A & M University,1,2,0,1,0
100663,University of Alabama at Birmingham,2,2,1,0,
x,Nobody,2,2,1,0,
"""

CIP_SOC = """CIP2020Code,CIP2020Title,SOC2018Code,SOC2018Title
19.0709,Child Care Provider/Assistant.,39-9011,Childcare Workers
="19.0709",Child Care Provider/Assistant.,39-9011,Childcare Workers
01.0599,"Agricultural Services, Other.",99-9999,NO MATCH
19.0709,Child Care Provider/Assistant.,39-90,Cut
"""

_RATING = "O*NET-SOC Code\tElement ID\tElement Name\tScale ID\tData Value\tN\tStandard Error\tLower CI Bound\tUpper CI Bound\tRecommend Suppress\tNot Relevant\tDate\tDomain Source"


def rating(code: str, element: str, name: str, scale: str, value: str, suppress: str = "N", irrelevant: str = "") -> str:
    return "\t".join([code, element, name, scale, value, "8", "0.1", "1", "2", suppress, irrelevant, "08/2023", "Analyst"])


ONET = {
    "Occupation Data.txt": "O*NET-SOC Code\tTitle\tDescription\n"
    "39-9011.00\tChildcare Workers\tSentence.\n39-9011.01\tNannies\tSentence.\n51-4121.00\tWelders\tSentence.\n"
    "39-9011.00\tTwice\tSentence.\nnonsense\tNo\tSentence.\n",
    "Job Zones.txt": "O*NET-SOC Code\tJob Zone\tDate\tDomain Source\n39-9011.00\t2\t08/2023\tAnalyst\n"
    "39-9011.01\t9\t08/2023\tAnalyst\n",
    "Skills.txt": "\n".join([
        _RATING,
        rating("39-9011.00", "2.A.1.a", "Reading Comprehension", "IM", "3.12"),
        rating("39-9011.00", "2.A.1.a", "Reading Comprehension", "LV", "3.25", irrelevant="N"),
        rating("39-9011.00", "2.B.3.e", "Programming", "IM", "1.12"),
        rating("39-9011.00", "2.B.3.e", "Programming", "LV", "0.50", irrelevant="Y"),
        rating("39-9011.01", "2.A.1.a", "Reading Comprehension", "IM", "2.88", suppress="Y"),
        rating("39-9011.01", "2.A.1.a", "Reading Comprehension", "LV", "2.75", irrelevant="N"),
        rating("39-9011.01", "2.A.1.b", "Active Listening", "LV", "8.1", irrelevant="N"),
        rating("39-9011.01", "2.A.1.b", "Active Listening", "XX", "3", irrelevant="N"),
        rating("11-1011.00", "2.A.1.b", "Active Listening", "LV", "3", irrelevant="N"),
        "",
    ]),
    "Knowledge.txt": "\n".join([_RATING, rating("39-9011.00", "2.C.6", "Education and Training", "IM", "3.5"), ""]),
    "Alternate Titles.txt": "O*NET-SOC Code\tAlternate Title\tShort Title\tSource(s)\n"
    "39-9011.00\tDaycare Worker\tn/a\t08\n39-9011.00\tDaycare Worker\tDCW\t08\n11-1011.00\tAgency Owner\tn/a\t10\n",
    "Technology Skills.txt": "O*NET-SOC Code\tExample\tCommodity Code\tCommodity Title\tHot Technology\tIn Demand\n"
    "39-9011.00\tMicrosoft Excel\t43232110\tSpreadsheet software\tY\tN\n"
    "51-4121.00\tMicrosoft Excel\t43232110\tSpreadsheet software\tY\tY\n11-1011.00\tX\t43232110\tS\tN\tN\n",
    "Task Statements.txt": "O*NET-SOC Code\tTask ID\tTask\tTask Type\tIncumbents Responding\tDate\tDomain Source\n"
    "39-9011.00\t1\tSupport the feelings of toddlers.\tCore\t9\t08/2023\tIncumbent\n"
    "39-9011.00\t2\tKeep lists.\tn/a\t9\t08/2023\tIncumbent\n11-1011.00\t3\tLead.\tCore\t9\t08/2023\tIncumbent\n",
}  # fmt: skip
WORK_CONTEXT = (
    "O*NET-SOC Code\tElement ID\tElement Name\tScale ID\tCategory\tData Value\tN\tStandard Error\tLower CI Bound\t"
    "Upper CI Bound\tRecommend Suppress\tNot Relevant\tDate\tDomain Source\n"
    + "".join(
        f"{code}\t{element}\tx\t{scale}\tn/a\t{value}\t9\t0\t0\t0\t{suppress}\tn/a\t08/2023\tIncumbent\n"
        for code, element, scale, value, suppress in (
            ("39-9011.00", "4.C.1.a.2.h", "CX", "2.4", "N"),
            ("39-9011.00", "4.C.2.d.1.d", "CX", "4.1", "N"),
            ("39-9011.01", "4.C.1.a.2.h", "CX", "4.9", "N"),
            ("39-9011.01", "4.C.2.d.1.d", "CX", "4.9", "Y"),
            ("39-9011.01", "4.C.2.a.1.c", "CX", "?", "N"),
            ("39-9011.01", "4.C.2.a.1.c", "CXP", "5", "N"),
        )
    )
)


def onet_folder(path: Path, **others: str) -> Path:
    """The text database as a folder; others replace or add files (None leaves one out)."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in {**ONET, **{f"{k.replace('_', ' ')}.txt": v for k, v in others.items()}}.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _column(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    """A workbook as spreadsheet programs write it: shared texts, numbers as numbers, empty cells left out."""
    shared: dict[str, int] = {}
    bodies = []
    for table in sheets.values():
        lines = []
        for number, row in enumerate(table, 1):
            cells = []
            for index, value in enumerate(row):
                place = f"{_column(index)}{number}"
                if value == "":
                    continue
                if value.replace(".", "", 1).replace("-", "", 1).isdigit() and not value.startswith("0"):
                    cells.append(f'<c r="{place}"><v>{value}</v></c>')
                else:
                    cells.append(f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>')
            lines.append(f'<row r="{number}">{"".join(cells)}</row>')
        bodies.append(f'<worksheet xmlns="x"><sheetData>{"".join(lines)}</sheetData></worksheet>')
    names = "".join(f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="rId{i}" Type="t" Target="worksheets/sheet{i}.xml"/>' for i in range(1, len(sheets) + 1)
    )
    texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
    return zipped(path, {
        "xl/workbook.xml": f'<workbook xmlns="x" xmlns:r="y"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="x">{links}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="x">{texts}</sst>',
        **{f"xl/worksheets/sheet{i}.xml": body for i, body in enumerate(bodies, 1)},
    })  # fmt: skip
