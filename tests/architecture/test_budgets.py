"""Files, functions and classes stay small, with named exceptions that may only shrink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.architecture.measure import BUDGET, FUNCTION_LINES, Measure, measures

if TYPE_CHECKING:
    from pathlib import Path

#: Name -> (ceiling, why it is better whole).  A ceiling only falls; an entry that is no
#: longer needed, or whose ceiling is above the size, fails the test.
EXCEPTIONS: dict[str, tuple[int, str]] = {}


def over_budget(found: list[Measure]) -> dict[str, int]:
    return {one.name: one.size for one in found if one.size > BUDGET[one.kind]}


def all_measures(repository: Path) -> list[Measure]:
    source = repository / "src"
    return [
        measure
        for path in sorted(source.rglob("*.py"))
        for measure in measures(
            path.relative_to(source).as_posix(), path.read_text(encoding="utf-8")
        )
    ]


def test_everything_is_within_budget_or_a_named_exception(repository: Path) -> None:
    found = all_measures(repository)
    assert found
    assert over_budget(found) == {name: ceiling for name, (ceiling, _) in EXCEPTIONS.items()}


def test_each_exception_says_why() -> None:
    assert all(len(reason.split()) > 3 for _, reason in EXCEPTIONS.values())


PLANTED = f'''"""A module."""

class Room:
    """Sixteen doors."""

{"".join(f"    def door_{number}(self): ..." + chr(10) for number in range(16))}
    def _hidden(self): ...

    def long(self):
        """Not counted.

        Nor this.
        """
        # nor this
{"".join(f"        x = {number}" + chr(10) for number in range(FUNCTION_LINES))}

def short():
    def inner():
        return """two
lines"""
    return inner
'''


def test_the_measures_find_what_is_planted() -> None:
    found = {one.name: one.size for one in measures("a.py", PLANTED)}
    assert found["a.py::Room"] == 17
    assert found["a.py::Room.long"] == FUNCTION_LINES + 1
    assert found["a.py::short"] == 5
    assert found["a.py::Room._hidden"] == 1
    assert set(over_budget(list(measures("a.py", PLANTED)))) == {"a.py::Room", "a.py::Room.long"}


def test_a_long_file_is_found() -> None:
    assert over_budget(list(measures("a.py", "x = 1\n" * 401))) == {"a.py": 401}
    assert over_budget(list(measures("a.py", "x = 1\n" * 400))) == {}
