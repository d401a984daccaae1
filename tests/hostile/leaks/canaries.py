"""A workspace full of records that may not be seen, each text of which holds a canary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

HIDDEN: Final = {
    "restricted": veldania.RESTRICTED,
    "aggregate": {**veldania.RESTRICTED, "level": "aggregate-only"},
    "sealed": {
        **veldania.RESTRICTED,
        "level": "sealed-until",
        "basis": "given",
        "until": "2040-01-01",
    },
}
_LATIN: Final = "bcdfgklmnprstvz"
_CYRILLIC: Final = "бвгдзклмнпрстфхц"


@dataclass
class Nest:
    """Gives canaries, none of which is part of another; ``ids`` are those that are addresses."""

    tokens: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def latin(self) -> str:
        """A word in Latin letters."""
        return self._keep("quo" + self._letters(_LATIN, "a") + "x")

    def cyrillic(self) -> str:
        """A word in Cyrillic letters."""
        return self._keep("жю" + self._letters(_CYRILLIC, "о") + "щ")

    def belarusian(self) -> str:
        """A word with letters that only Belarusian has, and one that decomposes."""
        return self._keep("ўі" + self._letters(_CYRILLIC, "э") + "й")

    def identifier(self) -> str:
        """An id of sixteen letters and digits."""
        found = self._keep(f"9{self._letters(_LATIN, 'a')}".ljust(16, "7"))
        self.ids.append(found)
        return found

    def texts(self) -> dict[str, str]:
        """A text in three languages."""
        return {
            "en": f"Said {self.latin()}",
            "be": f"Слова {self.belarusian()}",
            "ru": f"Слово {self.cyrillic()}",
        }

    def _letters(self, alphabet: str, vowel: str) -> str:
        number, size = len(self.tokens), len(alphabet)
        return "".join(alphabet[number // size**n % size] + vowel for n in range(3))

    def _keep(self, token: str) -> str:
        self.tokens.append(token)
        return token


def hatch(root: Path) -> Nest:
    """Write the workspace; give its canaries."""
    nest, contents = Nest(), veldania.files()
    _unspoken_in_public_records(nest, contents)
    for level, disclosure in HIDDEN.items():
        _hidden_records(nest, contents, level, {"recorded": "2031-01-02", "disclosure": disclosure})
    later = {"recorded": "2032-01-01", "disclosure": veldania.PUBLIC}
    _hidden_records(nest, contents, "later", later)
    _links_inside(contents)
    veldania.write(root, contents)
    (root / "private").mkdir()
    (root / "private" / "decisions.jsonl").write_text(f'{{"because": "{nest.latin()}"}}\n')
    (root / "private" / f"{nest.latin()}.txt").write_text(nest.latin())
    return nest


def _unspoken_in_public_records(nest: Nest, contents: dict[str, Any]) -> None:
    """What a public record holds but no release may show."""
    decided = {**veldania.PUBLIC, "by": nest.latin(), "second": nest.cyrillic()}
    torban, witness = contents["people.yaml"]["people"]
    torban.update(note=nest.latin(), disclosure=decided)
    witness.update(
        key=nest.latin(),
        id=nest.identifier(),
        note=nest.latin(),
        label=nest.texts(),
        names={"en": [nest.latin()], "be": [nest.belarusian()], "be-latn": [nest.latin()]},
        disclosure={**decided, "level": "public-pseudonym"},
    )
    contents["agents.yaml"]["agents"][1].update(note=nest.latin(), disclosure=decided)
    report = contents["findings/report.yaml"]["statements"]
    report[3]["by"] = f"{witness['key']}, monitor, explicit"
    report[0].update(key=nest.latin(), near=f"of Veldania {nest.latin()}", disclosure=decided)
    report[1]["part-of"] = report[4]["qualifies"][0] = report[0]["key"]
    before, after = nest.latin(), nest.cyrillic()
    near = report[0]["near"]
    contents["texts/report.txt"] = (
        veldania.TEXT.replace(
            "In 2030 the courts of Veldania sentenced", f"{before} {near} sentenced"
        )
        + f"{after} last line\n"
    )
    contents["findings/report.yaml"]["statements"][0]["quote"] = "sentenced 412 people for songs"
    contents[f"findings/{nest.latin()}.yaml"] = contents.pop("findings/report.yaml")
    contents["released-names.yaml"] = {nest.latin(): f"because of {nest.latin()}"}
    contents["casegraph.toml"] += f"# {nest.latin()}\n"


def _hidden_records(nest: Nest, contents: dict[str, Any], name: str, top: dict[str, Any]) -> None:
    """One record of each kind, with a canary in each field."""
    keys = {kind: nest.latin() for kind in ("person", "agent", "population", "case", "source",
                                            "cited", "finding", "other", "derived")}  # fmt: skip
    contents["people.yaml"]["people"].append({
        **top, "key": keys["person"], "id": nest.identifier(), "label": nest.texts(),
        "names": {"en": [nest.latin()], "be": [nest.belarusian()], "ru": [nest.cyrillic()]},
        "note": nest.latin(),
    })  # fmt: skip
    contents["agents.yaml"]["agents"].append({
        **top, "key": keys["agent"], "id": nest.identifier(), "kind": "institution",
        "label": nest.texts(), "names": {"ru": [nest.cyrillic()]}, "note": nest.latin(),
    })  # fmt: skip
    contents["populations.yaml"]["populations"].append({
        **top, "key": keys["population"], "id": nest.identifier(), "label": nest.texts(),
        "criteria": nest.texts(), "recorded-by": keys["agent"],
    })  # fmt: skip
    contents["cases.yaml"]["cases"].append({
        **top, "key": keys["case"], "id": nest.identifier(), "kind": "civil",
        "label": nest.texts(), "identifiers": [nest.latin()],
        "parties": {"party": [keys["person"], keys["agent"]]},
    })  # fmt: skip
    contents["sources/monitor.yaml"]["sources"] += [
        {**top, "key": keys["source"], "id": nest.identifier(), "title": nest.texts(),
         "publisher": keys["agent"], "language": "en", "holding": "quotations",
         "url": f"https://{nest.latin()}.example.org/{nest.latin()}", "rights": nest.latin()},
        {**top, "key": keys["cited"], "id": nest.identifier(), "title": nest.texts(),
         "publisher": "monitor", "language": "en", "holding": "cited", "extent": nest.latin(),
         "url": f"https://example.org/{nest.latin()}", "rights": nest.latin()},
    ]  # fmt: skip
    words, near = nest.latin(), nest.latin()
    contents[f"texts/{keys['source']}.txt"] = f"It says: {words} here {near} and {nest.latin()}\n"
    contents[f"findings/{name}-{nest.latin()}.yaml"] = {
        **top, "source": keys["source"], "by": f"{keys['person']}, monitor, explicit",
        "statements": [*_statements(nest, keys, words, near)],
    }  # fmt: skip
    contents.setdefault("revisions.yaml", {"revisions": []})["revisions"].append({
        "id": nest.identifier(), "kind": "retraction", "finding": nest.latin().ljust(26, "2"),
        "because": nest.latin(), "by": keys["agent"], "on": "2031-01-05",
        "replacement": keys["finding"],
    })  # fmt: skip
    contents["findings/page.yaml"]["statements"].append({
        "key": keys["derived"], "cite": nest.latin(), "state": "at-liberty", "of": "torban",
        "during": "2029", "derived-from": [keys["finding"]], "statement": nest.texts(),
        "time-words": nest.latin(),
    })  # fmt: skip
    contents["findings/page.yaml"]["statements"].append({
        "cite": nest.latin(), "state": "in-custody", "of": keys["person"], "at": "mill",
        "on": "2030-03-03", "statement": nest.texts(),
    })  # fmt: skip


def _statements(nest: Nest, keys: dict[str, str], words: str, near: str) -> list[dict[str, Any]]:
    return [
        {"key": keys["finding"], "quote": words, "near": near, "conduct": "torture",
         "against": [keys["population"]], "actor": [keys["agent"]], "case": keys["case"],
         "statement": nest.texts(), "time": "none", "stance": nest.latin()},
        {"key": keys["other"], "cite": nest.latin(), "count": "at least 31", "of": "sentenced",
         "on": "2030-05-05", "time-words": nest.latin(), "statement": nest.texts(),
         "readings": [{"adopted": nest.latin(), "see": keys["cited"]},
                      {"set-aside": nest.cyrillic(), "on": "2030-06-06"}]},
        {"cite": nest.latin(), "trend": "rising", "of": "sentenced", "baseline": nest.latin(),
         "statement": nest.texts(), "time": "now", "supports": [keys["finding"]]},
        {"cite": nest.latin(), "absence": "torture", "of": "mill", "scope": nest.latin(),
         "population": "prisoners", "statement": nest.texts(), "time": "none"},
        {"cite": nest.latin(), "identity": keys["person"], "statement": nest.texts(),
         "names": {"en": [nest.latin()], "be": [nest.belarusian()]}, "time": "none"},
    ]  # fmt: skip


def _links_inside(contents: dict[str, Any]) -> None:
    """Public records that point to hidden ones."""
    hidden = contents["agents.yaml"]["agents"][-1]["key"]
    contents["agents.yaml"]["agents"][2]["part-of"] = [hidden]
    wider = contents["populations.yaml"]["populations"][-1]["key"]
    contents["populations.yaml"]["populations"][2].update(
        {"subset-of": [wider], "recorded-by": hidden}
    )
    contents["sources/monitor.yaml"]["sources"][0]["origin"] = contents["sources/monitor.yaml"][
        "sources"
    ][-1]["key"]
    for name, content in contents.items():
        if name.startswith("findings/") and "restricted" in name:
            key = content["statements"][0]["key"]
            free = contents["findings/page.yaml"]["statements"][0]
            free.update({"supports": [key], "origin": content["source"]})
