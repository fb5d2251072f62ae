"""`python -m tests.house.pictures`: pictures of the built book for those who look after it, in `book/_build/pictures`, and the two of
README in `book/_pictures`."""

import shutil
import sys

from playwright.sync_api import sync_playwright

from bsna import paths
from tests.house.browser import FLAGS, browser_path

PAGES = {
    "front": "index",
    "chapter": "{survey}/05_trust",
    "claim": "{survey}/claims/{claim}",
    "recommendations": "{survey}/11_recommendations",
    "notebook": "{survey}/06_what_goes_with_trust",
}
WIDTHS = (1280, 390)
README = {"front_1280_en": "picture_front", "claim_390_fr": "picture_claim"}
"""Pictures that stand in README, and their files."""


def main(survey: str, claim: str) -> None:
    """Take every picture of a survey and a claim, in both languages and widths. Stops if there is no browser or no book."""
    site, target = paths.book("_build", "html"), paths.book("_build", "pictures")
    if not (site / "index.html").is_file() or not browser_path():
        sys.exit("Pictures need a built book (`make book`) and a Chromium")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=browser_path(), args=FLAGS)
        for language, part in (("en", ""), ("fr", "fr/")):
            for width in WIDTHS:
                page = browser.new_page(viewport={"width": width, "height": 900 if width > 400 else 780})
                for name, address in PAGES.items():
                    page.goto(f"file://{site}/{part}{address.format(survey=survey, claim=claim)}.html")
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=target / f"{name}_{width}_{language}.png")
                page.close()
        browser.close()
    paths.book("_pictures").mkdir(exist_ok=True)
    for name, kept in README.items():
        shutil.copyfile(target / f"{name}.png", paths.book("_pictures", f"{kept}.png"))
    print(f"{len(PAGES) * len(WIDTHS) * 2} pictures in {target.relative_to(paths.house())}")


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["mli", "f3b"]))
