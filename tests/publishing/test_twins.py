"""Pages in two languages are compared number by number and verdict by verdict."""

from collections import Counter

import nbformat
import pytest

from bsna.publishing.twins import check_twins, numbers_in


def staged(folder, *outputs, sections="# A\n"):
    (folder / "zz" / "claims").mkdir(parents=True)
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", o) for o in outputs])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "zz" / "05_trust.ipynb")
    (folder / "zz" / "claims" / "f1.md").write_text(sections, encoding="utf-8")
    return folder


def test_numbers_are_read_as_each_language_writes_them():
    assert numbers_in("1,204 of 2,500 adults, 41.5% (38-44), F3a", "en") == Counter(
        {"1204": 1, "2500": 1, "41.5": 1, "38": 1, "44": 1, "3": 1}
    )
    french = "1\u202f204 des 2\u202f500 adultes, 41,5\u00a0% (38-44), F3a"
    assert numbers_in(french, "fr") == numbers_in("1,204 of 2,500 adults, 41.5% (38-44), F3a", "en")


def test_pages_that_say_the_same_pass(tmp_path):
    badge = '<span class="bsna-badge bsna-supported">{}</span>'
    one = staged(tmp_path / "en", {"text/html": badge.format("supported")}, {"text/markdown": "41% of 1,600 in Gao."})
    two = staged(
        tmp_path / "fr", {"text/html": badge.format("confirmé")}, {"text/markdown": "À Gao, 41\u00a0% de 1\u202f600."}
    )
    check_twins(one, two, "fr")


@pytest.mark.parametrize(
    ("english", "french", "told"),
    [
        (
            {"text/markdown": "41% agree."},
            {"text/markdown": "14 % sont d'accord."},
            r"only in 'en': \['41'\], only in 'fr': \['14'\]",
        ),
        ({"text/markdown": "1.5 and 1.5"}, {"text/markdown": "1,5"}, r"only in 'en': \['1.5'\]"),
        (
            {"text/html": '<i class="bsna-badge bsna-supported">'},
            {"text/html": '<i class="bsna-badge bsna-contradicted">'},
            r"badges \['contradicted'\] instead of \['supported'\]",
        ),
        ({"text/html": '<img alt="Army, 82%">'}, {"text/html": '<img alt="Armée, 28 %">'}, r"\['82'\]"),
    ],
)
def test_another_number_or_verdict_is_refused_with_page_and_part(tmp_path, english, french, told):
    one, two = staged(tmp_path / "en", english), staged(tmp_path / "fr", french)
    with pytest.raises(ValueError, match=rf"(?s)1 part.*zz/05_trust.ipynb, part 1: .*{told}"):
        check_twins(one, two, "fr")


def test_a_page_of_claims_is_compared_section_by_section(tmp_path):
    one = staged(tmp_path / "en", sections="# F1\n5 of 6\n## Rule\n7\n")
    two = staged(tmp_path / "fr", sections="# F1\n5 sur 6\n## Règle\n8\n")
    with pytest.raises(ValueError, match=r"zz/claims/f1.md, part 3: only in 'en': \['7'\]"):
        check_twins(one, two, "fr")


def test_a_page_or_an_output_that_the_other_language_lacks_is_refused(tmp_path):
    one = staged(tmp_path / "en", {"text/markdown": "a"}, {"text/markdown": "b"})
    two = staged(tmp_path / "fr", {"text/markdown": "a"})
    (two / "zz" / "claims" / "f1.md").unlink()
    with pytest.raises(ValueError, match=r"(?s)1 parts instead of 2.*f1.md: there is no such page"):
        check_twins(one, two, "fr")
