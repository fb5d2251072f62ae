"""Figures as SVG: text stays text, no style that a strict policy forbids, small, and the same bytes at every run."""

import io
import re
from html import escape
from typing import Any

from matplotlib.figure import Figure

FONTS = "DejaVu Sans, Verdana, sans-serif"
"""Verdana has the widths of DejaVu Sans, in which figures are laid out."""

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_STYLE = re.compile(r' style="([^"]*)"')
_PATH = re.compile(r' d="([^"]*)"')
_DEFAULT = re.compile(r' text-anchor="start"| stroke-dashoffset="0"| stroke-linecap="butt"|(?<=\d)px(?=")')
"""What a drawing has without its being said."""
_WINDOW = re.compile(
    r'<clipPath id="(\w+)">\s*<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"/>\s*</clipPath>'
)
_SEEN = re.compile(r'(<(?:path|use)[^>]*?) clip-path="url\(#(\w+)\)"([^>]*>)')
_PLACE = re.compile(r' x="([-\d.]+)" y="([-\d.]+)"')
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
    text = _NUMBER.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), text)
    text = _STYLE.sub(lambda style: _attributes(style[1]), text)
    text = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", text).replace("xlink:href", "href")
    text = _DEFAULT.sub("", _without_groups(_unclipped(text)))
    text = (
        _PATH.sub(lambda path: f' d="{_path(path[1].split())}"', text)
        .replace("#ffffff", "#fff")
        .replace("#000000", "#000")
    )
    text = re.sub(r">\s+<", "><", _headed(text, title, alt)).strip() + "\n"
    return _EMPTY.sub("", text)


def _attributes(style: str) -> str:
    """A style as attributes of its own, which mean the same to whoever draws."""
    parts = dict(part.strip().split(": ", 1) for part in style.split(";") if part.strip())
    if "font-family" in parts:
        parts["font-family"] = FONTS
    return "".join(f' {name}="{escape(value, quote=True)}"' for name, value in parts.items())


def _path(parts: list[str]) -> str:
    """The steps of a path without spaces that part nothing; a line along an axis by its end alone."""
    match parts:
        case ["M", x, y, "L", to, same] if same == y:
            return f"M{x} {y}H{to}"
        case ["M", x, y, "L", same, to] if same == x:
            return f"M{x} {y}V{to}"
    return re.sub(r" ?([A-Za-z]) ?", r"\1", " ".join(parts))


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
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box[1]} {box[2]}" width="{box[1]}" height="{box[2]}" '
        f'role="img" stroke-linejoin="round" font-family="{FONTS}"><title>{escape(title)}</title><desc>{escape(alt)}</desc>'
    )
    return re.sub(r"<svg[^>]*>", lambda _: head, text, count=1).replace(f' font-family="{FONTS}" ', " ")
