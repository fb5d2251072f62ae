"""How firm each verdict is: the same question asked of the same interviews in other ways, and how often the answer stands."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from bsna import shelf
from bsna.chapter import Survey, design_of, tell
from bsna.estimation import SurveyDesign
from bsna.intake.sampling import design_frame
from bsna.judgement import Verdict, judge
from bsna.judgement.robustness import Evidence, Received, robustness
from bsna.judgement.standing import Breaking, Standing, Variant
from bsna.publishing.addresses import claim_page
from bsna.publishing.blocks import badge, folded, heading, show_block, texts
from bsna.publishing.cards.rows import traced_verdicts
from bsna.publishing.drawing import show
from bsna.publishing.standings import standing_figure, standing_html, standing_sentence
from bsna.publishing.translation import SOURCE
from bsna.publishing.wording import Words


def report_robustness(survey: Survey) -> None:
    """Judge the claims again in every declared way, show how often each verdict stands, and write it. Told again in another
    language, what was written is read.

    Which log rows moved a claim most is about single people: that table stays in the room and is shown nowhere.
    """
    profile, plan = survey.profile, survey.plan
    verdicts = judge(plan, survey.designs, survey.absent, profile.publication, seed=profile.seed)
    standings = _judged_again(survey, verdicts)
    by_claim = {verdict.claim_id: verdict for verdict in traced_verdicts(profile.id, verdicts)}
    if not standings:
        tell(survey.words.say("standing", "nothing"))
    for standing in standings:
        _show(survey.words, standing)
        claim = plan.row("claims", standing.claim_id)
        show(standing_figure(survey.words, claim, by_claim[claim.id], standing))
        show_block(folded(survey.words.word("reruns_title"), standing_html(survey.words, standing)))


def read_standings(profile: str) -> dict[str, Standing]:
    """Standings of a survey by claim. Raises ValueError, with what to run, if they have not been written."""
    found = {}
    for record in shelf.read_record(profile, "robustness", "robustness"):
        parts = {
            "variants": tuple(Variant(**row) for row in record["variants"]),
            "breaking": tuple(Breaking(**row) for row in record["breaking"]),
            "corrections": tuple(record["corrections"]),
        }
        found[record["claim_id"]] = Standing(**record | parts)
    return found


def uncleaned_designs(survey: Survey) -> tuple[dict[str, SurveyDesign], dict[str, Received]]:
    """Designs of the answers as received, weighted anew, and these answers with the log of what was changed in them."""
    profile, plan = survey.profile, survey.plan
    log = shelf.read_frame(profile.id, "cleaned", "log")
    designs, received = {}, {}
    for name in profile.populations:
        frame = design_frame(shelf.read_frame(profile.id, "typed", name), profile, name).frame
        designs[name] = design_of(frame, profile, plan, name)
        received[name] = Received(name, frame, frame["weight"].to_numpy(dtype=float), log[log["population"] == name])
    return designs, received


def _judged_again(survey: Survey, verdicts: Sequence[Verdict]) -> Sequence[Standing]:
    profile = survey.profile
    if survey.words.language != SOURCE:
        return list(read_standings(profile.id).values())
    standings, rows = robustness(
        survey.plan,
        verdicts,
        _evidence(survey),
        threshold=profile.publication.threshold,
        rng=np.random.default_rng(profile.seed),
    )
    shelf.write_record([asdict(standing) for standing in standings], profile.id, "robustness", "robustness")
    shelf.write_frame(rows, profile.id, "robustness", "log_rows")
    return standings


def _evidence(survey: Survey) -> Evidence:
    profile = survey.profile
    raw, received = uncleaned_designs(survey)
    answers = {name: shelf.read_frame(profile.id, "design", name) for name in profile.populations}
    return Evidence(survey.designs, answers, raw, received)


def _show(words: Words, standing: Standing) -> None:
    claim = words.plan.row("claims", standing.claim_id)
    title = f"{claim.id}. {words.text(claim, 'title')}"
    show_block(heading(3, title, f"firm-{claim.id}", badge(words, standing.verdict)))
    show_block(texts([standing_sentence(words, standing)]))
    link = words.say("claim_page", "argue", {"id": claim.id})
    show_block(f'<p><a href="{claim_page(claim.id)}.html">{link}</a></p>')
