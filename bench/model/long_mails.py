"""Long mails of a known label, made of short labelled messages: what says the label stands at the beginning, in the
middle or at the end of text that says nothing of it.

Around the message stands what mails are full of: a greeting, a story that leads nowhere, a signature, a disclaimer, and
the quoted mails before it. All of it is written here, from a seed, by the same rules for every label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

Place = Literal["head", "middle", "end"]

# Where the message stands. Most people write above what they quote; the others tell their story first, or forward a
# conversation whose last mail is the oldest and says what it is about.
_SHARES: dict[Place, float] = {"head": 0.5, "middle": 0.25, "end": 0.25}

_GREETINGS = ("Hello,", "Hi,", "Dear Sir or Madam,", "Good morning,", "Dear {first},", "To whom it may concern,")
_FAREWELLS = ("Kind regards,", "Best wishes,", "Thanks in advance,", "Yours sincerely,", "Many thanks,")
_FIRST = ("Alice", "Bruno", "Carla", "David", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kemal", "Lena")
_LAST = ("Adler", "Brown", "Costa", "Dupont", "Eriksen", "Fischer", "Garcia", "Horvat", "Ivanov", "Jansen", "Keller")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TOWNS = ("Aarhus", "Bergen", "Coimbra", "Dresden", "Exeter", "Florence", "Ghent", "Haarlem", "Innsbruck", "Jena")
_FIRMS = ("Northwind", "Alder & Sons", "Bluewater", "Castle Books", "Dockside", "Evergreen", "Fairfield")

_STORY = (
    "I have been a customer of yours since {year} and have always been content.",
    "Last {day} I came home from {town}, and the weather there was dreadful.",
    "My neighbour {first} told me that you answer within {number} days.",
    "We are moving from {town} to {town} in the next weeks, and everything here is in boxes.",
    "Please excuse my writing at such length, there is a lot going on at the moment.",
    "I tried to reach {first} {last} of your team on {day}, but there was music only.",
    "My colleague {first} at {firm} sits opposite of me and says hello.",
    "It rained for {number} days, and the train to {town} was late again.",
    "I am writing this on my way to work, so please forgive any mistakes.",
    "The children have holidays until {day}, which makes our days rather short.",
    "I have read the pages on your site about it, and then read them again.",
    "As far as I remember we met at the fair in {town} in {year}.",
    "I had hoped that it would settle by itself, and so I waited until {day}.",
    "You will surely have many of these letters on your desk.",
    "My sister {first} helped me with this letter, her English is better than mine.",
    "On {day} I am away all day, on the other days I am at home from {number} o'clock.",
    "I do not want to complain, everybody I talked to was friendly.",
    "Somebody named {first} picked up at first and wanted to ask a colleague.",
)
_SIGNATURE = (
    "{first} {last}",
    "{firm} Ltd, {number} Station Road, {town}",
    "Phone {number} {number} {year}, office hours {day} to {day}",
    "Sent from my phone",
    "Please consider the environment before printing this message.",
)
_DISCLAIMER = (
    "This message and its attachments are confidential and meant for the addressee alone.",
    "If you have received it by mistake, please tell the sender and delete it.",
    "{firm} accepts no liability for damage by viruses that this message might carry.",
    "Opinions in it are those of its author and not of {firm}.",
    "{firm} is registered in {town} under number {year}{number}.",
    "Any copying, use or disclosure of its contents without consent is prohibited.",
    "Information about how we treat personal data is on our website.",
)
_QUOTED = (
    "thank you for your message, which we received on {day}.",
    "{first} {last} will look after it and come back to you by {day}.",
    "our office in {town} is closed on {day}.",
    "your reference is {year}-{number}, please keep it in the subject line.",
    "we apologise for the delay and thank you for your patience.",
    "I have put {first} in copy, who is back on {day}.",
    "as discussed on the phone on {day}, please find our answer below.",
    "is {day} at {number} o'clock all right for a call?",
    "that is fine with me, talk to you then.",
    "please let us know should anything be unclear.",
)
_QUOTES_BEGIN = (
    "On {day}, {number} March {year}, {first} {last} wrote:",
    "From: {first} {last} Sent: {day} To: {firm}",
)


@dataclass(frozen=True)
class Mail:
    text: str
    place: Place
    """Where in it the message stands."""


def long_mail(message: str, words: int, generator: np.random.Generator) -> Mail:
    """The message in a mail of about so many words."""
    place = str(generator.choice(get_args(Place), p=[_SHARES[each] for each in get_args(Place)]))
    rest = max(0, words - len(message.split()))
    if place == "head":
        return Mail(_mail(0, message, rest, generator), "head")
    if place == "middle":
        before = int(rest * generator.uniform(0.35, 0.65))
        return Mail(_mail(before, message, rest - before, generator), "middle")
    after = min(rest, int(generator.integers(5, 20)))
    return Mail(_mail(rest - after, message, after, generator), "end")


def _mail(before: int, message: str, after: int, generator: np.random.Generator) -> str:
    """A mail with so many words before the message and after it."""
    first = [_filled(_GREETINGS, generator), *_lines(_STORY, before, generator)]
    if before > 60 and generator.random() < 0.5:
        # A forwarded conversation: quoted mails, the message last.
        first = [*first[: len(first) // 3], *_quotes(before * 2 // 3, generator)]
    closing = [_filled(_FAREWELLS, generator), *_lines(_SIGNATURE, min(after, 20), generator)]
    left = max(0, after - 20)
    story, disclaimer = int(left * generator.uniform(0, 0.4)), int(left * generator.uniform(0, 0.3))
    below = [*_lines(_DISCLAIMER, disclaimer, generator), *_quotes(left - story - disclaimer, generator)]
    return "\n".join([*first, message, *_lines(_STORY, story, generator), *closing, *below])


def _quotes(words: int, generator: np.random.Generator) -> list[str]:
    return [_filled(_QUOTES_BEGIN, generator), *_lines(_QUOTED, words - 8, generator)] if words > 8 else []


def _lines(sentences: tuple[str, ...], words: int, generator: np.random.Generator) -> list[str]:
    """Sentences of about so many words together."""
    lines: list[str] = []
    while words > 0:
        lines.append(_filled(sentences, generator))
        words -= len(lines[-1].split())
    return lines


def _filled(sentences: tuple[str, ...], generator: np.random.Generator) -> str:
    line = sentences[int(generator.integers(len(sentences)))]
    names = {"first": _FIRST, "last": _LAST, "day": _DAYS, "town": _TOWNS, "firm": _FIRMS}
    for name, choices in names.items():
        while f"{{{name}}}" in line:
            line = line.replace(f"{{{name}}}", choices[int(generator.integers(len(choices)))], 1)
    line = line.replace("{year}", str(generator.integers(1998, 2026)))
    return line.replace("{number}", str(generator.integers(2, 30)))
