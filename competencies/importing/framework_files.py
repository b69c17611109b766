"""A framework as three CSV files: framework.csv (domains and competencies), levels.csv and descriptors.csv."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from competencies.importing.problems import ImportProblem
from competencies.importing.tables import Table, read_table

BANDS = 4
LEVELS = 8
_CODE = re.compile(r"[0-9A-Za-z]+(\.[0-9A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class CompetencyRow:
    domain_code: str
    code: str
    name_vi: str
    name_en: str
    source: str


@dataclass(frozen=True, slots=True)
class LevelRow:
    number: int
    band: int
    name_vi: str
    name_en: str
    band_vi: str
    band_en: str
    summary_vi: str
    summary_en: str


@dataclass(frozen=True, slots=True)
class FrameworkFiles:
    """What the files say, in file order. domains: code -> (vi, en). descriptors: (competency, band) -> (vi, en)."""

    domains: dict[str, tuple[str, str]]
    competencies: tuple[CompetencyRow, ...]
    levels: tuple[LevelRow, ...]
    descriptors: dict[tuple[str, int], tuple[str, str]]

    @property
    def digest(self) -> str:
        """SHA-256 of the content, whatever the files' layout."""
        content = {
            "domains": list(self.domains.items()),
            "competencies": [asdict(row) for row in self.competencies],
            "levels": [asdict(row) for row in self.levels],
            "descriptors": sorted([*key, *texts] for key, texts in self.descriptors.items()),
        }
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def read_framework(directory: Path) -> tuple[FrameworkFiles, list[ImportProblem]]:
    """Read the three files. What is returned is whole only when there are no problems."""
    competency_table = read_table(
        directory / "framework.csv",
        {"domain_code": 10, "domain_vi": 300, "domain_en": 300}
        | {"code": 10, "name_vi": 300, "name_en": 300, "source": 100},
        optional=["source"],
    )
    level_table = read_table(
        directory / "levels.csv",
        {"level": 1, "band": 1, "name_vi": 300, "name_en": 300}
        | {"band_vi": 100, "band_en": 100, "summary_vi": 2000, "summary_en": 2000},
    )
    descriptor_table = read_table(
        directory / "descriptors.csv", {"competency": 10, "band": 1, "text_vi": 2000, "text_en": 2000}
    )
    domains, competencies = _competencies(competency_table)
    levels = _levels(level_table)
    descriptors = _descriptors(descriptor_table, [row.code for row in competencies])
    problems = [*competency_table.problems, *level_table.problems, *descriptor_table.problems]
    return FrameworkFiles(domains, competencies, levels, descriptors), problems


def _competencies(table: Table) -> tuple[dict[str, tuple[str, str]], tuple[CompetencyRow, ...]]:
    domains: dict[str, tuple[str, str]] = {}
    competencies: dict[str, CompetencyRow] = {}
    for number, row in table.rows:
        for column in ("domain_code", "code"):
            if not _CODE.fullmatch(row[column]):
                table.problem("bad_code", number, column, row[column])
        names = (row["domain_vi"], row["domain_en"])
        if domains.setdefault(row["domain_code"], names) != names:
            table.problem("inconsistent", number, "domain_vi", row["domain_code"])
        if row["code"] in competencies:
            table.problem("repeated", number, "code", row["code"])
        competencies[row["code"]] = CompetencyRow(
            row["domain_code"], row["code"], row["name_vi"], row["name_en"], row["source"]
        )
    return domains, tuple(competencies.values())


def _levels(table: Table) -> tuple[LevelRow, ...]:
    levels: dict[int, LevelRow] = {}
    for number, row in table.rows:
        level, band = _whole(table, number, "level", row, LEVELS), _whole(table, number, "band", row, BANDS)
        if not level or not band:
            continue
        if level in levels:
            table.problem("repeated", number, "level", str(level))
        if band != (level + 1) // 2:
            table.problem("wrong_band", number, "band", str((level + 1) // 2))
        levels[level] = LevelRow(
            level,
            band,
            row["name_vi"],
            row["name_en"],
            row["band_vi"],
            row["band_en"],
            row["summary_vi"],
            row["summary_en"],
        )
    if table.rows:
        for level in range(1, LEVELS + 1):
            if level not in levels:
                table.problem("missing_level", column="level", value=str(level))
    return tuple(levels[level] for level in sorted(levels))


def _descriptors(table: Table, codes: list[str]) -> dict[tuple[str, int], tuple[str, str]]:
    descriptors: dict[tuple[str, int], tuple[str, str]] = {}
    for number, row in table.rows:
        band = _whole(table, number, "band", row, BANDS)
        if row["competency"] not in codes:
            table.problem("unknown_competency", number, "competency", row["competency"])
        elif band and (row["competency"], band) in descriptors:
            table.problem("repeated", number, "band", f"{row['competency']}, {band}")
        elif band:
            descriptors[row["competency"], band] = (row["text_vi"], row["text_en"])
    if table.rows:
        for code in codes:
            for band in range(1, BANDS + 1):
                if (code, band) not in descriptors:
                    table.problem("missing_descriptor", column="competency", value=f"{code}, {band}")
    return descriptors


def _whole(table: Table, number: int, column: str, row: dict[str, str], highest: int) -> int:
    """The whole number 1..highest in the cell, or 0 when it is a problem."""
    text = row[column]
    if text.isascii() and text.isdigit() and 1 <= int(text) <= highest:
        return int(text)
    table.problem("not_in_range", number, column, f"1..{highest}")
    return 0
