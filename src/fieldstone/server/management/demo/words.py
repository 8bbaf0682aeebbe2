"""Words for synthetic answers, as long as a question asks for."""

from __future__ import annotations

import random
from typing import Any

from fieldstone.server.catalog.rules import Question, Text, word_count

SENTENCES = {
    "en": (
        "I tried this in my own work over two weeks and kept short notes each day.",
        "The first time it went slower than I had planned, so I changed the order.",
        "I wrote down what I saw and heard before I wrote what I thought about it.",
        "One person did better than before, and another still needed more time.",
        "I asked a colleague to look at my notes and tell me what was not clear.",
        "The part that surprised me was how much a small change in the room helped.",
        "Next time I will start with the hardest step while everybody is fresh.",
        "I compared the two days side by side and marked what was the same.",
        "What I did follows the method in the rubric, step by step.",
        "I kept the names out and used initials only.",
        "It took about forty minutes, most of it spent waiting and watching.",
        "I would not have seen this if I had stepped in too soon.",
        "The plan for next week names one thing to keep and one thing to change.",
        "I had no line at home, so I wrote on paper first and typed it at the library.",
    ),
    "es": (
        "Probé esto en mi propio trabajo durante dos semanas y tomé notas cortas cada día.",
        "La primera vez fue más lento de lo que había pensado, así que cambié el orden.",
        "Escribí lo que vi y oí antes de escribir lo que pensaba.",
        "Una persona avanzó más que antes y otra todavía necesitaba tiempo.",
        "Pedí a alguien de mi equipo que leyera mis notas y dijera qué no estaba claro.",
        "Me sorprendió cuánto ayudó un cambio pequeño en el espacio.",
        "La próxima vez empezaré con el paso más difícil, cuando haya más energía.",
        "Comparé los dos días y marqué lo que era igual.",
        "Lo que hice sigue el método de la rúbrica, paso a paso.",
        "No puse nombres; usé solo iniciales.",
        "Tomó unos cuarenta minutos, casi todos de esperar y mirar.",
        "No lo habría visto si hubiera intervenido demasiado pronto.",
        "El plan de la próxima semana dice qué conservar y qué cambiar.",
        "En casa no tenía señal, así que escribí en papel y lo pasé en la biblioteca.",
    ),
}


def said(text: Text, language: str) -> str:
    """A text in the language, else in the other."""
    return text.get(language) or next(iter(text.values()), "")


def answer(question: Question, language: str, chance: random.Random) -> str:
    """Sentences within the word limits of the question."""
    wanted = max(question.min_words + 5, min(question.max_words - 15, (question.min_words + question.max_words) // 2))
    words: list[str] = []
    pool: list[str] = []
    while len(words) < wanted:
        if not pool:
            pool = list(SENTENCES[language])
            chance.shuffle(pool)
        words += pool.pop().split()
    return " ".join(words[: question.max_words])


def written(sample: dict[str, Any], question: Question) -> str:
    """The sample's words for this question when they fit its limits, else nothing."""
    text = (
        sample.get("reflection", "") if question.id == "reflection" else sample.get("answers", {}).get(question.id, "")
    )
    return text if question.min_words <= word_count(text) <= question.max_words else ""
