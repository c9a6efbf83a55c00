"""The stages of a compile as one text, and as HTML for a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from tilewright.dsl.records import record


@record
class Stage:
    """One product on the way: its name, its text (or bytes, of an object) and the seconds it took.

    As a string it is the text, or the bytes as rows of hexadecimal digits.
    """

    name: str
    product: str | bytes
    seconds: float

    def __str__(self) -> str:
        match self.product:
            case bytes() as code:
                return _dump(code)
            case str() as text:
                return text


def report_text(title: str, stages: Iterable[Stage], metadata: Mapping[str, object]) -> str:
    """A summary: what is known, then each stage with its time and its size."""
    lines = [title]
    for name, value in metadata.items():
        lines += _rows(name, value)
    lines.append("")
    for stage in stages:
        size = len(stage.product)
        unit = "bytes" if isinstance(stage.product, bytes) else "characters"
        lines.append(f"  {stage.name:24} {1e3 * stage.seconds:8.2f} ms {size:9} {unit}")
    return "\n".join(lines)


def timings_text(title: str, timings: Mapping[str, float]) -> str:
    """What each step took, in milliseconds and as a share of all."""
    total = sum(timings.values())
    rows = [(name, seconds) for name, seconds in timings.items() if seconds] + [("total", total)]
    lines = [f"  {name:24} {1e3 * time:8.2f} ms {100 * time / total:5.1f} %" for name, time in rows]
    return "\n".join([title, *lines])


def report_html(title: str, stages: Iterable[Stage], metadata: Mapping[str, object]) -> str:
    """The whole of it: one foldable section a stage, highlighted, without scripts."""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(_brief(value))}</td></tr>"
        for name, value in metadata.items()
    )
    sections = "".join(
        f"<details{' open' if stage.name == 'source' else ''}>"
        f"<summary>{escape(stage.name)} <small>{1e3 * stage.seconds:.2f} ms</small></summary>"
        f"<pre>{highlight(str(stage), _COMMENTS.get(stage.name, ';'))}</pre></details>"
        for stage in stages
    )
    return (
        f'<div class="tilewright"><style>{_STYLE}</style><b>{escape(title)}</b>'
        f"<details><summary>metadata</summary><table>{rows}</table></details>{sections}</div>"
    )


def highlight(text: str, comment: str) -> str:
    """A text as HTML, with comments, strings, numbers and the words of our languages marked.

    `comment` is what begins a comment, to the end of its line. Lines are numbered.
    """
    pattern = re.compile(f"(?P<c>{re.escape(comment)}.*)|{_TOKENS}")
    lines = text.rstrip("\n").split("\n")
    return "\n".join(
        f"<i>{number:4}</i> {_mark_line(line, pattern)}" for number, line in enumerate(lines, 1)
    )


# Comment signs by stage; ours and LLVM's are `;`.
_COMMENTS: Final = {"source": "#", "asm": "#", "cuda": "//", "ptx": "//", "sass": "//"}

_TOKENS: Final = (
    r"(?P<s>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<v>[%@][\w.$]+)"
    r"|(?P<n>(?<![\w.])-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.]))"
    r"|(?P<k>\b(?:def|for|in|if|else|elif|while|return|break|continue|and|or|not|import|from|None"
    r"|True|False|lambda|function|yield|define|declare|ret|br|phi|call|load|store|select|label"
    r"|const|struct|extern|template|auto|constexpr)\b)"
    r"|(?P<t>\b(?:bool_|index|ptr|void|float|double|half|bfloat|[iuf]\d+|bf16|f8e\dm\d)\b)"
)

_STYLE: Final = (
    ".tilewright pre{overflow:auto;max-height:32em;line-height:1.35;font-size:12px}"
    ".tilewright summary{cursor:pointer}.tilewright td{text-align:left;padding-right:2em}"
    ".tilewright pre i{color:#999;font-style:normal;user-select:none}"
    ".tilewright .c{color:#6a8759}.tilewright .s{color:#b0603a}.tilewright .n{color:#1c7c9c}"
    ".tilewright .k{color:#9c3fb0;font-weight:600}.tilewright .v{color:#3b66c4}"
    ".tilewright .t{color:#00857a}"
)


def escape(text: str) -> str:
    """A text as HTML; the module `html` does the same, and loads slowly."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _mark_line(line: str, pattern: re.Pattern[str]) -> str:
    parts = []
    end = 0
    for found in pattern.finditer(line):
        parts.append(escape(line[end : found.start()]))
        parts.append(f'<span class="{found.lastgroup}">{escape(found[0])}</span>')
        end = found.end()
    parts.append(escape(line[end:]))
    return "".join(parts)


def _rows(name: str, value: object) -> list[str]:
    """What is known as rows: one for each entry of a list."""
    entries = value if isinstance(value, list) and value else [value]
    names = [name, *[""] * (len(entries) - 1)]
    return [f"  {name:16} {_brief(entry)}" for name, entry in zip(names, entries, strict=True)]


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= 100 else f"{text[:97]}..."


def _dump(code: bytes) -> str:
    """Bytes as rows of sixteen, as `xxd` shows them."""
    rows = (code[start : start + 16] for start in range(0, len(code), 16))
    return "".join(
        f"{16 * number:08x}  {row.hex(' ', 2):<39}  "
        f"{''.join(chr(byte) if 32 <= byte < 127 else '.' for byte in row)}\n"
        for number, row in enumerate(rows)
    )
