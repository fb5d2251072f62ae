from bsna.publishing.takeaway.letters import joined

LOOK = b"/c0 cs 0.1 0.2 0.3 scn"


def letter(e, f, glyph=b"(\\000\\001)", turn=b"0.5 0 0 -0.5", font=b"BT 0 Tr/f1 9 Tf", look=LOOK):
    return b"q %s %s %s cm%s\n%s 1 0 0 -1 0 0 Tm%sTj\nET\nQ\n" % (turn, e, f, look, font, glyph)


def test_letters_behind_each_other_become_one_piece_of_text():
    made = joined(letter(b"100", b"50") + letter(b"103.14159", b"50", b"(\\000\\))") + letter(b"105", b"50"))
    assert made == (
        b"q 0.5 0 0 -0.5 100 50 cm/c0 cs 0.1 0.2 0.3 scn\nBT 0 Tr/f1 9 Tf 1 0 0 -1 0 0 Tm(\\000\\001)Tj"
        b" 6.3 0 Td(\\000\\))Tj 3.7 0 Td(\\000\\001)Tj\nET\nQ\n"
    )


def test_errors_of_rounding_do_not_add_up():
    made = joined(b"".join(letter(b"%.4f" % (100 + 1.0025 * place), b"50") for place in range(101)))
    steps = [float(part.split()[-1]) for part in made.split(b" 0 Td")[:-1]]
    assert len(steps) == 100
    assert abs(sum(steps) * 0.5 - 100.25) < 0.03


def test_letters_of_a_turned_line_follow_its_direction():
    turn = b"0.8 0.6 0.6 -0.8"
    made = joined(letter(b"0", b"0", turn=turn) + letter(b"8", b"6", turn=turn))
    assert b" 10 0 Td(" in made


def test_another_line_colour_or_font_begins_a_new_piece():
    first = letter(b"100", b"50")
    for other in (
        letter(b"104", b"40"),
        letter(b"90", b"50"),
        letter(b"104", b"50", look=b"/c0 cs 1 1 1 scn"),
        letter(b"104", b"50", font=b"BT 0 Tr/f2 9 Tf"),
        letter(b"104", b"50", turn=b"0.6 0 0 -0.6"),
    ):
        assert joined(first + other) == first + other


def test_whatever_else_stands_on_a_page_stays_as_it_is_and_parts_letters():
    before, between, after = b"/Span<</MCID 0>>BDC\n", b"EMC/Span<</MCID 1>>BDC\nq 2 0 0 2 3.14159 2 cm\nQ\n", b"EMC\n"
    page = before + letter(b"100", b"50") + between + letter(b"104", b"50") + after
    assert joined(page) == page


def test_places_of_whole_pieces_are_kept_to_a_hundredth_of_a_point():
    assert joined(b"q 1 0 0 -1 53.85827 804.18896 cm/c0 cs\nQ\n") == b"q 1 0 0 -1 53.86 804.19 cm/c0 cs\nQ\n"


def test_steps_of_a_path_are_kept_to_a_hundredth_and_what_turns_a_drawing_as_it_is():
    page = b"q 0.82140297 0 0 0.82140297 1 2 cm\n0 690.8412 m 316.79999 690.8412 l h\n0.10588 scn\n"
    assert joined(page) == b"q 0.82140297 0 0 0.82140297 1 2 cm\n0 690.84 m 316.8 690.84 l h\n0.10588 scn\n"
