"""How well does the corpus teach what it holds? Cross-validated; needs no real messages.

Prints how often held-out submissions of the corpus get their label: level 1, level 2, kind, and the
lead department from the text's own model alone, from the route of the decided category alone,
and from both. Rules add nothing here: the default profile has none, an office writes its own.

    python benchmarks/corpus.py [--folds 5]
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.model_selection import StratifiedKFold

from minyi import Submission
from minyi.corpus import read_corpus, training_set
from minyi.domain.office import load_office
from minyi.domain.taxonomy import NOWHERE
from minyi.learning.training import train
from minyi.pipeline import Minyi
from minyi.resources import bundled

_SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5)
    folds = parser.parse_args().folds
    examples = read_corpus(bundled("corpus"))
    stems = [example.category[:4] or NOWHERE for example in examples]
    found: dict[str, list[bool]] = {}
    splits = StratifiedKFold(folds, shuffle=True, random_state=_SEED).split(stems, stems)
    for rest, test in splits:
        model = train(training_set([examples[i] for i in rest]), name="corpus", clauses=True)
        tested = [examples[i] for i in test if examples[i].category]
        for name, right in judged(Minyi(model, load_office()), tested).items():
            found.setdefault(name, []).extend(right)
        print(".", end="", flush=True)
    print(f"\n{len(examples)} submissions, {folds} folds; accuracy on those that belong somewhere")
    for name, right in found.items():
        print(f"{name:36}{np.mean(right):.3f}")


def judged(minyi: Minyi, tested: list) -> dict[str, list[bool]]:  # type: ignore[type-arg]
    submissions = [Submission(example.text, example.title) for example in tested]
    codes, probabilities = minyi.probabilities(submissions)
    found = {}
    for level in (1, 2):
        names = np.array([code[: 2 * level] for code in codes])
        sums = np.stack([probabilities[:, names == n].sum(axis=1) for n in np.unique(names)], 1)
        best = np.unique(names)[sums.argmax(axis=1)]
        found[f"level {level}"] = best == [example.category[: 2 * level] for example in tested]
    kinds, by_text = minyi.probabilities(submissions, "kind")
    found["kind"] = np.array(kinds)[by_text.argmax(axis=1)] == [e.kind for e in tested]
    names, by_text = minyi.probabilities(submissions, "department")
    truth = np.array([example.department for example in tested])
    found["department, text alone"] = np.array(names)[by_text.argmax(axis=1)] == truth
    results = minyi.classify(submissions)
    routes = [minyi.office.route(result.category_code) for result in results]
    leads = [minyi.office.departments[route[0]].name if route else "" for route in routes]
    found["department, route of the category"] = np.array(leads) == truth
    found["department, both"] = np.array([result.department for result in results]) == truth
    return {name: np.asarray(right).tolist() for name, right in found.items()}


if __name__ == "__main__":
    main()
