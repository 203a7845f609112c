"""From the entries of what concerns many customers, of labels and channels, to the policy's values."""

from __future__ import annotations

from agentdesk.catalogue.schema import Both, GroupEntry
from agentdesk.domain.policy import Bilingual
from agentdesk.domain.rules import ChannelRule, GroupRules, LabelRule


def group_of(entry: GroupEntry) -> GroupRules:
    """Return the policy's figures about what concerns many, with the labels and channels that there are."""
    return GroupRules(
        common_tickets=entry.common_tickets,
        common_hours=entry.common_hours,
        common_depth=entry.common_depth,
        follow_up=entry.follow_up,
        publishes=tuple(entry.publishes),
        manages=tuple(entry.manages),
        away_minutes=entry.away_minutes,
        away_department=entry.away_department,
        labels={
            sort: LabelRule(_both(label.name), label.days, _both(label.words), _both(label.still))
            for sort, label in entry.labels.items()
        },
        channels={name: ChannelRule(_both(rule.name), rule.minutes) for name, rule in entry.channels.items()},
    )


def _both(text: Both) -> Bilingual:
    return Bilingual(text.zh, text.en)
