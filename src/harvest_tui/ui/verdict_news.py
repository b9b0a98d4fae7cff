"""What is new about recorded lots, told once, wherever one is."""

from __future__ import annotations

from harvest_tui.errors import InputError
from harvest_tui.session import SessionView
from harvest_tui.ui.format import count

_MOST = 3


def verdict_news(session: SessionView) -> list[str]:
    """New verdicts in words, a few one by one and many in one sentence; has them judged anew where facts changed."""
    try:
        watch = session.harvesting.watch
    except InputError:
        return []
    watch.view()
    news = watch.news()
    if not news:
        return []
    from harvest_tui.ui.widgets.verdict_lines import news_words

    if len(news) <= _MOST:
        return [news_words(one) for one in news]
    outcomes: dict[str, int] = {}
    for one in news:
        outcomes[one.outcome.value] = outcomes.get(one.outcome.value, 0) + 1
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in outcomes.items())
    close = sum(bool(one.too_close) for one in news)
    doubt = f", {close:,} within a second of the record" if close else ""
    return [f"{count(len(news), 'verdict')} changed: {told}{doubt}. 2 shows them."]
