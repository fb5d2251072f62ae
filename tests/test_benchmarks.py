"""The benchmark of the engine: its sample is the same every time, its goals are judged rightly, its table can be read."""

from pathlib import Path

import pandas as pd
import pytest
from benchmarks import engine_report
from benchmarks.engine import _digits
from benchmarks.engine_data import CHUNK, COVARIATES, DESIGN, Sample, write_population
from benchmarks.engine_goals import judge_goals
from benchmarks.engine_run import TASKS, scan_query

HERE = Path(engine_report.__file__).parent
SMALL = Sample(600, strata=3, psus=4)
PLAN = {"people": 1500, "estimates": 350, "tests": 50, "tables": 0.1, "svy": 0.005}


def people(folder, **options):
    return pd.read_parquet(write_population(folder / "people.parquet", SMALL, **options))


def test_the_same_seed_makes_the_same_sample_and_another_seed_another(tmp_path):
    first = people(tmp_path)
    pd.testing.assert_frame_equal(first, people(tmp_path))
    assert not first.equals(people(tmp_path, seed=1))


def test_the_sample_has_its_strata_and_units_and_twelve_coefficients(tmp_path):
    made = people(tmp_path)
    assert len(made) == 600
    assert made.groupby("stratum")["psu"].nunique().to_list() == [4, 4, 4]
    assert 1 + sum(made[name].nunique() - 1 for name in COVARIATES) == 12
    assert sorted(made["trust"].unique()) == [0, 1, 2, 3]


def test_chunks_differ_from_one_another(tmp_path):
    made = pd.read_parquet(write_population(tmp_path / "two.parquet", Sample(CHUNK + 50)))
    assert len(made) == CHUNK + 50
    assert not made["weight"].head(50).reset_index(drop=True).equals(made["weight"].tail(50).reset_index(drop=True))


def test_missing_answers_leave_the_design_whole(tmp_path):
    made = people(tmp_path, missing=0.2)
    assert made[list(DESIGN)].notna().all().all()
    assert made["trust"].isna().mean() == pytest.approx(0.2, abs=0.07)  # four standard errors of 600 people


def test_the_scan_reads_each_column_of_a_task_once():
    query = scan_query(Path("people.parquet"), "crosstab")
    assert [query.count(f"({name})") for name in (*DESIGN, *TASKS["crosstab"])] == [1] * 5


def test_digits_are_counted_by_the_worst_number():
    ours = {"b a": 2.0, "b b": 1.0, "b c": 0.0, "se a": 0.5, "se c": 0.1}
    theirs = {"b a": 2.0, "b b": 1.0005, "b c": 0.00001, "se a": 0.4, "se c": 0.1}
    assert _digits(ours, theirs, errors=False) == 3  # b: 0.0005 of one, 3.3 digits; c: 0.00001 of its error of 0.1, 4
    assert _digits(ours, theirs, errors=True) == 0  # a: 0.1 of 0.5, 0.7 digits
    assert _digits(ours, ours, errors=True) == 15
    with pytest.raises(ValueError, match="3 number"):
        _digits(ours, {"b a": 2.0, "b b": 1.0}, errors=True)


def test_goals_are_judged_by_hand_worked_ratios():
    table = pd.DataFrame(
        [
            {
                "people": 1_000_000,
                "task": "binary",
                "tool": "bsna on DuckDB",
                "seconds": 0.1,
                "scan": 0.05,
                "peak_mb": 300,
            },
            {"people": 1_000_000, "task": "binary", "tool": "svy", "seconds": 1.0},
            {
                "people": 10_000_000,
                "task": "binary",
                "tool": "bsna on DuckDB",
                "seconds": 1.5,
                "scan": 0.5,
                "peak_mb": 800,
            },
        ]
    )
    goals = {goal.what: goal for goal in judge_goals(table, PLAN)}
    scan = goals["10⁶ people, binary, against the scan"]
    assert (scan.measured, scan.met, scan.by) == ("2 ×", True, 1.0)  # 0.1 / 0.05, at most 2.5
    faster = goals["10⁶ people, binary, faster than svy"]
    assert (faster.measured, faster.met, faster.by) == ("10 ×", False, pytest.approx(1.5))  # 1.0 / 0.1, at least 15
    growth = goals["10⁶ to 10⁷ people, binary, growth against that of the scan"]
    assert growth.by == pytest.approx(1.5)  # 15 times as long, the scan 10 times
    assert goals["10⁷ people, binary, peak memory"].met is False
    assert goals["10⁶ people, crosstab, against the scan"].met is None
    plan = next(goal for what, goal in goals.items() if what.startswith("Plan"))
    assert (plan.measured, plan.met) == ("20 ×", True)  # 0.1 / 0.005


def test_the_table_can_be_read_and_no_tool_contradicts_our_numbers():
    table = pd.read_csv(HERE / "engine.csv")
    assert tuple(table.columns) == engine_report.COLUMNS
    assert (table["seconds"].notna() | table["failed"].notna()).all()
    close = table[table["tool"] != "R survey"]  # by default its ordered logit stops early
    assert close["digits"].dropna().ge(6).all()
    assert close.loc[close["tool"] != "statsmodels", "digits_se"].dropna().ge(6).all()
