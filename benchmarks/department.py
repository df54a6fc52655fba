"""What do the category's route and the text's own model each add to the department?

A fifth of the corpus is held out; the rest trains a model. Prints the accuracy of the lead
department from the category's route alone, from the text alone, and from their product with
several weights of the text (``routing._TEXT_WEIGHT``). Needs no real messages.

    python benchmarks/department.py
"""

from __future__ import annotations

import numpy as np

from minyi import Submission, routing
from minyi.domain.office import load_office
from minyi.learning.training import train
from minyi.pipeline import Minyi
from minyi.resources import bundled
from minyi.starter import read_corpus, training_set


def main() -> None:
    examples = read_corpus(bundled("corpus"))
    held_out = np.random.default_rng(0).random(len(examples)) < 0.2
    rest = [e for e, out in zip(examples, held_out, strict=True) if not out]
    tested = [e for e, out in zip(examples, held_out, strict=True) if out]
    model = train(training_set(rest), name="department")
    minyi = Minyi(model, load_office())
    submissions = [Submission(e.text, e.title) for e in tested]
    truth = np.array([e.department for e in tested])
    names, by_text = minyi.probabilities(submissions, "department")
    print(f"{len(tested)} held-out submissions of the corpus")
    alone = np.array(names)[by_text.argmax(axis=1)]
    print(f"text alone                 {np.mean(alone == truth):.3f}")
    for weight in (0.0, 0.25, 0.5, 1.0, 2.0):
        routing._TEXT_WEIGHT = weight
        found = np.array([result.department for result in minyi.classify(submissions)])
        name = "category alone" if weight == 0 else f"product, text ^ {weight}"
        print(f"{name:27}{np.mean(found == truth):.3f}")


if __name__ == "__main__":
    main()
