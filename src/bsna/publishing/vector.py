"""Figures as SVG: text stays text, no style that a strict policy forbids, small, and the same bytes at every run."""

import io
import re
from html import escape
from typing import Any

from matplotlib.figure import Figure

FONTS = "DejaVu Sans, Verdana, sans-serif"
"""Verdana has the widths of DejaVu Sans, in which figures are laid out."""

_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_STYLE = re.compile(r' style="([^"]*)"')
_PATH = re.compile(r' d="([^"]*)"')
_DEFAULT = re.compile(
    r' text-anchor="start"| stroke-dashoffset="0"| stroke-linecap="(?:butt|square)"| stroke-linejoin="miter"|(?<=\d)px(?=")'
)
"""What a drawing has without its being said, and ends and corners of lines, which differ by a third of a point."""
_WINDOW = re.compile(
    r'<clipPath id="(\w+)">\s*<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"/>\s*</clipPath>'
)
_SEEN = re.compile(r'(<(?:path|use)[^>]*?) clip-path="url\(#(\w+)\)"([^>]*>)')
_NAMED = re.compile(r'<(?:path|clipPath) id="(\w+)"')
_USE = re.compile(r'(<use href="#\w+" x="[-\d.]+" y="[-\d.]+" fill="[^"]*") stroke="[^"]*" stroke-width="[^"]*"(/>)')
"""A mark where it is drawn; its outline is that of the path it uses."""
_PLACE = re.compile(r' x="([-\d.]+)" y="([-\d.]+)"')
_SAID = re.compile(r"<text([^>]*)>(.*?)</text>", re.DOTALL)
_MOVED = re.compile(r' transform="translate\(([-\d.]+) ([-\d.]+)\)"')
_LINES = re.compile(r'<path d="[^"]*"( fill="none"(?![^>]*opacity)[^>]*)/>(?:<path d="[^"]*"\1/>)+')
_EMPTY = re.compile(r'<defs></defs>|<path d="[^"]*" fill="none"/>')


def svg_of(figure: Figure, title: str, alt: str) -> str:
    """A figure as one SVG element that carries its title and its alternative text.

    Raises ValueError for a drawing that holds a raster image, which would not scale.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue().decode("utf-8")
    if "<image" in text:
        raise ValueError(f"The figure {title!r} holds a raster image; draw it as shapes")
    text = re.sub(
        r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL
    )
    text = _TAG.sub(lambda tag: _NUMBER.sub(_rounded, tag[0]), text)
    text = _STYLE.sub(lambda style: _attributes(style[1]), text)
    text = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", text).replace("xlink:href", "href")
    text = _DEFAULT.sub("", _without_groups(_unclipped(text)))
    text = _PATH.sub(lambda path: f' d="{_path(path[1].split())}"', text)
    text = text.replace('"#ffffff"', '"#fff"').replace('"#000000"', '"#000"')
    text = _EMPTY.sub("", re.sub(r">\s+<", "><", _headed(_short(text), title, alt)).strip())
    return _LINES.sub(_one_path, _texts_together(text)) + "\n"


def _rounded(number: re.Match[str]) -> str:
    """A tenth of a point where a thing stands, a hundredth of what is small."""
    value = float(number[0])
    return f"{value:.{1 if abs(value) >= 10 else 2}f}".rstrip("0").rstrip(".")


def _short(text: str) -> str:
    """Names of parts in the order in which they appear, and a mark's own outline said where it is drawn, not at every use."""
    names = {name: f"a{place}" for place, name in enumerate(dict.fromkeys(_NAMED.findall(text)))}
    text = re.sub(r'(id="|"#|url\(#)(\w+)', lambda found: found[1] + names.get(found[2], found[2]), text)
    return _USE.sub(r"\1\2", text)


def _attributes(style: str) -> str:
    """A style as attributes of its own, which mean the same to whoever draws."""
    parts = dict(part.strip().split(": ", 1) for part in style.split(";") if part.strip())
    if "font-family" in parts:
        parts["font-family"] = FONTS
    return "".join(f' {name}="{escape(value, quote=True)}"' for name, value in parts.items())


def _path(parts: list[str]) -> str:
    """The steps of a path without spaces that part nothing; a step along an axis by its end alone."""
    steps, at = [], ("", "")
    for step, *numbers in _steps(parts):
        if step == "L" and at[1] == numbers[1]:
            steps.append(f"H{numbers[0]}")
        elif step == "L" and at[0] == numbers[0]:
            steps.append(f"V{numbers[1]}")
        else:
            steps.append(step + " ".join(numbers))
        at = (numbers[-2], numbers[-1]) if numbers else ("", "")
    return "".join(steps)


def _steps(parts: list[str]) -> list[list[str]]:
    steps: list[list[str]] = []
    for part in parts:
        if part.isalpha():
            steps.append([part])
        else:
            steps[-1].append(part)
    return steps


def _texts_together(text: str) -> str:
    """Texts of one look in one group, above all shapes; those that stand behind the first shape, the mark, stay there."""
    first = re.search(r"<(?:path|use)(?![^>]*fill=\"#fff\"/>)", text)
    behind, rest = (text[: first.start()], text[first.start() :]) if first else (text, "</svg>")
    groups: dict[str, list[str]] = {}
    for attributes, said in _SAID.findall(rest):
        where = "".join(re.findall(r' (?:x|y|transform)="[^"]*"', attributes))
        look = re.sub(r' (?:x|y|transform)="[^"]*"', "", attributes)
        moved = _MOVED.sub(r' x="\1" y="\2"', where)
        groups.setdefault(look, []).append(f"<text{moved}>{said}</text>")
    told = "".join(f"<g{look}>{''.join(lines)}</g>" if look else "".join(lines) for look, lines in groups.items())
    return behind + _SAID.sub("", rest).replace("</svg>", f"{told}</svg>")


def _one_path(lines: re.Match[str]) -> str:
    """Lines of one look that follow each other, as one path."""
    return f'<path d="{"".join(_PATH.findall(lines[0]))}"{lines[1]}/>'


def _unclipped(text: str) -> str:
    """Windows go from what lies inside them, and windows through which nothing is seen any more."""
    windows = {found[1]: tuple(map(float, found.groups()[1:])) for found in _WINDOW.finditer(text)}

    def shown(element: re.Match[str]) -> str:
        x, y, width, height = windows[element[2]]
        places = _PATH.search(element[0]) or _PLACE.search(element[0])
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", " ".join(places.groups()))] if places else []
        inside = all(x <= at <= x + width for at in numbers[::2]) and all(y <= at <= y + height for at in numbers[1::2])
        return element[1] + element[3] if numbers and inside else element[0]

    text = _SEEN.sub(shown, text)
    return _WINDOW.sub(lambda window: window[0] if f"url(#{window[1]})" in text else "", text)


def _without_groups(text: str) -> str:
    """Groups say how the figure was built, and mean nothing here; they go, those with attributes other than an id stay."""
    kept: list[bool] = []

    def replaced(tag: re.Match[str]) -> str:
        if tag[0] == "</g>":
            return "</g>" if kept.pop() else ""
        bare = re.sub(r' id="[^"]*"', "", tag[0])
        if tag[0].endswith("/>"):
            return ""
        kept.append(bare != "<g>")
        return bare if kept[-1] else ""

    return re.sub(r"<g(?:\s[^>]*)?>|</g>", replaced, text)


def _headed(text: str, title: str, alt: str) -> str:
    """The outer element with its size, its look of lines, and what it shows for those who cannot see it."""
    box: Any = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    size, ink = (_usual(text, name) for name in ("font-size", "fill"))
    text = re.sub(r"<text[^>]*>", lambda tag: tag[0].replace(size, "", 1).replace(ink, "", 1), text)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box[1]} {box[2]}" width="{box[1]}" height="{box[2]}" '
        f'role="img" stroke-linejoin="round"{size}{ink} font-family="{FONTS}"><title>{escape(title)}</title>'
        f"<desc>{escape(alt.replace(f'{title}. ', '', 1))}</desc>"
    )
    return re.sub(r"<svg[^>]*>", lambda _: head, text, count=1).replace(f' font-family="{FONTS}" ', " ")


def _usual(text: str, name: str) -> str:
    """An attribute with the value that it has in more texts than any other, which the outer element says for all."""
    said = re.findall(rf'<text[^>]*?( {name}="[^"]*")', text)
    return max(sorted(set(said)), key=said.count) if said else ""
