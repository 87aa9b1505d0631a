"""Sentences of the sandbox: titles, descriptions and learning objectives.

What may be said about a session belongs here, put together from the word lists of `vocabulary.py`. Which
session says it, and in which key of a feed item, does not: see `items.py`.
"""

from dataclasses import dataclass
from functools import cache
from random import Random

from planion_assets.sandbox.vocabulary import Field


@dataclass(frozen=True, slots=True)
class Topic:
    """What one session or talk is about: one phrase of each kind from one field."""

    phenomenon: str
    system: str
    method: str
    outcome: str

    @classmethod
    def of(cls, field: Field, rng: Random) -> "Topic":
        """A topic of `field`."""
        return cls(
            *(rng.choice(phrases) for phrases in (field.phenomena, field.systems, field.methods, field.outcomes))
        )

    def fill(self, template: str) -> str:
        """`template` with its placeholders replaced by the phrases of the topic."""
        return template.format(phenomenon=self.phenomenon, system=self.system, method=self.method, outcome=self.outcome)


SMALL_WORDS = frozenset(
    {"a", "after", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)

SCIENCE_TITLES = (
    "{phenomenon} in {system}",
    "{phenomenon} and {outcome}: evidence from {method}",
    "how {phenomenon} shapes {outcome}",
    "mapping {phenomenon} with {method}",
    "rethinking {phenomenon} in {system}",
    "{outcome}: what {phenomenon} can teach us",
    "is {phenomenon} causal? lessons from {system}",
    "{method} in practice: {outcome} in {system}",
    "beyond {phenomenon}: toward {outcome} in {system}",
    "{method} reveals {phenomenon} in {system}",
)

EVENT_TITLES = (
    "Early-Career Networking: {outcome}", "Mentoring Circle: careers in {outcome}",
    "Reception & Poster Preview: {outcome}",
    "Meet the Editors: publishing on {phenomenon}", "Science Café: {phenomenon}", "Trainee Data Blitz: {method}",
)  # fmt: skip

LATE_TITLES = (
    "Late-Night Science Slam: {phenomenon}", "Evening Social: {outcome}", "Film & Discussion: {phenomenon} in {system}",
    "Alumni Dinner and Dance: {outcome}",
)  # fmt: skip

COMMITTEE_TITLES = (
    "Scientific Program Committee: {outcome}", "Interest Group Business Meeting: {phenomenon}",
    "Editorial Board Meeting: {outcome}",
    "Working Group on {outcome}", "Task Force Meeting: standards for {method}",
)  # fmt: skip

OPENINGS = (
    "<p>Recent work on <em>{phenomenon}</em> has changed how we think about {outcome}.</p>",
    "<p>Why does {phenomenon} matter for <strong>{outcome}</strong>? This session brings together four views.</p>",
    "<p>{method} &mdash; once a specialist&rsquo;s tool &mdash; is changing the study of {system}.</p>",
    "Talk to researchers about their work on {phenomenon} in {system}! Come back each day for different posters.",
)

BODIES = (
    "<p>Speakers will compare results from {system} with data from {method}, and ask what they mean for {outcome}.</p>",
    "<ul><li>State of the field: {phenomenon}</li><li>Methods &amp; pitfalls: {method}</li>"
    "<li>Open questions in {outcome}</li></ul>",
    "<p>The panel reports effect sizes (p&nbsp;&lt;&nbsp;0.01) across three cohorts and discusses "
    "replication in {system}.<br/>Questions are welcome throughout.</p>",
)

CLOSINGS = (
    "<p>No prior experience with {method} is required.</p>",
    '<p>Slides will be posted at <a href="https://slides.example.org/">slides.example.org</a>.</p>',
    "<p>Supported by the Soci&eacute;t&eacute; Lambert Fund &amp; the Program Committee.</p>",
    "",
)

OBJECTIVES = (
    "Describe the role of {phenomenon} in {outcome}.",
    "Compare {method} with established approaches.",
    "Identify limits of current evidence in {system}.",
    "Apply findings on {phenomenon} to {outcome}.",
    "Evaluate study designs based on {method}.",
)


def headline(text: str) -> str:
    """Title case, leaving abbreviations ("7T", "mRNA", "CRISPR") as they are and small words small."""
    words = text.split(" ")
    styled = [
        _capital(word) if position == 0 or words[position - 1].endswith((":", "?")) or word not in SMALL_WORDS else word
        for position, word in enumerate(words)
    ]
    return " ".join(styled)


def title(topic: Topic, rng: Random, templates: tuple[str, ...] = SCIENCE_TITLES) -> str:
    """The title of a session about `topic`, or of one talk in it."""
    return headline(topic.fill(rng.choice(templates)))


def description(topic: Topic, rng: Random) -> str:
    """A few paragraphs with HTML markup and entities (sessions-feed.md, Data Response Elements, `description`)."""
    parts = (rng.choice(OPENINGS), rng.choice(BODIES), rng.choice(CLOSINGS))
    text = topic.fill("\n".join(part for part in parts if part))
    # A template may open its first paragraph with a lower-case phrase.
    return text[:3] + text[3].upper() + text[4:] if text.startswith("<p>") else text


def objectives(topic: Topic, rng: Random) -> list[str]:
    """Two to four learning objectives."""
    return [topic.fill(template) for template in rng.sample(OBJECTIVES, rng.randint(2, 4))]


@cache
def _capital(word: str) -> str:
    return "-".join(part if part != part.lower() else part[:1].upper() + part[1:] for part in word.split("-"))
