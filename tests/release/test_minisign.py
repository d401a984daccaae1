"""Signatures and keys in minisign's formats, in both directions with Debian's minisign."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.errors import FixEnvironment, FixInput
from casegraph.release.minisign import PublicKey, ScryptCost, SecretKey, check, sign
from tests.conftest import require_tool
from tests.release.sample_release import KEY, OTHER_KEY

if TYPE_CHECKING:
    from pathlib import Path

CHEAP = ScryptCost(operations=1 << 15, memory_bytes=1 << 24)
DATA = b'{"release": "2031-05-17.2"}\n'


def _run(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [require_tool("minisign"), *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )


def _flip(text: str, at: int) -> str:
    raw = bytearray(text.encode())
    raw[at] ^= 1
    return raw.decode("utf-8", "surrogateescape")


def test_signature_holds_and_is_the_same_each_time() -> None:
    text = sign(DATA, KEY, trusted_comment="release 2")
    assert text == sign(DATA, KEY, trusted_comment="release 2")
    assert check(DATA, text, KEY.public) is None


@given(st.binary(max_size=300), st.text(st.characters(exclude_categories=["C", "Z"])))
def test_whatever_is_signed_is_accepted(data: bytes, comment: str) -> None:
    assert check(data, sign(data, KEY, trusted_comment=comment), KEY.public) is None


def test_each_part_that_a_signature_protects_is_protected_to_the_last_bit() -> None:
    """Only the first line, which minisign leaves open, may change."""
    text = sign(DATA, KEY, trusted_comment="release 2")
    first = len(text.splitlines()[0])
    unseen = [at for at in range(len(text)) if check(DATA, _flip(text, at), KEY.public) is None]
    assert all(len("untrusted comment: ") <= at < first for at in unseen)


def test_the_reason_names_what_was_changed() -> None:
    text = sign(DATA, KEY, trusted_comment="release 2")
    lines = text.splitlines(keepends=True)
    second = lines[1][:40] + ("A" if lines[1][40] != "A" else "B") + lines[1][41:]
    cases = {
        "signed-data-altered": check(DATA + b" ", text, KEY.public),
        "signature-wrong-key": check(DATA, text, OTHER_KEY.public),
        "signature-altered": check(DATA, text.replace("release 2", "release 3"), KEY.public),
        "signature-malformed": check(DATA, text + "\n", KEY.public),
    }
    assert {code: problem.code for code, problem in cases.items() if problem} == {
        code: code for code in cases
    }
    changed = check(DATA, lines[0] + second + lines[2] + lines[3], KEY.public)
    assert changed is not None
    assert changed.code == "signature-altered"


def test_a_key_with_the_same_id_but_other_bytes_is_no_help() -> None:
    impostor = PublicKey(KEY.key_id, OTHER_KEY.public.key)
    problem = check(DATA, sign(DATA, KEY, trusted_comment="x"), impostor)
    assert problem is not None
    assert problem.code == "signature-altered"


@pytest.mark.parametrize("text", ["", "\n\n\n\n", "a\nb\nc\nd\n", "untrusted comment: x\n"])
def test_what_is_no_signature_is_refused(text: str) -> None:
    problem = check(DATA, text, KEY.public)
    assert problem is not None
    assert problem.code == "signature-malformed"


def test_legacy_signatures_without_hashing_are_refused() -> None:
    lines = sign(DATA, KEY, trusted_comment="x").splitlines()
    legacy = base64.b64encode(b"Ed" + base64.b64decode(lines[1])[2:]).decode()
    problem = check(DATA, "\n".join([lines[0], legacy, *lines[2:], ""]), KEY.public)
    assert problem is not None
    assert problem.code == "signature-malformed"


def test_a_comment_of_two_lines_is_refused() -> None:
    with pytest.raises(FixInput, match="one line"):
        sign(DATA, KEY, trusted_comment="a\nb")


def test_public_key_is_read_from_its_file_and_as_a_word() -> None:
    assert PublicKey.from_text(KEY.public.to_text()) == KEY.public
    assert PublicKey.from_text(KEY.public.line) == KEY.public
    assert KEY.public.to_text().startswith("untrusted comment: minisign public key 70605040")


@pytest.mark.parametrize("text", ["", "RW", "é", "untrusted comment: a\n", "QUJD", "a\nb\nc"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(FixInput, match="not a minisign public key"):
        PublicKey.from_text(text)


def test_secret_key_never_shows_its_seed() -> None:
    assert repr(KEY.seed) not in repr(KEY)


def test_secret_key_file_is_read_back_with_and_without_passphrase() -> None:
    assert SecretKey.from_text(KEY.to_text()) == KEY
    locked = KEY.to_text(passphrase="Корова 7", cost=CHEAP)
    assert SecretKey.from_text(locked, passphrase="Корова 7") == KEY
    assert base64.b64encode(KEY.seed).decode()[:20] not in locked


def test_wrong_or_missing_passphrase_says_so() -> None:
    locked = KEY.to_text(passphrase="right", cost=CHEAP)
    with pytest.raises(FixInput, match="not the passphrase"):
        SecretKey.from_text(locked, passphrase="wrong")
    with pytest.raises(FixInput, match="protected by a passphrase"):
        SecretKey.from_text(locked)


def test_damaged_and_foreign_secret_keys_are_refused() -> None:
    raw = bytearray(base64.b64decode(KEY.to_text().splitlines()[1]))
    raw[100] ^= 1
    damaged = f"untrusted comment: x\n{base64.b64encode(raw).decode()}\n"
    raw[2:4] = b"Xx"
    foreign = f"untrusted comment: x\n{base64.b64encode(raw).decode()}\n"
    with pytest.raises(FixInput, match="damaged"):
        SecretKey.from_text(damaged)
    with pytest.raises(FixInput, match="of a kind"):
        SecretKey.from_text(foreign)
    with pytest.raises(FixInput, match="not a minisign secret key"):
        SecretKey.from_text("one line")


def test_a_passphrase_that_asks_for_absurd_memory_is_an_error_of_the_machine() -> None:
    absurd = ScryptCost(operations=1 << 40, memory_bytes=1 << 45)
    with pytest.raises(FixEnvironment, match="MiB of free memory"):
        KEY.to_text(passphrase="x", cost=absurd)


def test_generated_keys_differ() -> None:
    assert SecretKey.generate() != SecretKey.generate()


def test_minisign_accepts_our_signature(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(DATA)
    signature = sign(DATA, KEY, trusted_comment="release 2031-05-17.2")
    (tmp_path / "manifest.json.minisig").write_text(signature, encoding="utf-8")
    (tmp_path / "minisign.pub").write_text(KEY.public.to_text(), encoding="utf-8")
    done = _run(tmp_path, "-V", "-H", "-p", "minisign.pub", "-m", "manifest.json")
    assert done.returncode == 0, done.stderr
    assert "Trusted comment: release 2031-05-17.2" in done.stdout
    (tmp_path / "manifest.json").write_bytes(DATA + b" ")
    assert _run(tmp_path, "-V", "-p", "minisign.pub", "-m", "manifest.json").returncode != 0


def test_we_accept_keys_and_signatures_of_minisign(tmp_path: Path) -> None:
    assert _run(tmp_path, "-G", "-W", "-p", "a.pub", "-s", "a.key").returncode == 0
    (tmp_path / "m").write_bytes(DATA)
    done = _run(tmp_path, "-S", "-s", "a.key", "-m", "m", "-t", "from minisign")
    assert done.returncode == 0, done.stderr
    public_text = (tmp_path / "a.pub").read_text(encoding="utf-8")
    public = PublicKey.from_text(public_text)
    assert public.to_text() == public_text
    signature = (tmp_path / "m.minisig").read_text(encoding="utf-8")
    assert check(DATA, signature, public) is None
    secret = SecretKey.from_text((tmp_path / "a.key").read_text(encoding="utf-8"))
    assert secret.public == public
    ours = sign(DATA, secret, trusted_comment="from minisign")
    assert ours.splitlines()[1:] == signature.splitlines()[1:]


@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
def test_minisign_writes_the_same_public_key_file(tmp_path: Path, key: SecretKey) -> None:
    """To the byte; the id of the first key begins with a zero, which minisign leaves out."""
    (tmp_path / "our.key").write_text(key.to_text(), encoding="utf-8")
    done = _run(tmp_path, "-R", "-s", "our.key", "-p", "our.pub")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "our.pub").read_text(encoding="utf-8") == key.public.to_text()


@pytest.mark.parametrize("passphrase", [None, "wooden horse 12"])
def test_minisign_signs_with_our_secret_key(tmp_path: Path, passphrase: str | None) -> None:
    """The encrypted one too: minisign finds our scrypt parameters in the file."""
    key_text = KEY.to_text(passphrase=passphrase, cost=CHEAP)
    (tmp_path / "our.key").write_text(key_text, encoding="utf-8")
    (tmp_path / "m").write_bytes(DATA)
    done = _run(
        *(tmp_path, "-S", "-s", "our.key", "-m", "m", "-t", "by our key"),
        stdin=f"{passphrase}\n" if passphrase else "",
    )
    assert done.returncode == 0, done.stderr
    signature = (tmp_path / "m.minisig").read_text(encoding="utf-8")
    assert check(DATA, signature, KEY.public) is None


@pytest.mark.full
def test_we_open_an_encrypted_key_of_minisign(tmp_path: Path) -> None:
    """At minisign's own cost: one GiB, some seconds."""
    made = _run(tmp_path, "-G", "-p", "a.pub", "-s", "a.key", stdin="wooden horse\n" * 2)
    assert made.returncode == 0, made.stderr
    text = (tmp_path / "a.key").read_text(encoding="utf-8")
    public = PublicKey.from_text((tmp_path / "a.pub").read_text(encoding="utf-8"))
    assert SecretKey.from_text(text, passphrase="wooden horse").public == public
