"""Whatever happens to a release by chance or on purpose: refused, and the file named."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from casegraph.release.manifest import PUBLIC_KEY, SIGNATURE
from casegraph.release.minisign import SecretKey
from casegraph.release.seal import sign_release
from casegraph.release.verify import Verification, verify
from tests.release.sample_release import KEY, OTHER_KEY, make_release, make_zip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return make_release(tmp_path / "release")


def _trusting(path: Path) -> Verification:
    return verify(path, public_key=KEY.public)


def _flip(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


def _files(release: Path) -> list[Path]:
    return sorted(path for path in release.rglob("*") if path.is_file())


def _flips(path: Path, count: int, seed: int) -> Iterator[tuple[Path, int, int]]:
    """Yield ``count`` places in a file or in the files of a directory, by their size."""
    chance = random.Random(seed)  # noqa: S311  repeatable on purpose
    files = [path] if path.is_file() else [file for file in _files(path) if file.stat().st_size]
    sizes = [file.stat().st_size for file in files]
    for file in chance.choices(files, sizes, k=count):
        yield file, chance.randrange(file.stat().st_size), chance.randrange(8)


def _undetected(path: Path, flips: Iterator[tuple[Path, int, int]]) -> list[tuple[str, int, int]]:
    missed = []
    for file, at, bit in flips:
        _flip(file, at, bit)
        result = _trusting(path)
        _flip(file, at, bit)
        if result.ok or file.name not in " ".join(map(str, result.problems)):
            missed.append((file.name, at, bit))
    return missed


@pytest.mark.parametrize("make", [lambda path: make_release(path / "r"), make_zip])
@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.full)])
def test_random_flips_are_all_refused_and_named(
    tmp_path: Path, make: Callable[[Path], Path], count: int
) -> None:
    path = make(tmp_path)
    assert _undetected(path, _flips(path, count, seed=count)) == []


def _swap(one: Path, two: Path) -> None:
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)


def _mutate(release: Path, chance: random.Random) -> str:
    """Do one thing to a release that its publisher did not do; say which."""
    file, other = chance.sample(_files(release), 2)
    data = file.read_bytes()
    mutations: dict[str, Callable[[], object]] = {
        "cut": lambda: file.write_bytes(data[: chance.randrange(len(data))] if data else b"x"),
        "grow": lambda: file.write_bytes(data + chance.randbytes(chance.randrange(1, 9))),
        "swap": lambda: _swap(file, other),
        "copy": lambda: (release / f"{file.name}.bak").write_bytes(data),
        "rename": lambda: file.rename(release / f"{file.name}x"),
        "remove": file.unlink,
        "move": lambda: file.rename(release / "shapes" / f"moved-{file.name}"),
        "another key": lambda: sign_release(release, OTHER_KEY),
        "no key": lambda: sign_release(release, SecretKey(KEY.key_id, OTHER_KEY.seed)),
    }
    name = chance.choice(sorted(mutations))
    mutations[name]()
    return f"{name} {file.name} {other.name}"


@pytest.mark.parametrize("count", [40, pytest.param(300, marks=pytest.mark.full)])
def test_mutated_bundles_are_all_refused(tmp_path: Path, count: int) -> None:
    chance = random.Random(count)  # noqa: S311  repeatable on purpose
    accepted = []
    for number in range(count):
        release = make_release(tmp_path / str(number))
        done = _mutate(release, chance)
        if _trusting(release).ok:
            accepted.append(done)
    assert accepted == []


def test_every_byte_of_signature_and_key_counts(release: Path) -> None:
    places = (
        (release / name, at, at % 8)
        for name in (SIGNATURE, PUBLIC_KEY)
        for at in range((release / name).stat().st_size)
    )
    assert _undetected(release, places) == []


@pytest.mark.full
def test_every_byte_of_a_zip_counts(tmp_path: Path) -> None:
    archive = make_zip(tmp_path)
    places = ((archive, at, at % 8) for at in range(archive.stat().st_size))
    assert _undetected(archive, places) == []
