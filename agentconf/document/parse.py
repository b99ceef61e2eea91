"""Text to a `Document`. Nothing that a file can hold makes this raise, hang or run anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic, Related, Rule, Span
from agentconf.document import build
from agentconf.document.build import Builder, Fault, Lexicon, Overgrown, paths_of, weigh
from agentconf.document.composer import (
    DEPTH_LIMIT,
    VALUES_LIMIT,
    Composed,
    MarkedYAMLError,
    Node,
    ScalarNode,
    TooDeep,
    TooMany,
    YAMLError,
    compose,
    is_plain,
)
from agentconf.document.document import Document, span_of
from agentconf.document.text import StandIns, lines_of, refused_character, without_bom
from agentconf.keypath import KeyPath, render
from agentconf.quoting import may_quote, shown_path


def parse(path: str, file: str, data: bytes, lexicon: Lexicon) -> Document:
    """The document in `data`; `file` is how findings name it.

    The lexicon is shared by all documents of a load.
    """
    text = without_bom(data)
    stand_ins = None
    try:
        if not text.isascii():
            text.decode()
            stand_ins = StandIns(text)
        if b"%TAG" in text and _TAG_DIRECTIVE.search(text):  # libyaml takes quadratic time over many
            raise _Refused(codes.TAG, "tag directives are not allowed", "delete the %TAG lines")
        root: Composed | None = compose(stand_ins.put_in(text) if stand_ins else text)
        if root is None or (isinstance(root, ScalarNode) and not root.value and is_plain(root)):
            raise _Refused(
                codes.NO_DOCUMENT, "this file holds no document", "write {} if it sets nothing: an agent inherits all"
            )
        if b"*" in text and b"&" in text:
            weigh(root)
    except (_Refused, UnicodeDecodeError, YAMLError, TooDeep, Overgrown) as error:
        said = _explain(error, text)
        return Document(path, file, data, {}, (said.at(file),), is_readable=False)
    return _built(Document(path, file, data, {}), root, stand_ins, lexicon)


def _built(document: Document, root: Node, stand_ins: StandIns | None, lexicon: Lexicon) -> Document:
    builder = Builder(lexicon)
    value = builder.build(root)
    if _LONE_TAG.search(document.data) or _LONE_MARK.search(document.data):
        builder.refuse_unsaid(root, without_bom(document.data).decode())
    document.has_null = builder.has_null
    document.noted = frozenset(builder.noted) if builder.noted else _NOTHING
    if stand_ins:
        value = stand_ins.take_out(value)
    if isinstance(value, dict):
        document.value = value
    else:
        document.is_readable = False
        if not builder.faults:
            builder.faults.append(_not_a_mapping(value, root))
    if builder.faults:
        shown = builder.faults[:FAULTS_LIMIT]
        paths = paths_of([fault.node for fault in shown], root)
        document.faults = tuple(
            _diagnostic(fault, path, document.file) for fault, path in zip(shown, paths, strict=True)
        )
        if len(builder.faults) > FAULTS_LIMIT:
            document.faults += (too_many(document.file),)
        document.doubtful = frozenset(paths)
    return document


_NOTHING: Final[frozenset[str]] = frozenset()
FAULTS_LIMIT: Final = 100
"""How many findings of one kind a file gets; a file with more is not an agent but an accident."""
_LONE_TAG: Final = re.compile(rb"!\s(?<![^\s\[{,]!\s)")  # begins with what is rare: most texts have no "!"
_LONE_MARK: Final = re.compile(rb"\?(?<=[\s\[{,]\?)\S")


def too_many(file: str) -> Diagnostic:
    message = f"more than {FAULTS_LIMIT} findings in this file; the rest is not shown"
    return Diagnostic(codes.TOO_MANY_FINDINGS, message, file, hint="mend these first")


def _not_a_mapping(value: Any, root: Node) -> Fault:
    if isinstance(value, str) and value.startswith("version https://git-lfs.github.com/spec/"):
        hint = "run 'git lfs pull', and keep config files out of Git LFS"
        return Fault(codes.WRONG_TYPE, "this file is a pointer of Git LFS, and not the file itself", hint, root)
    kind = "list" if isinstance(value, list) else "single value"
    return Fault(codes.WRONG_TYPE, f"this file holds a {kind}, not keys and values", "write key: value lines", root)


def _diagnostic(fault: Fault, path: KeyPath, file: str) -> Diagnostic:
    related: tuple[Related, ...] = ()
    if fault.first is not None:
        first = span_of(fault.first)
        related = (Related("it stands here first", file, first.line, first.column),)
    message, hint = (
        (fault.message, fault.hint) if may_quote(path) else _UNQUOTED.get(fault.rule, (fault.message, fault.hint))
    )
    key = render(shown_path(path)) or None
    return Diagnostic(fault.rule, message, file, span_of(fault.node), key, hint=hint, related=related)


_UNQUOTED: Final = {
    codes.DUPLICATE_KEY: ("a key stands here twice", "keep one of the two"),
    codes.NON_STRING_KEY: ("a key is not a string", "write it in quotes"),
    codes.TAG: ("tags are not allowed", "delete it; values are read by the YAML 1.2 core schema"),
}
"""What is said instead where the text itself may not be repeated."""


@dataclass(frozen=True)
class _Said:
    rule: Rule
    message: str
    hint: str | None
    span: Span

    def at(self, file: str) -> Diagnostic:
        return Diagnostic(self.rule, self.message, file, self.span, hint=self.hint)


class _Refused(Exception):
    def __init__(self, rule: Rule, message: str, hint: str) -> None:
        self.said = _Said(rule, message, hint, Span(1, 1, 1, 1))
        super().__init__()


def _explain(error: Exception, data: bytes) -> _Said:
    if isinstance(error, _Refused):
        return error.said
    if isinstance(error, UnicodeDecodeError):
        return _Said(codes.NOT_UTF8, "this is not UTF-8 text", "save the file as UTF-8", _place(data, error.start))
    if isinstance(error, TooMany):
        message = f"this file holds more than {VALUES_LIMIT:,} keys and values"
        return _Said(codes.OVERSIZED_FILE, message, "split it", span_of(error.node))
    if isinstance(error, TooDeep):
        message = f"values are nested deeper than {DEPTH_LIMIT} levels"
        return _Said(codes.DEEP_NESTING, message, "flatten this", span_of(error.node))
    if isinstance(error, Overgrown):
        message = f"aliases here nest too deep, or add up to more than {build.ALIAS_BUDGET:,} values"
        return _Said(codes.ALIAS_BUDGET, message, "write the values out, or use a profile", span_of(error.node))
    if isinstance(error, MarkedYAMLError):
        return _syntax(error, data)
    return _unprintable(data)


def _unprintable(data: bytes) -> _Said:
    text = data.decode()
    match = refused_character(text)
    if match is None:
        return _Said(codes.SYNTAX_ERROR, "this is not YAML", None, Span(1, 1, 1, 1))
    code = ord(match[0])
    escape = f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    message = f"the control character U+{code:04X} is not allowed"
    hint = f'delete it, or write "{escape}" inside double quotes'
    return _Said(codes.CONTROL_CHARACTER, message, hint, _place(data, len(text[: match.start()].encode())))


def _place(data: bytes, offset: int) -> Span:
    before = lines_of(data[:offset].decode())
    line, column = len(before), len(before[-1]) + 1
    return Span(line, column, line, column + 1)


_TAG_DIRECTIVE: Final = re.compile(rb"^%TAG\b", re.MULTILINE)
_TAB: Final = re.compile(r"\btab\b")
_KNOWN: Final[tuple[tuple[str, Rule, str, str], ...]] = (
    ("expected a single document", codes.SEVERAL_DOCUMENTS, "a second document starts here",
     "give it a file of its own"),
    ("found undefined alias", codes.SYNTAX_ERROR, "this alias names no anchor above it", "write the value out"),
    ("mapping values are not allowed", codes.SYNTAX_ERROR, "a second ':' on this line, or a key at the wrong depth",
     "put the value in quotes, or mend the indentation"),
    ("could not find expected ':'", codes.SYNTAX_ERROR, "this line is neither 'key: value' nor part of the value above",
     "add the ':' and a space behind the key, or mend the indentation"),
    ("did not find expected key", codes.SYNTAX_ERROR, "a key was expected here",
     "mend the indentation, or close the quote or bracket above"),
    ("invalid Unicode character escape", codes.SYNTAX_ERROR, "this \\u escape is half of a character",
     "write the character itself"),
    ("unexpected end of stream", codes.SYNTAX_ERROR, "the file ends inside a quoted text", "close the quote"),
    ("did not find expected node content", codes.SYNTAX_ERROR, "a value was expected here",
     "close the bracket above, or put the value in quotes"),
    ("did not find expected ',' or", codes.SYNTAX_ERROR, "a comma or the closing bracket was expected here",
     "close the bracket above, or put values with special characters in quotes"),
    ("did not find expected '-' indicator", codes.SYNTAX_ERROR, "an item of the list above was expected here",
     "begin the line with '- ', or mend the indentation"),
    ("did not find expected <document start>", codes.SYNTAX_ERROR, "text stands behind the end of the document",
     "mend the indentation, or delete it"),
    ("found character that cannot start any token", codes.SYNTAX_ERROR, "a value cannot begin with this character",
     "put the value in quotes"),
)  # fmt: skip


def _syntax(error: MarkedYAMLError, data: bytes) -> _Said:
    mark = error.problem_mark or error.context_mark
    span = Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2) if mark else Span(1, 1, 1, 1)
    context = f"{error.problem or 'this is not YAML'} {error.context or ''}"
    if _TAB.search(context) or (mark and data.decode()[mark.index : mark.index + 1] == "\t"):
        return _Said(codes.TAB_INDENTATION, "a tab stands where spaces must", "indent with spaces", span)
    for fragment, rule, message, hint in _KNOWN:
        if fragment in context:
            return _Said(rule, message, hint, span)
    return _Said(codes.SYNTAX_ERROR, context.strip(), None, span)
