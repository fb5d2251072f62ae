"""One estimate by hand on eight people, and every number of the page that shows it held against the engine."""

import math
import re
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bsna import estimation as est
from bsna.estimation.intervals import t_quantile
from bsna.estimation.sample.linearised import estimated
from bsna.publishing.modules import linked_modules
from tests.conftest import ROOT

PAGE = (ROOT / "book" / "numbers.md").read_text(encoding="utf-8")
BY_HAND = PAGE.split("\n## Eight people, by hand\n")[1]
VILLAGES = ("Cairn", "Ridge", "Ford", "Weir")
"""In the order of the design: strata by name, then villages."""


@pytest.fixture
def design(eight_people):
    return est.survey_design(eight_people, psu="village")


def test_the_share_and_its_error_are_those_worked_by_hand(design):
    # weights of those who feel safe: Coumba, Demba, Fanta, Gaoussou; Hawa leaves both sums
    share = Fraction(12 + 12 + 18 + 18, 8 + 8 + 12 + 12 + 24 + 18 + 18)
    assert share == Fraction(3, 5)
    ford, weir = -(8 + 8) * share / 100, (12 + 12) * (1 - share) / 100
    ridge, cairn = (-24 * share + 18 * (1 - share)) / 100, 18 * (1 - share) / 100
    assert ford + weir + ridge + cairn == 0
    # two villages in each stratum, whose scores add up to nil: 2 / (2 - 1) times the squares
    variance = 2 * (ford**2 + weir**2) + 2 * (ridge**2 + cairn**2)
    assert variance == Fraction(24, 100) ** 2
    simple = share * (1 - share) / (7 - 1)
    row = est.proportion(design, "feels_safe").iloc[0]
    assert row["estimate"] == pytest.approx(float(share), rel=1e-12)
    assert row["se"] == pytest.approx(0.24, rel=1e-12)
    assert row["deff"] == pytest.approx(float(variance / simple), rel=1e-12) == pytest.approx(1.44)
    assert (row["n"], row["n_yes"], row["clusters"], row["df"]) == (7, 4, 4, 4 - 2)


def test_the_interval_is_that_of_the_log_odds(design):
    row = est.proportion(design, "feels_safe").iloc[0]
    # the error of the log odds is 0.24 / (0.6 * 0.4) = 1; t of 2 degrees of freedom has a formula of its own
    t = 0.95 * math.sqrt(2 / (1 - 0.95**2))
    for limit, odds in ((row["low"], 1.5 / math.exp(t)), (row["high"], 1.5 * math.exp(t))):
        assert limit == pytest.approx(odds / (1 + odds), rel=1e-9)


def test_few_people_get_exact_limits_of_fewer_still(design):
    row = est.proportion(design, "feels_safe", interval="beta").iloc[0]
    # 0.24 / 0.24² people effectively, times (t of 8 - 1 over t of 2)²
    size = 0.6 * 0.4 / 0.24**2 * (stats.t.ppf(0.975, 8 - 1) / stats.t.ppf(0.975, 2)) ** 2
    assert row["low"] == pytest.approx(stats.beta.ppf(0.025, 0.6 * size, 0.4 * size + 1), rel=1e-9)
    assert row["high"] == pytest.approx(stats.beta.ppf(0.975, 0.6 * size + 1, 0.4 * size), rel=1e-9)


def test_means_of_women_and_men_rest_on_all_four_villages(design):
    men, women = est.mean(design, "walk_to_post_minutes", by="is_woman").to_dict("records")
    # women: Awa +5, Coumba 0, Fanta +10, Hawa -10 minutes from their mean of 30; weights 8, 12, 18, 22
    assert women["estimate"] == pytest.approx(30)
    assert women["se"] == pytest.approx(math.sqrt((8 * 5 - 12 * 0) ** 2 + (18 * 10 + 22 * 10) ** 2) / 60)
    # men: Bakary 0, Demba -15, Eli +15, Gaoussou -10 from 25; weights 8, 12, 24, 18
    assert men["estimate"] == pytest.approx(25)
    assert men["se"] == pytest.approx(math.sqrt((8 * 0 + 12 * 15) ** 2 + (24 * 15 + 18 * 10) ** 2) / 62)
    assert men["clusters"] == women["clusters"] == 4 and men["df"] == women["df"] == 2


def test_a_table_of_two_by_two_is_tested_by_its_log_odds_ratio(design):
    safe_women, afraid_women, safe_men, afraid_men = (Fraction(k, 100) for k in (30, 8, 30, 32))
    apart = safe_women * afraid_men - afraid_women * safe_men
    pearson = 7 * apart**2 / (Fraction(38, 100) * Fraction(62, 100) * Fraction(60, 100) * Fraction(40, 100))
    # scores of the log odds ratio: plus and minus weight over share; river villages -3/4 and 0, hill villages 27/20 and -3/5
    by_design = Fraction(3, 4) ** 2 + Fraction(39, 20) ** 2
    simple = sum(1 / share for share in (safe_women, afraid_women, safe_men, afraid_men)) / 7
    found = est.crosstab(design, "is_woman", "feels_safe")
    assert found.chi2 == pytest.approx(float(pearson), rel=1e-10)
    assert found.deltas.tolist() == pytest.approx([float(by_design / simple)], rel=1e-10)
    assert found.statistic == pytest.approx(float(pearson / (by_design / simple)), rel=1e-10)
    # F with 1 and 2 degrees of freedom is the square of t with 2
    f = float(pearson / (by_design / simple))
    assert found.p_value == pytest.approx(1 - math.sqrt(f / (2 + f)), rel=1e-9)


def test_the_page_shows_the_eight_people(eight_people):
    shown = _tables(BY_HAND)[0]
    assert [row[0] for row in shown] == list(eight_people["person"])
    told = {0: "no", 1: "yes"}
    for row, person in zip(shown, eight_people.to_dict("records"), strict=True):
        safe = "–" if pd.isna(person["feels_safe"]) else told[person["feels_safe"]]
        expected = [person["stratum"], person["village"], f"{person['weight']:g}", told[person["is_woman"]], safe]
        assert row[1:] == [*expected, f"{person['walk_to_post_minutes']:g}"]


def test_every_number_on_the_page_is_what_the_engine_gives(design):
    """Each step of the tables: its result, to the digits shown, is the engine's, and what its arithmetic comes to."""
    shown = [(number, *row) for number, rows in enumerate(_tables(BY_HAND)[1:]) for row in rows]
    engine = {(number, step): value for number, steps in enumerate(_engine(design)) for step, value in steps.items()}
    assert [(number, step) for number, step, _, _ in shown] == list(engine)
    for number, step, arithmetic, result in shown:
        digits = len(result.partition(".")[2])
        assert f"{engine[number, step]:.{digits}f}".replace("-", "−") == result, step
        assert _worked(arithmetic) == pytest.approx(engine[number, step], abs=1.5 * 10.0**-digits), step


def test_the_words_around_the_tables_hold_no_number_but_the_four_shares(design):
    words = "\n".join(line for line in BY_HAND.splitlines() if not line.startswith("|"))
    shares = est.crosstab(design, "is_woman", "feels_safe").share[::-1, ::-1].ravel()
    assert re.findall(r"\d[\d.]*\d", words) == [f"{share:.2f}" for share in shares]


def test_every_formula_has_a_source_and_a_module_that_is_there():
    sections = re.split(r"\n## ", PAGE)[1:-1]
    keys = set(re.findall(r"@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8")))
    assert len(sections) >= 12
    for section in sections:
        assert linked_modules(section), section.splitlines()[0]
        cited = {key for group in re.findall(r"\{cite\}`([^`]+)`", section) for key in group.split(",")}
        assert cited or "$$" not in section, section.splitlines()[0]
        assert cited <= keys, cited - keys


def _engine(design):
    """What the engine gives for each step of the page's tables, in their order."""
    row = est.proportion(design, "feels_safe").iloc[0]
    sums = design.sums(((), ("feels_safe",)))
    scores = _village_scores(design, sums, row["estimate"])
    stages, river = design.stages, design.stages.stratum == 1
    by_stratum = [float(stages.variance((scores * part)[:, None])[0, 0]) for part in (river, ~river)]
    answered, safe = sums.whole[:, 0]
    yield {"weight of those who answered": answered, "weight of those who feel safe": safe, "share": row["estimate"]}
    yield _scored(scores) | {
        "variance from the river": by_stratum[0],
        "variance from the hills": by_stratum[1],
        "variance": row["se"] ** 2,
        "standard error": row["se"],
        "degrees of freedom": row["df"],
        "design effect": row["deff"],
    }
    yield {"error of the log odds": row["se"] / (row["estimate"] * (1 - row["estimate"]))} | {
        "Student's t": t_quantile(0.975, row["df"]),
        "lower limit": row["low"],
        "upper limit": row["high"],
    }
    yield from (_left_out(design), _walked(design), _crossed(design))


def _village_scores(design, sums, share):
    """Scores of the share by village, in the order of the design."""
    yes, everybody = sums.units[:, 1, 0], sums.units[:, 0, 0]
    return (yes - share * everybody) / sums.whole[0, 0]


def _scored(scores):
    """Scores by village, in the order of the page."""
    return {f"score of {village}": scores[VILLAGES.index(village)] for village in ("Ford", "Weir", "Ridge", "Cairn")}


def _left_out(design):
    made = est.jackknife(design)
    drawn = design.frame.assign(**{f"r{k}": w for k, w in enumerate(made.replicates.weights)})
    shares = {}
    for village in ("Ford", "Weir", "Ridge", "Cairn"):
        k = next(k for k in range(4) if (drawn.loc[drawn["village"] == village, f"r{k}"] == 0).all())
        told = drawn.dropna(subset="feels_safe")
        shares[f"share without {village}"] = np.average(told["feels_safe"], weights=told[f"r{k}"])
    error = est.proportion(made, "feels_safe").iloc[0]["se"]
    return shares | {"their mean": np.mean(list(shares.values())), "jackknife error": error}


def _walked(design):
    men, women = est.mean(design, "walk_to_post_minutes", by="is_woman").to_dict("records")
    return {
        "mean of women": women["estimate"],
        "error of the mean of women": women["se"],
        "lower limit for women": women["low"],
        "upper limit for women": women["high"],
        "mean of men": men["estimate"],
        "error of the mean of men": men["se"],
    }


def _crossed(design):
    found = est.crosstab(design, "is_woman", "feels_safe")
    sums = design.sums(((),), by=("is_woman", "feels_safe"))
    sign = np.array([1.0, -1.0, -1.0, 1.0])  # men afraid, men safe, women afraid, women safe
    ratio = estimated(design, sums, lambda s: np.log(s) @ sign[:, None], (sign / sums.whole[0])[:, None])
    scores = sums.units[:, 0, :] @ (sign / sums.whole[0])
    simple = float((100 / sums.whole[0]).sum()) / found.n
    return (
        {"Pearson's statistic": found.chi2}
        | _scored(scores)
        | {
            "variance by the design": float(ratio.covariance[0, 0]),
            "variance in a simple sample": simple,
            "design effect of the contrast": found.deltas[0],
            "F": found.statistic,
            "p-value": found.p_value,
        }
    )


def _tables(text):
    """Rows of each table, without its head: cells as text."""
    tables = re.findall(r"(?:^\|.*\n)+", text + "\n", re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]] for table in tables
    ]


def _worked(arithmetic):
    """What the arithmetic of a step comes to."""
    plain = arithmetic.translate(str.maketrans({"×": "*", "−": "-", "²": "**2", "√": "sqrt"}))
    names = {"sqrt": math.sqrt, "exp": math.exp, "ln": math.log, "F": stats.f, "t": stats.t.ppf}
    return eval(plain, {"__builtins__": {}}, names | {"above": lambda law, x: law.sf(x)})
