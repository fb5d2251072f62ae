"""Prose in another language: every block is said anew or refused, and nothing else on the page is touched."""

import json
import re
from collections import Counter

import nbformat
import polib
import pytest
from myst_parser.mdit_to_docutils.base import default_slugify

from bsna import paths
from bsna.publishing.catalogs import update_catalog, update_catalogs
from bsna.publishing.translation import (
    catalog_path,
    languages,
    translatable,
    translated,
    translated_notebook,
)

SOURCES = (*sorted(paths.book().glob("*.md")), *sorted(paths.notebooks().glob("*.ipynb")))
SPOKEN = [(source, language) for source in SOURCES for language in languages(source)[1:]]
EXACT = re.compile(r"(?:\{\w+\})?`+[^`]+`+|\$[^$]+\$|(?<=\]\()(?!#)[^)]*(?=\))|\*\*|^(?:#+|-|\d+\.)(?= )", re.MULTILINE)
"""What a translation repeats as it is: roles and code, formulas, addresses of other pages, marks of bold, headings and lists."""


@pytest.fixture
def page(tmp_path):
    """Where a page of its own would stand."""
    return tmp_path / "page.md"


def say(page, language="fr", said=None, fuzzy=None):
    """Write the .po file of a page: what each block becomes; the blocks of `fuzzy` are marked so."""
    catalog = polib.POFile(wrapwidth=0)
    catalog.extend(polib.POEntry(msgid=block, msgstr=text) for block, text in (said or {}).items())
    catalog.extend(polib.POEntry(msgid=block, msgstr=text, flags=["fuzzy"]) for block, text in (fuzzy or {}).items())
    catalog_path(page, language).parent.mkdir(parents=True, exist_ok=True)
    catalog.save(str(catalog_path(page, language)))


def catalog_of(page, language="fr"):
    return {entry.msgid: entry for entry in polib.pofile(str(catalog_path(page, language)))}


def prose(source):
    """The Markdown of a page, or of each cell of a notebook."""
    if source.suffix == ".md":
        return [source.read_text(encoding="utf-8")]
    cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def named(value):
    return value if isinstance(value, str) else value.stem


def test_blocks_stand_between_blank_lines_and_come_once_each_in_their_order():
    assert translatable("# Title\n\nOne line\nand another.\n\n\n- item\n- item\n\n# Title\n") == [
        "# Title",
        "One line\nand another.",
        "- item\n- item",
    ]


@pytest.mark.parametrize(
    "kept",
    [
        "```python\nname = 'words'\n\nother = 'words'\n```",
        "```{bibliography}\n:style: plain words\n```",
        "::::{grid}\nwords\n\n:::words\n::::",
        "<!-- a remark -->",
        "% a remark",
        "(a-label)=",
        "$$\\text{words} = 1$$",
        "$$\n\\text{words}\n\n= \\text{words}\n$$",
        "---",
        "1 + 1 = 2",
    ],
)
def test_code_remarks_labels_and_formulas_are_kept_whole(page, kept):
    text = f"Before.\n\n{kept}\n\nAfter.\n"
    say(page, said={"Before.": "Avant.", "After.": "Après."})
    assert translatable(text) == ["Before.", "After."]
    assert translated(text, page, "fr") == f"Avant.\n\n{kept}\n\nAprès.\n"


def test_an_admonition_gets_a_new_title_and_text_and_keeps_its_options_and_its_code(page):
    text = "````{admonition} Mind this\n:class: important\nFirst words.\n\n```python\nx = 'words'\n```\n\nLast words.\n````\n"
    assert translatable(text) == ["Mind this", "First words.", "Last words."]
    say(page, said={"Mind this": "Attention", "First words.": "Premiers mots.", "Last words.": "Derniers mots."})
    assert translated(text, page, "fr") == (
        "````{admonition} Attention\n:class: important\n"
        "Premiers mots.\n\n```python\nx = 'words'\n```\n\nDerniers mots.\n````\n"
    )


def test_a_note_in_colons_without_a_title_is_opened_too(page):
    say(page, said={"Words.": "Des mots."})
    assert translated(":::{note}\nWords.\n:::\n", page, "fr") == ":::{note}\nDes mots.\n:::\n"


def test_a_glossary_stands_in_the_order_of_its_own_language_whatever_the_accents(page):
    terms = {
        "adults": "zone",
        "bias": "Effet de plan",
        "cluster": "échantillon",
        "design": "écart",
    }
    say(page, said={f"{en}\n    Words.": f"{fr}\n    Des mots." for en, fr in terms.items()})
    text = "```{glossary}\n" + "\n\n".join(f"{term}\n    Words." for term in terms) + "\n```\n"
    made = translated(text, page, "fr").split("\n")
    assert (made[0], made[-2]) == ("```{glossary}", "```")
    assert [line for line in made[1:-2] if line and line[0] != " "] == ["écart", "échantillon", "Effet de plan", "zone"]


def test_french_has_no_line_break_before_its_marks_except_in_code_formulas_and_addresses(page):
    said = "Qui ? « Nous » : 41 % ; `a : b` $c : d$ [lien](e : f) !"
    say(page, said={"Words.": said})
    assert translated("Words.", page, "fr") == (
        "Qui\u00a0? «\u00a0Nous\u00a0»\u00a0: 41\u00a0%\u00a0; `a : b` $c : d$ [lien](e : f)\u00a0!\n"
    )
    table = "| a | b |\n| :-- | :-: |\n| 1 % | ! |"
    say(page, said={"Words.": table})
    assert translated("Words.", page, "fr") == table.replace("1 %", "1\u00a0%") + "\n"
    say(page, "pt", said={"Words.": "Quem ? Nós : 41 %"})
    assert translated("Words.", page, "pt") == "Quem ? Nós : 41 %\n"


def test_the_language_of_the_source_needs_no_catalog(page):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Words")])
    assert translated("Words,\n\n\nas they stand", page, "en") == "Words,\n\n\nas they stand"
    assert translated_notebook(notebook, page, "en").cells[0].source == "# Words"


def test_a_page_without_a_catalog_is_refused(page):
    with pytest.raises(ValueError, match=r"locale/fr/page\.po does not exist; run `bsna messages --language fr`"):
        translated("Words.", page, "fr")


@pytest.mark.parametrize(
    "entries",
    [
        {"said": {"Told.": "Dit."}},
        {"said": {"Told.": "Dit.", "Second line,\nmore": ""}},
        {"said": {"Told.": "Dit."}, "fuzzy": {"Second line,\nmore": "Deuxième ligne,\nplus"}},
    ],
    ids=["missing", "empty", "fuzzy"],
)
def test_a_block_that_is_missing_empty_or_fuzzy_is_refused_with_file_and_block(page, entries):
    say(page, **entries)
    with pytest.raises(ValueError, match=r"locale/fr/page\.po: 1 blocks of page\.md have no translation") as told:
        translated("Told.\n\nSecond line,\nmore\n", page, "fr")
    assert "\n  Second line,\n" in str(told.value) and "Told." not in str(told.value)
    assert str(told.value).endswith(
        "Run `bsna messages --language fr`, then fill the empty entries and those marked fuzzy"
    )


def test_an_obsolete_translation_does_not_count(page):
    say(page, said={"Words.": "Des mots."})
    update_catalog(["Other."], page, "fr")
    with pytest.raises(ValueError, match=r"1 blocks of page\.md"):
        translated("Words.", page, "fr")


def test_a_refusal_counts_all_blocks_and_shows_the_first_ten(page):
    say(page)
    with pytest.raises(ValueError, match=r"12 blocks of page\.md") as told:
        translated("\n\n".join(f"Block {letter}." for letter in "abcdefghijkl"), page, "fr")
    assert re.findall(r"Block (\w)", str(told.value)) == list("abcdefghij")


def test_a_notebook_is_told_cell_by_cell_and_keeps_its_code(page):
    cells = [
        nbformat.v4.new_markdown_cell("# Sample\n\nWords."),
        nbformat.v4.new_code_cell("Words."),
        nbformat.v4.new_markdown_cell("Words."),
    ]
    say(page, said={"# Sample": "# Échantillon", "Words.": "Des mots."})
    made = translated_notebook(nbformat.v4.new_notebook(cells=cells), page, "fr")
    assert [(cell.cell_type, cell.source) for cell in made.cells] == [
        ("markdown", "# Échantillon\n\nDes mots."),
        ("code", "Words."),
        ("markdown", "Des mots."),
    ]


def test_a_notebook_that_lacks_blocks_is_refused_for_all_its_cells_at_once(page):
    say(page)
    cells = [nbformat.v4.new_markdown_cell(text) for text in ("# Sample", "Words.")]
    with pytest.raises(ValueError, match=r"2 blocks of page\.md"):
        translated_notebook(nbformat.v4.new_notebook(cells=cells), page, "fr")


def test_a_page_can_be_read_in_the_languages_it_has_a_catalog_for(house, page):
    assert languages(page) == ("en",)
    for language in ("pt", "sw", "fr", "de", "ar"):
        say(page, language)
        if language != "fr":
            (house / "assessment" / "locale" / language).mkdir(parents=True)
    say(page.with_name("other.md"), "ha")
    assert languages(page) == ("en", "ar", "de", "fr", "pt", "sw")


def test_a_page_in_a_language_without_the_texts_of_the_assessment_is_refused(house, page):
    say(page, "pt")
    with pytest.raises(
        ValueError, match=r"translations into \['pt'\].*locale has no folder.*run `bsna messages --language pt`"
    ):
        languages(page)


def test_a_new_catalog_holds_every_block_once_in_reading_order_and_empty(page):
    assert update_catalog(["# Title\n\nWords.", "Words.\n\nMore."], page, "fr") == (3, 3)
    made = polib.pofile(str(catalog_path(page, "fr")))
    assert [(entry.msgid, entry.msgstr) for entry in made] == [("# Title", ""), ("Words.", ""), ("More.", "")]
    assert made.metadata["Language"] == "fr"


def test_an_updated_catalog_keeps_translations_and_sets_aside_those_of_blocks_that_went(page):
    say(page, said={"Old.": "Ancien.", "Kept.": "Gardé."})
    assert update_catalog(["Brand new words.\n\nKept."], page, "fr") == (2, 1)
    made = catalog_of(page)
    assert list(made) == ["Brand new words.", "Kept.", "Old."]
    assert (made["Brand new words."].msgstr, made["Kept."].msgstr) == ("", "Gardé.")
    assert made["Old."].obsolete and made["Old."].msgstr == "Ancien."
    assert update_catalog(["Old.\n\nKept."], page, "fr") == (2, 0)
    assert translated("Old.", page, "fr") == "Ancien.\n"


def test_a_block_that_changed_a_little_keeps_its_translation_marked_fuzzy(page):
    old, new = "Women answered more often in the north.", "Women answered more often in the south."
    say(page, said={old: "Les femmes ont plus souvent répondu dans le nord."})
    assert update_catalog([f"{new}\n\nQuite another thing."], page, "fr") == (2, 2)
    made = catalog_of(page)
    assert made[new].fuzzy and made[new].msgstr == "Les femmes ont plus souvent répondu dans le nord."
    assert made[new].previous_msgid == old and made[old].obsolete
    assert not made["Quite another thing."].fuzzy and made["Quite another thing."].msgstr == ""
    with pytest.raises(ValueError, match=r"1 blocks of page\.md"):
        translated(new, page, "fr")
    assert update_catalog([old], page, "fr") == (1, 0)


def test_neither_a_block_that_stays_nor_a_fuzzy_one_lends_its_translation(page):
    stays, fuzzy = "Women answered more often in the north.", "Fields were visited twice in a week of rain."
    say(page, said={stays: "Les femmes."}, fuzzy={fuzzy: "Les champs."})
    changed = [stays.replace("north", "south"), fuzzy.replace("rain", "wind")]
    update_catalog([stays, *changed], page, "fr")
    assert [(catalog_of(page)[block].msgstr, catalog_of(page)[block].fuzzy) for block in changed] == [("", False)] * 2


def test_a_block_marked_fuzzy_stays_so_until_a_translator_takes_the_mark_away(page):
    say(page, fuzzy={"Words.": "Des mots."})
    assert update_catalog(["Words."], page, "fr") == (1, 1)
    assert catalog_of(page)["Words."].fuzzy
    say(page, said={"Words.": "Des mots."})
    assert update_catalog(["Words."], page, "fr") == (1, 0)


def test_an_update_of_what_is_up_to_date_changes_no_byte(page):
    texts = [
        '# Title\n\nSome `code`, "quoted"\nin two lines\\.\n\n- item of more words than a line of eighty letters holds, so that it would be broken if lines were'
    ]
    update_catalog(texts, page, "fr")
    before = catalog_path(page, "fr").read_bytes()
    update_catalog(texts, page, "fr")
    assert catalog_path(page, "fr").read_bytes() == before


def test_a_new_language_gets_an_empty_catalog_for_every_page_and_chapter(house):
    made = update_catalogs("pt")
    prose = {path for path in made if not path.is_relative_to(house / "assessment")}
    assert {path.stem for path in prose} == {source.stem for source in SOURCES}
    assert all(path.is_file() and path.parent.name == "pt" for path in prose)
    assert all(blocks == lacking > 0 for blocks, lacking in made.values())


def test_a_language_once_begun_has_a_catalog_for_every_page_and_chapter():
    begun = {language for _, language in SPOKEN}
    assert "fr" in begun
    assert set(SPOKEN) == {(source, language) for source in SOURCES for language in begun}


@pytest.mark.parametrize(("source", "language"), SPOKEN, ids=named)
def test_every_page_and_chapter_of_the_house_is_told_whole(source, language):
    for text in prose(source):
        assert len(translated(text, source, language)) > 1


@pytest.mark.parametrize(("source", "language"), [pair for pair in SPOKEN if pair[0].suffix == ".ipynb"], ids=named)
def test_a_chapter_is_headed_by_the_title_in_its_metadata(source, language):
    made = translated_notebook(nbformat.read(source, 4), source, language)
    heading = made.cells[0].source.split("\n")[0].replace("\u00a0", " ")
    assert heading == f"# {made.metadata['bsna']['title'][language]}"


@pytest.mark.parametrize("language", sorted({language for _, language in SPOKEN}))
def test_an_update_of_the_house_leaves_nothing_to_translate(house, language):
    lacking = {path.name: count for path, (_, count) in update_catalogs(language).items() if count}
    assert lacking == {}


@pytest.mark.parametrize(("source", "language"), SPOKEN, ids=named)
def test_a_translation_repeats_code_formulas_roles_addresses_and_marks(source, language):
    found = catalog_of(source, language)
    blocks = [block for text in prose(source) for block in translatable(text)]
    differing = {
        block.split("\n")[0]: (said, kept)
        for block in blocks
        if (kept := Counter(EXACT.findall(block))) != (said := Counter(EXACT.findall(found[block].msgstr)))
    }
    assert differing == {}


@pytest.mark.parametrize("language", sorted({language for _, language in SPOKEN} | {"en"}))
@pytest.mark.parametrize("source", paths.book().glob("*.md"), ids=named)
def test_a_link_within_a_page_meets_a_heading_of_that_page(source, language):
    text = translated(prose(source)[0], source, language)
    headings = {default_slugify(heading) for heading in re.findall(r"^#{1,3} (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


@pytest.mark.parametrize("source", SOURCES, ids=named)
def test_a_page_said_in_its_own_words_loses_and_gains_nothing(source, tmp_path):
    """The language `xx` says each block as English does: what comes out is what went in, only the glossary is in order."""
    copy = tmp_path / source.name
    for text in prose(source):
        say(copy, "xx", said={block: block for block in translatable(text)})
        given = re.sub(r"\n{3,}", "\n\n", text.strip("\n"))
        assert translatable(text)
        assert Counter(translated(text, copy, "xx").split("\n")) == Counter([*given.split("\n"), ""])
