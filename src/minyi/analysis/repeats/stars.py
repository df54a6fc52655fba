"""Groups around a leader: every member was compared with it, so that no chain of likenesses forms.

Joining whatever is linked (single linkage) lets a group drift: A is like B, B like C, and so on to
a Z that has nothing in common with A. A star has no such end.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Apart = Callable[[int, int], bool]
Alike = Callable[[Integers, Integers], Floats]

# So many leaders may an item be apart from before it stops seeking: of a letter that was sent for
# 100,000 places each pair is alike and apart.
_PATIENCE = 4
# Rounds in which kin is waited for; a long chain of kin would make it one round a link.
_WAITING = 12


def lead(n_items: int, links: Integers, scores: Floats, is_apart: Apart, alike: Alike) -> Integers:
    """Choose the leader of every item.

    In rounds: whoever has no link to a better free item leads; every other item that is linked to
    leaders joins the one it is most like, unless they are apart. Who is linked to a member only is
    compared with the member's leader. A round costs as much as there are links left; their number
    falls fast.

    Parameters
    ----------
    n_items : int
        Numbered in the order of preference.
    links : ndarray of int, shape (n_links, 2)
        Pairs that are alike, the smaller number first.
    scores : ndarray of float, shape (n_links,)
        How alike each pair is, up to 1; above 1 for kin, which comes first.
    is_apart : callable
        Whether two items that are alike must not be together: slow, asked for few pairs.
    alike : callable
        For two arrays of numbers, the scores of the pairs, 0 for those not alike: fast.

    Returns
    -------
    ndarray of int64, shape (n_items,)
        The number of the leader; never larger than the item's own.

    Examples
    --------
    >>> chain = np.array([[0, 1], [1, 2], [2, 3]])
    >>> lead(4, chain, np.ones(3), lambda a, b: False, lambda a, b: b - a < 2).tolist()
    [0, 0, 2, 2]
    """
    leaders = np.full(n_items, -1, dtype=np.int64)
    refused: set[int] = set()  # pairs as one number
    refusals = np.zeros(n_items, dtype=np.int64)
    linked = np.unique(links)
    for number in count():
        if not len(links):
            break
        _crown(leaders, links, linked)
        patient = refusals < _PATIENCE
        links, scores = _compare_leaders(leaders, links, scores, patient, refused, alike)
        apart = _join(leaders, links, scores, is_apart, may_wait=number < _WAITING)
        refused.update(_keys(apart, n_items).tolist())
        refusals += np.bincount(apart[:, 1], minlength=n_items)
        asked = _without(_past_members(leaders, links), refused, n_items)
        new = alike(asked[:, 0], asked[:, 1])
        refused.update(_keys(asked[new <= 0], n_items).tolist())
        links = np.concatenate([links, asked[new > 0]])
        scores = np.concatenate([scores, new[new > 0]])
        kept = _is_open(leaders, links, refusals < _PATIENCE)
        kept &= ~np.isin(_keys(links, n_items), _keys(apart, n_items))
        links, scores = links[kept], scores[kept]
    return np.where(leaders < 0, np.arange(n_items), leaders)


def _keys(links: Integers, n_items: int) -> Integers:
    keys: Integers = links[:, 0] * n_items + links[:, 1]
    return keys


def _without(links: Integers, refused: set[int], n_items: int) -> Integers:
    if not refused or not len(links):
        return links
    return links[[key not in refused for key in _keys(links, n_items).tolist()]]


def _crown(leaders: Integers, links: Integers, linked: Integers) -> None:
    blocked = np.zeros(len(leaders), dtype=bool)
    blocked[links[:, 1]] = True
    new = linked[(leaders[linked] < 0) & ~blocked[linked]]
    leaders[new] = new


def _compare_leaders(
    leaders: Integers,
    links: Integers,
    scores: Floats,
    patient: NDArray[np.bool_],
    refused: set[int],
    alike: Alike,
) -> tuple[Integers, Floats]:
    """Link leaders that are alike and that one item could join both, and free the worse one.

    Banding finds most pairs, not all; without this one letter would end in several groups.
    """
    offers = links[leaders[links[:, 0]] == links[:, 0]]
    offers = offers[np.lexsort((offers[:, 0], offers[:, 1]))]
    opens = np.r_[True, offers[1:, 1] != offers[:-1, 1]][: len(offers)]
    best = offers[np.flatnonzero(opens)[np.cumsum(opens) - 1], 0]
    pairs = np.stack([best[~opens], offers[~opens, 0]], axis=1)
    pairs = _without(np.unique(pairs, axis=0), refused, len(leaders))
    found = alike(pairs[:, 0], pairs[:, 1])
    refused.update(_keys(pairs[found <= 0], len(leaders)).tolist())
    pairs, found = pairs[found > 0], found[found > 0]
    # Those that others joined in an earlier round stay.
    has_members = np.zeros(len(leaders), dtype=bool)
    has_members[leaders[(leaders >= 0) & (leaders != np.arange(len(leaders)))]] = True
    free = patient[pairs[:, 1]] & ~has_members[pairs[:, 1]]
    leaders[pairs[free, 1]] = -1
    return np.concatenate([links, pairs[free]]), np.concatenate([scores, found[free]])


def _join(
    leaders: Integers, links: Integers, scores: Floats, is_apart: Apart, may_wait: bool
) -> Integers:
    """Let items join leaders, and return the pairs that were apart."""
    better, worse = links.T
    # Whoever has kin that is still free waits for it, instead of asking strangers in vain.
    waits = np.zeros(len(leaders), dtype=bool)
    waits[worse[(scores > 1) & (leaders[better] < 0)]] = may_wait
    open_ = (leaders[better] == better) & (leaders[worse] < 0) & ((scores > 1) | ~waits[worse])
    offers, offered = links[open_], scores[open_]
    offers = offers[np.lexsort((offers[:, 0], -offered, offers[:, 1]))]
    best = np.r_[True, offers[1:, 1] != offers[:-1, 1]][: len(offers)]
    apart = []
    for leader, item in offers[best].tolist():
        if is_apart(leader, item):
            apart.append((leader, item))
        else:
            leaders[item] = leader
    return np.array(apart, dtype=np.int64).reshape(-1, 2)


def _is_open(leaders: Integers, links: Integers, patient: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say where the worse of the two is free and seeks, and the better one free or a leader."""
    better, worse = links.T
    is_free_or_leads = (leaders[better] < 0) | (leaders[better] == better)
    kept: NDArray[np.bool_] = (leaders[worse] < 0) & patient[worse] & is_free_or_leads
    return kept


def _past_members(leaders: Integers, links: Integers) -> Integers:
    """Return pairs of a leader and a free item that is linked to one of its members."""
    found = []
    for member, free in (links.T, links[:, ::-1].T):
        is_member = (leaders[member] >= 0) & (leaders[member] != member) & (leaders[free] < 0)
        pairs = np.stack([leaders[member[is_member]], free[is_member]], axis=1)
        # The leader must be the better one.
        found.append(pairs[pairs[:, 0] < pairs[:, 1]])
    return np.unique(np.concatenate(found), axis=0)
