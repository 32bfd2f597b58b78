"""The control page of the bureau: plain HTML, a real form, no script."""

from __future__ import annotations

from html import escape

from scripts.bureau.behaviour import NUMBERS, Bureau

MODES = {
    "ok": ("Well", "Every request gets its score."),
    "flaky": ("Flaky", "Each n-th request and a share of the others get status 503."),
    "down": ("Down", "The connection is closed without an answer."),
    "drip": ("Dripping", "The answer comes a byte at a time and never ends in time."),
}
LABELS = {
    "delay_ms": "Delay before each answer, in milliseconds",
    "fail_every": "Flaky: each n-th request fails (0: none)",
    "fail_percent": "Flaky: share of the others that fail, in per cent",
    "seed": "Seed that chooses the share",
}
STYLE = """
:root { color-scheme: light dark; --ink: #182433; --mute: #56657a; --line: #8795a8;
  --page: #f6f8fa; --card: #fff; --accent: #1f5fbf; --on-accent: #fff; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf2; --mute: #a3b0c2;
  --line: #6b7d95; --page: #121a26; --card: #1a2332; --accent: #8db9ff;
  --on-accent: #121a26; --bad: #ff9c92; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
  font-family: -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
p { margin: 0 0 1rem; color: var(--mute); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 1.25rem; margin-bottom: 1rem; }
dl { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1rem; margin: 0; }
dt { color: var(--mute); font-size: .875rem; }
dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; }
legend { font-weight: 600; padding: 0; margin-bottom: .5rem; }
.choice { display: grid; grid-template-columns: 1.5rem 1fr; padding: .4rem 0; }
.choice small { color: var(--mute); grid-column: 2; }
input[type="radio"] { width: 1.1rem; height: 1.1rem; margin: .2rem 0 0;
  accent-color: var(--accent); }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem;
  margin-bottom: 1rem; align-items: end; }
.fields label { display: block; font-size: .875rem; margin-bottom: .25rem; }
.fields input { width: 100%; min-height: 2.5rem; padding: 0 .6rem; font: inherit;
  color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
button { min-height: 2.5rem; padding: 0 1.25rem; font: inherit; font-weight: 600; border: 0;
  border-radius: 6px; background: var(--accent); color: var(--on-accent); cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.error { color: var(--bad); font-weight: 600; }
"""


def control_page(bureau: Bureau, *, error: str = "") -> str:
    """Return the page: what came in, and the form that changes how the bureau behaves."""
    counts = bureau.counts()
    facts = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{counts[name]}</dd></div>"
        for name, label in (
            ("requests", "Requests"),
            ("failures", "Failed"),
            ("checks", "Checks made"),
        )
    )
    told = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Credit bureau: control</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/control.css">
</head>
<body>
<main>
<h1>Credit bureau</h1>
<p>A stand-in for an outside service: it computes a score from the name alone.</p>
<section class="card" aria-label="Since the start"><dl>{facts}</dl></section>
<form class="card" method="post" action="/control">
{told}
<fieldset><legend>How it behaves</legend>{_modes(bureau)}</fieldset>
<div class="fields">{_numbers(bureau)}</div>
<button type="submit">Apply</button>
</form>
</main>
</body>
</html>
"""


def _modes(bureau: Bureau) -> str:
    now = bureau.settings.mode
    return "".join(
        f'<label class="choice" for="mode-{mode}">'
        f'<input type="radio" name="mode" id="mode-{mode}" value="{mode}"'
        f"{' checked' if mode == now else ''}>"
        f"<span>{label}</span><small>{text}</small></label>"
        for mode, (label, text) in MODES.items()
    )


def _numbers(bureau: Bureau) -> str:
    return "".join(
        f'<div><label for="{name}">{LABELS[name]}</label>'
        f'<input id="{name}" name="{name}" inputmode="numeric" required'
        f' value="{getattr(bureau.settings, name)}" pattern="[0-9]+" title="{least} to {most}">'
        "</div>"
        for name, (least, most) in NUMBERS.items()
    )
