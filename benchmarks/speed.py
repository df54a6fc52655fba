"""How much faster than the tutorial way is Minyi on one core?

The tutorial way: jieba.lcut, TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression. Minyi: the
category alone with words and characters, with characters alone, and the whole default pipeline
from Python strings to complete results. All on the same real messages, trained on the same
labels, in turns in one run.

    python benchmarks/speed.py --data ../shared/benchmark
"""

from __future__ import annotations

import time
import warnings

import common

common.one_core()

from minyi import Submission, load, pipeline  # noqa: E402
from minyi.learning import hashing  # noqa: E402
from minyi.learning.features import BATCH  # noqa: E402
from minyi.learning.persistence import Model  # noqa: E402
from minyi.learning.training import TrainingSet, train  # noqa: E402
from minyi.text.cleaning import clean  # noqa: E402
from minyi.text.segmentation import Segmenter  # noqa: E402

_EVERY = 4  # every fourth message is timed
_TARGETS = {"words and characters": 10, "characters alone": 45, "whole pipeline": 5}


def main() -> None:
    rows = common.read_messages(common.data_folder(__doc__))
    titles, texts = [r["title"] for r in rows], [r["text"] for r in rows]
    labels = [r["level1"] for r in rows]
    cleaned = [Submission(b, t) for t, b in zip(clean(titles), clean(texts), strict=True)]
    cut = Segmenter().cut
    cut("热身")
    start = time.perf_counter()
    models = {
        features: train(
            TrainingSet(cleaned, {"category": labels}, is_taxonomy=False),
            name="",
            features=features,
        )
        for features in ("words+chars", "chars")
    }
    print(f"training both models on {len(rows)} messages: {time.perf_counter() - start:.1f} s")
    tutorial = tutorial_way(titles, texts, labels)
    minyi = load()
    whole = [Submission(b, t) for t, b in zip(texts, titles, strict=True)]
    timed = slice(0, None, _EVERY)
    n_timed = len(rows[timed])
    ways = {
        "tutorial way": lambda: tutorial(titles[timed], texts[timed]),
        "words and characters": lambda: category(models["words+chars"], cleaned[timed], cut),
        "characters alone": lambda: category(models["chars"], cleaned[timed], None),
        "whole pipeline": lambda: minyi.classify(whole[timed]),
        "segmenter alone": lambda: [cut(s.title + "\n" + s.text) for s in cleaned[timed]],
        "cleaning alone": lambda: clean(texts[timed]),
    }
    for way in ways.values():
        way()
    seconds = common.take_turns(ways)
    base = seconds["tutorial way"]
    print(f"{'':24}messages/s      ratio")
    for name, value in seconds.items():
        target = f"   (target {_TARGETS[name]})" if name in _TARGETS else ""
        print(f"{name:24}{n_timed / value:10.0f}{base / value:10.1f} x{target}")
    share = seconds["segmenter alone"] / seconds["whole pipeline"]
    print(f"segmentation takes {share:.0%} of the whole pipeline")
    stages(minyi, whole[timed])


def tutorial_way(titles: list[str], texts: list[str], labels: list[str]):  # type: ignore[no-untyped-def]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    def words(titles: list[str], texts: list[str]) -> list[str]:
        return [" ".join(jieba.lcut(t + " " + b)) for t, b in zip(titles, texts, strict=True)]

    vectorizer, model = TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()
    model.fit(vectorizer.fit_transform(words(titles, texts)), labels)
    return lambda titles, texts: model.predict(vectorizer.transform(words(titles, texts)))


def category(model: Model, submissions: list[Submission], cut: hashing.Cut | None) -> None:
    scorer = model.scorer
    for start in range(0, len(submissions), BATCH):
        batch = submissions[start : start + BATCH]
        features = hashing.extract([s.title for s in batch], [s.text for s in batch], cut)
        scorer.logits(scorer.weigh(features)).argmax(axis=1)


def stages(minyi: pipeline.Minyi, submissions: list[Submission]) -> None:
    """Print where the whole pipeline spends its time."""
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(minyi.classify, submissions)
    wanted = {
        "clean": "clean",
        "extract": "segment and hash",
        "weigh": "count and weigh",
        "logits": "classify",
        "decide": "choose levels and leaves",
        "strongest_words": "evidence",
        "_second_matters": "second matters",
        "_result": "place, route, deadline, result",
    }
    totals = dict.fromkeys(wanted.values(), 0.0)
    all_stats = pstats.Stats(profile)
    for (file, _, function), (_, _, _, cumulative, _) in all_stats.stats.items():  # type: ignore[attr-defined]
        inner = function == "weigh" and not file.endswith("scoring.py")
        if "minyi" in file and function in wanted and not inner:
            totals[wanted[function]] += cumulative
    print("share of the stages (profiled; second matters overlap with counting and classifying):")
    for name, value in totals.items():
        print(f"  {name:32}{value / all_stats.total_tt:6.0%}")  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
