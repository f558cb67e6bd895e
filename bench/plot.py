"""Line charts as SVG, for docs/performance.md: a background of their own, so that they read on light and dark pages."""

import html
import math

COLORS = ["#0a58ca", "#bf3b00", "#4a1259", "#57606a"]
DASHES = ["", "6 3", "2 3", "10 3 2 3"]


def ticks(most):
    step = 10 ** math.floor(math.log10(most)) if most > 0 else 1
    step = next(step * factor for factor in (0.2, 0.5, 1, 2) if most / (step * factor) <= 6)
    return [step * place for place in range(int(most / step) + 1)]


def lines(path, title, panels, width=420, height=260):
    """Writes panels side by side: (heading, x label, y label, {name: [(x, y)]}). Axes begin at zero."""
    left, top, right, bottom, gap = 56, 64, 16, 64, 8
    names = list(dict.fromkeys(name for *_, series in panels for name in series))
    whole = len(panels) * (width + gap)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {height + 24}" role="img" font-family="sans-serif" font-size="12">',
           f"<title>{html.escape(title)}</title>", f'<rect width="{whole}" height="{height + 24}" fill="#ffffff"/>']
    for place, (heading, across, up, series) in enumerate(panels):
        x0, y0 = place * (width + gap) + left, top - 28
        w, h = width - left - right, height - y0 - bottom + 24
        points = [point for listed in series.values() for point in listed]
        far, high = max(x for x, _ in points) or 1, max(y for _, y in points) or 1
        at = lambda x, y: (x0 + w * x / far, y0 + h - h * y / (high * 1.05))
        out.append(f'<text x="{x0}" y="{y0 - 14}" font-weight="bold" fill="#1f2328">{html.escape(heading)}</text>')
        for tick in ticks(high):
            y = at(0, tick)[1]
            out.append(f'<line x1="{x0}" x2="{x0 + w}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d0d7de"/>')
            out.append(f'<text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#57606a">{tick:g}</text>')
        for tick in ticks(far):
            x = at(tick, 0)[0]
            out.append(f'<text x="{x:.1f}" y="{y0 + h + 16}" text-anchor="middle" fill="#57606a">{tick:g}</text>')
        out.append(f'<text x="{x0 + w}" y="{y0 + h + 32}" text-anchor="end" fill="#57606a">{html.escape(across)}</text>')
        out.append(f'<text x="{x0 + w}" y="{y0 - 14}" text-anchor="end" fill="#57606a">{html.escape(up)}</text>')
        for name, listed in series.items():
            color, dash = COLORS[names.index(name) % 4], DASHES[names.index(name) % 4]
            drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in listed))
            out.append(f'<polyline points="{drawn}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"/>')
            out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{color}"/>' for x, y in (at(*point) for point in listed)]
    x = left
    for place, name in enumerate(names):
        color, dash = COLORS[place % 4], DASHES[place % 4]
        out.append(f'<line x1="{x}" x2="{x + 26}" y1="{height + 8}" y2="{height + 8}" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"/>')
        out.append(f'<text x="{x + 32}" y="{height + 12}" fill="#1f2328">{html.escape(name)}</text>')
        x += 50 + 7 * len(name)
    out.append("</svg>\n")
    path.write_text("\n".join(out))
