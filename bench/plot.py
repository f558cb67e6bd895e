"""Lines over numbers, side by side in one SVG that is readable on light and on dark pages."""
import pathlib

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 580, 320, 50, 180, 40, 46
# Told apart by all kinds of eyes, and each legible on white and on black.
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#b0568f", "#b07d00", "#3d8fc0", "#8c6bb1", "#7f7f7f"]
STYLE = ("<style>text{fill:#333;font:12px system-ui,sans-serif}.a{stroke:#888;fill:none}"
         "@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>")


def number(value):
    return f"{value / 1e6:g}M" if value >= 1e6 else f"{value / 1e3:g}k" if value >= 1e4 else f"{value:g}"


def marks(most):
    """Round numbers up to `most`, some four."""
    step = next(step for power in range(-6, 12) for step in (10.0**power, 2 * 10.0**power, 5 * 10.0**power) if most / step < 6)
    return [step * count for count in range(1, int(most / step + 1e-9) + 1)]


def draw(path, panels):
    """`panels`: (title, what is counted below, {name: [(x, y), …]}, unit of y)."""
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(panels)} {HEIGHT}">', STYLE]
    for place, (title, below, lines, unit) in enumerate(panels):
        left, right, bottom = place * WIDTH + LEFT, (place + 1) * WIDTH - RIGHT, HEIGHT - BOTTOM
        points = [point for line in lines.values() for point in line]
        most, top = max(x for x, _ in points), max(y for _, y in points) * 1.05
        across = lambda x: left + x / most * (right - left)
        up = lambda y: bottom - y / top * (bottom - TOP)
        out.append(f'<text x="{left}" y="20" font-weight="600">{title}</text>')
        out.append(f'<path class="a" d="M{left} {TOP}V{bottom}H{right}"/>')
        out.append(f'<text x="{(left + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{below}</text>')
        for value in marks(most):
            out.append(f'<text x="{across(value):.1f}" y="{bottom + 17}" text-anchor="middle">{number(value)}</text>')
        for value in marks(top):
            out.append(f'<text x="{left - 6}" y="{up(value) + 4:.1f}" text-anchor="end">{number(value)}</text>')
        free = HEIGHT
        ordered = sorted(lines.items(), key=lambda item: item[1][-1][1])
        for colour, (name, line) in zip(COLOURS, ordered):
            path_text = "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in line)
            out.append(f'<path fill="none" stroke="{colour}" stroke-width="2" d="M{path_text}"/>')
            out += [f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="3" fill="{colour}"/>' for x, y in line]
            free = min(up(line[-1][1]) + 4, free - 15)
            out.append(f'<circle cx="{right + 14}" cy="{free - 4:.1f}" r="4" fill="{colour}"/>'
                       f'<text x="{right + 22}" y="{free:.1f}">{name} {line[-1][1]:.3g} {unit}</text>')
    pathlib.Path(path).write_text("\n".join([*out, "</svg>"]) + "\n")
