"""An office's unlabelled archive: a model adapted to it, without a single label."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from minyi.domain.office import load_office
from minyi.domain.taxonomy import NOWHERE
from minyi.errors import InputError
from minyi.labelled import MOST_ROWS, Labelled, sample, training_set
from minyi.learning.adaptation import FEWEST, Check, adapt
from minyi.learning.hierarchy import STEM_DIGITS, Floats
from minyi.learning.persistence import Model, save_model
from minyi.learning.sentences import DIMENSIONS, as_sentence, encode_many
from minyi.learning.training import train
from minyi.pipeline import load
from minyi.schema import Submission
from minyi.tables import open_tables
from minyi.text.cleaning import clean

Progress = Callable[[str, int, int], None]
ENCODING, TEACHING = "读懂", "学习"


def read_archive(
    paths: Sequence[Path], *, columns: Mapping[str, str] | None = None, sheet: str | None = None
) -> list[Submission]:
    """Read the submissions of tables, cleaned, each once.

    Raises
    ------
    InputError
        Fewer than 200 different submissions.
    """
    found: dict[tuple[str, str], None] = {}
    for table in open_tables(paths, columns or {}, sheet=sheet):
        text, title = table.roles["text"], table.roles.get("title")
        for rows in table.chunks(1000):
            texts = clean([cells[text] for cells in rows.cells])
            titles = clean(["" if title is None else cells[title] for cells in rows.cells])
            found |= dict.fromkeys((t, b) for t, b in zip(titles, texts, strict=True) if b)
    if len(found) < FEWEST:
        raise InputError(
            f"至少需要 {FEWEST} 条不重复的意见，实际只有 {len(found)} 条：请把往年的也加进来。"
        )
    return [Submission(text, title) for title, text in found]


def adapt_on(
    submissions: Sequence[Submission],
    folder: Path,
    *,
    base: str = "starter",
    office: Path | None = None,
    labelled: Labelled | None = None,
    progress: Progress | None = None,
) -> tuple[Model, Check]:
    """Adapt a model to an archive, then to labels where there are some, and save it.

    Parameters
    ----------
    submissions : sequence of Submission
        Of `read_archive`.
    folder : Path
        Where the model goes. When the adaptation made the model worse, it is the base.
    base : str
        ``starter`` or a model folder.
    office : Path, optional
        The office's profile: its categories, its words.
    labelled : Labelled, optional
    progress : callable, optional
        Called with what is done, how far it is and how far it goes.
    """
    begin, profile = load(base).model, load_office(office)
    stems = {code[:STEM_DIGITS] for code in begin.scorer.codes if profile.uses(code)} - {NOWHERE}

    def told(stage: str) -> Callable[[int, int], None]:
        return lambda done, total: progress(stage, done, total) if progress else None

    encoding, teaching = told(ENCODING), told(TEACHING)
    sentences = [as_sentence(submission) for submission in submissions]
    vectors = _cached(sentences, lambda done: encoding(done, len(sentences)))
    words = [*begin.manifest.get("user_words", ()), *profile.words]
    scorer, check = adapt(
        begin.scorer, submissions, vectors, stems=stems, user_words=words, progress=teaching
    )
    manifest = {
        **begin.manifest,
        "name": folder.name,
        "base": begin.name,
        "command": "minyi adapt",
        "date": date.today().isoformat(),
        "user_words": begin.manifest.get("user_words", []) if check.problem else words,
        "adaptation": check.as_dict(),
    }
    model = Model(scorer, manifest)
    if labelled is not None:
        about = {"command": "minyi adapt --labels", "adaptation": check.as_dict()}
        known = training_set(sample(labelled, MOST_ROWS))
        model = train(known, name=folder.name, base=model, about=about)
        model = replace(model, manifest={**model.manifest, "base": begin.name})
    save_model(model, folder)
    return model, check


def _cached(sentences: Sequence[str], progress: Callable[[int], None]) -> Floats:
    """Return the vectors of sentences; those of the last archive wait in the user's own folder.

    A second run, with labels or another profile, then takes seconds. Only the newest is kept,
    readable by the user alone, for vectors tell something of the texts.
    """
    folder = Path(os.environ.get("LOCALAPPDATA") or Path.home() / ".cache") / "minyi"
    digest = hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:24]
    path = folder / f"{digest}.npy"
    known = _read_vectors(path, len(sentences))
    if known is not None:
        return known
    vectors = encode_many(sentences, progress)
    with suppress(OSError):  # a cache that cannot be written costs only time
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in folder.glob("*.npy"):
            old.unlink()
        with NamedTemporaryFile(dir=folder, delete=False) as file:  # readable by the user alone
            np.save(file, vectors, allow_pickle=False)
        Path(file.name).replace(path)
    return vectors


def _read_vectors(path: Path, n_sentences: int) -> Floats | None:
    try:
        vectors = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return vectors if vectors.shape == (n_sentences, DIMENSIONS) else None
