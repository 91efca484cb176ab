"""The barter ledger: double entry in agreed units, no exchange of funds, sum zero by construction."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.programme.records import Contribution, Programme, Project


@dataclass(frozen=True)
class Entry:
    """One side of a transfer in kind: positive for the giver, negative for who benefits."""

    date: str
    project: str
    contribution: str
    partner: str
    kind: str
    amount: int


@dataclass(frozen=True)
class Ledger:
    """All entries with the balances they lead to.

    Attributes
    ----------
    entries : tuple of Entry
        By date, then project and contribution.
    balances : dict
        Given minus received per partner over the whole programme; the sum is zero.
    by_year : dict
        ``(partner, year)`` to the balance of that year.
    turnover : int
        Value of everything that was given.
    """

    entries: tuple[Entry, ...]
    balances: dict[str, int]
    by_year: dict[tuple[str, int], int]
    turnover: int


def balance_ledger(programme: Programme) -> Ledger:
    """Book every contribution: credit to the giver, debit in whole units to those who benefit."""
    entries: list[Entry] = []
    for project in programme.project:
        for given in project.contribution:
            entries.extend(_book(project, given))
    entries.sort(key=lambda e: (e.date, e.project, e.contribution, -e.amount, e.partner))
    balances = dict.fromkeys(programme.partner_ids, 0)
    by_year: dict[tuple[str, int], int] = {}
    for entry in entries:
        balances[entry.partner] = balances.get(entry.partner, 0) + entry.amount
        key = (entry.partner, int(entry.date[:4]))
        by_year[key] = by_year.get(key, 0) + entry.amount
    turnover = sum(entry.amount for entry in entries if entry.amount > 0)
    return Ledger(tuple(entries), balances, dict(sorted(by_year.items())), turnover)


def _book(project: Project, given: Contribution) -> list[Entry]:
    receivers = given.to or [partner for partner in project.partners if partner != given.partner]
    if not receivers:
        return []
    part, rest = divmod(given.value, len(receivers))
    amounts = [(given.partner, given.value)]
    amounts += [(name, -(part + (1 if i < rest else 0))) for i, name in enumerate(receivers)]
    return [
        Entry(given.due.isoformat(), project.id, given.id, name, given.kind, amount)
        for name, amount in amounts
    ]
