"""`python -m tests.words.draw PACKAGE [--seed TEXT]` draws lines of a package for a reader who sees nothing else.

30 docstrings, 30 messages and 20 signatures, by the hash of the commit unless a seed is given. The reader says for each
line its meaning, and whether it was clear at once, odd, or understood only at a second reading.
"""

import argparse
import ast
import subprocess
from collections.abc import Iterator, Sequence
from random import Random

from tests.words.language import checked_files, package_of
from tests.words.passages import REPOSITORY, Part, has_passages, template_passages

_DRAWN = {"docstring": 30, "message": 30, "signature": 20}
_SHORTEST_MESSAGE = 4
"""Words. A shorter text in quotes is a key, a name or a label."""
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef


def draw(package: str, seed: str) -> Iterator[tuple[str, str]]:
    """Yield the drawn lines, each with its sort. A small package may have fewer than are drawn."""
    lines = sorted({line for file in _files(package) for line in _lines(file)})
    for sort, number in _DRAWN.items():
        texts = [text for kept, text in lines if kept == sort]
        chosen = Random(f"{seed} {package} {sort}").sample(texts, min(number, len(texts)))
        yield from ((sort, text) for text in chosen)


def _files(package: str) -> Sequence[str]:
    return [file for file in checked_files() if has_passages(file) and package_of(file) == package]


def _lines(file: str) -> Iterator[tuple[str, str]]:
    source = (REPOSITORY / file).read_text(encoding="utf-8")
    if not file.endswith(".py"):
        yield from (("message", passage.text) for passage in template_passages(source) if passage.part is Part.MESSAGE)
        return
    tree = ast.parse(source)
    documented = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | _DEFINITIONS)]
    docstrings = {ast.get_docstring(node) for node in documented} - {None}
    yield from (("docstring", " ".join(str(text).split())) for text in docstrings)
    yield from (("signature", _signature(node)) for node in documented if isinstance(node, _DEFINITIONS))
    yield from (("message", text) for text in _messages(tree))


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){returned}"


def _messages(tree: ast.Module) -> Iterator[str]:
    """Yield the texts in quotes, with the placeholders of an f-string. Docstrings are statements of their own."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if text := _text(node):
            if len(text.split()) >= _SHORTEST_MESSAGE:
                yield " ".join(text.split())
            continue
        waiting += ast.iter_child_nodes(node)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (
            str(part.value) if isinstance(part, ast.Constant) else "{" + ast.unparse(part.value) + "}"
            for part in node.values
            if isinstance(part, ast.Constant | ast.FormattedValue)
        )
        return "".join(parts)
    return ""


def main() -> None:
    """Print the drawn lines of each package with numbers."""
    parser = argparse.ArgumentParser(prog="python -m tests.words.draw", description=__doc__)
    parser.add_argument("packages", nargs="+", metavar="PACKAGE")
    parser.add_argument("--seed", help="the hash of the commit if it is not given")
    arguments = parser.parse_args()
    head = ["git", "rev-parse", "HEAD"]
    seed = arguments.seed or subprocess.run(head, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    for package in arguments.packages:
        print(f"\n{package}")  # noqa: T201 - its answer
        for number, (sort, text) in enumerate(draw(package, seed.strip()), 1):
            print(f"{number:3} {sort}: {text}")  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
